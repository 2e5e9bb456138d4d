"""How long one frame may be looked at: as long as its answer serves, and less while other frames wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

SHORT_S = 0.25
"""Working time for a frame while others wait: less than the hub's vision budget of 0.4 s, which holds
waiting and answering, too."""


def nobody() -> bool:
    """No other frame waits."""
    return False


@dataclass(frozen=True, slots=True)
class Budget:
    """One frame's time, from the moment this is made.

    end_s    moment (time.monotonic) until which an answer serves
    last_s   moment at which it ends whatever was done: a machine may be too busy for any work
    waits    whether other frames wait for this worker
    short_s  working time, which a busy machine does not shorten, that every frame gets before `last_s`:
             until then neither its end nor others count
    """

    end_s: float
    last_s: float
    waits: Callable[[], bool] = nobody
    short_s: float = SHORT_S
    _began_s: float = field(default_factory=time.thread_time)

    @staticmethod
    def of(seconds: float) -> Budget:
        """So many seconds by the clock from now on, whoever waits."""
        end_s = time.monotonic() + seconds
        return Budget(end_s, end_s)

    def over(self) -> bool:
        """Whether the ladder must end now."""
        now_s = time.monotonic()
        if now_s > self.last_s:
            return True
        worked = time.thread_time() - self._began_s > self.short_s
        return worked and (now_s > self.end_s or self.waits())
