"""Where parcels go: district -> town -> village -> station or locker, by code. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["district", "town", "village", "station", "locker"]


@dataclass(frozen=True, slots=True)
class Place:
    """One node of the network. town = code of its town, a town's own code for a town, "" for the district."""

    code: str
    name: str
    level: Level
    town: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """What only few places have; dates are ISO texts, the last day included, "" = open or unknown.

    aliases   other names in use; former = names that are no longer official but still written
    operator  who serves the place instead of this hub, from operator_from on; "" = this hub
    village   code of the village that a station or a locker stands in
    """

    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    operator: str = ""
    operator_from: str = ""
    village: str = ""


NONE_KNOWN = Particulars()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around a district: the names above it, and the full names of the counties beside it."""

    province: str = ""
    city: str = ""
    neighbours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """All places of one hub in the order of the configuration; their codes are distinct.

    particulars  code -> what is special about a place; only for those that have something special
    """

    places: tuple[Place, ...]
    particulars: Mapping[str, Particulars] = field(default_factory=dict)
    around: Surroundings = Surroundings()

    def __post_init__(self) -> None:
        assert len(self._by_code) == len(self.places), "two places with one code"
        assert self.particulars.keys() <= self._by_code.keys(), "particulars of no place"

    def find(self, code: str) -> Place | None:
        """The place with exactly this code, None when there is none."""
        return self._by_code.get(code)

    def about(self, code: str) -> Particulars:
        """What is special about a place; nothing for an unknown code."""
        return self.particulars.get(code, NONE_KNOWN)

    def town_of(self, code: str) -> str:
        """Code of the town that a place lies in; "" for the district and for an unknown code."""
        place = self._by_code.get(code)
        return place.town if place else ""

    def village_of(self, code: str) -> str:
        """Code of the village that a place is or stands in; "" for a town, the district, an unknown code."""
        place = self._by_code.get(code)
        if place is None or place.level == "village":
            return code if place else ""
        return self.about(code).village

    def station_of(self, code: str) -> str:
        """The code itself when it is a station's or a locker's, else ""."""
        place = self._by_code.get(code)
        return code if place and place.level in ("station", "locker") else ""

    def villages(self, town: str) -> tuple[Place, ...]:
        """The villages of a town, in order; empty for an unknown town."""
        return self._villages.get(town, ())

    def in_force(self, code: str, on_date: str) -> bool:
        """Whether a place exists on that ISO date, both ends of its dates included."""
        about = self.about(code)
        return about.valid_from <= on_date and (not about.valid_to or on_date <= about.valid_to)

    def serves(self, code: str, on_date: str = "") -> bool:
        """Whether a code is a place of this network that exists on that day ("" = on any day)."""
        if code not in self._by_code:
            return False
        return code not in self.particulars or not on_date or self.in_force(code, on_date)

    def operator(self, code: str, on_date: str) -> str:
        """Who serves a place on that ISO date; "" = this hub."""
        about = self.particulars.get(code)
        return about.operator if about and about.operator_from <= on_date else ""

    @cached_property
    def district(self) -> Place | None:
        """The district, None in a network without one."""
        return next((place for place in self.places if place.level == "district"), None)

    @cached_property
    def towns(self) -> tuple[Place, ...]:
        """All towns, in order."""
        return tuple(place for place in self.places if place.level == "town")

    @cached_property
    def _by_code(self) -> dict[str, Place]:
        return {place.code: place for place in self.places}

    @cached_property
    def _villages(self) -> dict[str, tuple[Place, ...]]:
        found: dict[str, list[Place]] = {}
        for place in self.places:
            if place.level == "village":
                found.setdefault(place.town, []).append(place)
        return {town: tuple(villages) for town, villages in found.items()}
