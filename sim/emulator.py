"""The simulated line behind Modbus TCP, in a process of its own, paced by the wall clock.

The model and the PLC program are the ones that run in process; what is added is the mailbox, the socket,
and a camera that draws what it sees into a shared-memory ring. Truth goes to files that only the judge reads.
"""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from plc.mailbox import PlcMailbox
from plc.signals import FromPc, Inputs, Outputs
from sim.arrivals import Drawn
from sim.clock import LineClock
from sim.modbus_server import MapRegisters, ModbusServer
from sim.plant import Plant
from sorter.flow import FrameTag, Triggered, Us
from sorter.hub import Hub
from vision.frame import Frame
from vision.render import render
from vision.ring import RingWriter
from vision.scene import Box, Label, Print

PICTURES_WAITING = 8
"""Pictures that may wait to be drawn; a camera asked for more drops the newest, as a real one would."""


class Emulator:
    """One emulated line. `left_file` gets a row for every parcel that comes off: at_us, n, chute.

    pictures, pictures_dropped  taken, and not taken because the camera was too slow
    """

    def __init__(
        self, hub: Hub, drawn: Sequence[Drawn], seed: int, ring: RingWriter, left_file: Path, boot_id: int = 1
    ) -> None:
        self.pictures = self.pictures_dropped = 0
        self._env = LineClock()
        self._layout = hub.layout
        self._unit = hub.link.unit
        self._seed = seed
        self._ring = ring
        self._left_file = left_file
        self._left_written = 0
        self._mailbox = PlcMailbox(hub.layout, boot_id)
        self._plant = Plant(
            self._env, hub.layout, [d.parcel for d in drawn], self._hear, self._tell, boot_id=boot_id
        )
        self._artist = ThreadPoolExecutor(max_workers=1, thread_name_prefix="camera")
        self._drawing = 0

    @property
    def idle(self) -> bool:
        """Every parcel has come off the line."""
        return self._plant.line.idle

    async def run(self, host: str, port: int, pace: float, ready: Callable[[int], None]) -> None:
        """Serve and run until cancelled; `ready(port)` is called once the socket listens.

        pace  line seconds per wall-clock second
        """
        self._warm_up()
        server = ModbusServer(MapRegisters(self._mailbox), self._unit)
        ready(await server.start(host, port))
        try:
            await self._keep_pace(pace)
        finally:
            await server.close()
            self._artist.shutdown(cancel_futures=True)
            self._write_left()

    def _warm_up(self) -> None:
        """The first picture of a process takes a second to draw; a line does not wait for it."""
        label = Label(0, 0, 0.0, 130, 76, (Print("CODE128", "WARM-UP", 625, 25),))
        for camera in self._layout.cameras:
            render(camera, [Box(0, 0, 300, 300, label)], seed=0)

    async def _keep_pace(self, pace: float) -> None:
        """Advance by whole scans; after a delay the line catches up, it never loses time."""
        start, scan = time.monotonic(), self._layout.scan_us
        while True:
            target: Us = int((time.monotonic() - start) * pace * 1_000_000) // scan * scan
            while self._env.now_us < target:
                self._plant.request_scan()
                self._env.run(until=self._env.now_us + scan)
            self._write_left()
            due = start + (self._env.now_us + scan) / 1e6 / pace
            await asyncio.sleep(max(0.001, due - time.monotonic()))

    def _hear(self) -> FromPc:
        at_ms = self._env.now_us // 1000 % (1 << 32)
        return self._mailbox.begin_scan(at_ms, self._plant.program.state, maintenance=False)

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        self._mailbox.end_scan(outputs, inputs, self._plant.line.belt.speed_mm_s(self._env.now_us))
        self._plant.ring_high = self._mailbox.ring_high
        for trigger in outputs.triggers:
            self._expose(trigger)

    def _expose(self, trigger: Triggered) -> None:
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
        self._drawing += 1
        self.pictures += 1

        def draw() -> None:
            pixels = render(camera, boxes, self._seed * 100_003 + trigger.frame)
            self._ring.put(Frame(tag, pixels))
            self._drawing -= 1

        self._artist.submit(draw)

    def _write_left(self) -> None:
        fresh = self._plant.line.left[self._left_written :]
        if fresh:
            with self._left_file.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(fresh)
            self._left_written += len(fresh)
