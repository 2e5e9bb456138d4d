"""The controller once more, beside the one at work: replays its journal as it grows and keeps snapshots.

So the control loop computes nothing for a snapshot, and every effect that was journalled is compared with
what the replay does: a journal that does not say what this program decides is told while the line runs.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path

from sorter.app.config import hub_from_files
from sorter.app.disk import OS_DISK, Disk
from sorter.app.segments import Position, StalePosition, read_from
from sorter.app.snapshots import Kept, snapshots, write_snapshot
from sorter.app.stage import tail_after
from sorter.codec import Started, Value
from sorter.controller import Controller
from sorter.flow import Effect, Event, Taken
from sorter.hub import Hub, Keeping
from sorter.snapshot import restored, taken_from


class Shadow:
    """Follows the journal in a folder; the same folder's snapshots are its own beginning, too.

    every        records after which a snapshot is written; None = as the run's store.yaml says
    differences  effects in the journal that the replay did not have, or had otherwise
    first        the first of them, in words
    """

    def __init__(self, folder: Path, every: int | None = None, disk: Disk = OS_DISK) -> None:
        self.differences = 0
        self.first = ""
        self._folder, self._every, self._disk = folder, every, disk
        self._hub: Hub | None = None
        self._begin(None)
        for kept in snapshots(folder, disk):
            self._begin(kept)
            if self._position is not None:
                return

    def _begin(self, kept: Kept | None) -> None:
        """From a snapshot, if the journal has its place, or from the journal's beginning."""
        self._controller: Controller | None = None
        self._position: Position | None = None
        self._started: Started | None = None
        self._tail: Taken | None = None
        self._known = self._since = 0
        self._expected: deque[Effect] = deque()
        if kept is None or not self._holds(kept.position):
            return
        self._start(kept.started)
        assert self._hub is not None
        self._controller = restored(self._hub, kept.started.on_date, kept.snapshot)
        self._position, self._known, self._tail = kept.position, kept.known, kept.tail

    def _holds(self, position: Position) -> bool:
        try:
            next(iter(read_from(self._folder, position, self._disk)), None)
        except StalePosition:
            return False
        return True

    @property
    def keeping(self) -> Keeping:
        """What the run's configuration says of keeping."""
        return self._hub.keeping if self._hub is not None else Keeping()

    def follow(self) -> int:
        """Take in what the journal has gained; how many snapshots were written. StoreError: the disk."""
        written = 0
        try:
            for position, value in read_from(self._folder, self._position, self._disk):
                if not isinstance(value, Effect):
                    written += self._keep()
                self._take(value)
                self._position = position
                self._since += 1
        except StalePosition:
            self._begin(None)
        return written

    def _keep(self) -> int:
        """A snapshot behind the last value, when one is due: a cause comes next, so the turn is complete."""
        if self._controller is None or self._since < (self._every or self.keeping.snapshot_records):
            return 0
        assert self._position is not None and self._started is not None
        state = taken_from(self._controller)
        kept = Kept(self._position, self._known, self._tail, self._started, state)
        write_snapshot(self._folder, kept, self._disk)
        self._since = 0
        return 1

    def _take(self, value: Value) -> None:
        if isinstance(value, Effect):
            self._compare(value)
        elif isinstance(value, Started):
            self._start(value)
        elif self._controller is not None:
            self._handle(value)

    def _handle(self, event: Event) -> None:
        assert self._controller is not None
        self._expected = deque(self._controller.handle(event))
        self._known += 1
        self._tail = tail_after(self._tail, event)

    def _start(self, started: Started) -> None:
        known = self._started is not None and self._started.files == started.files
        if not known or self._hub is None:
            self._hub = hub_from_files(dict(started.files), started.hub)
        self._started, self._known = started, 0
        self._controller = Controller(self._hub, started.on_date)
        self._expected.clear()

    def _compare(self, effect: Effect) -> None:
        expected = self._expected.popleft() if self._expected else None
        if self._controller is not None and effect != expected:
            self.differences += 1
            self.first = self.first or f"{effect}, replayed: {expected}"
