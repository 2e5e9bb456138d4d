"""Where parcels go: district -> town -> village, by code. Built once, dict look-ups, nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["district", "town", "village"]


@dataclass(frozen=True, slots=True)
class Place:
    """One node of the network. town = code of its town, a town's own code for a town, "" for the district."""

    code: str
    name: str
    level: Level
    town: str


@dataclass(frozen=True)
class Network:
    """All places of one hub in the order of the configuration; their codes are distinct."""

    places: tuple[Place, ...]

    def __post_init__(self) -> None:
        assert len(self._by_code) == len(self.places), "two places with one code"

    def find(self, code: str) -> Place | None:
        """The place with exactly this code, None when there is none."""
        return self._by_code.get(code)

    def town_of(self, code: str) -> str:
        """Code of the town that a place lies in; "" for the district and for an unknown code."""
        place = self._by_code.get(code)
        return place.town if place else ""

    def villages(self, town: str) -> tuple[Place, ...]:
        """The villages of a town, in order; empty for an unknown town."""
        return self._villages.get(town, ())

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
