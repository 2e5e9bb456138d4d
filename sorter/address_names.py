"""How villages are named and written: the stem that tells one from another, and what may stand after it.

    朱台西村委会 = stem 朱台西 + 村委会;  written as 朱台西村36号, 朱台西庄, 朱台西东街18号

Everything here is about texts that `sorter.hanzi.cleaned` has made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

_COMMITTEE = re.compile("(?:居民委员会|村民委员会|居委会|村委会|牧委会|委员会)$")
OFFICIAL = re.compile("村?村民委员会|村?村委会?|社区居民委员会|社区居委会|社区|居民委员会|居委会|村")
VARIANT = re.compile("庄村?|新村|自然村|小区|新区|新庄")

DISTINGUISHING = frozenset("东西南北中前后大小上下新老旧左右里外一二三四五六七八九十")
"""Characters that tell one village from its neighbour: never corrected, never supplied."""

_SIDES = frozenset("东西南北中前后上下")
_NUMBERS = frozenset("一二三四五六七八九十")
_AFTER_SIDE = frozenset("街头首侧邻门边面胡巷口")
_AFTER_NUMBER = frozenset("组队区号排楼单巷街期")
_OTHER_NAME = re.compile(
    # A road, or something that makes the stem a part of another name.
    "路(?![东西南北])|街|镇|乡(?!村)|大道|公路|大街|高速|桥|河|水库|屯|寨|营|官|坡|沟|店(?!铺)|庙|楼|岭|崖|终|辛|集(?!市)|"
    "(?!农村|全村|本村|中心村)[\u4e00-\u9fff]{1,2}(?:村|社区|庄|屯)"
)


_DIGIT = re.compile("(?<=[\u4e00-\u9fff])[1-9](?=村|社区|居委)")


def spelled(text: str) -> str:
    """金岭2村 -> 金岭二村: villages are numbered in Chinese."""
    return _DIGIT.sub(lambda digit: "零一二三四五六七八九"[int(digit[0])], text)


class Grade(IntEnum):
    """How surely a text names a village: by its stem alone, with another suffix, with the official kind."""

    BARE = 1
    VARIANT = 2
    OFFICIAL = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A stem at some position of a text: how surely, and where what names it ends."""

    stem: str
    grade: Grade
    end: int


def stem_of(name: str) -> str:
    """What is left of a village's name without its committee and its 村 or 社区; at least one character."""
    short = _COMMITTEE.sub("", name)
    for kind in ("社区", "村"):
        if short.endswith(kind) and len(short) > len(kind):
            return short.removesuffix(kind)
    return short or name


def is_community(name: str) -> bool:
    """Whether a name or a suffix is that of an urban community (居委会, 社区) and not of a village."""
    return "社区" in name or "居" in name


def named_at(text: str, start: int, stem: str, siblings: frozenset[str]) -> Named | None:
    """How the text names this stem, which stands at `start`; None when it belongs to another name.

    siblings  all stems without their last character: 东召 + 北头 is not 东召北 where 东召 is a name
    """
    after = start + len(stem)
    if suffix := OFFICIAL.match(text, after):
        return Named(stem, Grade.OFFICIAL, suffix.end())
    if suffix := VARIANT.match(text, after):
        return Named(stem, Grade.VARIANT, suffix.end())
    if (
        len(stem) < 2
        or _is_street(text, after, stem)
        or _OTHER_NAME.match(text, after)
        or _last_belongs_to_next(text, after, stem, siblings)
    ):
        return None
    return Named(stem, Grade.BARE, after)


def _is_street(text: str, after: int, stem: str) -> bool:
    """西路12号: a stem that ends like a street, with a number behind it or at the end."""
    return stem[-1] in "路街" and (after == len(text) or text[after].isdigit())


def _last_belongs_to_next(text: str, after: int, stem: str, siblings: frozenset[str]) -> bool:
    """Whether the stem's last character may open the next word (北头, 东街, 二组) and the rest is a name."""
    last, following = stem[-1], text[after : after + 1]
    opens = (last in _SIDES and following in _AFTER_SIDE) or (last in _NUMBERS and following in _AFTER_NUMBER)
    return bool(following) and opens and stem[:-1] in siblings
