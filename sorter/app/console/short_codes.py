"""Short codes for the coding desk: two digits for a town, two for a village, in the network's order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sorter.network import Network, Place


@dataclass(frozen=True, slots=True)
class Town:
    """A town's digits, and its villages' digits behind them."""

    digits: str
    place: Place
    villages: tuple[tuple[str, Place], ...]


def short_codes(network: Network) -> list[Town]:
    """Towns from 01 on, the villages of each from 01 on; more digits where 99 are not enough."""
    towns = network.towns
    return [
        Town(digits, town, tuple(_numbered(network.villages(town.code)))) for digits, town in _numbered(towns)
    ]


def _numbered(places: Sequence[Place]) -> Iterator[tuple[str, Place]]:
    return zip(_digits(len(places)), places, strict=True)


def _digits(count: int) -> list[str]:
    width = max(2, len(str(count)))
    return [f"{number:0{width}d}" for number in range(1, count + 1)]
