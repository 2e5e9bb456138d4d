"""Pictures worth keeping, written beside the run by a thread that nobody waits for.

Which ones are is often known only when their parcel's way has ended: until then the last pictures are held in
memory. They show people's addresses: they are kept for a time and up to a size only, and never on a disk that
is nearly full. A picture that cannot be kept is counted, and nothing else happens.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread

import cv2

from sorter.flow import FrameTag
from vision.frame import Gray
from vision.ring import RingError, RingReader

WANTED = 64
"""Pictures that may wait to be held or written; of more the newest are not."""

HELD_BYTES = 128_000_000
"""Of the last pictures as JPEG: about 150 of 6 megapixels, 45 s at 12,000 an hour of a running belt."""

_ASKED = 512

_NAME = re.compile(r"\d+-\d{5}-\d{10}\.jpg")
_JPEG_QUALITY = 80
_LOOK_S = 0.2
_CLOSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Retention:
    """How long and how much: days, bytes of all pictures together, bytes that stay free on the disk."""

    days: float = 7.0
    most_bytes: int = 2_000_000_000
    least_free_bytes: int = 1_000_000_000


def picture_file(folder: Path, tag: FrameTag) -> Path:
    """Where a picture with this tag is kept, whether it is there or not."""
    return folder / f"{tag.camera}-{tag.frame:05d}-{tag.encoder:010d}.jpg"


class Keeper:
    """Keeps pictures of one ring in one folder, which is made when the first one comes.

    older   folders of runs that are over: what is too old there goes first
    held_bytes  of the last pictures that are remembered
    kept    written; missed = overwritten in the ring before they were written, or too many at once;
    refused not written for want of room, or because the disk failed
    """

    def __init__(
        self,
        ring: Path,
        folder: Path,
        retention: Retention | None = None,
        older: Sequence[Path] = (),
        held_bytes: int = HELD_BYTES,
    ) -> None:
        self.kept = self.missed = self.refused = 0
        self._ring_path = ring
        self._ring: RingReader | None = None
        self._folder = folder
        self._older = older
        self._retention = retention or Retention()
        self._wanted: Queue[tuple[FrameTag, bool]] = Queue(WANTED)
        self._held: dict[FrameTag, bytes] = {}
        self._room = held_bytes
        self._asked: deque[FrameTag] = deque(maxlen=_ASKED)
        self._closing = False
        self._thread = Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def hold(self, tag: FrameTag) -> None:
        """Remember this picture for a while, to be kept even when the ring has lost it. Never waits."""
        with suppress(Full):
            self._wanted.put_nowait((tag, False))

    def keep(self, tag: FrameTag) -> None:
        """Have this picture written, once, if it is held or still in the ring. Never waits."""
        try:
            self._wanted.put_nowait((tag, True))
        except Full:
            self.missed += 1

    def close(self) -> None:
        """Write what is wanted still, for a few seconds at most."""
        self._closing = True
        self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        for folder in self._older:
            with suppress(OSError):
                prune(folder, self._retention)
        while not (self._closing and self._wanted.empty()):
            try:
                tag, keep = self._wanted.get(timeout=_LOOK_S)
            except Empty:
                continue
            if not keep:
                self._hold(tag)
            elif tag not in self._asked:
                self._asked.append(tag)
                self._keep(tag)

    def _hold(self, tag: FrameTag) -> None:
        if tag in self._held or (pixels := self._pixels(tag)) is None:
            return
        self._held[tag] = data = _jpeg(pixels)
        self._room -= len(data)
        while self._room < 0:
            self._room += len(self._held.pop(next(iter(self._held))))

    def _keep(self, tag: FrameTag) -> None:
        pixels = None if tag in self._held else self._pixels(tag)
        data = self._held.get(tag) if pixels is None else _jpeg(pixels)
        if data is None:
            self.missed += 1
        elif self._write(picture_file(self._folder, tag), data):
            self.kept += 1
        else:
            self.refused += 1

    def _pixels(self, tag: FrameTag) -> Gray | None:
        if self._ring is not None and self._ring.replaced:
            self._ring.close()
            self._ring = None
        try:
            self._ring = self._ring or RingReader.attach(self._ring_path)
        except RingError:
            return None
        frame = self._ring.find(tag)
        return None if frame is None else frame.pixels

    def _write(self, path: Path, data: bytes) -> bool:
        """The whole picture or none, with the folder within its limits afterwards."""
        part = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < self._retention.least_free_bytes:
                return False
            part.write_bytes(data)
            os.replace(part, path)
            prune(self._folder, self._retention)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        return True


def _jpeg(pixels: Gray) -> bytes:
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
