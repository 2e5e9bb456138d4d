"""One wrong, missing or additional character in a village's name, within one town only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sorter.address_names import DISTINGUISHING, OFFICIAL, VARIANT
from sorter.gazetteer import Names
from sorter.hanzi import Alike, alike
from sorter.network import Place

_HANZI = re.compile("[\u4e00-\u9fff]{1,8}")
SAME_SOUND = 4
"""The likelihood of a word with one character of the same sound."""
LONG = 4
"""From this many characters on, the other characters carry a name even when one is quite another."""
_ADDED = "家"
"""张家庄 and 张庄 are often the same village; the one character that may be too many."""


def corrected(text: str, start: int, names: Names) -> tuple[Place, ...]:
    """The villages that the word at `start` may mean, if one character is wrong; the likeliest kind only.

    More than one = undecided. A character that tells neighbours apart (东, 大, 二) is never changed or added.
    """
    words = list(_words(text, start))
    kinds: dict[int, set[Place]] = {}
    for stem, places in names.stems.items():
        if likeness := max((likelihood(word, stem) for word in words), default=0):
            kinds.setdefault(likeness, set()).update(places)
    best = kinds.get(max(kinds, default=0), set())
    return tuple(sorted(best, key=lambda place: place.code))


def _words(text: str, start: int) -> Iterator[str]:
    """What stands at `start` and is followed by a village's suffix; 流家 and 流家庄 in 流家庄村."""
    found = _HANZI.match(text, start)
    for end in range(start + 1, found.end() + 1 if found else start):
        if OFFICIAL.match(text, end) or VARIANT.match(text, end):
            yield text[start:end]


def likelihood(word: str, stem: str) -> int:
    """How likely `word` was meant to be `stem`; 0 = not by one character.

    4 the same sound, 3 another reading, 2 a character missing or 家 too many, 1 alike, or one of many wrong
    """
    if len(word) == len(stem):
        return _substituted(word, stem)
    if len(word) == len(stem) - 1:
        return 2 if any(_may_be_missing(word, stem, at) for at in _cuts(stem, word)) else 0
    if len(word) == len(stem) + 1 and len(stem) > 1:
        return 2 if any(word[at] == _ADDED for at in _cuts(word, stem)) else 0
    return 0


def _substituted(word: str, stem: str) -> int:
    differing = [pair for pair in zip(word, stem, strict=True) if pair[0] != pair[1]]
    if len(differing) != 1:
        return 0
    [(wrong, right)] = differing
    if wrong in DISTINGUISHING and right in DISTINGUISHING:
        return 0
    likeness = alike(wrong, right)
    if likeness is Alike.NO:
        return int(len(stem) >= LONG and wrong not in DISTINGUISHING and right not in DISTINGUISHING)
    if len(stem) == 1:
        return SAME_SOUND if likeness is Alike.SOUND else 0
    return {Alike.SOUND: SAME_SOUND, Alike.READING: 3, Alike.NEARLY: 1}[likeness]


def _may_be_missing(word: str, stem: str, at: int) -> bool:
    """A short word must keep its first and last character."""
    inner = 0 < at < len(stem) - 1
    return stem[at] not in DISTINGUISHING and len(word) > 1 and (inner or len(stem) >= LONG)


def _cuts(longer: str, shorter: str) -> Iterator[int]:
    """Places of the longer word at which one character taken out leaves the shorter."""
    return (at for at in range(len(longer)) if longer[:at] + longer[at + 1 :] == shorter)
