"""An address text becomes a village, a town, or a refusal with the candidates named. Never a guess.

Anchored: province, city, district and town are read from the beginning, the village stands right after them.
Scoped: where a town is named, only its villages count; one wrong character is corrected within a town only.
A name that several towns have, another district's and one of another town than named are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sorter.address_edits import corrected
from sorter.address_heads import Head, elsewhere, heads, mistyped_town, other_town, unknown_town
from sorter.address_names import OFFICIAL, Grade, spelled
from sorter.gazetteer import Gazetteer, Match, Names
from sorter.hanzi import cleaned
from sorter.network import Network, Place
from sorter.words import LEVEL_OF, AddressLevel, AddressWhy

LONGEST = 200
"""Further characters are not read: bounds the work that an untrusted text can cause."""

_GRADE_WHY = {
    Grade.OFFICIAL: AddressWhy.OFFICIAL,
    Grade.VARIANT: AddressWhy.OTHER_SUFFIX,
    Grade.BARE: AddressWhy.NO_SUFFIX,
}
_ALONE = 3
"""Without a town, a stem of fewer characters needs its official kind (村, 社区) behind it."""
_HANZI = re.compile("[\u4e00-\u9fff]")
_VILLAGE_WORD = re.compile(f"[\u4e00-\u9fff]{{1,8}}?(?:{OFFICIAL.pattern})")
_TOWN_WORD = re.compile(r"$|\*|镇?政府|街道办|办事处|驻地|派出所|中心卫生院|卫生院|快递共配中心|共配中心")
_BOUNDARY = re.compile("[号路街巷段口0-9](?=[\u4e00-\u9fff])")
_UNIT_END = re.compile("[镇乡县区市道]")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an address means. town, village: codes, "" where unknown or not to be used; candidates: codes."""

    why: AddressWhy
    town: str = ""
    village: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def level(self) -> AddressLevel:
        """The tier it was resolved to, or the kind of refusal."""
        return LEVEL_OF[self.why]

    @property
    def place(self) -> str:
        """The code to sort by, "" when it must not be sorted."""
        return self.village or self.town


class Resolver:
    """Resolves addresses to the places of one network on one ISO date."""

    def __init__(self, network: Network, on_date: str) -> None:
        self._names = Gazetteer(network, on_date)

    def resolve(self, address: str) -> Resolved:
        """The place of an address; the same for any spacing, width and script of it."""
        text = spelled(cleaned(address)[:LONGEST])
        if not _HANZI.search(text):
            return Resolved(AddressWhy.NOTHING)
        if any(name in text for name in self._names.neighbours):
            return self._refused_elsewhere(text, AddressWhy.ELSEWHERE)
        found = heads(text, self._names)
        if any(head.clash for head in found):
            return Resolved(AddressWhy.TWO_TOWNS)
        whole = [head for head in found if head.town and not head.short]
        resolved = self._in_town(text, whole) if whole else self._without_town(text, found)
        if resolved.town and other_town(text, whole[0].end if whole else 0, resolved.town, self._names):
            return Resolved(AddressWhy.TWO_TOWNS, candidates=(resolved.place,))
        return resolved

    # ------------------------------------------------------------ a town is named

    def _in_town(self, text: str, whole: Sequence[Head]) -> Resolved:
        town = whole[0].town
        here = self._best(text, whole, self._names.names(town))
        there = self._best(text, whole, self._names.everywhere)
        if there and all(place.town != town for place in there.places) and _contradicts(there, here):
            return Resolved(AddressWhy.OTHER_TOWN, candidates=_codes(there.places))
        if here:
            return _of_town(town, here.places, _GRADE_WHY[here.named.grade])
        if near := self._nearly(text, whole):
            return _of_town(town, near, AddressWhy.CORRECTED)
        if later := _after_street(text, whole[-1].end, self._names.names(town)):
            return _of_town(town, later, AddressWhy.AFTER_STREET)
        unknown = any(_VILLAGE_WORD.match(text, head.end) for head in whole)
        return Resolved(AddressWhy.VILLAGE_UNKNOWN if unknown else AddressWhy.NO_VILLAGE, town)

    def _nearly(self, text: str, found: Iterable[Head]) -> tuple[Place, ...]:
        """Villages of the town that was read, one character away from what follows it."""
        each = (corrected(text, head.end, self._names.names(head.town)) for head in found)
        return next((places for places in each if places), ())

    @staticmethod
    def _best(text: str, found: Iterable[Head], names: Names) -> Match | None:
        matches = (names.at(text, head.end) for head in found)
        return max((match for match in matches if match), key=lambda match: match.rank, default=None)

    # ------------------------------------------------------------ no town, or one without its kind

    def _without_town(self, text: str, found: Sequence[Head]) -> Resolved:
        last = [head for head in found if not head.town][-1]
        short = [head for head in found if head.town]
        alone = self._names.everywhere.at(text, last.end)
        if alone and alone.named.grade is Grade.OFFICIAL:
            return self._alone(text, last, alone)
        if named := self._in_short_town(text, short):
            return named
        if elsewhere(text, last, self._names):
            return self._refused_elsewhere(text, AddressWhy.ELSEWHERE)
        if alone and (len(alone.named.stem) >= _ALONE or alone.named.grade is Grade.VARIANT):
            return self._alone(text, last, alone)
        return self._unnamed(text, last, short)

    def _alone(self, text: str, head: Head, match: Match) -> Resolved:
        """A village without its town: good in a named district if no other village can be meant."""
        places = match.places
        if match.named.grade is not Grade.OFFICIAL:
            places = self._names.everywhere.all_at(text, head.end)
        if not head.in_district:
            return Resolved(AddressWhy.NO_AREA, candidates=_codes(places))
        if len(places) > 1:
            meanings = self._names.full_towns.meanings
            towns = {meanings[name] for name in self._names.full_towns.anywhere(text, head.end)}
            places = tuple(place for place in places if place.town in towns) or places
        if len(places) > 1:
            return Resolved(AddressWhy.HOMONYM, candidates=_codes(places))
        return Resolved(_GRADE_WHY[match.named.grade], places[0].town, places[0].code)

    def _in_short_town(self, text: str, short: Sequence[Head]) -> Resolved | None:
        """凤凰东召村: a short name counts with a village of that town behind it, or one of its offices."""
        for head in reversed(short):
            here = self._names.names(head.town).at(text, head.end)
            if here and (head.tiers or here.named.grade is Grade.OFFICIAL):
                return _of_town(head.town, here.places, _GRADE_WHY[here.named.grade])
        named = [head for head in short if head.in_district]
        there = self._best(text, named, self._names.everywhere)
        if there and there.named.grade is Grade.OFFICIAL:
            return Resolved(AddressWhy.OTHER_TOWN, candidates=_codes(there.places))
        if near := self._nearly(text, named):
            return _of_town(named[0].town, near, AddressWhy.CORRECTED)
        if any(_TOWN_WORD.match(text, head.end) for head in named):
            return Resolved(AddressWhy.NO_VILLAGE, named[0].town)
        return None

    def _unnamed(self, text: str, last: Head, short: Sequence[Head]) -> Resolved:
        """Neither a town nor a village stands where it should."""
        if not short and unknown_town(text, last):
            if meant := self._in_mistyped_town(text, last):
                return meant
            return self._refused_elsewhere(text, AddressWhy.UNKNOWN_TOWN)
        if not last.in_district:
            return Resolved(AddressWhy.NOTHING)
        later = _after_street(text, last.end, self._names.everywhere)
        if len(later) == 1:
            return Resolved(AddressWhy.AFTER_STREET, later[0].town, later[0].code)
        return Resolved(AddressWhy.HOMONYM if later else AddressWhy.NO_TOWN, candidates=_codes(later))

    def _in_mistyped_town(self, text: str, last: Head) -> Resolved | None:
        """凤皇镇东召村: a town that sounds like ours counts with one of its villages behind it."""
        town = mistyped_town(text, last, self._names)
        here = self._names.names(town.town).at(text, town.end) if town else None
        if town and here and here.named.grade is Grade.OFFICIAL:
            return _of_town(town.town, here.places, AddressWhy.CORRECTED)
        return None

    def _refused_elsewhere(self, text: str, why: AddressWhy) -> Resolved:
        """Another area's address; the candidates are the villages here that have the name it ends with."""
        ends = [found.end() for found in _UNIT_END.finditer(text)]
        matches = [match for end in ends if (match := self._names.everywhere.at(text, end))]
        return Resolved(why, candidates=_codes(matches[-1].places) if matches else ())


def _contradicts(there: Match, here: Match | None) -> bool:
    """Whether a village of other towns is named more surely than what fits the named town."""
    if here is None:
        return there.named.grade is Grade.OFFICIAL or len(there.named.stem) >= _ALONE
    sure = here.named.grade is Grade.OFFICIAL
    return there.named.grade is Grade.OFFICIAL and (not sure or len(there.named.stem) > len(here.named.stem))


def _after_street(text: str, start: int, names: Names) -> tuple[Place, ...]:
    """Villages with their official kind that begin right after a street, a number or a crossing."""
    starts = [found.end() for found in _BOUNDARY.finditer(text, start)]
    found = (match for at in starts if (match := names.at(text, at)) and match.named.grade is Grade.OFFICIAL)
    return tuple(dict.fromkeys(place for match in found for place in match.places))


def _of_town(town: str, places: tuple[Place, ...], why: AddressWhy) -> Resolved:
    """The one village, or the town alone where several fit."""
    if len(places) > 1:
        return Resolved(AddressWhy.VILLAGE_UNCLEAR, town, candidates=_codes(places))
    return Resolved(why, town, places[0].code)


def _codes(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(sorted(place.code for place in places))
