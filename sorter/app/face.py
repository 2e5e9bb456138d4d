"""The face of the machine: its status words and how the link does, in memory that screens may look at.

Beside the pulse, a few times a second, the control loop writes what it has just read of the PLC anyway. So
a screen shows registers without a connection of its own: many a PLC has few to give.

    magic 4s | length u32 | CRC-32 u32 | payload: ASCII JSON of the fields of `Face`
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from struct import Struct
from zlib import crc32

from sorter.app.segments import disk_errors
from sorter.flow import Us

FACE_US: Us = 250_000
"""Time between two looks."""

_HEAD = Struct("<4sII")
_MAGIC = b"PSF1"
_SIZE = 4096
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Face:
    """What the control loop knows of the machine.

    words       block S of the register map; empty while the link is down
    trouble     why it is down, as the driver says it; "" = it is up
    trips       round trips measured, of these the median and the longest but one in a hundred
    """

    written_us: Us
    words: Sequence[int]
    trouble: str
    trips: int
    trip_p50_us: Us
    trip_p99_us: Us


class FaceWriter:
    """The file at `path`, made anew. Raises StoreError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        part = path.with_name(f"{path.name}.part")
        with disk_errors(path):
            part.write_bytes(bytes(_SIZE))
            with part.open("r+b") as file:
                self._map = mmap.mmap(file.fileno(), _SIZE)
            os.replace(part, path)

    def show(self, face: Face) -> None:
        """Write it; a trouble too long for the file is cut."""
        shown = {**asdict(face), "trouble": face.trouble[:300]}
        data = json.dumps(shown, separators=(",", ":")).encode("ascii")
        assert len(data) <= _SIZE - _HEAD.size, "a status is far smaller"
        self._map[: _HEAD.size + len(data)] = _HEAD.pack(_MAGIC, len(data), crc32(data)) + data


def read_face(path: Path) -> Face | None:
    """What was written last; None when there is no such file, or nothing whole in it."""
    try:
        with path.open("rb") as file:
            for _ in range(_TRIES):
                file.seek(0)
                if (face := _face(file.read(_SIZE))) is not None:
                    return face
    except OSError:
        pass
    return None


def _face(data: bytes) -> Face | None:
    if len(data) < _SIZE:
        return None
    magic, length, crc = _HEAD.unpack_from(data)
    payload = data[_HEAD.size : _HEAD.size + length]
    if magic != _MAGIC or crc32(payload) != crc:
        return None
    return Face(**json.loads(payload))
