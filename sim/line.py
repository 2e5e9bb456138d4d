"""The physical line under SimPy: belt, eyes, wheels. It obeys outputs and knows no controller.

A parcel's centre decides at a pivot which way it goes; a wheel that is still turning throws it the old
way in the first half of its switching time and the new way in the second. Every event on the belt is a
*mark*: a position at which a parcel's nose, tail or centre changes something, due when the belt has run
so far; one walker takes the marks in order of way, so stops and ramps cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from itertools import count

import simpy

from sim.bags import BAG_CHANGE_US as BAG_CHANGE_US
from sim.bags import CALL_PERCENT as CALL_PERCENT
from sim.bags import Chutes
from sim.belt import NM_PER_MM, BeltMotion
from sim.clock import NEVER, LineClock
from sim.faults import Faults
from sim.parcel import PhysicalParcel, Seen
from sorter.flow import REJECT, Mm, Us
from sorter.layout import Camera, Layout

TAKEN_OFF = -1
"""Where a parcel went that somebody took off the belt."""

RELEASE_MM = 200
"""The infeed puts a parcel's nose this far before the induct eye."""

_NOSE, _TAIL, _CENTRE = 0, 1, 2

_Mark = tuple[int, int, int]
"""(way of the nose from the induct eye in nm, kind, eye or diverter) of something that a parcel meets."""


@dataclass(slots=True, eq=False)
class _Riding:
    """A parcel on the belt: its nose was at the induct eye when the belt had run `zero_nm`.

    marks, met  everything that it meets, and how much of it lies behind
    """

    parcel: PhysicalParcel
    zero_nm: int
    marks: tuple[_Mark, ...]
    met: int = 0
    slid_nm: int = 0


@dataclass(slots=True)
class _Wheel:
    switch_us: Us
    side: int = 0
    was: int = 0
    since_us: Us = -(1 << 60)

    def direction(self, now: Us) -> int:
        return self.side if 2 * (now - self.since_us) >= self.switch_us else self.was


class Line:
    """One line. `notify` is called after every change of what the PLC can see.

    eyes, faults  bit sets as in plc.signals.Inputs
    inducted      (at_us, parcel number) of what the infeed released
    left          (at_us, parcel number, chute, REJECT or TAKEN_OFF) of what came off
    """

    def __init__(
        self,
        env: LineClock,
        layout: Layout,
        parcels: Iterable[PhysicalParcel],
        notify: Callable[[], None],
        faults: Faults | None = None,
        first_count: int = 0,
    ) -> None:
        self.env = env
        self.belt = BeltMotion(layout.belt.ramp_mm_s2, layout.belt.counts_per_m, first_count)
        self.chutes = Chutes(env, layout, notify, faults)
        self.eyes = self.faults = 0
        self.left: list[tuple[Us, int, int]] = []
        self.inducted: list[tuple[Us, int]] = []
        self._layout = layout
        self._notify = notify
        self._mishaps = faults
        self._wheels = [_Wheel(diverter.switch_us) for diverter in layout.diverters]
        self._commanded: tuple[int, ...] = ()
        self._outlets = {(chute.diverter, chute.side): chute.id for chute in layout.chutes}
        self._covering = [0] * len(layout.eyes_mm)
        self._last_eye = len(layout.eyes_mm) - 1
        self._marks_of: dict[Mm, tuple[_Mark, ...]] = {}
        self._riding: dict[int, _Riding] = {}
        self._due: list[tuple[int, int, _Riding]] = []
        self._order = count()
        self._alarm: simpy.Event | None = None
        self._waiting = iter(parcels)
        self._next = next(self._waiting, None)
        self._release_us: Us = NEVER
        self._last: tuple[int, Mm] | None = None
        self._open = self._running = False

    # ------------------------------------------------------------ what the PLC commands

    def obey(self, belt_run: bool, infeed: bool, wheels: tuple[int, ...]) -> None:
        """Take the PLC's outputs."""
        if wheels is not self._commanded:
            self._turn(wheels)
        if belt_run is self._running and infeed is self._open:
            return
        now = self.env.now_us
        if belt_run is not self._running:
            self.belt.aim(now, self._layout.belt.speed_mm_s if belt_run else 0)
        self._running, self._open = belt_run, infeed
        self._plan_release(now)
        self._set_alarm()

    def _turn(self, wheels: tuple[int, ...]) -> None:
        now = self.env.now_us
        for wheel, side in zip(self._wheels, wheels, strict=True):
            if wheel.side != side:
                wheel.was, wheel.side, wheel.since_us = wheel.direction(now), side, now
        self._commanded = wheels

    # ------------------------------------------------------------ what cameras and people see

    def encoder(self) -> int:
        """The u32 that the encoder shows now."""
        return self.belt.encoder(self.env.now_us)

    def view(self, camera: Camera) -> list[Seen]:
        """Parcels of which some part lies under the camera now."""
        x = self.belt.x_nm(self.env.now_us)
        seen = []
        for riding in self._riding.values():
            length = riding.parcel.length_mm
            centre = (x - riding.zero_nm - riding.slid_nm - length * NM_PER_MM // 2) // NM_PER_MM
            off = centre - camera.position_mm
            if abs(off) <= (camera.along_mm + length) // 2:
                seen.append(Seen(riding.parcel, off))
        return seen

    @property
    def idle(self) -> bool:
        """Every parcel offered has come off the line."""
        return self._next is None and not self._riding

    # ------------------------------------------------------------ the infeed

    def _plan_release(self, now: Us) -> None:
        """Set when the infeed can put the next parcel on the belt; never while it stands."""
        self._release_us = NEVER
        if self._next is not None and self._open and self._running:
            free = self.belt.when(self._free_nm(self._next))
            if free is not None:
                self._release_us = max(free, self._next.arr_us, now)

    def _free_nm(self, parcel: PhysicalParcel) -> int:
        """Way at which the belt before the infeed is free for this parcel: minimum gap and pitch."""
        if self._last is None:
            return 0
        placed, length = self._last
        infeed = self._layout.infeed
        nose = max(length + infeed.min_gap_mm, infeed.min_pitch_mm - (parcel.length_mm - length) // 2)
        return placed + nose * NM_PER_MM

    def _release(self, now: Us, x: int) -> None:
        parcel = self._next
        assert parcel is not None
        self._last = (x, parcel.length_mm)
        self._next = next(self._waiting, None)
        riding = _Riding(parcel, x + RELEASE_MM * NM_PER_MM, self._marks(parcel.length_mm))
        self._riding[parcel.n] = riding
        self.inducted.append((now, parcel.n))
        heappush(self._due, (self._way_nm(riding), next(self._order), riding))
        self._plan_release(now)

    def _marks(self, length_mm: Mm) -> tuple[_Mark, ...]:
        """Everything that a parcel of this length meets, in order of way."""
        marks = self._marks_of.get(length_mm)
        if marks is None:
            half, eyes = NM_PER_MM // 2, list(enumerate(self._layout.eyes_mm))
            noses = [(2 * mm * half, _NOSE, eye) for eye, mm in eyes]
            tails = [(2 * (mm + length_mm) * half, _TAIL, eye) for eye, mm in eyes]
            centres = [((2 * d.pivot_mm + length_mm) * half, _CENTRE, d.id) for d in self._layout.diverters]
            marks = self._marks_of[length_mm] = tuple(sorted(noses + tails + centres))
        return marks

    # ------------------------------------------------------------ the walker

    def _set_alarm(self) -> None:
        """Wake the walker when the next mark or the next release is due; the older alarm is void."""
        due = self._release_us
        if self._due:
            mark = self.belt.when(self._due[0][0])
            if mark is not None and mark < due:
                due = mark
        self._alarm = None if due == NEVER else self.env.call_at(due, self._walk)

    def _walk(self, alarm: simpy.Event) -> None:
        if alarm is not self._alarm:
            return
        now = self.env.now_us
        x, due = self.belt.x_nm(now), self._due
        if self._release_us == now:
            self._release(now, x)
        while due and due[0][0] <= x:
            riding = due[0][2]
            if self._meet(riding, now):
                riding.met += 1
                heapreplace(due, (self._way_nm(riding), next(self._order), riding))
            else:
                heappop(due)
        self._set_alarm()

    def _way_nm(self, riding: _Riding) -> int:
        """Way of the belt at which the parcel is at its next mark."""
        if self._mishaps is not None:
            riding.slid_nm = self._mishaps.slid_nm(riding.parcel.n, riding.met + 1)
        return riding.zero_nm + riding.slid_nm + riding.marks[riding.met][0]

    def _meet(self, riding: _Riding, now: Us) -> bool:
        """The parcel is at its next mark; False when it comes off the belt there."""
        _, kind, place = riding.marks[riding.met]
        if kind == _CENTRE:
            wheel = self._wheels[place]
            return not (wheel.side or wheel.was) or self._at_pivot(riding, place, wheel.direction(now), now)
        mishaps = self._mishaps
        if mishaps is None:
            self._cover(place, 1 if kind == _NOSE else -1)
        elif kind == _NOSE and mishaps.taken_off(riding.parcel.n, place):
            self._gone(riding, TAKEN_OFF, now)
            return False
        else:
            self._cover_with(mishaps, riding.parcel.n, kind, place, now)
        if kind == _TAIL and place == self._last_eye:
            self._gone(riding, REJECT, now)
            return False
        return True

    def _at_pivot(self, riding: _Riding, diverter: int, side: int, now: Us) -> bool:
        if not side or self.faults >> diverter & 1:
            return True
        if self._mishaps is not None and self._mishaps.wheel_dead(riding.parcel.n, diverter):
            return True
        chute = self._outlets.get((diverter, side), REJECT)
        self._gone(riding, chute, now)
        if chute != REJECT:
            self.chutes.take(riding.parcel, chute)
        return False

    def _gone(self, riding: _Riding, chute: int, now: Us) -> None:
        del self._riding[riding.parcel.n]
        self.left.append((now, riding.parcel.n, chute))

    # ------------------------------------------------------------ belt eyes

    def _cover_with(self, mishaps: Faults, parcel: int, kind: int, eye: int, now: Us) -> None:
        """A nose or tail at an eye that may be blind to it, or see what is not there."""
        if not mishaps.eye_blind(parcel, eye):
            self._cover(eye, 1 if kind == _NOSE else -1)
        if kind == _NOSE and (ghost := mishaps.ghost(parcel, eye)) is not None:
            after_us, for_us = ghost
            self.env.call_at(now + after_us, lambda call: self._cover(eye, 1))
            self.env.call_at(now + after_us + for_us, lambda call: self._cover(eye, -1))

    def _cover(self, eye: int, change: int) -> None:
        self._covering[eye] = covering = self._covering[eye] + change
        if (covering != 0) is not bool(self.eyes >> eye & 1):
            self.eyes ^= 1 << eye
            self._notify()
