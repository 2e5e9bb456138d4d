"""Things the PLC program must do at a belt count or at a time: two small heaps."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Agenda(Generic[Item]):
    """Items due at a number (encoder count or millisecond), handed out in order of due, then of entry."""

    def __init__(self, stale: Callable[[Item], bool]) -> None:
        self._stale = stale
        self._heap: list[tuple[int, int, Item]] = []
        self._order = count()

    def add(self, due: int, item: Item) -> None:
        """Remember `item` for `due`."""
        heappush(self._heap, (due, next(self._order), item))

    def clear(self) -> None:
        """Nothing is due any more."""
        self._heap.clear()

    def next(self) -> int | None:
        """When the next live item is due; None when there is none."""
        heap = self._heap
        while heap and self._stale(heap[0][2]):
            heappop(heap)
        return heap[0][0] if heap else None

    def pop(self, now: int) -> Item | None:
        """The next live item that is due at `now`, or None."""
        due = self.next()
        return heappop(self._heap)[2] if due is not None and due <= now else None
