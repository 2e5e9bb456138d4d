"""The PLC's events on their way to the PC, kept until it says that they are stored. Pure."""

from __future__ import annotations

from collections import deque

from plc.blocks import EMPTY, Rows
from plc.records import PlcEvent, pack_event
from plc.registers import WINDOW


class EventRing:
    """Events numbered from 1 on, kept until acknowledged; when full the newest is dropped and counted."""

    def __init__(self, depth: int) -> None:
        self._kept: deque[PlcEvent] = deque()
        self._depth = depth
        self.tail = 0
        self.lost = 0

    @property
    def head(self) -> int:
        """Number of the newest event."""
        return (self.tail + len(self._kept)) & 0xFFFF

    @property
    def waits(self) -> bool:
        """Something is kept that the PC has not acknowledged."""
        return len(self._kept) > 0

    @property
    def high(self) -> bool:
        """More than three quarters full."""
        return 4 * len(self._kept) > 3 * self._depth

    def push(self, event: PlcEvent) -> None:
        """Keep an event, or count it as lost without giving it a number."""
        if len(self._kept) < self._depth:
            self._kept.append(event)
        else:
            self.lost = (self.lost + 1) & 0xFFFF

    def acknowledge(self, tail: int) -> None:
        """Forget the events up to this number; a number outside tail..head is ignored."""
        count = (tail - self.tail) % 0x10000
        if count <= len(self._kept):
            for _ in range(count):
                self._kept.popleft()
            self.tail = tail

    def window(self, header_ms: int) -> Rows:
        """The eight oldest events as records, zero rows beyond the newest."""
        shown = [
            tuple(pack_event((self.tail + 1 + place) & 0xFFFF, self._kept[place], header_ms))
            for place in range(min(WINDOW, len(self._kept)))
        ]
        return (*shown, *[EMPTY] * (WINDOW - len(shown)))
