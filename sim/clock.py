"""SimPy's environment on the line clock: integer microseconds, and a plain way to call something later."""

from __future__ import annotations

from collections.abc import Callable

import simpy

from sorter.flow import Us


class LineClock(simpy.Environment):
    """A virtual clock that starts at 0 us and moves in whole microseconds."""

    @property
    def now_us(self) -> Us:
        """Now."""
        now = self.now
        assert isinstance(now, int)
        return now

    def call_at(self, at_us: Us, action: Callable[[], object]) -> None:
        """Call `action` at at_us (now, when that is past), after what is due there already."""

        def called(event: simpy.Event) -> None:
            action()

        self.timeout(max(0, at_us - self.now_us)).callbacks.append(called)
