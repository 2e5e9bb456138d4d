"""The names of a network made ready for reading addresses; each town's are compiled when first asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from sorter.address_names import Grade, Named, is_community, named_at, stem_of
from sorter.hanzi import cleaned
from sorter.lexicon import Lexicon
from sorter.network import Network, Place

_TOWN_KIND = re.compile("(?:街道|民族乡|回族镇|镇|乡|街道办事处|地区|农场|林场)$")
TOWN_KINDS = ("", "镇", "乡", "街道", "街道办", "街道办事处", "办事处", "街办")
_ABOVE_KIND = re.compile("(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|省|市|区|县|旗)$")


Stems: TypeAlias = Mapping[str, tuple[Place, ...]]
"""Stem -> the villages that have it."""


@dataclass(frozen=True, slots=True)
class Match:
    """Villages that a stem in a text stands for: more than one where they share the name."""

    named: Named
    places: tuple[Place, ...]

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The official kind beats its absence, then the longer stem, then the longer suffix."""
        return self.named.grade is Grade.OFFICIAL, len(self.named.stem), self.named.end


class Names:
    """Stems of some villages, looked up at one position of a text."""

    def __init__(self, stems: Stems, elided: Stems) -> None:
        """elided: what is left of stems that begin with their town's name; needs the official kind."""
        self.stems = stems
        self._elided = elided
        self._lengths = sorted({len(stem) for stem in (*stems, *elided)}, reverse=True)
        shared = Counter(stem[:-1] for stem in stems if len(stem) > 2)
        self._siblings = frozenset(stems) | {stem for stem, count in shared.items() if count > 1}

    def at(self, text: str, start: int) -> Match | None:
        """The villages named at `start`: official kind before other, longest stem first; None for no name."""
        return max(self._all_at(text, start), key=lambda match: match.rank, default=None)

    def all_at(self, text: str, start: int) -> tuple[Place, ...]:
        """Every village that a stem at `start` may stand for, however long the stem."""
        return tuple(dict.fromkeys(place for match in self._all_at(text, start) for place in match.places))

    def _all_at(self, text: str, start: int) -> Iterator[Match]:
        for length in self._lengths:
            word = text[start : start + length]
            for stems in (self.stems, self._elided):
                places = stems.get(word, ())
                named = named_at(text, start, word, self._siblings) if places else None
                if named and (stems is self.stems or named.grade is Grade.OFFICIAL):
                    yield Match(named, _of_kind(places, text[start + length : named.end]))


def _of_kind(places: tuple[Place, ...], suffix: str) -> tuple[Place, ...]:
    """Those of the kind (village, community) that the suffix tells, where it tells them apart."""
    if len(places) > 1 and suffix:
        same = tuple(place for place in places if is_community(place.name) == is_community(suffix))
        return same or places
    return places


class Gazetteer:
    """All names of one network on one day; pure look-ups, no reading."""

    def __init__(self, network: Network, on_date: str) -> None:
        self.network = network
        self._on_date = on_date
        self._towns: dict[str, Names] = {}

    def names(self, town: str) -> Names:
        """The villages of a town."""
        found = self._towns.get(town)
        if found is None:
            place = self.network.find(town)
            first = short_town(cleaned(place.name)) if place else ""
            stems = self._stems(self.network.villages(town))
            found = self._towns[town] = Names(stems, _without(first, stems))
        return found

    @cached_property
    def everywhere(self) -> Names:
        """The villages of all towns."""
        villages = (village for town in self.network.towns for village in self.network.villages(town.code))
        return Names(self._stems(villages), {})

    @cached_property
    def full_towns(self) -> Lexicon[str]:
        """Full, other and former names of towns, with their 办事处 too -> town code."""
        found: dict[str, str] = {}
        for town in self.network.towns:
            about = self.network.about(town.code)
            for name in (town.name, *about.aliases, *about.former):
                found.setdefault(cleaned(name), town.code)
                found.setdefault(f"{cleaned(name)}办事处", town.code)
        return Lexicon(found)

    @cached_property
    def short_towns(self) -> Lexicon[str]:
        """Today's names of towns without 镇, 乡, 街道, or with another of these -> town code."""
        shorts = {short_town(cleaned(town.name)): town.code for town in self.network.towns}
        return Lexicon({short + kind: town for short, town in shorts.items() for kind in TOWN_KINDS})

    @cached_property
    def above(self) -> Lexicon[int]:
        """Names of the province, city and district, with and without their kind -> tier 0, 1, 2."""
        district = self.network.district
        names = (self.network.around.province, self.network.around.city, district.name if district else "")
        tiers = {
            form: tier
            for tier, name in enumerate(map(cleaned, names))
            for form in (name, _ABOVE_KIND.sub("", name))
        }
        return Lexicon(tiers)

    @cached_property
    def neighbours(self) -> tuple[str, ...]:
        """Full names of the counties beside the district."""
        return tuple(map(cleaned, self.network.around.neighbours))

    @cached_property
    def short_neighbours(self) -> Lexicon[str]:
        """The same without 县, 区, 市, where two characters are left -> full name."""
        shorts = ((_ABOVE_KIND.sub("", name), name) for name in self.neighbours)
        return Lexicon({short: name for short, name in shorts if len(short) > 1})

    def _stems(self, villages: Iterable[Place]) -> dict[str, tuple[Place, ...]]:
        found: dict[str, tuple[Place, ...]] = {}
        for village in villages:
            about = self.network.particulars.get(village.code)
            if about and not self.network.in_force(village.code, self._on_date):
                continue
            for name in (village.name, *about.aliases, *about.former) if about else (village.name,):
                stem = stem_of(cleaned(name))
                if village not in found.get(stem, ()):
                    found[stem] = (*found.get(stem, ()), village)
        return found


def short_town(name: str) -> str:
    """A town's name without 镇, 乡 or 街道; the whole name where too little would be left."""
    short = _TOWN_KIND.sub("", name)
    return short if len(short) > 1 else name


def _without(first: str, stems: Stems) -> dict[str, tuple[Place, ...]]:
    """金岭一 -> 一 in 金岭镇, unless that is a stem itself."""
    longer = {stem: places for stem, places in stems.items() if first and stem.startswith(first)}
    rests = {stem.removeprefix(first): places for stem, places in longer.items()}
    return {rest: places for rest, places in rests.items() if rest and rest not in stems}
