"""Things the PLC program must do at a belt count or at a time: two small heaps."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

NEVER: Final = 1 << 61
"""More counts and milliseconds than will ever be."""


class Agenda(Generic[Item]):
    """Items due at a number (encoder count or millisecond), handed out in order of due, then of entry."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Item]] = []
        self._added = 0
        self._first = NEVER

    def stale(self, item: Item) -> bool:
        """Whether nobody waits for this item any more."""
        return False

    def add(self, due: int, item: Item) -> None:
        """Remember `item` for `due`."""
        self._added += 1
        heappush(self._heap, (due, self._added, item))
        self._first = min(self._first, due)

    def clear(self) -> None:
        """Nothing is due any more."""
        self._heap.clear()
        self._first = NEVER

    def next(self) -> int:
        """When the next live item is due; NEVER when there is none."""
        heap = self._heap
        while heap:
            due, _, item = heap[0]
            if not self.stale(item):
                self._first = due
                return due
            heappop(heap)
        self._first = NEVER
        return NEVER

    def pop(self, now: int) -> Item | None:
        """The next live item that is due at `now`, or None."""
        while self._first <= now:
            _, _, item = heappop(self._heap)
            self._first = self._heap[0][0] if self._heap else NEVER
            if not self.stale(item):
                return item
        return None
