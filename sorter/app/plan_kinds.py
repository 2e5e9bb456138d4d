"""Every kind of parcel that a plan's rules can tell apart: what checks and comparisons ask one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from sorter.flow import Direction, Service
from sorter.network import Network
from sorter.plan import Item, Plan
from sorter.waybill import Couriers

Spot = tuple[str, str, str]
"""Codes of town, village, station; "" = not known at that tier."""

NOWHERE: Spot = ("", "", "")


@dataclass(frozen=True)
class Kinds:
    """The values of everything but the place. A column that no rule names has only its plain value."""

    couriers: tuple[str, ...]
    sizes: tuple[str, ...]
    inspected: tuple[bool, ...]
    waves: tuple[str, ...]
    operators: tuple[str, ...]

    @staticmethod
    def of(plans: Sequence[Plan], couriers: Couriers) -> Kinds:
        """What these plans can tell apart."""
        rules = [rule for plan in plans for rule in plan.rules]
        return Kinds(
            couriers=tuple(courier.key for courier in couriers.couriers),
            sizes=_values("", (rule.sizes for rule in rules)),
            inspected=(False, True) if any(rule.inspected for rule in rules) else (False,),
            waves=_values("", (rule.waves for rule in rules)),
            operators=_values("", (rule.operators for rule in rules)),
        )

    def values(self, field: str) -> tuple[object, ...]:
        """All values of an item's field; the plain one first where not all are named."""
        return {
            "direction": tuple(Direction),
            "courier": self.couriers,
            "service": tuple(Service),
            "size": self.sizes,
            "inspected": self.inspected,
            "wave": self.waves,
            "operator": self.operators,
        }[field]

    def items(
        self, spot: Spot, directions: Iterable[Direction], services: Iterable[Service] = tuple(Service)
    ) -> Iterator[Item]:
        """One item of every kind for this place."""
        town, village, station = spot
        for direction, courier, service in product(directions, self.couriers, services):
            label = (courier, direction, service, town, village)
            for size, wave, operator in product(self.sizes, self.waves, self.operators):
                for inspected in self.inspected:
                    yield Item(*label, size, inspected, wave, operator, station)


def _values(plain: str, named: Iterable[frozenset[str]]) -> tuple[str, ...]:
    return (plain, *sorted(frozenset().union(*named)))


def spot_of(network: Network, code: str) -> Spot:
    """Where a place stands in each tier."""
    return network.town_of(code), network.village_of(code), network.station_of(code)


def alike(network: Network, plans: Sequence[Plan]) -> dict[Spot, list[str]]:
    """Codes of all places but the district, by a spot that stands for those that no rule tells apart."""
    rules = [rule for plan in plans for rule in plan.rules]
    named = frozenset().union(*(rule.villages for rule in rules), *(rule.stations for rule in rules))
    found: dict[Spot, list[str]] = {}
    for place in network.places:
        if place.level == "district":
            continue
        town, village, station = spot_of(network, place.code)
        spot = (town, village if village in named else "", station if station in named else "")
        found.setdefault(spot, []).append(place.code)
    return found
