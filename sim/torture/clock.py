"""The world's clock: one heap of calls, ties broken by the seed."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from random import Random

from sorter.flow import Us

NEVER: Us = 1 << 62


class Clock:
    """now_us moves only forward; `random` breaks ties and is drawn from by nobody else."""

    def __init__(self, seed: int) -> None:
        self.now_us: Us = 0
        self.heap: list[tuple[Us, float, int, Callable[[], None]]] = [(NEVER, 0.0, -1, lambda: None)]
        self.tie = Random(f"{seed}/ties").random
        self._number = count()

    def at(self, at_us: Us, call: Callable[[], None]) -> None:
        """Call at that instant, now when it is past."""
        heappush(self.heap, (max(at_us, self.now_us), self.tie(), next(self._number), call))

    def after(self, us: Us, call: Callable[[], None]) -> None:
        """Call so much later."""
        self.at(self.now_us + us, call)

    def run_next(self) -> None:
        """Go to the next call and make it."""
        at_us, _, _, call = heappop(self.heap)
        self.now_us = at_us
        call()
