"""Which worker reads which frame: a few words of shared memory, changed under a lock of the file.

The kernel gives the lock back when its holder dies, so no crash of a decoder can stop the others. Frames are
given out oldest first. What cannot be read in time is dropped, oldest first, and its tag is written down:
the parent answers for it.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sorter.flow import FrameTag

if TYPE_CHECKING:  # the control process keeps this table, and nothing that computes may be in it
    from vision.frame import Frame
    from vision.ring import RingReader

DROPPED, TOO_OLD = "frame-dropped", "frame-too-old"
"""Why a frame was not read: more waited than may wait; it waited longer than it may."""

_REASONS = (DROPPED, TOO_OLD)
_INODE, _NEXT, _DROPS = range(3)
_TAKEN_US = 20_000  # an idle worker looks every 2 ms
_LOG = 8
_LOG_ROWS, _LOG_WORDS = 256, 4  # camera, frame, encoder, reason
_HANDS = _LOG + _LOG_ROWS * _LOG_WORDS
# Frame number + 1 (0 = idle), since (ns, monotonic), camera, frame, encoder, stage, when it last looked (ns).
_HAND_WORDS = 7
_STAGE, _LOOKED = 5, 6
_STARTING, _WARM, _ATTACHED = range(3)


class Hand(NamedTuple):
    """What a worker has in hand: frame number, since when (monotonic ns), and its tag."""

    number: int
    since_ns: int
    tag: FrameTag


class Claims:
    """The table for so many workers; `create` makes the file, workers open it by path.

    waiting     frames that may wait in the ring; of more the oldest are dropped
    patience_s  a frame that has waited longer is dropped
    """

    def __init__(self, path: Path, waiting: int, patience_s: float) -> None:
        self.path = path
        self._waiting = waiting
        self._patience_us = int(patience_s * 1e6)
        self._file = path.open("r+b")
        self._memory = mmap.mmap(self._file.fileno(), 0)
        self._words = memoryview(self._memory).cast("Q")

    @staticmethod
    def create(path: Path, workers: int) -> None:
        """An empty table; a file already there is replaced. OSError when it cannot be made."""
        path.write_bytes(bytes(8 * (_HANDS + workers * _HAND_WORDS)))

    def close(self) -> None:
        """Let go of the file; who made it removes it."""
        self._words.release()
        self._memory.close()
        self._file.close()

    # ------------------------------------------------------------ the worker's side

    def attach(self, worker: int, ring: RingReader) -> None:
        """This worker is ready to read from this ring: frames from now on, or all of a ring made anew."""
        with self._locked():
            if self._words[_INODE] != ring.inode:
                self._words[_NEXT] = 0 if self._words[_INODE] else ring.count
                self._words[_INODE] = ring.inode
            self._words[self._hand(worker) + _STAGE] = _ATTACHED

    def warm(self, worker: int) -> None:
        """This worker's reader is ready, the ring not yet found."""
        self._words[self._hand(worker) + _STAGE] = _WARM

    def beat(self, worker: int) -> None:
        """This worker looks for a frame now."""
        self._words[self._hand(worker) + _LOOKED] = time.monotonic_ns()

    def take(self, worker: int, ring: RingReader) -> Frame | None:
        """The oldest frame that nobody has taken and that may still be read; it is in this worker's hand."""
        while (number := self._claim(worker, ring)) is not None:
            frame = ring.copy(number)
            if frame is not None:
                return frame
            with self._locked():
                self._drop(ring, number, DROPPED)
            self.done(worker)
        return None

    def waits(self, ring: RingReader) -> bool:
        """Whether a frame is in the ring that nobody has taken, as an idle worker would have done."""
        known = ring.tag(self._words[_NEXT])
        return known is not None and time.monotonic_ns() // 1000 - known[1] > _TAKEN_US

    def done(self, worker: int) -> None:
        """The frame in hand has been answered."""
        self._words[self._hand(worker)] = 0

    def _claim(self, worker: int, ring: RingReader) -> int | None:
        if ring.count <= self._words[_NEXT]:
            return None
        with self._locked():
            number, count = self._words[_NEXT], ring.count
            while number < count and (reason := self._hopeless(ring, number, count)):
                self._drop(ring, number, reason)
                number += 1
            if number < count:  # in hand before it is given out: no death in between leaves it to nobody
                known = ring.tag(number)
                assert known is not None, "it was not hopeless a moment ago"
                self._hold(worker, number, known[0])
            self._words[_NEXT] = min(number + 1, count)
            return number if number < count else None

    def _hopeless(self, ring: RingReader, number: int, count: int) -> str:
        if count - number > min(self._waiting, ring.slots):
            return DROPPED
        known = ring.tag(number)
        age_us = time.monotonic_ns() // 1000 - known[1] if known else 0
        return TOO_OLD if age_us > self._patience_us else ""

    def _hold(self, worker: int, number: int, tag: FrameTag) -> None:
        at, now_ns = self._hand(worker), time.monotonic_ns()
        self._words[at + 1 : at + 5] = array("Q", (now_ns, tag.camera, tag.frame, tag.encoder))
        self._words[at] = number + 1

    def _drop(self, ring: RingReader, number: int, reason: str) -> None:
        """Write down a frame that nobody reads; one whose tag is gone is only counted."""
        drops, known = self._words[_DROPS], ring.tag(number)
        tag = known[0] if known else FrameTag(0, 1 << 16, 0)
        at = _LOG + drops % _LOG_ROWS * _LOG_WORDS
        row = array("Q", (tag.camera, tag.frame, tag.encoder, _REASONS.index(reason)))
        self._words[at : at + _LOG_WORDS] = row
        self._words[_DROPS] = drops + 1

    # ------------------------------------------------------------ the parent's side

    @property
    def dropped(self) -> int:
        """Frames dropped since the table was made."""
        return self._words[_DROPS]

    def drops(self, first: int, end: int) -> Iterator[tuple[FrameTag, str]]:
        """Tag and reason of the drops number first to end - 1, as far as they are still written down."""
        for number in range(max(first, end - _LOG_ROWS), end):
            at = _LOG + number % _LOG_ROWS * _LOG_WORDS
            camera, frame, encoder, reason = self._words[at : at + _LOG_WORDS].tolist()
            if frame < 1 << 16:
                yield FrameTag(camera, frame, encoder), _REASONS[reason]

    def in_hand(self, worker: int) -> Hand | None:
        """What this worker reads now, None when nothing."""
        at = self._hand(worker)
        number, since_ns, *tag = self._words[at : at + 5].tolist()
        return Hand(number - 1, since_ns, FrameTag(*tag)) if number else None

    def attached(self, worker: int) -> bool:
        """Whether this worker has found the ring."""
        return self._words[self._hand(worker) + _STAGE] == _ATTACHED

    def is_warm(self, worker: int) -> bool:
        """Whether this worker's reader is ready."""
        return self._words[self._hand(worker) + _STAGE] != _STARTING

    def looked_ns(self, worker: int) -> int:
        """When this worker last looked for a frame, monotonic ns; 0 = it has not yet."""
        return self._words[self._hand(worker) + _LOOKED]

    def clear(self, worker: int) -> None:
        """This worker is gone."""
        at = self._hand(worker)
        self._words[at : at + _HAND_WORDS] = array("Q", [0] * _HAND_WORDS)

    def _hand(self, worker: int) -> int:
        return _HANDS + worker * _HAND_WORDS

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def claims_path(ring: Path) -> Path:
    """Where the table of this process's decoders for a ring lies: in the same folder, which is memory."""
    return ring.with_name(f"{ring.name}.claims.{os.getpid()}")
