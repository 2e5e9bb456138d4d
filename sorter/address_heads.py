"""The head of an address: province, city, district, town, from its beginning, in any order and repetition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sorter.address_edits import SAME_SOUND, likelihood
from sorter.gazetteer import Gazetteer

DISTRICT = 2
"""The tier of the district among the names above a town; province 0, city 1."""

_NO_NAME = re.compile("[^\u4e00-\u9fff*]*")
_UNIT = re.compile(
    "[\u4e00-\u9fff]{1,7}?(?:省|自治区|自治州|地区|市(?![场政])|盟|县|旗|(?<![社小园校厂景库街林场发新])区)"
)
_UNKNOWN_TOWN = re.compile("[\u4e00-\u9fff]{1,5}?(?:镇(?!政府)|乡(?!村)|街道)")
_STREET = re.compile("路|街(?!道)|大道|大街|公路")
FURTHEST_IN = 24
"""So many characters of names and numbers of people may stand before the first name of this region."""


@dataclass(frozen=True, slots=True)
class Head:
    """One way to read an address up to `end`. town = code, "" = none; short = without its 镇 or 街道."""

    end: int
    town: str
    short: bool
    tiers: frozenset[int]
    clash: bool

    @property
    def in_district(self) -> bool:
        """Whether the district itself is named."""
        return DISTRICT in self.tiers


def heads(text: str, names: Gazetteer) -> list[Head]:
    """Every way to read the head; the empty one where no name of this region stands at the beginning.

    Words before the region's first name are passed over, unless one is an administrative unit.
    """
    start = Head(0, "", False, frozenset(), False)
    found = list(_onward(text, start, names))
    if all(not head.tiers and not head.town for head in found) and (later := _first_region(text, names)):
        return list(_onward(text, replace(start, end=later), names))
    return found


def elsewhere(text: str, head: Head, names: Gazetteer) -> bool:
    """Whether a province, city, county or a neighbour of this district follows the head."""
    if head.in_district:
        return False
    near = names.short_neighbours.at(text, head.end)
    if near and not _STREET.match(text, head.end + len(near)):
        return True
    return _UNIT.match(text, head.end) is not None


def unknown_town(text: str, head: Head) -> bool:
    """Whether a town that is none of ours follows the head."""
    return _UNKNOWN_TOWN.match(text, head.end) is not None


def mistyped_town(text: str, head: Head, names: Gazetteer) -> Head | None:
    """The one town whose full name sounds like what follows the head, in a named district only."""
    found = {
        name: town
        for name, town in names.full_towns.meanings.items()
        if head.in_district and likelihood(text[head.end : head.end + len(name)], name) == SAME_SOUND
    }
    if len(set(found.values())) != 1:
        return None
    [(name, town), *_] = found.items()
    return replace(head, end=head.end + len(name), town=town, short=True)


def other_town(text: str, start: int, town: str, names: Gazetteer) -> bool:
    """Whether a town other than `town` is named by its full name at or after `start`."""
    return any(names.full_towns.meanings[name] != town for name in names.full_towns.anywhere(text, start))


def _onward(text: str, head: Head, names: Gazetteer) -> Iterator[Head]:
    passed = _NO_NAME.match(text, head.end)
    head = replace(head, end=passed.end() if passed else head.end)
    yield head
    if above := names.above.at(text, head.end):
        tiers = head.tiers | {names.above.meanings[above]}
        yield from _onward(text, replace(head, end=head.end + len(above), tiers=tiers), names)
    elif full := names.full_towns.at(text, head.end):
        town = names.full_towns.meanings[full]
        yield from _onward(text, _in_town(head, full, town, short=False), names)
    elif short := names.short_towns.at(text, head.end):
        town = names.short_towns.meanings[short]
        if head.town in ("", town):
            yield from _onward(text, _in_town(head, short, town, short=head.town == "" or head.short), names)


def _in_town(head: Head, word: str, town: str, *, short: bool) -> Head:
    clash = head.clash or (head.town not in ("", town) and not head.short)
    return Head(head.end + len(word), town, short, head.tiers, clash)


def _first_region(text: str, names: Gazetteer) -> int:
    """Where the first name above a town stands, if nothing before it is a unit of its own; else 0."""
    places = [
        at for name in names.above.meanings if len(name) > 1 and 0 < (at := text.find(name)) <= FURTHEST_IN
    ]
    first = min(places, default=0)
    return 0 if _UNIT.search(text[:first]) else first
