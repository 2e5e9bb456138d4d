"""The controller's pulse: what a screen must know between two journal values, in one small file.

The control loop writes it once a cycle into mapped memory: no call to the system, nothing to wait for.
Whoever reads it maps the same file. A torn reading is recognised by its checksum and read again.

    magic 4s | pid u32 | written_us i64 | line_us i64 | encoder u32 | CRC-32 u32
"""

from __future__ import annotations

import mmap
import os
import time
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from zlib import crc32

from sorter.app.segments import disk_errors
from sorter.flow import Us

_WORDS = Struct("<4sIqqI")
_SUM = Struct("<I")
_SIZE = _WORDS.size + _SUM.size
_MAGIC = b"PSP1"
_TRIES = 100


@dataclass(frozen=True, slots=True)
class Pulse:
    """One beat of a controller.

    written_us  when, on this machine's monotonic clock; age = monotonic now - this
    line_us     line clock then; encoder = belt position then, u32 counts
    """

    pid: int
    written_us: Us
    line_us: Us
    encoder: int


def monotonic_us() -> Us:
    """The clock of `Pulse.written_us`: one for all processes of this machine."""
    return time.monotonic_ns() // 1000


class PulseWriter:
    """The file at `path`, made anew. Raises StoreError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._pid = os.getpid()
        part = path.with_name(f"{path.name}.part")
        with disk_errors(path):
            part.write_bytes(bytes(_SIZE))
            with part.open("r+b") as file:
                self._map = mmap.mmap(file.fileno(), _SIZE)
            os.replace(part, path)

    def beat(self, line_us: Us, encoder: int) -> None:
        """Write one beat, stamped now."""
        words = _WORDS.pack(_MAGIC, self._pid, monotonic_us(), line_us, encoder)
        self._map[:] = words + _SUM.pack(crc32(words))

    def close(self) -> None:
        """Let go of the file; it stays and grows old."""
        self._map.close()


def read_pulse(path: Path) -> Pulse | None:
    """The last beat; None when there is no such file, or nobody has written a whole beat into it."""
    try:
        with path.open("rb") as file:
            for _ in range(_TRIES):
                file.seek(0)
                pulse = _pulse(file.read(_SIZE))
                if pulse is not None:
                    return pulse
    except OSError:
        pass
    return None


def _pulse(data: bytes) -> Pulse | None:
    words = data[: _WORDS.size]
    if len(data) < _SIZE or data[_WORDS.size :] != _SUM.pack(crc32(words)):
        return None
    magic, pid, written_us, line_us, encoder = _WORDS.unpack(words)
    return Pulse(pid, written_us, line_us, encoder) if magic == _MAGIC else None
