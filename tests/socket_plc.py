"""A PLC behind real Modbus TCP on loopback, in a thread of its own, and a driver that talks to it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from plc.modbus import ModbusMachine
from sim.modbus_server import MapRegisters, ModbusServer, Registers, answer
from sorter.flow import CommChanged, Event, Inducted, LinkDown, LinkUp
from sorter.layout import Layout, Link
from tests.hubs import layout
from tests.tiny_plc import TinyPlc

LINE = layout(2)
POLL_US, TIMEOUT_US = 20_000, 500_000
_Result = TypeVar("_Result")


def monotonic_us() -> int:
    return time.monotonic_ns() // 1000


class SocketPlc:
    """Scans before every read of block S; `spoil(request, reply)` may change what is sent back."""

    def __init__(self, line: Layout = LINE, unit: int = 1) -> None:
        self.line, self.unit = line, unit
        self.plc = TinyPlc(line)
        self.scanning = True
        self.spoil: Callable[[bytes, bytes], bytes] | None = None
        self.port = 0
        self._server: ModbusServer | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._started = time.monotonic()

    def __enter__(self) -> SocketPlc:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def start(self) -> None:
        """Serve; again on the same port after `stop`."""
        self._server = ModbusServer(MapRegisters(self.plc.mailbox, self._scan), self.unit, self._reply)
        self.port = self._do(self._server.start(port=self.port))

    def stop(self) -> None:
        if self._server is not None:
            self._do(self._server.close())

    def cut(self) -> None:
        """Reset every connection."""
        assert self._server is not None
        self._loop.call_soon_threadsafe(self._server.cut)

    def boot(self) -> None:
        """The PLC starts anew behind the same port."""
        self.stop()
        self.plc = TinyPlc(self.line, boot_id=self.plc.status.boot_id + 1)
        self._started = time.monotonic()
        self.start()

    def machine(
        self,
        line: Layout = LINE,
        timeout_us: int = TIMEOUT_US,
        unit: int = 1,
        observe: bool = False,
        session: int = 77,
    ) -> ModbusMachine:
        link = Link("127.0.0.1", self.port, unit, POLL_US, timeout_us)
        return ModbusMachine(link, line, session, monotonic_us, observe=observe)

    def _scan(self) -> None:
        if self.scanning:
            self.plc.scan(int((time.monotonic() - self._started) * 1000) - self.plc.at_ms)

    def _reply(self, request: bytes, registers: Registers, unit: int) -> bytes:
        reply = answer(request, registers, unit)
        return self.spoil(request, reply) if self.spoil is not None else reply

    def _do(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)


def cycle(machine: ModbusMachine, stored: bool = True) -> list[Event]:
    """One cycle of the runner, at test pace."""
    events = list(machine.poll())
    machine.send((), stored)
    time.sleep(0.012)
    return events


def until(machine: ModbusMachine, done: Callable[[list[Event]], object], wait_s: float = 6.0) -> list[Event]:
    """Cycle until the events so far satisfy `done`; fails after wait_s, naming the trouble."""
    events: list[Event] = []
    give_up = time.monotonic() + wait_s
    while not done(events):
        assert time.monotonic() < give_up, (machine.trouble, events)
        events += cycle(machine)
    return events


def is_up(events: list[Event]) -> bool:
    return any(isinstance(event, LinkUp) for event in events)


def is_down(events: list[Event]) -> bool:
    return any(isinstance(event, LinkDown) for event in events)


def reasons(events: list[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, LinkDown)]


def adopted(events: list[Event]) -> bool:
    return any(isinstance(event, CommChanged) and event.code == 3 for event in events)


def inducted(pid: int) -> Inducted:
    return Inducted(0, pid, 300, 0)


def induct_pids(events: list[Event]) -> list[int]:
    return [event.pid for event in events if isinstance(event, Inducted)]
