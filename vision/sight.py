"""What one look at a belt frame gives: the codes read, and what was seen and not read."""

from __future__ import annotations

from typing import NamedTuple

from sorter.flow import CodeRead, Unread
from vision.belt import BeltReader
from vision.frame import Gray


class Sight(NamedTuple):
    """Codes, things that look like codes and gave none, and whether somebody looked for these."""

    reads: tuple[CodeRead, ...]
    unread: tuple[Unread, ...] = ()
    judged: bool = False


class BeltSight:
    """The line's look at a frame."""

    def __init__(self) -> None:
        self._reader = BeltReader()

    def look(self, gray: Gray) -> Sight:
        """Everything in the frame uint8[H, W]; ValueError for any other array."""
        return Sight(tuple(self._reader.read(gray)))
