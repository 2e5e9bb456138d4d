"""Pictures worth keeping, written beside the run by a process that nobody waits for.

Which ones are is often known only when their parcel's way has ended: until then the last pictures are held in
memory. They show people's addresses: they are kept for a time and up to a size only, and never on a disk that
is nearly full. A picture that cannot be kept is counted, and nothing else happens.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sorter.flow import FrameTag
from vision.worker import become_child

if TYPE_CHECKING:  # the control process imports this module, and nothing that computes may be in it
    from vision.frame import Gray
    from vision.ring import RingReader

WANTED = 64
"""Pictures that may wait to be held or written; of more the newest are not."""

HELD_BYTES = 128_000_000
"""Of the last pictures as JPEG: about 150 of 6 megapixels, 45 s at 12,000 an hour of a running belt."""

KEPT, MISSED, REFUSED, HELD = "kept", "missed", "refused", "held"
_ASKED = 512
_NAME = re.compile(r"\d+-\d{5}-\d{10}\.jpg")
_JPEG_QUALITY = 80
_CLOSE_S = 5.0
_RESTART_PAUSE_S = 5.0
_PRUNE_EVERY_S = 3600.0
"""A run that keeps no new picture must let old ones go, too."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long and how much: days, bytes of all pictures together, bytes that stay free on the disk."""

    days: float = 7.0
    most_bytes: int = 2_000_000_000
    least_free_bytes: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the pictures are, where they go, and what is kept of them."""

    ring: Path
    folder: Path
    retention: Retention
    older: tuple[Path, ...]
    held_bytes: int
    prune_every_s: float


def picture_file(folder: Path, tag: FrameTag) -> Path:
    """Where a picture with this tag is kept, whether it is there or not."""
    return folder / f"{tag.camera}-{tag.frame:05d}-{tag.encoder:010d}.jpg"


class Keeper:
    """Keeps pictures of one ring in one folder, which is made when the first one comes.

    older   folders of runs that are over: what is too old there goes first
    held_bytes  of the last pictures that are remembered
    prune_every_s  how often what is too old goes, whether pictures come or not
    kept    written; missed = overwritten in the ring before they were written, too many at once, or in the
            hands of a process that died; refused = not written for want of room, or because the disk failed
    """

    def __init__(
        self,
        ring: Path,
        folder: Path,
        retention: Retention | None = None,
        older: Sequence[Path] = (),
        held_bytes: int = HELD_BYTES,
        prune_every_s: float = _PRUNE_EVERY_S,
    ) -> None:
        self._room = _Room(ring, folder, retention or Retention(), tuple(older), held_bytes, prune_every_s)
        self._ends: Counter[str] = Counter()
        self._waiting: deque[bool] = deque()  # of what is asked and not answered: whether it is to be kept
        self._start()

    @property
    def kept(self) -> int:
        """Pictures that are on disk."""
        return self._count(KEPT)

    @property
    def missed(self) -> int:
        """Pictures that were gone, or too many."""
        return self._count(MISSED)

    @property
    def refused(self) -> int:
        """Pictures that the disk had no room for."""
        return self._count(REFUSED)

    @property
    def held(self) -> int:
        """Pictures that were put into memory; the oldest of them are forgotten again."""
        return self._count(HELD)

    def hold(self, tag: FrameTag) -> None:
        """Remember this picture for a while, to be kept even when the ring has lost it. Never waits."""
        self._asked(tag, keep=False)

    def keep(self, tag: FrameTag) -> None:
        """Have this picture written, once, if it is held or still in the ring. Never waits."""
        if not self._asked(tag, keep=True):
            self._ends[MISSED] += 1

    def _asked(self, tag: FrameTag, keep: bool) -> bool:
        self._hear()
        if len(self._waiting) >= WANTED or not self._said((tag, keep)):
            return False
        self._waiting.append(keep)
        return True

    def close(self) -> None:
        """Have written what is wanted still, for a few seconds at most."""
        self._said(None)
        self._process.join(_CLOSE_S)
        self._hear()
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._room), daemon=True)
        self._process.start()
        self._started_s = time.monotonic()
        theirs.close()

    def _count(self, end: str) -> int:
        self._hear()
        return self._ends[end]

    def _said(self, wish: tuple[FrameTag, bool] | None) -> bool:
        """The pipe has room for WANTED wishes and more, so that this does not wait."""
        try:
            self._pipe.send(wish)
        except OSError:
            return False
        return True

    def _hear(self) -> None:
        """What has become of the pictures; a process that died is started again after a while."""
        try:
            while self._pipe.poll():
                self._ends[self._pipe.recv()] += 1
                self._waiting.popleft()
        except (EOFError, OSError):
            self._ends[MISSED] += sum(self._waiting)
            self._waiting.clear()
            if not self._pipe.closed and time.monotonic() - self._started_s > _RESTART_PAUSE_S:
                self._pipe.close()
                self._process.join()
                self._start()


def _work(parent: Connection, room: _Room) -> None:
    """The process: prune, then write pictures until the parent has no more or is gone."""
    become_child()
    writer = _Writer(room)
    with suppress(EOFError, OSError):
        for wish in _wishes(parent, room):
            parent.send(writer.end_of(*wish))


def _wishes(parent: Connection, room: _Room) -> Iterator[tuple[FrameTag, bool]]:
    """What the parent wants, until it has no more; between two of them it is pruned when an hour is over."""
    due_s = time.monotonic()
    while True:
        if time.monotonic() >= due_s:
            _prune_all(room)
            due_s = time.monotonic() + room.prune_every_s
        if not parent.poll(max(0.0, due_s - time.monotonic())):
            continue
        wish = cast("tuple[FrameTag, bool] | None", parent.recv())
        if wish is None:
            return
        yield wish


def _prune_all(room: _Room) -> None:
    for folder in {*room.older, room.folder}:
        with suppress(OSError):
            prune(folder, room.retention)


class _Writer:
    """The ring at hand, pictures out of it as JPEG, and which ones were asked for already."""

    def __init__(self, room: _Room) -> None:
        self._room = room
        self._ring: RingReader | None = None
        self._held: dict[FrameTag, bytes] = {}
        self._held_bytes = 0
        self._written: deque[FrameTag] = deque(maxlen=_ASKED)

    def end_of(self, tag: FrameTag, keep: bool) -> str:
        """What became of a wish: KEPT, MISSED, REFUSED, HELD; "" = it is done or forgotten already."""
        if not keep:
            return self._hold(tag)
        if tag in self._written:
            return ""
        self._written.append(tag)
        pixels = None if tag in self._held else self._pixels(tag)
        data = self._held.get(tag) if pixels is None else _jpeg(pixels)
        if data is None:
            return MISSED
        return KEPT if self._write(picture_file(self._room.folder, tag), data) else REFUSED

    def _hold(self, tag: FrameTag) -> str:
        if tag in self._held or (pixels := self._pixels(tag)) is None:
            return ""
        self._held[tag] = data = _jpeg(pixels)
        self._held_bytes += len(data)
        while self._held_bytes > self._room.held_bytes:
            self._held_bytes -= len(self._held.pop(next(iter(self._held))))
        return HELD

    def _pixels(self, tag: FrameTag) -> Gray | None:
        from vision.ring import RingError, RingReader

        if self._ring is not None and self._ring.replaced:
            self._ring.close()
            self._ring = None
        try:
            self._ring = self._ring or RingReader.attach(self._room.ring)
        except RingError:
            return None
        frame = self._ring.find(tag)
        return None if frame is None else frame.pixels

    def _write(self, path: Path, data: bytes) -> bool:
        """The whole picture or none, with the folder within its limits afterwards."""
        part, retention = path.with_suffix(".part"), self._room.retention
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(path.parent).free < retention.least_free_bytes:
                return False
            part.write_bytes(data)
            os.replace(part, path)
            prune(path.parent, retention)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        return True


def _jpeg(pixels: Gray) -> bytes:
    import cv2

    done, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY))
    assert done, "grey pixels always make a JPEG"
    return data.tobytes()


def prune(folder: Path, retention: Retention) -> int:
    """Remove kept pictures beyond the limits, oldest first; how many. Other files are nobody's business.

    Raises OSError when the folder cannot be read.
    """
    oldest_s = time.time() - retention.days * 86400
    entries = (entry for entry in os.scandir(folder) if _NAME.fullmatch(entry.name))
    files = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries)
    room, gone = retention.most_bytes - sum(size for _, size, _ in files), 0
    for written_s, size, path in files:
        if written_s >= oldest_s and room >= 0:
            break
        os.unlink(path)
        room, gone = room + size, gone + 1
    return gone
