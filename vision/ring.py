"""Frames from one process to another through a memory-mapped file; the writer never waits.

The file is pages of words (see _MAGIC and following) and slots of whole pages, each slot headed by words of
its own, then its pixels. All words are u64 in the machine's order, aligned, so each is stored at once. The
first pages also hold the tags of the last TAGS_KEPT frames: of a frame whose pixels are overwritten one can
still tell which it was. A
slot's sequence is odd while it is being written and even, 2 x the frames written so far, when it is whole:
a reader that finds another number than it expects, before or after copying, has been overtaken.
One writer only. Relies on stores becoming visible in order, as x86-64 keeps them.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np

from sorter.errors import SorterError
from sorter.flow import FrameTag, Us
from vision.answer import DARK, STILL
from vision.frame import Frame, Gray
from vision.watch import Watch

_MAGIC = int.from_bytes(b"FRAMES03", "little")
_WORD = 8
_FILE_WORDS = 5  # magic, slots, height, width, frames written so far
_WRITTEN = 4
_SLOT_WORDS = 6  # sequence, written at (monotonic ns), camera, frame, encoder, doubt
_PAGE = 4096
TAGS_KEPT = 256
_TAG_WORDS = 4  # written at (monotonic ns), camera, frame, encoder
_AT_ONCE = mmap.MAP_SHARED | mmap.MAP_POPULATE  # not page by page while the first pictures come
_HEAD = 3 * _PAGE  # the file's words, then its table of tags, which begins at word _TAGS
_TAGS = 8
_DOUBTS = ("", STILL, DARK)
_VIEW_ROWS, _BANDS = 32, 16  # every so many rows are looked at to know a view again: 0.3 ms of 6 megapixels
_MOST_DARK, _LEAST_BRIGHT = 48, 0.001  # a picture is dark unless this share of it is brighter
_WHITE, _MOST_WHITE = 255, 0.99  # noise does not show where all is clipped


class RingError(SorterError):
    """A frame ring cannot be used: names the file, what is wrong and what to do."""


def ring_folder() -> Path:
    """Where rings belong: memory when the system offers it as a folder, else the temporary folder."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def _slot_at(number: int, shape: tuple[int, int]) -> int:
    """Byte at which slot `number` begins."""
    slot_pages = -(-(_SLOT_WORDS * _WORD + shape[0] * shape[1]) // _PAGE)
    return _HEAD + _PAGE * number * slot_pages


def _tag_at(number: int) -> int:
    """Word at which the tag of frame `number` stands."""
    return _TAGS + number % TAGS_KEPT * _TAG_WORDS


class RingWriter:
    """The camera's side. The file lives until `close`."""

    def __init__(self, path: Path, memory: mmap.mmap, slots: int, shape: tuple[int, int]) -> None:
        self.path = path
        self._memory = memory
        self._words = memoryview(memory).cast("Q")
        self._words[:_FILE_WORDS] = array("Q", (_MAGIC, slots, *shape, 0))
        self._slots = slots
        self._shape = shape
        self._written = 0
        self._watch = Watch()

    @classmethod
    def create(cls, path: Path, slots: int, shape: tuple[int, int]) -> RingWriter:
        """A new ring of `slots` >= 2 frames of `shape` (rows, columns); a file already there is replaced.

        Raises OSError when the file cannot be made or the memory is not there.
        """
        assert slots >= 2 and min(shape) > 0, (slots, shape)
        size = _slot_at(slots, shape)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            with fresh.open("x+b") as file:
                os.posix_fallocate(file.fileno(), 0, size)
                ring = cls(path, mmap.mmap(file.fileno(), size, _AT_ONCE), slots, shape)
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        return ring

    def put(self, frame: Frame) -> None:
        """Write one frame over the oldest. ValueError unless it has the ring's shape. Never waits."""
        if frame.pixels.shape != self._shape:
            raise ValueError(f"this ring takes frames of {self._shape}, not {frame.pixels.shape}")
        self.room()[:] = frame.pixels
        self.give(frame.tag)

    def room(self) -> Gray:
        """Where the next frame belongs, uint8[H, W], as the oldest left it; nobody gets that one any more.

        For a camera that writes here itself, so that nothing is copied. Let go of it before `close`.
        """
        start = _slot_at(self._written % self._slots, self._shape)
        self._words[start // _WORD] = 2 * self._written + 1
        return self._pixels(start)

    def give(self, tag: FrameTag) -> None:
        """What lies in the `room` is the next frame: readers see it from now on.

        What its pictures say of the camera is marked.
        """
        start = _slot_at(self._written % self._slots, self._shape)
        first = start // _WORD
        assert self._words[first] == 2 * self._written + 1, "a room is asked for before each frame"
        doubt = _DOUBTS.index(_doubt(self._watch, tag.camera, self._pixels(start)))
        head = array("Q", (time.monotonic_ns(), tag.camera, tag.frame, tag.encoder))
        self._words[first + 1 : first + _SLOT_WORDS] = head + array("Q", (doubt,))
        self._words[_tag_at(self._written) : _tag_at(self._written) + _TAG_WORDS] = head
        self._written += 1
        self._words[first] = 2 * self._written
        self._words[_WRITTEN] = self._written

    def _pixels(self, start: int) -> Gray:
        """The pixels of the slot that begins at this byte."""
        rows, columns = self._shape
        place = start + _SLOT_WORDS * _WORD
        return np.frombuffer(self._memory, np.uint8, rows * columns, place).reshape(rows, columns)

    def close(self) -> None:
        """Remove the file; readers that are attached keep what they have."""
        self._words.release()
        self._memory.close()
        self.path.unlink(missing_ok=True)


class RingReader:
    """One reader's place in a ring; many may read the same.

    dropped     frames overwritten before this reader took them
    written_us  monotonic us at which the last frame taken was written
    slots       frames that the ring holds
    inode       tells this ring from another one at the same path
    """

    def __init__(
        self, path: Path, memory: mmap.mmap, slots: int, shape: tuple[int, int], start: int | None
    ) -> None:
        self.dropped = 0
        self._path = path
        self.inode = path.stat().st_ino
        self.written_us: Us = 0
        self._memory = memory
        self._words = memoryview(memory).cast("Q")
        self.slots = slots
        self._shape = shape
        count = self.count
        self._next = count if start is None else start if start <= count else 0

    @classmethod
    def attach(cls, path: Path, start: int | None = None) -> RingReader:
        """Read a ring from frame number `start` on (as `position` tells), or from the next one written.

        Raises RingError when the file is missing, no ring, or cut short.
        """
        try:
            with path.open("rb") as file:
                memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise _cannot(path, f"cannot be mapped ({error})") from error
        head = array("Q", memory[: _FILE_WORDS * _WORD]) if len(memory) >= _HEAD else [0]
        if head[0] != _MAGIC:
            raise _cannot(path, "is not a frame ring")
        slots, shape = head[1], (head[2], head[3])
        if not slots or len(memory) < _slot_at(slots, shape):
            raise _cannot(path, f"is too short for {slots} frames of {shape[0]} x {shape[1]} pixels")
        return cls(path, memory, slots, shape, start)

    @property
    def replaced(self) -> bool:
        """The camera has made a new ring at this path, or removed it: nothing more will come here."""
        try:
            return self._path.stat().st_ino != self.inode
        except OSError:
            return True

    @property
    def position(self) -> int:
        """Number of the next frame to take; the ring's first is 0."""
        return self._next

    def take(self) -> Frame | None:
        """The oldest frame not yet taken, copied out; None when there is none. Never waits."""
        return self.take_with(lambda: None)

    def take_with(self, copied: Callable[[], None]) -> Frame | None:
        """As `take`; `copied` is called between copying and checking (for tests of an overtaking writer)."""
        while self._next < (count := self.count):
            oldest = max(self._next, count - self.slots)
            self.dropped += oldest - self._next
            self._next = oldest + 1
            frame = self.copy(oldest, copied)
            if frame is not None:
                return frame
            self.dropped += 1
        return None

    def close(self) -> None:
        """Let go of the memory."""
        self._words.release()
        self._memory.close()

    @property
    def count(self) -> int:
        """Frames written so far."""
        return self._words[_WRITTEN]

    def tag(self, number: int) -> tuple[FrameTag, Us] | None:
        """Frame `number`'s tag and when it was written, monotonic us; None when nobody knows any more."""
        at = _tag_at(number)
        written_ns, *tag = self._words[at : at + _TAG_WORDS].tolist()
        return (FrameTag(*tag), written_ns // 1000) if 0 < self.count - number < TAGS_KEPT else None

    def find(self, tag: FrameTag) -> Frame | None:
        """The frame with this tag, copied out; None when its pixels are not there any more."""
        count = self.count
        for number in range(count - 1, max(-1, count - self.slots - 1), -1):
            if (known := self.tag(number)) is not None and known[0] == tag:
                return self.copy(number)
        return None

    def copy(self, number: int, copied: Callable[[], None] = lambda: None) -> Frame | None:
        """Frame `number` (0 = the ring's first), None when it was overwritten meanwhile."""
        start = _slot_at(number % self.slots, self._shape)
        words = self._words[start // _WORD : start // _WORD + _SLOT_WORDS].tolist()
        sequence, written_ns, *tag, doubt = words
        rows, columns = self._shape
        pixels: Gray = np.frombuffer(
            self._memory, np.uint8, rows * columns, start + _SLOT_WORDS * _WORD
        ).copy()
        copied()
        if not sequence == self._words[start // _WORD] == 2 * (number + 1):
            return None
        self.written_us = written_ns // 1000
        return Frame(FrameTag(*tag), pixels.reshape(rows, columns), _DOUBTS[doubt])


def _doubt(watch: Watch, camera: int, pixels: Gray) -> str:
    looked = pixels[::_VIEW_ROWS]
    if np.count_nonzero(looked > _MOST_DARK) < _LEAST_BRIGHT * looked.size:
        return watch.doubt(camera, (), True)
    if np.count_nonzero(looked == _WHITE) > _MOST_WHITE * looked.size:
        return watch.doubt(camera, (), False)
    parts = np.array_split(looked, min(_BANDS, len(looked)))
    return watch.doubt(camera, [crc32(part.tobytes(), number) for number, part in enumerate(parts)], False)


def _cannot(path: Path, what: str) -> RingError:
    return RingError(f"{path}: {what}\n  start the camera (or `sorter emulate`) that writes this ring first")
