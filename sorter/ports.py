"""The doors of the core: what the controller's shell needs from the outside, as promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sorter.flow import Assign, Command, Effect, Event, FrameRead, Us


class Machine(Protocol):
    """The sorting line, whatever carries the words to it."""

    def poll(self) -> Sequence[Event]:
        """Events since the last call, oldest first, each at most once.

        A gap (ring overflow, PLC reboot, dead link) is itself an event. Never raises for machine trouble.
        """
        ...

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        """Hand over new orders and the heartbeat.

        stored: every event polled so far is on disk, so the machine may forget it. Orders are kept
        and offered again until the machine has taken them.
        """
        ...

    def serve(self, maintenance: bool, chute: int) -> None:
        """Wish for maintenance mode or production; in maintenance turn a chute's diverter once (-1: none)."""
        ...

    def hold(self, held: bool) -> None:
        """Whether the infeed is held, told with the next orders: no new parcel comes while it is."""
        ...

    @property
    def more(self) -> bool:
        """Events are waiting that the last poll could not carry: cycle again at once."""
        ...

    @property
    def encoder(self) -> int:
        """Belt position at the last poll, u32 counts."""
        ...

    def line_us(self) -> Us:
        """Now on the line clock: the machine's clock at the last poll plus the time since."""
        ...


class Reads(Protocol):
    """Vision, wherever it runs."""

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """Answers that arrived since the last call, stamped now_us; never waits, never raises."""
        ...

    @property
    def well(self) -> bool:
        """A picture taken now would be read."""
        ...


class Journal(Protocol):
    """The truth on disk: every event and every effect, in order."""

    def append(self, value: Event | Effect) -> None:
        """Queue one value for the disk; keeps the order."""
        ...

    def commit(self, wait_s: float) -> bool:
        """Start making everything appended durable; True when all of it is on disk within wait_s."""
        ...

    @property
    def failure(self) -> str:
        """Why nothing becomes durable any more; "" when all is well."""
        ...

    def reopen(self) -> None:
        """Try again after a failure; returns at once."""
        ...
