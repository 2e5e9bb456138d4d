"""Chinese characters as people mix them up: traditional for simplified, one of the same sound or shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from functools import cache

from sorter.hanzi_forms import SIMPLIFIED, TRADITIONAL
from sorter.hanzi_sounds import OTHER, USUAL

LOOKALIKES = (
    "冠寇", "午牛", "塔搭", "未末", "土士", "己已", "干千", "于干", "天夭", "太大", "王玉", "人入", "八入",
    "刀力", "白自", "目日", "田由", "甲申", "石右", "古右", "宋末", "朱未", "杏查", "柳卯", "郎朗", "即郎",
    "徐除", "除涂", "陈阵", "程呈", "郭部", "邵召", "昭召", "苏办", "范苑", "苑宛", "卢户", "芦户", "房户",
    "孟盂", "候侯", "堠候", "堠侯", "皋皇", "瞳疃", "畽疃", "辗碾", "忤许", "浒许", "贾贸", "崔催", "溡时",
    "遄端", "瑞端", "仉机", "仇仉", "褚诸", "储诸", "楮褚", "岱袋", "科料", "臈腊", "卧臣", "麻床", "卸御",
    "钓钧", "苇伟", "伯佰", "叩扣", "寇蔻", "圈卷", "彩采", "梧语", "坞乌", "霸坝", "董懂", "娄数", "营管",
    "官宫", "宫营", "槐愧", "槐魁", "务条", "庙庄", "庄压", "崖涯", "堐崖", "凤风", "贵贯", "阚闽", "谭潭",
)  # fmt: skip
"""Pairs that handwriting and character recognition exchange, whatever they sound like."""

_SEPARATE = re.compile(r"[^\w*]|_")
_MASKED = re.compile(r"\*+")
_MASKS = "×✱✳●■□"


class Alike(IntEnum):
    """How easily one character is taken for another."""

    NO = 0
    NEARLY = 1
    READING = 2
    SOUND = 3


def cleaned(text: str) -> str:
    """A text's characters in one width and script, without separators; what was masked (***) is one "*".

    Whitespace and punctuation anywhere, full width and traditional script make no difference.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_simplified())
    return plain if plain.isalnum() else _MASKED.sub("*", _SEPARATE.sub("", plain))


def alike(one: str, other: str) -> Alike:
    """SOUND: the same usual reading; READING: another one; NEARLY: one that dialects merge, or the shape."""
    if one == other or _usual().get(one, one) == _usual().get(other, other):
        return Alike.SOUND
    ours, theirs = _readings(one), _readings(other)
    if ours & theirs:
        return Alike.READING
    merged = {_merged(sound) for sound in ours} & {_merged(sound) for sound in theirs}
    return Alike.NEARLY if merged or frozenset((one, other)) in _shapes() else Alike.NO


def _merged(sound: str) -> str:
    """A syllable without what northern dialects do not keep apart: zh-z, ch-c, sh-s, -ng and -n."""
    return re.sub("^([zcs])h", r"\1", sound).removesuffix("g")


@cache
def _simplified() -> dict[int, str]:
    pairs = zip(TRADITIONAL.replace("\n", ""), SIMPLIFIED.replace("\n", ""), strict=True)
    return {ord(old): new for old, new in pairs} | dict.fromkeys(map(ord, _MASKS), "*")


def _readings(character: str) -> frozenset[str]:
    usual = _usual().get(character)
    return _others().get(character, frozenset()) | ({usual} if usual else frozenset())


def _read(table: str) -> Iterator[tuple[str, str]]:
    for sound, characters in re.findall("([a-z]+)([^a-z]+)", table.replace("\n", "")):
        for character in characters:
            yield character, sound


@cache
def _usual() -> dict[str, str]:
    return dict(_read(USUAL))


@cache
def _others() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for character, sound in _read(OTHER):
        found.setdefault(character, set()).add(sound)
    return {character: frozenset(sounds) for character, sounds in found.items()}


@cache
def _shapes() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in LOOKALIKES)
