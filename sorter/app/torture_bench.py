"""The controller for the torture world: built as `sorter run` builds it, on a disk that can be broken.

Nothing here decides: the loop, the journal's writer and the recovery are the ones of the real command. Only
the journal's helper thread is missing; what it would do is done within the commit, so that a seed repeats.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Condition
from typing import Any

from sim.torture.disk import ModelDisk
from sim.torture.pc import Begin, MachineMaker, Orders
from sorter.app.desk import Desk
from sorter.app.disk import Disk
from sorter.app.journal import JournalWriter
from sorter.app.runner import Watch
from sorter.app.stage import begun, recover
from sorter.flow import Event, Us
from sorter.hub import Hub
from sorter.ports import Reads

SEGMENT_BYTES = 30_000


class Alone(Condition):
    """A condition that one thread has for itself: nothing to lock, nothing to wait for."""

    def __init__(self) -> None:
        """No lock is made."""

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *why: object) -> None:
        pass

    def notify_all(self) -> None:
        """Nobody listens."""

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """What is so now."""
        return predicate()


class UnthreadedJournal(JournalWriter):
    """The journal's writer without its thread. flows() = the disk answers now."""

    def __init__(
        self, folder: Path, disk: Disk, flows: Callable[[], bool], segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._flows = flows
        super().__init__(folder, segment_bytes=segment_bytes, disk=disk)

    def _start(self) -> None:
        """Nobody helps, so nobody is waited for."""
        self._state = Alone()

    def commit(self, wait_s: float) -> bool:
        """What the helper does, now, unless the disk stalls."""
        self._ask()
        if self._asked > self._durable and not self.failure and self._flows():
            self._try(self._next_batch())
        return self._durable >= self._asked and not self.failure

    @property
    def waits(self) -> bool:
        """Something is not on disk yet."""
        return self._appended > self._durable


class WorldDesk(Desk):
    """The operators' inbox, without files: an order waits until the journal holds it."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def orders(self) -> list[Callable[[Us], Event]]:
        """What people ordered since the last cycle."""
        return self._orders.take()

    def show(self, line_us: Us, encoder: int, stored: bool) -> None:
        """stored: every order taken so far is in the journal."""
        if stored:
            self._orders.stored()


class BenchStart:
    """One start of the controller (`sim.torture.pc.Start`)."""

    def __init__(
        self,
        hub: Hub,
        folder: Path,
        disk: ModelDisk,
        machine: MachineMaker,
        reads: Reads,
        watch: Watch,
        on_date: str,
        flows: Callable[[], bool],
        orders: Orders,
    ) -> None:
        past = recover(hub, folder, on_date, disk)
        self._journal = UnthreadedJournal(folder, disk, flows)
        self._controller = past.controller
        self.runner = begun(
            hub, past, machine(past.tail), reads, self._journal, watch, on_date, WorldDesk(orders)
        )
        self.cycle = self.runner.cycle
        self.post = self.runner.post

    def next_wake_us(self) -> Us | None:
        """When the controller wants to be woken."""
        return self._controller.next_wake_us()

    @property
    def busy(self) -> bool:
        """Parcels are open, or something is not on disk yet."""
        return self._controller.open_parcels > 0 or self._journal.waits

    @property
    def unstored(self) -> bool:
        """Something is not on disk yet."""
        return self._journal.waits

    def crash(self) -> None:
        """The loop ended by an exception: `stage` commits and lets go."""
        self._journal.commit(0.0)


begin: Begin = BenchStart
"""A start of the controller; StoreError when its journal cannot be used."""
