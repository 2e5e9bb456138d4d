"""What changes for which places when one plan follows another, with the parcels of a day.

Compared is what the plans do, not how they are written: every kind of parcel to every place is asked of both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sorter.app.plan_day import Travelled
from sorter.app.plan_kinds import NOWHERE, Kinds, Spot, alike
from sorter.flow import Direction
from sorter.hub import Hub
from sorter.plan import Item, Plan
from sorter.rules import FIELDS

Way = tuple[tuple[int, ...], int]
"""Chutes in order of preference, and how many of them share the load (0 = the first one gets it)."""

NO_WAY: Way = ((), 0)
"""No rule: an exception."""

Kind = tuple[object, ...]
"""Values of KIND_FIELDS."""

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""(Code of a town, "" = several or none; codes of places) for each line of the report."""

PLACE_FIELDS = ("town", "village", "station")
KIND_FIELDS = tuple(field for field in FIELDS if field not in PLACE_FIELDS)


@dataclass(frozen=True)
class Change:
    """Parcels of these kinds to these places go another way.

    town     code of the one town that the places lie in, "" = several or none
    places   codes; () = parcels that need no place (upstream, returns)
    kinds    per field of KIND_FIELDS that matters the values that change; other fields: all values
    parcels  how many there were on the day that was given
    """

    town: str
    places: tuple[str, ...]
    kinds: Mapping[str, tuple[object, ...]]
    old: Way
    new: Way
    parcels: int


def changes(hub: Hub, old: Plan, new: Plan, day: Iterable[Travelled] = ()) -> list[Change]:
    """Every difference of two plans for this hub's places, those with most parcels first."""
    kinds = Kinds.of([old, new], hub.couriers)
    seen = _seen(hub, new, kinds, day)
    found = [
        Change(town, places, _named(box, kinds), before, after, _parcels(seen, places, box))
        for (where, before, after), changed in _alike_changes(hub, old, new, kinds).items()
        for town, places in where
        for box in _boxes(changed)
    ]
    return sorted(found, key=lambda one: (-one.parcels, -len(one.places), one.town, one.old, one.new))


def way_of(plan: Plan, item: Item) -> Way:
    """The way that a plan gives to parcels of this kind."""
    rule = plan.ruling(item)
    if rule is None:
        return NO_WAY
    return rule.chutes, len(rule.sharing) if rule.balance else 0


def _alike_changes(hub: Hub, old: Plan, new: Plan, kinds: Kinds) -> dict[tuple[Where, Way, Way], set[Kind]]:
    """The kinds of parcels that change from one way to the same other way for the same places."""
    spots = alike(hub.network, [old, new])
    anywhere = _changed(old, new, kinds.items(NOWHERE, (Direction.UP, Direction.RETURN)))
    where: dict[tuple[Kind, Way, Way], list[Spot]] = defaultdict(list)
    for spot in spots:
        for change in _changed(old, new, kinds.items(spot, Direction)) - anywhere:
            where[change].append(spot)
    found: dict[tuple[Where, Way, Way], set[Kind]] = defaultdict(set)
    for kind, before, after in anywhere:
        found[(("", ()),), before, after].add(kind)
    for (kind, before, after), there in where.items():
        found[_places(hub, spots, there), before, after].add(kind)
    return found


def _places(hub: Hub, spots: Mapping[Spot, Sequence[str]], there: Sequence[Spot]) -> Where:
    """Town by town, or everywhere at once."""
    codes = [code for spot in there for code in spots[spot]]
    if len(there) == len(spots):
        return (("", tuple(codes)),)
    towns: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        towns[hub.network.town_of(code)].append(code)
    return tuple((town, tuple(places)) for town, places in towns.items())


def _changed(old: Plan, new: Plan, items: Iterable[Item]) -> frozenset[tuple[Kind, Way, Way]]:
    ways = ((_kind(item), way_of(old, item), way_of(new, item)) for item in items)
    return frozenset((kind, before, after) for kind, before, after in ways if before != after)


def _kind(item: Item) -> Kind:
    return tuple(getattr(item, field) for field in KIND_FIELDS)


def _boxes(kinds: set[Kind]) -> Iterator[set[Kind]]:
    """The kinds in few parts, each of which is every combination of some values of each field."""
    values = [{kind[n] for kind in kinds} for n in range(len(KIND_FIELDS))]
    if len(kinds) == prod(map(len, values)):
        yield kinds
        return
    field = next(n for n, there in enumerate(values) if len(there) > 1)
    parts: dict[frozenset[Kind], set[Kind]] = defaultdict(set)
    for value in values[field]:
        part = {kind for kind in kinds if kind[field] == value}
        parts[frozenset((*kind[:field], *kind[field + 1 :]) for kind in part)] |= part
    for part in parts.values():
        yield from _boxes(part)


def _named(box: set[Kind], kinds: Kinds) -> dict[str, tuple[object, ...]]:
    """The values of each field of a box, but for fields of which it has all values."""
    named = {}
    for n, field in enumerate(KIND_FIELDS):
        values = {kind[n] for kind in box}
        if len(values) < len(kinds.values(field)):
            named[field] = tuple(value for value in kinds.values(field) if value in values)
    return named


def _seen(hub: Hub, plan: Plan, kinds: Kinds, day: Iterable[Travelled]) -> Counter[tuple[str, Kind]]:
    """How many parcels of each kind went down to each place; "" = those that need no place."""
    seen: Counter[tuple[str, Kind]] = Counter()
    for parcel in day:
        item = parcel.item(plan, hub.network)
        if item is not None:
            kind = tuple(
                value if value in kinds.values(field) else kinds.values(field)[0]
                for field, value in zip(KIND_FIELDS, _kind(item), strict=True)
            )
            place = item.station or item.village or item.town
            for where in {place, "" if item.direction is not Direction.DOWN else place}:
                seen[where, kind] += 1
    return seen


def _parcels(seen: Counter[tuple[str, Kind]], places: Sequence[str], box: set[Kind]) -> int:
    return sum(seen[place, kind] for place in places or ("",) for kind in box)
