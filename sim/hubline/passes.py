"""Two passes: what the first one sorted into some chutes is sorted again, by village, on another line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.draws import word
from sim.hubline.recorded import Recorded
from sim.hubline.stream import COURIERS, PIECE, UNTIL, Stream, look
from sim.hubline.tables import ARRIVED, CHUTE_LEFT, END, LEFT, LONG, N, Table
from sim.hubline.traffic import SERVICES, villages
from sim.numbers import sample_number
from sorter.flow import Advised, CodeRead, Direction, Mm, Us
from sorter.hub import Hub

if TYPE_CHECKING:
    from sim.hubline.scenario import Scenario


@dataclass(frozen=True)
class FirstPass:
    """Where a second pass' parcels come from.

    day             the first pass; its line clock is zero_us ahead of the second's
    chutes          whose parcels are sorted again
    from_us, to_us  they are offered evenly in this time, in the order in which they came off, but none before
    """

    day: Scenario
    chutes: tuple[int, ...]
    from_us: Us
    to_us: Us
    zero_us: Us = 0


@dataclass(frozen=True, slots=True, order=True)
class Bagged:
    """A parcel of the first pass in one of its chutes: when it came off, on which line, its number there."""

    left_us: Us
    line: int
    n: int
    arrived_us: Us
    length_mm: Mm


def bagging(chutes: Sequence[int], line: int, bags: list[Bagged]) -> Callable[[Table, int], None]:
    """Sees the rows of a line's run (engine.Watch) and puts what is in these chutes into `bags`."""
    wanted = frozenset(chutes)

    def watch(ended: Table, rows: int) -> None:
        for at in range(0, rows * END, END):
            if int(ended[at + CHUTE_LEFT]) in wanted:
                left, n, arrived, long = (int(ended[at + field]) for field in (LEFT, N, ARRIVED, LONG))
                bags.append(Bagged(left, line, n, arrived, long))

    return watch


def second_arrivals(first: FirstPass, bags: Sequence[Bagged]) -> list[Us]:
    """When each of them is offered to the second pass; `bags` in order."""
    time_us = first.to_us - first.from_us
    return [
        max(first.from_us + k * time_us // len(bags), one.left_us - first.zero_us)
        for k, one in enumerate(bags)
    ]


def opened(hub: Hub, stream: Stream, one: Bagged, arr_us: Us) -> Recorded:
    """A drawn parcel as the second pass reads it: its label is good, or it would not be in the bag."""
    at, pieces = stream.at, stream.pieces
    piece = next(row for row in range(0, at.pieces * PIECE, PIECE) if one.arrived_us < pieces[row + UNTIL])
    looks = look(stream.dealt, at, pieces[piece + COURIERS], word(at.looks, one.n))
    courier = hub.couriers.couriers[looks[0]].key
    direction, service = SERVICES[looks[1]]
    place = villages(hub)[looks[2]] if direction is Direction.DOWN else ""
    waybill = sample_number(courier, word(at.numbers, one.n))
    advised = Advised(0, waybill, courier, place, direction, service)
    return Recorded(arr_us, one.length_mm, (CodeRead(waybill, "CODE128", ((0, 0),) * 4, "table"),), advised)
