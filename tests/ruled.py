"""A stream in which every rule and exception of a sort plan decides: for the plans' reference journals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import NamedTuple

from sim.arrivals import advice, replayed
from sim.hubline.recorded import Recorded
from sim.numbers import sample_number
from sim.virtual import VirtualLine
from sorter.app.stage import started
from sorter.codec import Value
from sorter.flow import Advised, ChuteLocked, CodeRead, Direction, Event, InterceptSet, Service, Us
from sorter.hub import Hub
from sorter.network import Network
from sorter.rules import Rule
from tests.hubs import ON_DATE

EVERY_US: Us = 1_000_000
LOCKED_US: Us = 4_000_000
"""For so long the chutes that a rule prefers are locked, so that its next one gets a parcel."""
CORNERS = ((0, 0), (9, 0), (9, 9), (0, 9))
NOWHERE = "999999999999"


class Kind(NamedTuple):
    """What is announced of a parcel; place None = nothing is. locked = chutes that are while it comes."""

    courier: str
    direction: Direction = Direction.DOWN
    service: Service = Service.STANDARD
    place: str | None = None
    held: bool = False
    locked: tuple[int, ...] = ()


def every_ruling(hub: Hub) -> list[Value]:
    """The journal of a run of the line in which each rule decides a parcel for each value that it names.

    One for each chute that shares a rule's load, too, and one for each chute that is there for when the
    preferred ones are locked. Then one parcel for each exception that may have a chute of its own.
    """
    kinds = [*_of_rules(hub), *_exceptions()]
    parcels, later, at_us = [], list[tuple[Us, Event]](), EVERY_US
    for n, kind in enumerate(kinds):
        if kind.locked:
            later += [(at_us, ChuteLocked(0, chute, True)) for chute in kind.locked]
            later += [(at_us + LOCKED_US, ChuteLocked(0, chute, False)) for chute in kind.locked]
        parcels.append(_parcel(n, at_us, kind))
        at_us += 2 * LOCKED_US if kind.locked else EVERY_US
    drawn = replayed(hub, parcels, seed=6)
    values: list[Value] = [started(hub, ON_DATE)]
    line = VirtualLine(hub, ON_DATE, [one.parcel for one in drawn], 6, values.append)
    words: Sequence[Advised | InterceptSet] = advice(one.truth for one in drawn)
    line.run(words, later)
    return values


def _parcel(n: int, at_us: Us, kind: Kind) -> Recorded:
    number = sample_number(kind.courier, n)
    told = Advised(0, number, kind.courier, kind.place or "", kind.direction, kind.service)
    reads = (CodeRead(number, "Code128", CORNERS, "zxing"),)
    return Recorded(at_us, 200 + 7 * n % 350, reads, None if kind.place is None else told, kind.held)


def _of_rules(hub: Hub) -> Iterator[Kind]:
    couriers = cycle(courier.key for courier in hub.couriers.couriers)
    reserves = list[Kind]()
    for rule in hub.plan.rules:
        kinds = list(_named(rule, hub.network, couriers))
        yield from islice(cycle(kinds), max(len(kinds), len(rule.sharing)))
        ways = range(1, len(rule.chutes))
        reserves += [kinds[0]._replace(locked=rule.chutes[:way]) for way in ways]
    yield from reserves


def _named(rule: Rule, network: Network, couriers: Iterator[str]) -> Iterator[Kind]:
    """One for each courier, direction, service and place that the rule names, the others being usual."""
    for direction in sorted(rule.directions, key=str) or [Direction.DOWN]:
        for service in sorted(rule.services, key=str) or [Service.STANDARD]:
            for place in _places(rule, network) if direction is Direction.DOWN else [""]:
                for courier in sorted(rule.couriers) or [next(couriers)]:
                    yield Kind(courier, direction, service, place)


def _places(rule: Rule, network: Network) -> list[str]:
    """Each village that it names, the last one of each town that it names, or just any place."""
    villages = [place for place in network.places if place.level == "village"]
    of_town = {place.town: place.code for place in villages}
    if rule.villages:
        return sorted(rule.villages)
    return [of_town[town] for town in sorted(rule.towns)] or [villages[0].code]


def _exceptions() -> Iterator[Kind]:
    """Without a rule, without advice, on the intercept list."""
    yield from (Kind("jt", place=NOWHERE), Kind("jt"), Kind("jt", place=NOWHERE, held=True))
