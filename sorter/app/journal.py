"""Writing the journal: appended in memory, made durable by one helper thread, one write and sync a commit.

The control loop never waits for the disk longer than it says. Trouble with the disk is a state
(`failure`), never an exception: nothing counts as durable until the writer was reopened and the end of
the journal verified, and what was not durable is then written again. Form of the files: `segments`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread

from sorter.app.disk import OS_DISK, Disk
from sorter.app.segment_format import pack_record
from sorter.app.segment_writer import SegmentWriter
from sorter.app.segments import Position, disk_error, disk_errors, read, read_causes, read_from, read_kind
from sorter.codec import Value
from sorter.errors import StoreError

__all__ = ["JournalWriter", "Position", "read", "read_causes", "read_from", "read_kind"]

SEGMENT_BYTES = 16 << 20
BUFFER_BYTES = 64 << 20
UNASKED = 256
"""Values after which writing starts without a commit, so that a run that never commits stays small,
and what one damaged byte costs of it."""


class JournalWriter:
    """The journal in a folder, continued at its last good record; one writer at a time.

    segment_bytes  a segment is not written beyond this size
    buffer_bytes   most that waits in memory for a failing disk. Values beyond it are dropped and counted
                   in `dropped`; from then on nothing is ever called durable again (start a new writer)
    disk           where the folder lies
    failure        why nothing becomes durable any more; "" when all is well

    Raises StoreError when another process writes there, the newest segment is damaged before its end, or
    the disk refuses. Older segments are verified by whoever reads them. A torn tail is cut and its bytes
    are kept beside the segment in a `.torn` file.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        buffer_bytes: int = BUFFER_BYTES,
        disk: Disk = OS_DISK,
    ) -> None:
        self._disk = disk
        with disk_errors(folder):
            disk.make_folder(folder)
            self._lock = disk.lock(folder)
            try:
                self._end = SegmentWriter(folder, segment_bytes, disk)
            except BaseException:
                disk.close(self._lock)
                raise
        self._chain = self._end.crc
        self._frames: list[bytes] = []
        self._frames_bytes = 0
        self._buffer_bytes = buffer_bytes
        self._appended = self._asked = self._durable = 0
        self._broken = self._closing = False
        self.failure = ""
        self.dropped = 0
        self._state = Condition()
        self._start()

    def _start(self) -> None:
        self._helper = Thread(target=self._work, name="journal", daemon=True)
        self._helper.start()

    def append(self, value: Value) -> None:
        """Queue one value for the disk; keeps the order, never waits for the disk."""
        assert not self._closing, "nothing is appended to a closed journal"
        frame, crc = pack_record(value, self._chain)
        with self._state:
            if self.dropped or self._frames_bytes + len(frame) > self._buffer_bytes:
                self.dropped += 1
                self.failure = f"{self.dropped} values found no room in memory; restart the controller"
                return
            self._chain = crc
            self._frames.append(frame)
            self._frames_bytes += len(frame)
            self._appended += 1
            if self._appended - self._asked >= UNASKED:
                self._ask()

    def commit(self, wait_s: float) -> bool:
        """Start making everything appended durable; True when all of it is on disk within wait_s.

        False = not yet, or `failure`. A later call goes on waiting for what is under way.
        """
        with self._state:
            self._ask()
            target = self._asked
            self._state.wait_for(lambda: self._durable >= target or bool(self.failure), wait_s)
            return self._durable >= target and not self.failure

    def _ask(self) -> None:
        if self._asked != self._appended:
            self._asked = self._appended
            self._state.notify_all()

    def reopen(self) -> None:
        """Try again after a failure: the helper verifies the end of the journal and writes the rest.

        Returns at once; commit tells how it went. Dropped values cannot come back: then the failure stays.
        """
        with self._state:
            if not self.dropped:
                self.failure = ""
                self._state.notify_all()

    def close(self, wait_s: float = 5.0) -> bool:
        """Commit, stop the helper thread and let go of the folder; True when everything is on disk."""
        durable = self.commit(wait_s)
        with self._state:
            self._closing = True
            self._state.notify_all()
        self._helper.join(wait_s)
        if not self._helper.is_alive():
            self._end.close()
            with suppress(OSError):  # the lock is gone all the same
                self._disk.close(self._lock)
        return durable

    def _work(self) -> None:
        while frames := self._next_batch():
            self._try(frames)

    def _try(self, frames: Sequence[bytes]) -> None:
        """One batch to the disk, and what came of it."""
        path = self._end.path
        try:
            self._store(frames)
        except (OSError, StoreError) as error:
            self._broken = True
            self._settle([], str(disk_error(path, error) if isinstance(error, OSError) else error))
        else:
            self._settle(frames, "")

    def _store(self, frames: Sequence[bytes]) -> None:
        if self._broken:
            self._end.repair()
            self._broken = False
        self._end.write(frames)

    def _next_batch(self) -> list[bytes]:
        """Waits for frames that a commit asked for; none when closing (or failing while closing)."""
        with self._state:
            self._state.wait_for(lambda: self._closing or (self._asked > self._durable and not self.failure))
            return [] if self.failure else self._frames[: self._asked - self._durable]

    def _settle(self, durable: Sequence[bytes], failure: str) -> None:
        with self._state:
            del self._frames[: len(durable)]
            self._frames_bytes -= sum(map(len, durable))
            self._durable += len(durable)
            self.failure = self.failure or failure
            self._state.notify_all()
