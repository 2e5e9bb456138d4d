"""A PLC's map under load, without a line: parcels come in bursts, wait for their orders, and are gone.

What it exercises is the link alone: ring, window, slots, acknowledgement, back-pressure. An order is late
when the parcel would be at its decision position: the belt's way from camera to the first one, less what
vision may take of it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from random import Random

from plc.mailbox import PlcMailbox
from plc.signals import FromPc, Inputs, Outputs
from sim.modbus_server import MapRegisters, ModbusServer
from sorter.flow import REJECT, Answered, Event, Inducted, Left, PackState, Result, Triggered, Us, Verdict
from sorter.layout import Layout
from sorter.timing import DELIVERY_US, travel_us

RIDE_MS = 1500
"""From induction to result: what is on the way when the infeed is held must find room in the ring."""

VISION_US: Us = 400_000
"""What vision may take of the way from the camera to the first decision position (p99)."""

BURST, BURST_EVERY = 10, 50
"""One arrival in BURST_EVERY brings BURST more with it."""

SETTLE_S = 30.0


@dataclass
class Counts:
    """What the PLC saw.

    late     orders taken too late or never; slow: later than a delivery should take (timing.DELIVERY_US)
    held_ms  how long parcels waited because the ring was high or at the PC's wish
    """

    offered: int = 0
    inducted: int = 0
    ordered: int = 0
    late: int = 0
    slow: int = 0
    gone: int = 0
    lost: int = 0
    held_ms: int = 0
    ring_high_scans: int = 0


class MapLoad:
    """One PLC under load; `scan` at every scan instant. per_hour: parcels offered on average."""

    def __init__(self, layout: Layout, seed: int, per_hour: int) -> None:
        self.mailbox = PlcMailbox(layout, boot_id=1)
        self.counts = Counts()
        self._layout = layout
        self._random = Random(seed)
        self._gap_ms = 3_600_000 / per_hour * (1 + BURST / BURST_EVERY)
        self._next_ms = 0.0
        self._waiting = 0
        self._open: dict[int, int] = {}
        self._leaving: deque[tuple[int, int]] = deque()
        self._told: dict[int, int] = {}
        self._at_ms = 0
        way = layout.mm(min(layout.decision_counts)) - layout.cameras[0].position_mm
        self._limit_ms = (travel_us(way, layout.belt.speed_mm_s) - VISION_US) // 1000

    @property
    def empty(self) -> bool:
        """Every parcel is gone and every event acknowledged."""
        return not (self._leaving or self._waiting or any(self.mailbox.status_words()[57:59]))

    def scan(self, at_ms: int, offer: bool) -> None:
        """One scan at at_ms since the start; offer: parcels may still come."""
        pc = self.mailbox.begin_scan(at_ms, PackState.EXECUTE, maintenance=False)
        events = [*self._answers(pc, at_ms), *self._results(at_ms)]
        calm = pc.alive and pc.ready and not pc.hold_infeed and not self.mailbox.ring_high
        if offer and pc.alive and pc.ready:
            self._arrive(at_ms)
        if calm:
            events += self._induct(at_ms)
        elif self._waiting:
            self.counts.held_ms += at_ms - self._at_ms
        self._at_ms = at_ms
        self.counts.ring_high_scans += self.mailbox.ring_high
        self._end(pc, at_ms, tuple(events))

    def _end(self, pc: FromPc, at_ms: int, events: tuple[Event, ...]) -> None:
        encoder = self._encoder(at_ms)
        outputs = Outputs(PackState.EXECUTE, True, True, (), (), events, False, True, 0, 0)
        inputs = Inputs(at_ms, encoder, 0, 0, 0, 0, True, self.mailbox.ring_high, pc)
        self.mailbox.end_scan(outputs, inputs, self._layout.belt.speed_mm_s)

    def _encoder(self, at_ms: int) -> int:
        return self._layout.counts(at_ms * self._layout.belt.speed_mm_s // 1000) % (1 << 32)

    def _arrive(self, at_ms: int) -> None:
        if self._next_ms == 0.0:
            self._next_ms = float(at_ms)
        while self._next_ms <= at_ms:
            size = 1 + BURST * (self._random.randrange(BURST_EVERY) == 0)
            self._waiting += size
            self.counts.offered += size
            self._next_ms += self._random.expovariate(1 / self._gap_ms)

    def _induct(self, at_ms: int) -> list[Event]:
        """One of those who wait comes in a scan."""
        if not self._waiting:
            return []
        self._waiting -= 1
        self.counts.inducted += 1
        pid, encoder = 1 << 24 | self.counts.inducted, self._encoder(at_ms)
        self._open[pid] = at_ms
        self._leaving.append((at_ms + RIDE_MS, pid))
        frame = self.counts.inducted & 0xFFFF
        return [Inducted(at_ms * 1000, pid, 300, encoder), Triggered(at_ms * 1000, 0, frame, encoder)]

    def _answers(self, pc: FromPc, at_ms: int) -> list[Event]:
        events: list[Event] = []
        for order in pc.orders:
            came = self._open.pop(order.pid, None)
            late = came is not None and at_ms - came > self._limit_ms
            self.counts.slow += came is not None and (at_ms - came) * 1000 > DELIVERY_US
            self.counts.ordered += came is not None
            self.counts.late += late
            verdict = Verdict.UNKNOWN_ID if came is None else Verdict.TOO_LATE if late else Verdict.TAKEN
            if verdict is Verdict.TAKEN:
                self._told[order.pid] = order.chute
            events.append(Answered(at_ms * 1000, order.pid, verdict, order.chute, self._encoder(at_ms)))
        return events

    def _results(self, at_ms: int) -> list[Event]:
        events: list[Event] = []
        while self._leaving and self._leaving[0][0] <= at_ms:
            _, pid = self._leaving.popleft()
            self.counts.late += self._open.pop(pid, None) is not None
            chute = self._told.pop(pid, REJECT)
            result = Result.UNASSIGNED if chute == REJECT else Result.OK
            self.counts.gone += 1
            events.append(Left(at_ms * 1000, pid, result, chute, self._encoder(at_ms)))
        return events


async def serve(
    layout: Layout, seed: int, per_hour: int, seconds: float, told: asyncio.Future[int]
) -> Counts:
    """Load a map on a free loopback port (told) for so long, then wait until it is empty."""
    load = MapLoad(layout, seed, per_hour)
    server = ModbusServer(MapRegisters(load.mailbox))
    told.set_result(await server.start())
    start, period = time.monotonic(), layout.scan_us / 1e6
    scan: Us = 0
    while (passed := time.monotonic() - start) < seconds + SETTLE_S:
        scan += 1
        load.scan(scan * layout.scan_us // 1000, offer=passed < seconds)
        if passed > seconds and load.empty:
            break
        await asyncio.sleep(max(0.0, start + scan * period - time.monotonic()))
    load.counts.lost = load.mailbox.status_words()[19]
    await server.close()
    return load.counts


def in_process(pipe: Connection, layout: Layout, seed: int, per_hour: int, seconds: float) -> None:
    """`serve` as a process's whole work: sends its port, and at the end its counts as a dict."""

    async def run() -> Counts:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        told.add_done_callback(lambda future: pipe.send(future.result()))
        return await serve(layout, seed, per_hour, seconds, told)

    pipe.send(asdict(asyncio.run(run())))
