"""Pictures worth keeping, written beside the run by a process that nobody waits for.

They show people's addresses: they are kept for a time and up to a size only, and never on a disk that is
nearly full. A picture that cannot be kept is counted, and nothing else happens.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Sequence
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
"""Pictures that may wait to be written; of more the newest are not kept."""

KEPT, MISSED, REFUSED = "kept", "missed", "refused"
_NAME = re.compile(r"\d+-\d{5}-\d{10}\.jpg")
_JPEG_QUALITY = 80
_CLOSE_S = 5.0
_RESTART_PAUSE_S = 5.0


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


def picture_file(folder: Path, tag: FrameTag) -> Path:
    """Where a picture with this tag is kept, whether it is there or not."""
    return folder / f"{tag.camera}-{tag.frame:05d}-{tag.encoder:010d}.jpg"


class Keeper:
    """Keeps pictures of one ring in one folder, which is made when the first one comes.

    older   folders of runs that are over: what is too old there goes first
    kept    written; missed = overwritten in the ring before they were written, too many at once, or in the
            hands of a process that died; refused = not written for want of room, or because the disk failed
    """

    def __init__(
        self, ring: Path, folder: Path, retention: Retention | None = None, older: Sequence[Path] = ()
    ) -> None:
        self._room = _Room(ring, folder, retention or Retention(), tuple(older))
        self._ends: Counter[str] = Counter()
        self._waiting = 0
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

    def keep(self, tag: FrameTag) -> None:
        """Have this picture kept, if it is still there. Never waits."""
        self._hear()
        if self._waiting >= WANTED or not self._said(tag):
            self._ends[MISSED] += 1
        else:
            self._waiting += 1

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

    def _said(self, tag: FrameTag | None) -> bool:
        """The pipe has room for WANTED tags and more, so that this does not wait."""
        try:
            self._pipe.send(tag)
        except OSError:
            return False
        return True

    def _hear(self) -> None:
        """What has become of the pictures; a process that died is started again after a while."""
        try:
            while self._pipe.poll():
                self._ends[self._pipe.recv()] += 1
                self._waiting -= 1
        except (EOFError, OSError):
            self._ends[MISSED] += self._waiting
            self._waiting = 0
            if not self._pipe.closed and time.monotonic() - self._started_s > _RESTART_PAUSE_S:
                self._pipe.close()
                self._process.join()
                self._start()


def _work(parent: Connection, room: _Room) -> None:
    """The process: prune, then write pictures until the parent has no more or is gone."""
    become_child()
    for folder in room.older:
        with suppress(OSError):
            prune(folder, room.retention)
    writer = _Writer(room)
    with suppress(EOFError, OSError):
        while (tag := cast("FrameTag | None", parent.recv())) is not None:
            parent.send(writer.kept(tag))


class _Writer:
    """The ring at hand, and pictures out of it."""

    def __init__(self, room: _Room) -> None:
        self._room = room
        self._ring: RingReader | None = None

    def kept(self, tag: FrameTag) -> str:
        """What became of this picture: KEPT, MISSED or REFUSED."""
        pixels = self._pixels(tag)
        if pixels is None:
            return MISSED
        return KEPT if self._write(picture_file(self._room.folder, tag), pixels) else REFUSED

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

    def _write(self, path: Path, pixels: Gray) -> bool:
        """The whole picture or none, with the folder within its limits afterwards."""
        import cv2

        part, retention = path.with_suffix(".part"), self._room.retention
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(path.parent).free < retention.least_free_bytes:
                return False
            done, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY))
            assert done, "grey pixels always make a JPEG"
            part.write_bytes(data.tobytes())
            os.replace(part, path)
            prune(path.parent, retention)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        return True


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
