"""Behind the wheels: a parcel falls down a chute, past the chute's eye, into a bag that a crew changes."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from sim.clock import BELT, NEVER, SCAN
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


Action = Callable[[Us, int, Any], None]
"""What happens at an instant in a chute, and to what."""


class Chutes:
    """All chutes of a line. `notify` is called after every change of `outlets` or `full`.

    outlets, full  bit sets as in plc.signals.Inputs
    crews          who changes the bags; to be set before the line starts
    due_us         when `walk` has something to do next
    """

    def __init__(self, layout: Layout, notify: Callable[[], None]) -> None:
        self.outlets = self.full = 0
        self.crews = Crews()
        self.due_us: Us = NEVER
        self._agenda: list[tuple[Us, int, int, Action, int, Any]] = []
        self._noted = 0
        self._calls: list[int] = []
        self._chutes = layout.chutes
        self._speed_mm_s = layout.belt.speed_mm_s
        self._notify = notify
        self._in_outlet = [0] * len(layout.chutes)
        self._level = [0] * len(layout.chutes)

    def take(self, parcel: PhysicalParcel, chute: int, at_us: Us) -> None:
        """A wheel throws this parcel into a chute at an instant, up to which `walk` has been."""
        self._later(at_us + self._chutes[chute].fall_us, self._before_outlet, chute, parcel)

    def walk(self, now: Us) -> None:
        """Everything up to this instant happens, in its order."""
        agenda = self._agenda
        while agenda and agenda[0][0] <= now:
            at_us, _, _, action, chute, about = heappop(agenda)
            action(at_us, chute, about)
        self.due_us = agenda[0][0] if agenda else NEVER

    def _later(self, at_us: Us, action: Action, chute: int, about: Any = None, turn: int = BELT) -> None:
        self._noted += 1
        heappush(self._agenda, (at_us, turn, self._noted, action, chute, about))
        self.due_us = self._agenda[0][0]

    def _before_outlet(self, now: Us, chute: int, parcel: PhysicalParcel) -> None:
        """The parcel passes the chute's eye."""
        seen = int(self._sees(parcel.n, chute))
        self._show_outlet(chute, seen)
        self._later(now + parcel.length_mm * 1_000_000 // self._speed_mm_s, self._in_bag, chute, seen)

    def _sees(self, parcel: int, chute: int) -> bool:
        return True

    def _in_bag(self, now: Us, chute: int, seen: int) -> None:
        """A parcel more in the bag; the crew is called when the bag is nearly full."""
        self._show_outlet(chute, -seen)
        self._level[chute] += 1
        capacity = self._chutes[chute].capacity
        self._show_full(chute, self._level[chute] >= capacity)
        if self._level[chute] == -(-capacity * CALL_PERCENT // 100):
            self._calls.append(chute)
            # After all that falls in this instant: who called first is then a matter of numbers.
            self._later(now, self._send_crews, chute, turn=SCAN)

    def _send_crews(self, now: Us, chute: int, about: None) -> None:
        """The crews take the calls of this instant."""
        calls, self._calls = sorted(self._calls), []
        for calling in calls:
            changed = self.crews.changed_us(now, self._crew_late_us(calling, now))
            self._later(changed, self._bag_changed, calling)

    def _crew_late_us(self, chute: int, now: Us) -> Us:
        return 0

    def _bag_changed(self, now: Us, chute: int, about: None) -> None:
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
