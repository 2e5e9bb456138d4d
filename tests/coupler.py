"""A remote I/O coupler without a PLC, around a simulated line or behind a socket."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable
from typing import Any

from plc.remote_program import BELT, EYES, FULL, INFEED, LEFT, SAFE, Image
from sim.clock import LineClock
from sim.line import Line
from sim.modbus_server import MapRegisters, ModbusServer, Registers
from sim.parcel import PhysicalParcel
from sorter.layout import Layout
from tests.tiny_plc import TinyPlc


class CoupledLine:
    """The simulated line's sensors as a coupler shows them, and its actuators by coils."""

    def __init__(self, env: LineClock, layout: Layout, parcels: list[PhysicalParcel]) -> None:
        self.safe = True
        self._env = env
        self._layout = layout
        self._edges = [0] * (len(layout.eyes_mm) + len(layout.chutes))
        self._capture = self._seen = 0
        self._wheels: tuple[int, ...] = ()
        self.line = Line(env, layout, parcels, self._noticed)

    def image(self) -> Image:
        levels, full = self._levels(), self.line.chutes.full
        inputs = self.safe << SAFE | levels << EYES | full << FULL
        at_ms = self._env.now_us // 1000
        return Image(at_ms, self.line.encoder(), self._capture, inputs, tuple(self._edges))

    def obey(self, coils: list[bool]) -> None:
        wheels = tuple(coils[n + 1] - coils[n] for n in range(LEFT, len(coils), 2))
        self._wheels = self._wheels if wheels == self._wheels else wheels
        self.line.obey(coils[BELT], coils[INFEED], self._wheels)

    def _levels(self) -> int:
        return self.line.eyes | self.line.chutes.outlets << len(self._layout.eyes_mm)

    def _noticed(self) -> None:
        levels = self._levels()
        changed, self._seen = levels ^ self._seen, levels
        if changed & 1:
            self._capture = self.line.encoder()
        for eye in range(len(self._edges)):
            self._edges[eye] = (self._edges[eye] + (changed >> eye & 1)) & 0xFFFF


class SocketCoupler:
    """A coupler on loopback; what it shows is set by the test, what it was told is kept."""

    def __init__(self, layout: Layout) -> None:
        self.settings = [300, 0]
        self.inputs = 1 << SAFE
        self.words = [0] * (4 + len(layout.eyes_mm) + len(layout.chutes))
        self.coils: list[bool] = []
        self.spoil: Callable[[bytes, bytes], bytes] | None = None
        registers = MapRegisters(TinyPlc(layout).mailbox)
        self._server = ModbusServer(registers, 1, self._answer)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.port: int = self._do(self._server.start())

    def __enter__(self) -> SocketCoupler:
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._server.cut)

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    def _answer(self, request: bytes, registers: Registers, unit: int) -> bytes:
        function, (address, count) = request[7], struct.unpack(">HH", request[8:12])
        if function == 15:
            self.coils = [bool(request[13 + bit // 8] >> bit % 8 & 1) for bit in range(count)]
            pdu = request[7:12]
        elif function == 2:
            data = (self.inputs >> address & (1 << count) - 1).to_bytes(-(-count // 8), "little")
            pdu = bytes((2, len(data))) + data
        else:
            words = (self.settings if function == 3 else self.words)[address : address + count]
            pdu = bytes((function, 2 * count)) + struct.pack(f">{count}H", *words)
        reply = request[:4] + (len(pdu) + 1).to_bytes(2, "big") + request[6:7] + pdu
        return self.spoil(request, reply) if self.spoil is not None else reply
