"""`ModbusMachine`: the line behind Modbus TCP as a `sorter.ports.Machine`.

A private asyncio loop runs for one exchange at a time, so the interface is synchronous; use it in a
thread that runs no other loop. Machine trouble comes out of `poll` as LinkDown, never as an exception.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plc.adu import LinkTroubleError
from plc.agreement import compare_layout, mismatch, status_faults
from plc.clock import LineClock
from plc.patience import Patience
from plc.pc_mailbox import PcMailbox
from plc.registers import MAINTENANCE, PRODUCTION, C, S, Status
from plc.rival import Held, Rival
from plc.wire import Wire
from sorter.flow import Assign, Command, Event, LinkDown, LinkUp, PackState, Taken, Us
from sorter.layout import Layout, Link

Clock = Callable[[], Us]
_FROZEN = "plc-frozen"
LINE_HELD = "line-held"
"""Begins the trouble of a machine that another controller runs: nothing was taken from it."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A status with the PC time of its arrival and how long it took."""

    status: Status
    at_us: Us
    trip_us: Us


class ModbusMachine:
    """The sorting line as a `sorter.ports.Machine`.

    monotonic_us  the PC's clock, never stepping back
    known         what an earlier controller has stored of the PLC's events, None = nothing
    observe       only read: nothing is ever written, another master acknowledges the events
    mailbox       its ready, vision_ok, routing_valid are the shell's to set; its `session`
                  is the given one until a PLC boot, then the next number
    status        the last status while the link is up; None while it is down: nothing may look live
    trouble       why the link is down now, "" while it is up; begins with a stable word
    round_trips_us  of the last 4,096 reads of block S
    """

    def __init__(
        self,
        link: Link,
        layout: Layout,
        session: int,
        monotonic_us: Clock,
        known: Taken | None = None,
        observe: bool = False,
    ) -> None:
        self.mailbox = PcMailbox(session, known)
        self.status: Status | None = None
        self.trouble = "unreachable: not tried yet"
        self.round_trips_us: deque[Us] = deque(maxlen=4096)
        self._link = link
        self._layout = layout
        self._monotonic_us = monotonic_us
        self._observe = observe
        self._loop = asyncio.new_event_loop()
        self._wire: Wire | None = None
        self._opening: asyncio.Task[tuple[Wire, _Seen]] | None = None
        self._clock = LineClock()
        self._events: list[Event] = []
        self._down_told = False
        self._patience = Patience(link.poll_us, monotonic_us())
        self._rival = Rival(layout.comm_timeout_us + link.poll_us)
        self._encoder = 0
        self._boot_id: int | None = None
        self._heartbeat = -1

    def poll(self) -> Sequence[Event]:
        """Read block S once, or get on with connecting; waits at most one timeout.

        LinkUp once the PLC's map and layout agree with ours and no other controller holds it, LinkDown once
        per outage.
        """
        if self._wire is None:
            self._reconnect()
        else:
            self._read_status(self._wire)
        events, self._events = self._events, []
        return events

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        """Queue orders and, when the link is up, write block C; waits at most one timeout."""
        if self._observe:
            return
        self.mailbox.offer(orders)
        if self._wire is None:
            return
        try:
            self._loop.run_until_complete(self._wire.write(C.base, self.mailbox.block(stored)))
        except LinkTroubleError as trouble:
            # A busy PLC gets the same orders with the next block.
            if not trouble.passing:
                self._go_down(trouble.reason)

    def serve(self, maintenance: bool, chute: int) -> None:
        """Wish for a mode with every block; a jog is asked for once. An observer asks for nothing."""
        if self._observe:
            return
        self.mailbox.mode_wish = MAINTENANCE if maintenance else PRODUCTION
        if maintenance and chute >= 0:
            self.mailbox.jog(chute)

    def hold(self, held: bool) -> None:
        """Told with every block."""
        self.mailbox.hold_infeed = held

    @property
    def encoder(self) -> int:
        """Belt position of the last status, u32 counts; 0 before the first."""
        return self._encoder

    def line_us(self) -> Us:
        """Now on the line clock (`plc.clock`); 0 before the first connection."""
        return self._clock.line_us(self._monotonic_us())

    @property
    def more(self) -> bool:
        """Events wait beyond the window: send and poll again at once."""
        return self._wire is not None and not self._observe and self.mailbox.more

    @property
    def held(self) -> bool:
        """The link is down because another controller runs the line."""
        return self.trouble.startswith(LINE_HELD)

    def close(self) -> None:
        """Close the connection and the loop; the machine cannot be used again."""
        if self._loop.is_closed():
            return
        if self._opening is not None:
            self._opening.cancel()
            self._loop.run_until_complete(asyncio.wait((self._opening,)))
        if self._wire is not None:
            self._wire.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _read_status(self, wire: Wire) -> None:
        try:
            seen = self._loop.run_until_complete(self._ask_status(wire))
        except LinkTroubleError as trouble:
            if trouble.passing:
                self._count_still(trouble.reason)
            else:
                self._go_down(trouble.reason)
            return
        status = seen.status
        if status.boot_id != self._boot_id:
            self._go_down(f"plc-rebooted: boot_id went from {self._boot_id} to {status.boot_id}")
            return
        if not self._observe and self._rival.yields(status, self.mailbox.session, seen.at_us):
            self._go_down(_held_by(status))
            return
        self._events += self._learn(seen)
        if status.hb_plc == self._heartbeat:
            self._count_still(f"{_FROZEN}: hb_plc does not move, the PLC answers but does not scan")
        else:
            self._heartbeat = status.hb_plc
            self._patience.moved(seen.at_us)

    def _learn(self, seen: _Seen) -> list[Event]:
        """New events and their number; remembers the status, the encoder and the clock."""
        self.status, self._encoder = seen.status, seen.status.encoder
        line_ms = self._clock.observe(seen.at_us, seen.status.t_ms, seen.trip_us)
        return self.mailbox.take_numbered(seen.status, line_ms)

    def _count_still(self, reason: str) -> None:
        if self._patience.exhausted(self._monotonic_us()):
            self._go_down(reason)

    def _go_down(self, reason: str) -> None:
        """Throw the connection away, with everything that may still arrive on it."""
        if self._wire is not None:
            self._wire.close()
        self._wire = self.status = None
        self.trouble = reason
        self._patience.failed(self._monotonic_us())
        if not self._down_told:
            self._events.append(LinkDown(self.line_us(), reason))
            self._down_told = True

    def _reconnect(self) -> None:
        """Start to connect when it is time, get on with it for one timeout, and see how it went."""
        if self._opening is None:
            if not self._patience.may_retry(self._monotonic_us()):
                return
            self._opening = self._loop.create_task(self._open())
        self._loop.run_until_complete(asyncio.wait((self._opening,), timeout=self._link.timeout_us / 1e6))
        if not self._opening.done():
            return
        task, self._opening = self._opening, None
        try:
            self._go_up(*task.result())
        except LinkTroubleError as trouble:
            self._go_down(trouble.reason)

    async def _open(self) -> tuple[Wire, _Seen]:
        """A connection on which everything that must agree has been compared."""
        wire = Wire(self._link)
        try:
            await wire.open()
            return wire, await self._greet(wire)
        except BaseException:
            wire.close()
            raise

    async def _greet(self, wire: Wire) -> _Seen:
        """The status of a PLC whose map and layout agree with ours, and which no other controller holds."""
        await self._ask_status(wire)
        if faults := await compare_layout(wire.read, self._layout):
            raise mismatch(faults)
        rival = Rival(self._layout.comm_timeout_us + self._link.poll_us)
        while True:
            seen = await self._ask_status(wire)
            held = rival.look(seen.status, self.mailbox.session, seen.at_us)
            if held is Held.FREE or self._observe:
                return seen
            if held is Held.HELD:
                raise LinkTroubleError(_held_by(seen.status))
            await asyncio.sleep(self._link.poll_us / 1e6)

    def _go_up(self, wire: Wire, seen: _Seen) -> None:
        status = seen.status
        self._wire, self.trouble, self._down_told = wire, "", False
        if self._boot_id not in (None, status.boot_id):
            self._clock.restart(seen.at_us, status.t_ms)
        self._boot_id, self._heartbeat = status.boot_id, status.hb_plc
        self._patience.connected(seen.at_us)
        self.mailbox.connect(status)
        news = self._learn(seen)
        up = LinkUp(self.line_us(), status.boot_id, self.mailbox.session, PackState(status.state))
        self._events += [up, *news]

    async def _ask_status(self, wire: Wire) -> _Seen:
        """Block S, whole and of our map."""
        sent_us = self._monotonic_us()
        status = Status.unpack(await wire.read(S.base, S.words))
        seen = _Seen(status, self._monotonic_us(), self._monotonic_us() - sent_us)
        self.round_trips_us.append(seen.trip_us)
        if faults := status_faults(status):
            raise mismatch(faults)
        if status.torn:
            raise LinkTroubleError("plc-torn: the guard words of block S differ", passing=True)
        if self.trouble.startswith(_FROZEN) and status.hb_plc == self._heartbeat:
            raise LinkTroubleError(self.trouble)
        return seen


def _held_by(status: Status) -> str:
    return f"{LINE_HELD}: session {status.session_echo} of another controller is obeyed and alive"
