"""A recorded stream: parcels as a table or a journal tells of them, each ruled on by the plan itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.draws import below, word
from sim.hubline.build import Kind, kind_of_ruling, tables_of
from sim.hubline.stream import At, Rulings
from sim.hubline.tables import OFFER, Table
from sorter.flow import Advised, CodeRead, Mm, Us
from sorter.hub import Hub
from sorter.plan import Around, decide
from sorter.waybill import choose

DRAWN: Us = -1
"""Vision's time for a parcel of which nobody recorded it: drawn as for any other."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One parcel.

    arr_us      it is offered to the infeed so long after the line was started
    reads       what the reader makes of it, () = nothing; their corners mean nothing here
    advised     what was announced of it, None = nothing
    held        it is on the intercept list
    latency_us  from its picture to vision's answer, or DRAWN
    """

    arr_us: Us
    length_mm: Mm
    reads: tuple[CodeRead, ...]
    advised: Advised | None
    held: bool = False
    latency_us: Us = DRAWN


class Replay(NamedTuple):
    """The rows (tables.OFFER) of everything that comes to one line."""

    rows: Table


def draw_replay(replay: Replay, clock: list[float], first: int, count: int, offered: Table) -> int:
    """As stream.draw_block: parcels first, first + 1, ... into rows 0, 1, ...; returns how many came."""
    rows = replay.rows[first * OFFER : (first + count) * OFFER]
    offered[: len(rows)] = rows
    return len(rows) // OFFER


def rulings_on(hub: Hub, on_date: str, parcels: Sequence[Recorded]) -> tuple[Rulings, list[int]]:
    """The rulings that these parcels need, and the one of each of them."""
    numbers: dict[Kind, int] = {}
    ruled = [numbers.setdefault(_ruling(hub, on_date, parcel), len(numbers)) for parcel in parcels]
    rows, options = tables_of(numbers)
    return Rulings(rows, options, [], [], 0), ruled


def replay_of(parcels: Sequence[Recorded], ruled: Sequence[int], at: At, lines: int, line: int) -> Replay:
    """What comes to one of `lines` lines that take the parcels in turn; `at` draws what was not recorded.

    What a parcel truly is nobody recorded: it is taken for what it was read as.
    """
    rows: Table = []
    for n, index in enumerate(range(line, len(parcels), lines)):
        parcel, ruling = parcels[index], ruled[index]
        latency_us = parcel.latency_us
        if latency_us == DRAWN:
            latency_us = at.vision_least_us + below(word(at.luck, n), at.vision_span_us)
        fails = int(at.fail_below > 0 and word(at.failing, n) < at.fail_below)
        rows += [parcel.arr_us, parcel.length_mm, ruling, ruling, latency_us, fails, 0]
    return Replay(rows)


def _ruling(hub: Hub, on_date: str, parcel: Recorded) -> Kind:
    """What controller and plan make of one parcel."""
    advised = parcel.advised
    announced = {advised.waybill: advised.courier} if advised else {}
    choice = choose(parcel.reads, hub.couriers, announced, on_date)
    known = advised if advised and advised.waybill == choice.waybill else None
    ruled = decide(choice, known, parcel.held, hub.plan, hub.network, Around(on_date))
    return kind_of_ruling(ruled)
