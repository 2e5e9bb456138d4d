"""`RemoteIoMachine`: a small line without a tracking PLC as a `sorter.ports.Machine`; coils fired by us.

The program is `plc.remote_program`'s; here are only the coupler's registers, the link and the refusals. Any
trouble ends the program: what was on the belt is then unknown, the coupler's watchdog lets all outputs fall,
and after the next LinkUp, under a new boot number, a person starts the line.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from plc.adu import LinkTroubleError
from plc.patience import Patience
from plc.remote_program import INPUTS, LEFT, Image, RemoteProgram, refusals
from plc.signals import FromPc
from plc.wire import Wire
from sorter.flow import Assign, Command, Event, LinkDown, LinkUp, PackCommand, Us
from sorter.layout import Layout, Link

WATCHDOG, FALLBACK = 0, 1
"""Holding registers of the coupler: output watchdog in ms (0 = off); fallback (0 = all off, else hold)."""

ENCODER, CAPTURE, EDGES = 0, 2, 4
"""Input registers: encoder u32, encoder at the induct eye's last edge u32, u16 edge counter of every eye."""

QUIET_TRIES = 20

MOST_COMMANDS = 8
_T = TypeVar("_T")


class RemoteIoMachine:
    """The sorting line as a `sorter.ports.Machine`.

    boot_id       number of this start, +1 after every outage; parcel ids carry its low byte
    monotonic_us  the PC's clock, never stepping back: here it is the line clock too
    ready         the shell's to set: without it the line is not started
    trouble       why the link is down now, "" while it is up; begins with a stable word
    """

    more = False

    def __init__(self, link: Link, layout: Layout, boot_id: int, monotonic_us: Callable[[], Us]) -> None:
        self.ready = False
        self._held = False
        self.trouble = "unreachable: not tried yet"
        self._link = link
        self._layout = layout
        self._boot_id = boot_id
        self._monotonic_us = monotonic_us
        self._start_us = monotonic_us()
        self._loop = asyncio.new_event_loop()
        self._wire: Wire | None = None
        self._program: RemoteProgram | None = None
        self._patience = Patience(link.poll_us, self._start_us)
        self._orders: list[Assign] = []
        self._commands: deque[PackCommand] = deque(maxlen=MOST_COMMANDS)
        self._encoder = 0
        self._down_told = False

    def poll(self) -> Sequence[Event]:
        """Read the coupler and scan, or try to connect; waits at most one timeout a request."""
        if self._wire is None or self._program is None:
            return self._connect() if self._patience.may_retry(self._monotonic_us()) else []
        try:
            image = self._run(self._image(self._wire))
        except LinkTroubleError as trouble:
            return self._go_down(trouble.reason)
        if self._program.jumped(image):
            return self._go_down("coupler-reset: an edge counter went on by more than parcels can bring it")
        self._encoder = image.encoder
        command = self._commands.popleft() if self._commands else PackCommand.NONE
        orders, self._orders = tuple(self._orders), []
        return self._program.poll(image, FromPc(True, self.ready, self._held, orders, command))

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        """Queue orders for the next scan and set every coil; trouble shows at the next poll.

        There is no ring to acknowledge: what was told and not stored when we die is gone, with the belt.
        """
        self._orders += [order for order in orders if isinstance(order, Assign)]
        self._commands += [order.command for order in orders if isinstance(order, Command)]
        if self._wire is None or self._program is None:
            return
        coils = checked(self._program.coils())
        try:
            self._run(self._wire.write_coils(0, coils))
        except LinkTroubleError as trouble:
            self.trouble = trouble.reason

    def serve(self, maintenance: bool, chute: int) -> None:
        """The hosted program has no maintenance mode: nothing happens."""

    def hold(self, held: bool) -> None:
        """Told to the hosted program with the next poll."""
        self._held = held

    @property
    def encoder(self) -> int:
        """Belt position at the last poll, u32 counts."""
        return self._encoder

    def line_us(self) -> Us:
        """Time since this machine was made."""
        return self._monotonic_us() - self._start_us

    def close(self) -> None:
        """Let every coil fall, close the connection; may be called twice."""
        if self._loop.is_closed():
            return
        if self._wire is not None:
            try:
                self._run(self._wire.write_coils(0, [False] * (LEFT + 2 * len(self._layout.diverters))))
            except LinkTroubleError as trouble:
                self.trouble = trouble.reason
        self._forget()
        self._loop.close()

    def _connect(self) -> Sequence[Event]:
        self.trouble = ""
        try:
            first = self._run(self._open())
        except LinkTroubleError as trouble:
            return self._go_down(trouble.reason)
        self._program = RemoteProgram(self._layout, self._boot_id, first)
        self._down_told = False
        self._patience.moved(self._monotonic_us())
        return [LinkUp(self.line_us(), self._boot_id & 0xFFFF, 1, self._program.state)]

    async def _open(self) -> Image:
        """A connection to a coupler that may fire this line's coils; a moment at which no eye changed."""
        wire = self._wire = Wire(self._link)
        await wire.open()
        watchdog_ms, fallback = await wire.read(WATCHDOG, 2)
        faults = refusals(self._layout, self._link.poll_us, watchdog_ms, holds=fallback != 0)
        if faults:
            raise LinkTroubleError("remote-io-refused: " + "; ".join(faults))
        for _ in range(QUIET_TRIES):
            first, again = await self._image(wire), await self._image(wire)
            if first.edges == again.edges:
                return first
        raise LinkTroubleError("restless: the edge counters never stand still; look for a chattering eye")

    async def _image(self, wire: Wire) -> Image:
        """Counters before levels: between two equal images the levels belong to the counters."""
        if self.trouble:
            raise LinkTroubleError(self.trouble)
        eyes = len(self._layout.eyes_mm) + len(self._layout.chutes)
        words = await wire.read_registers(0, EDGES + eyes)
        bits = await wire.read_inputs(0, INPUTS)
        encoder, capture = (words[at] << 16 | words[at + 1] for at in (ENCODER, CAPTURE))
        inputs = sum(bit << place for place, bit in enumerate(bits))
        return Image(self.line_us() // 1000 % (1 << 32), encoder, capture, inputs, words[EDGES:])

    def _go_down(self, reason: str) -> Sequence[Event]:
        """Throw connection, program and every wish away."""
        if self._wire is not None:
            self._forget()
        self.trouble = reason
        self._boot_id += self._program is not None
        self._program = None
        self._orders, told = [], self._down_told
        self._commands.clear()
        self._patience.failed(self._monotonic_us())
        self._down_told = True
        return [] if told else [LinkDown(self.line_us(), reason)]

    def _forget(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None
            self._loop.run_until_complete(asyncio.sleep(0))

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self._loop.run_until_complete(work)


def checked(coils: list[bool]) -> list[bool]:
    """The same coils. Raises ValueError for both sides of a diverter at once, whoever asks for it."""
    for left in range(LEFT, len(coils), 2):
        if coils[left] and coils[left + 1]:
            raise ValueError(f"coils {left} and {left + 1}: a diverter cannot turn both ways")
    return coils
