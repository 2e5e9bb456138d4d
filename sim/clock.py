"""SimPy's environment on the line clock: integer microseconds, and a plain way to call something later."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final

import simpy
from simpy.events import EventPriority

from sorter.flow import Us

NEVER: Final = 1 << 61
"""Later than anything."""

BELT, SCAN, ANSWER, POLL, LOOK = (EventPriority(turn) for turn in (1, 2, 3, 4, 5))
"""Whose turn it is within one instant: the belt moves first, then the PLC scans, then vision and couriers'
systems answer, then the controller polls; so no outcome hangs on who happened to be called first. Whoever
only looks comes last.
BELT is SimPy's own NORMAL."""


class Call(simpy.Event):
    """One call to come: lighter than a Timeout, and known by identity to whoever may think better of it."""

    __slots__ = ("action",)
    action: Callable[[simpy.Event], None]


class LineClock(simpy.Environment):
    """A virtual clock that starts at 0 us and moves in whole microseconds."""

    @property
    def now_us(self) -> Us:
        """Now."""
        return self._now  # type: ignore[return-value]  # nothing here is ever scheduled at a fraction

    def passes_to(self, at_us: Us) -> bool:
        """Move on to at_us, which is not past, if nobody is to be called before it or at it."""
        if self._queue and self._queue[0][0] <= at_us:
            return False
        self._now = at_us
        return True

    def call_at(self, at_us: Us, action: Callable[[simpy.Event], None], turn: EventPriority = BELT) -> Call:
        """Call `action(call)` at at_us (now, when that is past), in its turn, after what is due then already.

        Returns the call; to take it back, let `action` ignore a call that it does not wait for.
        """
        call = Call.__new__(Call)
        call.action = action
        now = self._now
        # What Environment.schedule does; a line makes sixteen calls a parcel.
        heappush(self._queue, (at_us if at_us > now else now, turn, next(self._eid), call))
        return call

    def step(self) -> None:
        """What Environment.step does; the short way for a call."""
        queue = self._queue
        if not queue or queue[0][3].__class__ is not Call:
            super().step()
            return
        self._now, _, _, call = heappop(queue)
        call.action(call)  # type: ignore[attr-defined]  # it is a Call
