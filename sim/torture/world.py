"""One seed's world: line, cabinet, wire, controller and people on one heap, until all is over.

What happened goes to `facts` as (instant, kind, ...) for the checker, which knows nothing else of the world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from sim.torture import traffic
from sim.torture.cabinet import Cabinet
from sim.torture.clock import NEVER, Clock
from sim.torture.disk import ModelDisk
from sim.torture.faults import Fault
from sim.torture.hall import (
    CHUTES_OF,
    MANUAL,
    OTHER_CHUTES_OF,
    OTHER_PLAN,
    SECURITY,
    URGENT,
    URGENT_CHUTES,
    hall,
)
from sim.torture.hall import town as hall_town
from sim.torture.line import Line
from sim.torture.pc import Begin, Pc
from sim.torture.people import LOOK_US, People
from sim.torture.sight import Sight
from sim.torture.troubles import strike
from sorter.flow import Effect, Event, LinkDown, LinkUp, PackState, Us

CALM_US: Us = 55_000_000
"""From here on nothing fails any more."""
CODA = 6
"""Parcels that come when all is well again: they must be sorted."""
MOST_US: Us = 240_000_000


class World:
    """faults strike between 3 s and CALM_US. trouble = what is wrong with the wire now."""

    def __init__(self, seed: int, faults: Sequence[Fault], begin: Begin) -> None:
        kinds = {fault.kind for fault in faults}
        self.random = Random(f"{seed}/world")
        self.facts: list[tuple[Any, ...]] = []
        self.fired: Counter[str] = Counter()
        self.faults = faults
        self.trouble = ""
        self.drift_ppm = self.random.choice((-200, 200)) if "drift" in kinds else 0
        self.hub = hall(8 if "ring-overflow" in kinds else 512)
        self.clock = Clock(seed)
        self.parcels, self.coda = traffic.parcels(seed, CODA)
        if "urgent" in kinds:
            self.parcels = traffic.with_urgent(self.parcels)
        self._wrapped(kinds)
        base_ms = (1 << 32) - 30_000 if "clock-wrap" in kinds else self.random.randrange(10_000_000)
        first = (1 << 32) - 60_000 if "count-wrap" in kinds else self.random.randrange(1 << 24)
        self.line = Line(self.clock, [p for p, _ in self.parcels], first, self.fact)
        layout = self.hub.layout
        self.sight = Sight(self.clock, layout.cameras[0], self.line, self.hit, self.random.randrange)
        maintained = "mode-change" in kinds
        self.cabinet = Cabinet(self.clock, layout, self.line, self.fact, self.sight.look, base_ms, maintained)
        self.cabinet.serves = lambda: self.hit("mode-change")
        self.line.changed = self.cabinet.request
        self.disk = ModelDisk(lambda kind: self.pc.call(kind), self.hit)
        self.pc = Pc(
            self.clock, self.hub, self, self.disk, self.sight, begin, self.fact, self.random.randrange
        )
        self.people = People(self.clock, self.cabinet, self.line, self.pc, self.fact, self.random.randrange)
        self.pc.seen = self._seen
        self.pc.dated = lambda: self.hit("date-step")
        self.cabinet.told = lambda: self.pc.wake(self.clock.now_us)
        self.sight.came = lambda: self.pc.wake(self.clock.now_us)
        self.sight.others = [truth.waybill for _, truth in self.parcels]
        self.ended = ""
        self._write_us = self._read_us = -1
        self._prepare()

    def _wrapped(self, kinds: set[str]) -> None:
        for kind in ("count-wrap", "clock-wrap", "drift"):
            if kind in kinds:
                self.hit(kind)

    def _prepare(self) -> None:
        for fault in self.faults:
            self.clock.at(fault.at_us, lambda fault=fault: strike(self, fault))  # type: ignore[misc]
        plans = {self.hub.plan.version: CHUTES_OF, OTHER_PLAN.version: OTHER_CHUTES_OF}
        for version, chutes_of in plans.items():
            towns = {hall_town(t): chutes for t, chutes in enumerate(chutes_of)}
            self.fact("plan", version, {**towns, URGENT: URGENT_CHUTES})
        self.fact("special", MANUAL, SECURITY)
        for _, truth in self.parcels:
            self.fact("truth", truth.n, truth.waybill, truth.chutes, truth.readable, truth.advised)
        for _, truth in self.parcels:
            if truth.advised:
                self.advise(truth)
        self.pc.boot()
        self.clock.at(LOOK_US, self.people.attend)

    # ------------------------------------------------------------ running

    def run(self) -> None:
        """Until everything is over, or MOST_US."""
        self._run_until(lambda: self.clock.now_us >= CALM_US)
        self._calm()
        self._run_until(self._calmed)
        self.fact("coda")
        for parcel, truth in self.coda:
            self.fact("truth", truth.n, truth.waybill, truth.chutes, truth.readable, truth.advised)
            parcel.arr_us += self.clock.now_us
            self.advise(truth)
        self.line.waiting = [parcel for parcel, _ in reversed(self.coda)]
        self.line.plan()
        self._run_until(lambda: self.line.idle and self._quiet())
        self.fact("end", self.ended)
        if dropped := sum(fact[1] == "dropped" for fact in self.facts):
            self.fired["ring-overflow"] += dropped

    def _run_until(self, done: Any) -> None:
        clock, line, cabinet, pc = self.clock, self.line, self.cabinet, self.pc
        heap = clock.heap
        check_us = clock.now_us
        while True:
            if clock.now_us >= check_us:
                if done() or self.ended:
                    return
                check_us = clock.now_us + 500_000
                if clock.now_us > MOST_US:
                    self.ended = "the world does not come to rest"
                    return
            mark, scan, poll, call = line.mark_us, cabinet.scan_us, pc.poll_us, heap[0][0]
            if scan < mark and scan < poll and scan < call:
                clock.now_us = scan
                cabinet.scan()
            elif mark < scan and mark < poll and mark < call:
                clock.now_us = mark
                line.walk()
            elif poll < scan and poll < mark and poll < call:
                clock.now_us = poll
                pc.cycle()
            elif call < scan and call < mark and call < poll:
                clock.run_next()
            else:
                clock.now_us = due = min(mark, scan, poll, call)
                self._one_of(due)

    def _one_of(self, due: Us) -> None:
        """The seed says which of those that are due comes first."""
        line, cabinet, pc, clock = self.line, self.cabinet, self.pc, self.clock
        each = (line.mark_us, line.walk), (cabinet.scan_us, cabinet.scan), (pc.poll_us, pc.cycle), (
            clock.heap[0][0], clock.run_next)  # fmt: skip
        turns = [turn for at_us, turn in each if at_us == due]
        turns[int(clock.tie() * len(turns))]()

    def _calmed(self) -> bool:
        runs = self.cabinet.state is PackState.EXECUTE
        return runs and self.line.idle and not self.people.busy and self._quiet()

    def _quiet(self) -> bool:
        pc = self.pc
        up = pc.start is not None and pc.machine is not None and pc.machine.up and not pc.machine.more
        return up and pc.start is not None and not pc.start.busy

    def _calm(self) -> None:
        """Everything that is wrong is put right by people who know what they do."""
        self.fact("calm")
        for chute in range(len(self.hub.layout.chutes)):
            if self.line.full >> chute & 1:
                self.fact("bit", "full", chute, False)
        self.trouble = self.sight.trouble = self.disk.trouble = ""
        line, cabinet = self.line, self.cabinet
        line.clear_held()
        line.stuck_on = line.stuck_off = line.blind = line.blind_outlets = line.full = line.faults = 0
        for eye in range(len(self.hub.layout.eyes_mm)):
            line.show(eye)
        for wheel in line.wheels:
            wheel.stuck = wheel.dead = False
            wheel.late_us = 0
        line.belt.slip_ppm, line.belt.stalled = 0, False
        cabinet.safe = True
        if not cabinet.stopped:
            cabinet.frozen = False
        line.drive()
        cabinet.request()

    # ------------------------------------------------------------ couriers

    def advise(self, truth: traffic.Truth) -> None:
        """The courier's system tells of a parcel."""
        self.pc.manifest.append(truth.advice)
        if self.pc.start is not None:
            self.pc.start.post(truth.advice)

    # ------------------------------------------------------------ the wire, as the controller's end sees it

    @property
    def still(self) -> bool:
        """What the PLC shows stands still."""
        return self.cabinet.frozen

    def pc_us(self) -> Us:
        """The PC's clock runs a little fast or slow."""
        return self.clock.now_us + self.clock.now_us * self.drift_ppm // 1_000_000

    def read_words(self) -> list[int]:
        """Block S after a scan that is not older than the grid."""
        self.cabinet.freshen()
        self._read_us = self.clock.now_us
        return self.cabinet.words()

    def write_words(self, words: list[int]) -> None:
        """Block C on its way to the PLC."""
        fresh = self._read_us == self.clock.now_us and not self.cabinet.frozen
        late = twice = 0
        if self.trouble == "write-late":
            late = self.random.randrange(300_000)
        if self.trouble == "write-twice":
            twice = 1
        if late or twice:
            self.hit(self.trouble)
        # One TCP connection: nothing overtakes.
        self._write_us = max(self.clock.now_us + late, self._write_us)
        self.fact("block", words, self.disk.durable(), fresh, self._write_us)
        for _ in range(1 + twice):
            self._deliver(words, self._write_us)

    def _deliver(self, words: list[int], at_us: Us) -> None:
        if at_us == self.clock.now_us:
            self.cabinet.receive(words)
        else:
            self.clock.at(at_us, lambda: self.cabinet.receive(words))

    def waits(self, us: Us) -> None:
        """An exchange that takes long holds up the controller's cycle."""
        self.pc.waits(us)

    # ------------------------------------------------------------ what is told

    def _seen(self, value: Event | Effect) -> None:
        """What the controller has taken up or given out."""
        if isinstance(value, LinkUp | LinkDown):
            self.fact("link", isinstance(value, LinkUp), getattr(value, "reason", ""))
        self.people.hear(value)

    def fact(self, kind: str, *what: Any) -> None:
        """For the checker."""
        self.facts.append((self.clock.now_us, kind, *what))

    def hit(self, kind: str) -> None:
        """A fault has had its effect."""
        self.fired[kind] += 1


__all__ = ["CALM_US", "NEVER", "World"]
