"""Behind the wheels: a parcel falls down a chute, past the chute's eye, into a bag that a crew changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import simpy

from sim.clock import SCAN, LineClock
from sim.parcel import PhysicalParcel
from sorter.flow import Us
from sorter.layout import Layout

BAG_CHANGE_US = 15_000_000
"""The crew has changed a bag this long after it was called."""

CALL_PERCENT = 90
"""How full a chute is when its crew is called; it says full only when parcels come faster than they."""


class Crews:
    """Who changes bags: so many crews for all chutes, or (0) one for each; they take calls in their order."""

    def __init__(self, count: int = 0, change_us: Us = BAG_CHANGE_US) -> None:
        self._change_us = change_us
        self._free: list[Us] = [0] * count

    def changed_us(self, called_us: Us, late_us: Us) -> Us:
        """When the bag of a chute that calls now is changed; late_us = how much more time than usual."""
        if not self._free:
            return called_us + self._change_us + late_us
        first = self._free.index(min(self._free))
        self._free[first] = max(called_us, self._free[first]) + self._change_us + late_us
        return self._free[first]


class Chutes:
    """All chutes of a line. `notify` is called after every change of `outlets` or `full`.

    outlets, full  bit sets as in plc.signals.Inputs
    crews          who changes the bags; to be set before the line starts
    """

    def __init__(self, env: LineClock, layout: Layout, notify: Callable[[], None]) -> None:
        self.outlets = self.full = 0
        self.crews = Crews()
        self._calls: list[int] = []
        self._env = env
        self._chutes = layout.chutes
        self._speed_mm_s = layout.belt.speed_mm_s
        self._notify = notify
        self._in_outlet = [0] * len(layout.chutes)
        self._level = [0] * len(layout.chutes)

    def take(self, parcel: PhysicalParcel, chute: int) -> None:
        """A wheel throws this parcel into a chute now."""
        fallen = self._env.now_us + self._chutes[chute].fall_us
        self._env.call_at(fallen, partial(self._before_outlet, parcel, chute))

    def _before_outlet(self, parcel: PhysicalParcel, chute: int, call: simpy.Event) -> None:
        """The parcel passes the chute's eye."""
        seen = int(self._sees(parcel.n, chute))
        self._show_outlet(chute, seen)
        passed = self._env.now_us + parcel.length_mm * 1_000_000 // self._speed_mm_s
        self._env.call_at(passed, partial(self._in_bag, chute, seen))

    def _sees(self, parcel: int, chute: int) -> bool:
        return True

    def _in_bag(self, chute: int, seen: int, call: simpy.Event) -> None:
        """A parcel more in the bag; the crew is called when the bag is nearly full."""
        self._show_outlet(chute, -seen)
        self._level[chute] += 1
        capacity = self._chutes[chute].capacity
        self._show_full(chute, self._level[chute] >= capacity)
        if self._level[chute] == -(-capacity * CALL_PERCENT // 100):
            self._calls.append(chute)
            # After all that falls in this instant: who called first is then a matter of numbers.
            self._env.call_at(self._env.now_us, self._send_crews, SCAN)

    def _send_crews(self, call: simpy.Event) -> None:
        """The crews take the calls of this instant."""
        calls, self._calls = sorted(self._calls), []
        for chute in calls:
            changed = self.crews.changed_us(self._env.now_us, self._crew_late_us(chute))
            self._env.call_at(changed, partial(self._bag_changed, chute))

    def _crew_late_us(self, chute: int) -> Us:
        return 0

    def _bag_changed(self, chute: int, call: simpy.Event) -> None:
        self._level[chute] = 0
        self._show_full(chute, False)

    def _show_outlet(self, chute: int, change: int) -> None:
        self._in_outlet[chute] += change
        if (self._in_outlet[chute] > 0) is not bool(self.outlets >> chute & 1):
            self.outlets ^= 1 << chute
            self._notify()

    def _show_full(self, chute: int, full: bool) -> None:
        if full is not bool(self.full >> chute & 1):
            self.full ^= 1 << chute
            self._notify()
