"""The controller's side of the wired world: what `sorter run` does, cycle by cycle, on somebody's clock."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from plc.pc_mailbox import PcMailbox
from plc.registers import Status
from sorter.app.stage import Past
from sorter.codec import Value
from sorter.flow import (
    Assign,
    Command,
    Event,
    FrameRead,
    LinkDown,
    LinkUp,
    PackState,
    Restarted,
    Us,
    Woken,
)


class Wire(Protocol):
    """What a Pc needs from its world: a journal, a link, an encoder."""

    journal: list[Value]

    def read(self) -> Status | None:
        """The PLC's status, None while nothing is heard."""
        ...

    def write(self, words: list[int]) -> None:
        """Send block C."""
        ...

    def encoder(self) -> int:
        """Belt position now, u32."""
        ...


class Dies(Enum):
    """Where in its cycle the controller is killed."""

    HANDLED = "what it did is not on disk yet"
    STORED = "the orders have not gone out yet"
    SENT = "the orders have gone out"


class Pc:
    """One start of the controller: what `sorter run` does, cycle by cycle."""

    def __init__(self, world: Wire, past: Past, session: int) -> None:
        self.controller = past.controller
        self.mailbox = PcMailbox(session, past.tail)
        self.mailbox.ready = self.mailbox.routing_valid = True
        self.posted: list[Callable[[Us], Event]] = [Restarted] if past.known else []
        self.answers: list[FrameRead] = []
        self._world = world
        self._unstored: list[Value] = list(past.missing)
        self._orders: list[Assign | Command] = []
        self.boot: int | None = None

    def cycle(self, now: Us, dies: Dies | None) -> bool:
        """Poll, decide, store, send; True when it died there, at the first cycle that had something to do."""
        polled = self._poll(now)
        dies = dies if polled else None
        events = [post(now) for post in self.posted] + polled + self.answers
        self.posted, self.answers = [], []
        for event in events:
            self._handle(event)
        wake = self.controller.next_wake_us()
        if wake is not None and wake <= now:
            self._handle(Woken(now, self._world.encoder()))
        if dies is Dies.HANDLED:
            return True
        self._world.journal += self._unstored
        self._unstored = []
        self.mailbox.offer(self._orders)
        self._orders = []
        if dies is not Dies.STORED and self.boot is not None:
            self._world.write(self.mailbox.block(stored=True))
        return dies is not None

    def _poll(self, now: Us) -> list[Event]:
        """As ModbusMachine: nothing while the link is down, and a boot takes it down for one poll."""
        status = self._world.read()
        if self.boot is not None and (status is None or status.boot_id != self.boot):
            self.boot = None
            return [LinkDown(now, "timeout" if status is None else "plc-rebooted")]
        if status is None or status.torn:
            return []
        up: list[Event] = []
        if self.boot is None:
            self.boot = status.boot_id
            self.mailbox.connect(status)
            up.append(LinkUp(now, status.boot_id, self.mailbox.session, PackState(status.state)))
        return up + self.mailbox.take_numbered(status, status.t_ms)

    def _handle(self, event: Event) -> None:
        self._unstored.append(event)
        for effect in self.controller.handle(event):
            self._unstored.append(effect)
            if isinstance(effect, Assign | Command):
                self._orders.append(effect)
