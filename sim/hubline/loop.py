"""A scenario's line in the closed loop: SimPy line, PLC program, real controller; counted like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sim.arrivals import Drawn, draw_traffic
from sim.bags import Crews
from sim.faultplan import FaultPlan
from sim.faults import Conditions, Faults
from sim.hubline.build import BAGGED_WHY, WHYS, Closures
from sim.hubline.engine import Watch, blank_tally
from sim.hubline.heard import Heard, bagged
from sim.hubline.motion import way_nm
from sim.hubline.recorded import Replay, draw_replay
from sim.hubline.recursion import free_us
from sim.hubline.rules import MM
from sim.hubline.storm import Storm
from sim.hubline.stream import Stream, draw_block
from sim.hubline.tables import (
    ALTERNATE,
    ARR,
    ARRIVED,
    CHUTE_LEFT,
    DECIDED,
    END,
    FAILS,
    FREE,
    LAPS,
    LATENCY,
    LEFT,
    LENGTH,
    LONG,
    NOSE_LENGTH,
    OFFER,
    REASON,
    RELEASED,
    RIGHT,
    RULED,
    TOLD,
    TRULY,
    WAY,
    N,
    Plant,
    Table,
)
from sim.hubline.tally import JAMMED_US, UNFINISHED, Tally, count_block
from sim.hubline.traffic import Traffic
from sim.line import TAKEN_OFF
from sim.upstream import marked, told
from sim.virtual import Keep, Run, VirtualLine
from sorter.flow import REJECT, ChuteLocked, Event, ParcelRecord, Us
from sorter.hub import Hub
from sorter.layout import Layout
from sorter.parcels import stray_record

SOON_US: Us = 1_000_000
"""The PLC tells within this time that a parcel has come off."""

MOST = 1 << 24
"""Parcels of one run; the loop keeps all of them."""


@dataclass(frozen=True)
class LoopLine:
    """One line and its people.

    crews, change_us  who changes bags, see sim.bags.Crews
    faults, seed      what strikes besides, and by which chance
    """

    hub: Hub
    on_date: str
    crews: int
    change_us: Us
    closures: Closures
    faults: FaultPlan | None = None
    seed: int = 0


class Troubles(Faults):
    """What a scenario closes, and the diverts that fail."""

    def __init__(self, hub: Hub, closures: Closures, fails: Sequence[int]) -> None:
        self._fails = fails
        self._diverter = [chute.diverter for chute in hub.layout.chutes]
        self._closures = closures
        lasting = (*closures.broken.values(), *closures.full.values())
        self._changes = sorted({at_us for spans in lasting for span in spans for at_us in span})

    def conditions(self, at_us: Us) -> Conditions:
        """Chutes that say full and diverters that are out of order."""
        full = sum(1 << chute for chute in _closed(self._closures.full, at_us))
        broken = {self._diverter[chute] for chute in _closed(self._closures.broken, at_us)}
        return Conditions(full=full, broken=sum(1 << diverter for diverter in broken))

    def next_change_us(self, at_us: Us) -> Us | None:
        """The next end of an interval."""
        return next((change for change in self._changes if change > at_us), None)

    def wheel_dead(self, parcel: int, diverter: int, at_us: Us) -> bool:
        """As drawn."""
        return bool(self._fails[parcel])


Words = tuple[Sequence[Event], Sequence[tuple[Us, Event]]]
"""What is said before a run, and in its course."""


def loop_of(
    line: LoopLine, drawn: Sequence[Drawn], offered: Table, keep: Keep = lambda value: None
) -> tuple[VirtualLine, Words]:
    """The closed loop before its first parcel, and what is said to it.

    offered  the same parcels as rows (tables.OFFER)
    """
    fails, took = offered[FAILS::OFFER], offered[LATENCY::OFFER]
    faults = _faults(line, drawn, fails)
    loop = VirtualLine(
        line.hub, line.on_date, [one.parcel for one in drawn], 0, keep, faults=faults,
        latency_us=lambda camera, frame, encoder: took[(frame - 1) % len(took)],
    )  # fmt: skip
    loop.plant.line.chutes.crews = Crews(line.crews, line.change_us)
    early, late = told(drawn, faults or Faults())
    return loop, (early, sorted([*_locks(line.closures), *late], key=lambda word: word[0]))


def _faults(line: LoopLine, drawn: Sequence[Drawn], fails: Sequence[int]) -> Faults | None:
    """What strikes; None = nothing can."""
    day = Troubles(line.hub, line.closures, fails)
    if line.faults is not None:
        return Storm(line.faults, line.seed, marked(drawn), day)
    calm = not (any(fails) or line.closures.broken or line.closures.full)
    return None if calm else day


def run_loop(line: LoopLine, drawn: Sequence[Drawn], offered: Table, plant: Plant) -> tuple[Table, Heard]:
    """Everything that comes, in the closed loop: rows as tables.END has them, in belt order; what was heard.

    plant    for the instants at which the infeed was free
    """
    heard = Heard()
    loop, words = loop_of(line, drawn, offered, heard.note)
    run = loop.run(*words)
    left = {n: (at_us, chute) for at_us, n, chute in loop.plant.line.left}
    records = _records(run, left, drawn) if line.faults else _in_order(run)
    faults = _faults(line, drawn, offered[FAILS::OFFER]) or Faults()
    return _rows(records, left, loop, offered, plant, line.hub.layout, faults, heard), heard


def offered_by(stream: Stream | Replay, count: int) -> Table:
    """The first `count` parcels of a stream as rows (tables.OFFER)."""
    offered = [0] * (OFFER * count)
    if isinstance(stream, Replay):
        draw_replay(stream, [], 0, count, offered)
    else:
        draw_block(stream, [0.0, 0.0], 0, count, offered)
    return offered


def loop_tally(
    line: LoopLine,
    plant: Plant,
    stream: Stream | Replay,
    drawn: Sequence[Drawn],
    right: Table,
    until_us: Us,
    watch: Watch | None = None,
) -> Tally:
    """The counters of one line's day; watch(ended, rows) sees all of it."""
    offered, counted = offered_by(stream, len(drawn)), blank_tally(plant, right, until_us)
    ended, heard = run_loop(line, drawn, offered, plant) if drawn else ([], Heard())
    count_block(counted, ended, len(ended) // END)
    counted.totals[UNFINISHED] += len(drawn) - len(ended) // END
    for at in range(0, len(ended), END):
        waits_us = max(ended[at + ARRIVED], ended[at + FREE])
        counted.totals[JAMMED_US] += heard.jammed_us(waits_us, ended[at + RELEASED])
    if watch is not None:
        watch(ended, len(ended) // END)
    return counted


def parcels_of(hub: Hub, traffic: Traffic, seed: int, number: int) -> list[Drawn]:
    """Everything that a stream brings; of good labels that nobody reads the camera sees none."""
    return [
        replace(one, parcel=replace(one.parcel, label=None)) if one.truth.flaw == "unread" else one
        for one in draw_traffic(hub, traffic, seed, number, MOST)
    ]


def _closed(part: Mapping[int, Sequence[tuple[Us, Us]]], at_us: Us) -> list[int]:
    return [chute for chute, spans in part.items() if any(begin <= at_us < end for begin, end in spans)]


def _locks(closures: Closures) -> list[tuple[Us, Event]]:
    """A person locks and unlocks; what begins before the line does is said at its start."""
    words = [
        (max(0, at_us), ChuteLocked(max(0, at_us), chute, locked))
        for chute, spans in closures.locked.items()
        for span in spans
        for at_us, locked in zip(span, (True, False), strict=True)
    ]
    return sorted(words, key=lambda word: word[0])


def _in_order(run: Run) -> dict[int, ParcelRecord]:
    """Parcel -> its record, on a line on which each is seen by the induct eye, and nothing else is."""
    records = sorted((record for record in run.records if record.pid), key=lambda record: record.seen_us)
    return dict(enumerate(records))


def _records(run: Run, left: Mapping[int, tuple[Us, int]], drawn: Sequence[Drawn]) -> dict[int, ParcelRecord]:
    """Parcel -> its record, where eyes may fail: by its waybill, else by when and where it came off, else the
    first one left over since it came.

    What came off and has none was never seen: a stray. What never came off has no place here.
    """
    records = sorted((record for record in run.records if record.pid), key=lambda record: record.seen_us)
    by_waybill = {record.waybill: record for record in records if record.waybill}
    found = {n: by_waybill.pop(drawn[n].truth.waybill, None) for n in sorted(left)}
    known = {id(record) for record in found.values()}
    others = [record for record in records if id(record) not in known]
    for same in (_came_off_alike, _was_there):
        for n in (n for n, record in found.items() if record is None):
            if mine := next((record for record in others if same(record, *left[n])), None):
                found[n] = mine
                others.remove(mine)
    return {n: record or stray_record(1, REJECT, left[n][0]) for n, record in found.items()}


def _came_off_alike(record: ParcelRecord, left_us: Us, chute: int) -> bool:
    """The PLC saw it come off there, as soon as an eye and a scan let it."""
    return record.left == chute and 0 <= record.left_us - left_us < SOON_US


def _was_there(record: ParcelRecord, left_us: Us, chute: int) -> bool:
    return record.seen_us < left_us


def _rows(
    records: Mapping[int, ParcelRecord], left: Mapping[int, tuple[Us, int]], loop: VirtualLine,
    offered: Table, plant: Plant, layout: Layout, faults: Faults, heard: Heard,
) -> Table:  # fmt: skip
    """What was recorded and what physically happened, parcel by parcel."""
    released = {n: at_us for at_us, n in loop.plant.line.inducted}
    line = plant.line
    cursor, rows = [0] * 4, [0] * (END * len(records))
    for row, (n, record) in enumerate(records.items()):
        at, offer, length = row * END, n * OFFER, offered[n * OFFER + LENGTH]
        rows[at + N], rows[at + LAPS], rows[at + LONG] = n, 1, length
        rows[at + ARRIVED], rows[at + RELEASED] = offered[offer + ARR], released[n]
        rows[at + FREE] = free_us(line, plant.legs, cursor, length)
        cursor[WAY], cursor[NOSE_LENGTH] = way_nm(line, plant.legs, released[n]), length
        rows[at + DECIDED], rows[at + LEFT] = record.decided_us, left[n][0]
        rows[at + TOLD], rows[at + CHUTE_LEFT] = _outlet(record.told), _outlet(left[n][1])
        rows[at + ALTERNATE] = _outlet(record.alternate)
        tail = cursor[WAY] + line.release_nm + length * MM
        kept = bagged(record, offered[offer + RULED], tail, layout, plant, faults, heard)
        rows[at + REASON] = BAGGED_WHY if kept else WHYS.index(record.why)
        rows[at + TRULY] = offered[offer + RIGHT]
    return rows


def _outlet(chute: int) -> int:
    return -1 if chute in (REJECT, TAKEN_OFF) else chute
