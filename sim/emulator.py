"""The simulated line behind Modbus TCP, in a process of its own, paced by the wall clock.

The model and the PLC program are the ones that run in process; what is added is the mailbox, the socket,
and a camera that draws what it sees into a shared-memory ring. Truth goes to files that only the judge reads.
"""

from __future__ import annotations

import asyncio
import csv
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random

from plc.mailbox import PlcMailbox
from plc.maintenance import MaintainedProgram
from plc.signals import FromPc, Inputs, Outputs
from sim.arrivals import Drawn
from sim.clock import Call, LineClock
from sim.faults import Conditions, Faults
from sim.modbus_server import MapRegisters, ModbusServer, Registers
from sim.plant import Plant
from sim.troubled_wire import Intruder, TroubledWire
from sorter.codec import encode
from sorter.flow import Event, FrameTag, PackState, Triggered, Us
from sorter.hub import Hub
from vision.render import render
from vision.ring import RingWriter
from vision.scene import HUB, Box, Label, Print

OFTEN_S = 0.2
PICTURES_WAITING = 8
"""Pictures that may wait to be drawn; a camera asked for more drops the newest, as a real one would."""


class Emulator:
    """One emulated line. In `folder`, left.csv gets a row for every parcel that comes off (at_us, n, chute)
    and events.jsonl a line for every event put into the ring.

    ring                        where pictures are drawn, None = the camera is not there
    pictures, pictures_dropped  taken, and not taken because the camera was too slow
    cuts                        how often the connections were cut
    registers                   what the PLC shows on the wire
    """

    def __init__(
        self,
        hub: Hub,
        drawn: Sequence[Drawn],
        seed: int,
        ring: RingWriter | None,
        folder: Path,
        boot_id: int = 1,
        faults: Faults | None = None,
    ) -> None:
        self.pictures = self.pictures_dropped = self.cuts = 0
        self._env = LineClock()
        self._layout = hub.layout
        self._unit = hub.link.unit
        self._seed = seed
        self._ring = ring
        self._folder = folder
        self._faults = faults or Faults()
        self._wire = TroubledWire(self._faults, lambda: self._env.now_us)
        self._intruder = Intruder()
        self._boot_id = boot_id
        self._left_written = 0
        self._told: list[Event] = []
        self._often: Callable[[], None] = lambda: None
        self._often_due = 0.0
        self._poll_us = hub.link.poll_us
        self._asked = asyncio.Event()
        self._mailbox = PlcMailbox(hub.layout, boot_id)
        self.registers = MapRegisters(self._mailbox)
        self._plant = Plant(
            self._env, hub.layout, [d.parcel for d in drawn], self._hear, self._tell, boot_id, faults
        )
        self._program = self._plant.program = MaintainedProgram(hub.layout, boot_id)
        self._artist = ThreadPoolExecutor(max_workers=1, thread_name_prefix="camera")
        self._drawing = 0

    @property
    def idle(self) -> bool:
        """Every parcel has come off the line."""
        return self._plant.line.idle

    async def run(
        self,
        host: str,
        port: int,
        pace: float,
        ready: Callable[[int], None],
        in_step: bool = False,
        cut_s: float = 0.0,
        often: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve and run until cancelled; `ready(port)` is called once the socket listens.

        pace     line seconds per wall-clock second
        in_step  instead of keeping pace, run one poll period each time the PC has echoed hb_plc
        cut_s    cut every connection again and again, this long between two cuts on average; 0 = never
        often    called several times a second: what shall go wrong may come while the line runs
        """
        self._often = often
        self._warm_up()
        server = ModbusServer(self.registers, self._unit, self._answer, lambda: self._wire.late_us() / 1e6)
        ready(await server.start(host, port))
        cutting = asyncio.create_task(self._keep_cutting(server, cut_s)) if cut_s else None
        try:
            await (self._keep_step() if in_step else self._keep_pace(pace))
        finally:
            if cutting is not None:
                cutting.cancel()
            await server.close()
            self._artist.shutdown(cancel_futures=True)
            self._write_files()

    def reconsider(self) -> None:
        """Other faults than before may be in force."""
        self._plant.reconsider()

    @property
    def state(self) -> PackState:
        """PackML state after the last scan."""
        return self._program.state

    @property
    def now_us(self) -> Us:
        """Now on the line clock."""
        return self._env.now_us

    def _answer(self, frame: bytes, registers: Registers, unit: int) -> bytes | None:
        self._asked.set()
        return self._wire(frame, registers, unit)

    def _warm_up(self) -> None:
        """The first picture of a process takes a second to draw; a line does not wait for it."""
        label = Label(0, 0, 0.0, 130, 76, (Print("CODE128", "WARM-UP", 375, 25),))
        for camera in self._layout.cameras:
            render(camera, [Box(0, 0, 300, 300, label)], seed=0)

    async def _keep_cutting(self, server: ModbusServer, cut_s: float) -> None:
        random = Random(f"{self._seed}/cut")
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.5) * cut_s)
            server.cut()
            self.cuts += 1

    async def _keep_pace(self, pace: float) -> None:
        """Advance by whole scans; after a delay the line catches up, it never loses time."""
        start, scan = time.monotonic(), self._layout.scan_us
        while True:
            target: Us = int((time.monotonic() - start) * pace * 1_000_000) // scan * scan
            self.advance(target)
            self._write_files()
            due = start + (self._env.now_us + scan) / 1e6 / pace
            await asyncio.sleep(max(0.001, due - time.monotonic()))

    async def _keep_step(self) -> None:
        """Wait for the PC before every poll period, so that a run is repeatable at any pace."""
        while True:
            self.advance(self._env.now_us + self._poll_us)
            self._write_files()
            if self._unheard:
                await asyncio.sleep(self._poll_us / 1e6)
            while not self._mailbox.echoed and not self._unheard:
                self._asked.clear()
                await self._asked.wait()

    @property
    def _unheard(self) -> bool:
        """No PC can keep step with a PLC that answers nothing."""
        now = self._faults.conditions(self._env.now_us)
        return now.silent or now.cut or now.frozen or now.off

    def advance(self, until_us: Us) -> None:
        """Let the line run until an instant, scan by scan, as a PLC does."""
        while self._env.now_us < until_us:
            self._suffer(self._faults.conditions(self._env.now_us))
            self._plant.request_scan()
            self._env.run(until=self._env.now_us + self._layout.scan_us)

    def _suffer(self, now: Conditions) -> None:
        """Power that fails and comes back, and other people's blocks."""
        if now.off is not self._plant.off:
            self._plant.off = now.off
            self._power(on=not now.off)
        if now.intruder and self._env.now_us % self._poll_us == 0:
            self._intruder.write(self._mailbox)

    def _power(self, on: bool) -> None:
        """Without power every output falls; with it the PLC starts anew and knows nothing."""
        if not on:
            self._plant.line.walk(self._env.now_us)
            self._plant.line.obey(False, False, (0,) * len(self._layout.diverters))
            return
        self._boot_id += 1
        self._mailbox = self.registers.mailbox = PlcMailbox(self._layout, self._boot_id)
        self._program = self._plant.program = MaintainedProgram(self._layout, self._boot_id)
        self._plant.ring_high = False

    def _hear(self) -> FromPc:
        at_ms = self._env.now_us // 1000 % (1 << 32)
        return self._mailbox.begin_scan(at_ms, self._program.state, self._program.maintenance.on)

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        self._mailbox.end_scan(outputs, inputs, self._plant.line.belt.speed_mm_s(self._env.now_us))
        self._plant.ring_high = self._mailbox.ring_high
        self._told += outputs.events
        for trigger in outputs.triggers:
            if self._ring is not None:
                self._expose(trigger, self._ring)

    def _expose(self, trigger: Triggered, ring: RingWriter) -> None:
        """What the camera sees is fixed now; drawing it may take a while."""
        if self._drawing >= PICTURES_WAITING:
            self.pictures_dropped += 1
            return
        camera = self._layout.cameras[trigger.camera]
        boxes = [
            Box(s.centre_mm, s.parcel.across_mm, s.parcel.length_mm, s.parcel.width_mm, s.parcel.label)
            for s in self._plant.line.view(camera)
        ]
        tag = FrameTag(trigger.camera, trigger.frame, trigger.encoder)
        self.pictures += 1
        late_us = self._faults.vision_late_us(tag.camera, tag.encoder, self._env.now_us)

        speed_mm_s = self._plant.line.belt.speed_mm_s(self._env.now_us)
        optics = replace(HUB, belt_mm_s=speed_mm_s, exposure_us=camera.exposure_us)

        def draw() -> None:
            render(camera, boxes, self._seed * 100_003 + trigger.frame, optics, ring.room())
            ring.give(tag)
            self._drawing -= 1

        def begin(call: Call) -> None:
            self._drawing += 1
            self._artist.submit(draw)

        self._env.call_at(self._env.now_us + late_us, begin)

    def _write_files(self) -> None:
        if time.monotonic() >= self._often_due:
            self._often_due = time.monotonic() + OFTEN_S
            self._often()
        fresh = self._plant.line.left[self._left_written :]
        if fresh:
            with (self._folder / "left.csv").open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(fresh)
            self._left_written += len(fresh)
        if self._told:
            with (self._folder / "events.jsonl").open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(encode(event)) + "\n" for event in self._told)
            self._told = []
