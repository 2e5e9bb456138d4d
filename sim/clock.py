"""The line clock: integer microseconds under SimPy's queue, and a plain way to call something later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Final

import simpy

from sorter.flow import Us

NEVER: Final = 1 << 61
"""Later than anything."""

BELT: Final = 1
SCAN: Final = 2
ANSWER: Final = 3
POLL: Final = 4
LOOK: Final = 5
"""Whose turn it is within one instant: the belt moves first, then the PLC scans, then vision and couriers'
systems answer, then the controller polls; so no outcome hangs on who happened to be called first. Whoever
only looks comes last.
BELT is SimPy's own NORMAL."""


class Call:
    """One call to come: lighter than SimPy's events, known by identity to whoever may think better of it."""

    def __init__(self, action: Callable[[Call], None]) -> None:
        self.action = action


class Alarm:
    """One instant at which `action(instant)` is called: moved by assignment, which costs nothing."""

    def __init__(self, action: Callable[[Us], None], turn: int) -> None:
        self.at_us: Us = NEVER
        self.turn = turn
        self.action = action


Due = tuple[Us, int, int, Call | simpy.Event]
"""What stands in SimPy's queue: instant, turn, number, and what happens then."""


class LineClock:
    """A virtual clock that starts at 0 us and moves in whole microseconds.

    now_us  the only time there is: SimPy's own, too
    simpy   an environment on this clock, for whoever would rather be a process
    """

    def __init__(self) -> None:
        self.now_us: Us = 0
        self._noted = 0
        self._queue: list[Due] = []
        self._alarms: list[Alarm] = []
        self.simpy = _Environment(self, self._queue)

    def passes_to(self, at_us: Us) -> bool:
        """Move on to at_us, which is not past, if nobody is to be called before it or at it."""
        if self._queue and self._queue[0][0] <= at_us:
            return False
        for alarm in self._alarms:
            if alarm.at_us <= at_us:
                return False
        self.now_us = at_us
        return True

    def alarm(self, action: Callable[[Us], None], turn: int) -> Alarm:
        """An alarm of this clock, not set yet; in its turn it comes after all calls."""
        alarm = Alarm(action, turn)
        self._alarms.append(alarm)
        return alarm

    def call_at(self, at_us: Us, action: Callable[[Call], None], turn: int = BELT) -> Call:
        """Call `action(call)` at at_us (now, when that is past), in its turn, after what is due then already.

        Returns the call; to take it back, let `action` ignore a call that it does not wait for.
        """
        call, now = Call(action), self.now_us
        self._noted += 1
        heappush(self._queue, (at_us if at_us > now else now, turn, self._noted, call))
        return call

    def number(self) -> int:
        """The next number of what is to come: of one instant and turn the smaller one comes first."""
        self._noted += 1
        return self._noted

    def step(self) -> None:
        """The next thing that is due happens; SimPy's EmptySchedule when there is none."""
        queue, at_us, turn, first = self._queue, NEVER, 0, None
        if queue:
            at_us, turn, _, _ = queue[0]
        for alarm in self._alarms:
            if alarm.at_us < at_us or (alarm.at_us == at_us and alarm.turn < turn):
                at_us, turn, first = alarm.at_us, alarm.turn, alarm
        if first is not None:
            self.now_us, first.at_us = max(at_us, self.now_us), NEVER
            first.action(self.now_us)
        elif queue and isinstance(call := queue[0][3], Call):
            heappop(queue)
            self.now_us = at_us
            call.action(call)
        else:
            self.simpy.next_event()

    def run(self, until: Us) -> None:
        """Everything before this instant happens."""
        self.simpy.run(until)


class _Environment(simpy.Environment):
    """SimPy's environment with the line clock's time, queue and numbers."""

    def __init__(self, clock: LineClock, queue: list[Due]) -> None:
        self._clock = clock
        super().__init__()
        self._queue = queue  # type: ignore[assignment]  # calls stand in it, too, and `step` knows them
        self._eid = self._numbers()  # type: ignore[assignment]  # all it does with it is to ask for the next

    @property
    def _now(self) -> Us:
        return self._clock.now_us

    @_now.setter
    def _now(self, at_us: Us) -> None:
        self._clock.now_us = at_us

    def _numbers(self) -> Iterator[int]:
        while True:
            yield self._clock.number()

    def step(self) -> None:
        """As the line clock steps."""
        self._clock.step()

    def next_event(self) -> None:
        """SimPy's own step."""
        super().step()
