"""The physical line under SimPy: belt, eyes, wheels, chutes. It obeys outputs and knows no controller.

A parcel's centre decides at a pivot which way it goes; a wheel that is still turning throws it the old
way in the first half of its switching time and the new way in the second. Every event on the belt is a
*mark*: a position at which a parcel's nose, tail or centre changes something, due when the belt has run
so far; one walker takes the marks in order of way, so stops and ramps cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush, merge
from itertools import count
from typing import Any

import simpy

from sim.belt import NM_PER_MM, BeltMotion
from sim.clock import LineClock
from sim.faults import Faults
from sim.parcel import PhysicalParcel, Seen
from sorter.flow import REJECT, Us
from sorter.layout import Camera, Layout

BAG_CHANGE_US = 15_000_000
"""The crew has changed a bag this long after it was called."""

CALL_PERCENT = 90
"""How full a chute is when its crew is called; it says full only when parcels come faster than they."""

TAKEN_OFF = -1
"""Where a parcel went that somebody took off the belt."""

RELEASE_MM = 200
"""The infeed puts a parcel's nose this far before the induct eye."""

@dataclass(slots=True, eq=False)
class _Riding:
    """A parcel on the belt: its nose was at the induct eye when the belt had run `zero_nm`."""

    parcel: PhysicalParcel
    zero_nm: int
    marks: Iterator[tuple[int, int, int]]
    slid_nm: int = 0
    passed: int = 0


@dataclass(slots=True)
class _Wheel:
    switch_us: Us
    side: int = 0
    was: int = 0
    since_us: Us = -(1 << 60)

    def direction(self, now: Us) -> int:
        return self.side if 2 * (now - self.since_us) >= self.switch_us else self.was


_NOSE, _TAIL, _CENTRE = 0, 1, 2


class Line:
    """One line. `notify` is called (at most once per instant) after something the PLC can see changed.

    eyes, outlets, full, faults  bit sets as in plc.signals.Inputs
    left                         (at_us, parcel number, chute, REJECT or TAKEN_OFF) of what came off
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
        self.eyes = self.outlets = self.full = self.faults = 0
        self.left: list[tuple[Us, int, int]] = []
        self.inducted: list[tuple[Us, int]] = []
        self._layout = layout
        self._notify = notify
        self._mishaps = faults or Faults()
        self._wheels = [_Wheel(diverter.switch_us) for diverter in layout.diverters]
        self._outlets = {(chute.diverter, chute.side): chute.id for chute in layout.chutes}
        self._covering = [0] * len(layout.eyes_mm)
        self._in_outlet = [0] * len(layout.chutes)
        self._level = [0] * len(layout.chutes)
        self._riding: dict[int, _Riding] = {}
        self._due: list[tuple[int, int, _Riding, int, int]] = []
        self._order = count()
        self._alarm = 0
        self._waiting = iter(parcels)
        self._next = next(self._waiting, None)
        self._last: tuple[int, int] | None = None
        self._open = self._running = False

    # ------------------------------------------------------------ what the PLC commands

    def obey(self, belt_run: bool, infeed: bool, wheels: tuple[int, ...]) -> None:
        """Take the PLC's outputs."""
        now = self.env.now_us
        for wheel, side in zip(self._wheels, wheels, strict=True):
            if wheel.side != side:
                wheel.was, wheel.side, wheel.since_us = wheel.direction(now), side, now
        changed = (belt_run, infeed) != (self._running, self._open)
        if belt_run != self._running:
            self.belt.aim(now, self._layout.belt.speed_mm_s if belt_run else 0)
        self._running, self._open = belt_run, infeed
        if changed:
            self._set_alarm()

    # ------------------------------------------------------------ what cameras and people see

    def encoder(self) -> int:
        """The u32 that the encoder shows now."""
        return self.belt.encoder(self.env.now_us)

    def view(self, camera: Camera) -> list[Seen]:
        """Parcels of which some part lies under the camera now."""
        x = self.belt.x_nm(self.env.now_us)
        seen = []
        for riding in self._riding.values():
            half = riding.parcel.length_mm * NM_PER_MM // 2
            centre = (x - riding.zero_nm - riding.slid_nm - half) // NM_PER_MM - camera.position_mm
            if abs(centre) <= (camera.along_mm + riding.parcel.length_mm) // 2:
                seen.append(Seen(riding.parcel, centre))
        return seen

    @property
    def idle(self) -> bool:
        """Every parcel offered has come off the line."""
        return self._next is None and not self._riding

    # ------------------------------------------------------------ the walker

    def _set_alarm(self) -> None:
        """Wake the walker when the next mark or the next release is due; older alarms are void."""
        self._alarm += 1
        number = self._alarm
        dues = [due for due in (self._mark_us(), self._release_us()) if due is not None]
        if dues:
            self.env.call_at(min(dues), lambda: self._walk() if number == self._alarm else None)

    def _mark_us(self) -> Us | None:
        return self.belt.when(self._due[0][0]) if self._due else None

    def _release_us(self) -> Us | None:
        """When the infeed can put the next parcel on the belt; None while it stands."""
        if self._next is None or not (self._open and self._running):
            return None
        free = self.belt.when(self._free_nm(self._next))
        return None if free is None else max(free, self._next.arr_us, self.env.now_us)

    def _free_nm(self, parcel: PhysicalParcel) -> int:
        """Way at which the belt before the infeed is free for this parcel: minimum gap and pitch."""
        if self._last is None:
            return 0
        placed, length = self._last
        infeed = self._layout.infeed
        nose = max(length + infeed.min_gap_mm, infeed.min_pitch_mm - (parcel.length_mm - length) // 2)
        return placed + nose * NM_PER_MM

    def _walk(self) -> None:
        now, x = self.env.now_us, self.belt.x_nm(self.env.now_us)
        if self._release_us() == now:
            self._release(x)
        while self._due and self._due[0][0] <= x:
            _, _, riding, kind, place = heappop(self._due)
            self._pass(riding, kind, place)
        self._set_alarm()

    def _release(self, x: int) -> None:
        parcel = self._next
        assert parcel is not None
        self._last = (x, parcel.length_mm)
        self._next = next(self._waiting, None)
        riding = _Riding(parcel, x + RELEASE_MM * NM_PER_MM, self._marks(parcel.length_mm))
        self._riding[parcel.n] = riding
        self.inducted.append((self.env.now_us, parcel.n))
        self._push(riding)

    def _marks(self, length_mm: int) -> Iterator[tuple[int, int, int]]:
        """(way of the nose in half mm, kind, eye or diverter) of everything that a parcel meets."""
        eyes = self._layout.eyes_mm
        noses = ((2 * mm, _NOSE, eye) for eye, mm in enumerate(eyes))
        tails = ((2 * (mm + length_mm), _TAIL, eye) for eye, mm in enumerate(eyes))
        centres = ((2 * d.pivot_mm + length_mm, _CENTRE, d.id) for d in self._layout.diverters)
        return merge(noses, centres, tails)

    def _push(self, riding: _Riding) -> None:
        half_mm, kind, place = next(riding.marks)
        riding.passed += 1
        riding.slid_nm = self._mishaps.slid_nm(riding.parcel.n, riding.passed)
        due = riding.zero_nm + riding.slid_nm + half_mm * (NM_PER_MM // 2)
        heappush(self._due, (due, next(self._order), riding, kind, place))

    def _pass(self, riding: _Riding, kind: int, place: int) -> None:
        if kind == _CENTRE:
            dead = self.faults >> place & 1 or self._mishaps.wheel_dead(riding.parcel.n, place)
            side = self._wheels[place].direction(self.env.now_us)
            if side and not dead:
                self._leave(riding, self._outlets.get((place, side), REJECT))
                return
        elif kind == _NOSE and self._mishaps.taken_off(riding.parcel.n, place):
            self._gone(riding, TAKEN_OFF)
            return
        else:
            if not self._mishaps.eye_blind(riding.parcel.n, place):
                self._cover(place, 1 if kind == _NOSE else -1)
            if kind == _NOSE and (ghost := self._mishaps.ghost(riding.parcel.n, place)) is not None:
                self.env.process(self._haunt(place, *ghost))
            if kind == _TAIL and place == len(self._covering) - 1:
                self._gone(riding, REJECT)
                return
        self._push(riding)

    def _haunt(self, eye: int, after_us: Us, for_us: Us) -> Generator[simpy.Event, Any, None]:
        """A pulse without a parcel."""
        yield self.env.timeout(after_us)
        self._cover(eye, 1)
        yield self.env.timeout(for_us)
        self._cover(eye, -1)

    def _cover(self, eye: int, change: int) -> None:
        self._covering[eye] += change
        bit = 1 << eye
        covered = self.eyes | bit if self._covering[eye] else self.eyes & ~bit
        if covered != self.eyes:
            self.eyes = covered
            self._notify()

    # ------------------------------------------------------------ wheels and chutes

    def _leave(self, riding: _Riding, chute: int) -> None:
        self._gone(riding, chute)
        if chute != REJECT:
            self.env.process(self._fall(riding.parcel, chute))

    def _gone(self, riding: _Riding, chute: int) -> None:
        del self._riding[riding.parcel.n]
        self.left.append((self.env.now_us, riding.parcel.n, chute))

    def _fall(self, parcel: PhysicalParcel, chute: int) -> Generator[simpy.Event, Any, None]:
        """Down the chute, past its eye, into the bag; a full bag is changed."""
        yield self.env.timeout(self._layout.chutes[chute].fall_us)
        seen = not self._mishaps.outlet_blind(parcel.n, chute)
        self._in_outlet[chute] += seen
        self._show("outlets", chute, self._in_outlet[chute] > 0)
        yield self.env.timeout(parcel.length_mm * 1_000_000 // self._layout.belt.speed_mm_s)
        self._in_outlet[chute] -= seen
        self._show("outlets", chute, self._in_outlet[chute] > 0)
        self._level[chute] += 1
        capacity = self._layout.chutes[chute].capacity
        self._show("full", chute, self._level[chute] >= capacity)
        if self._level[chute] == -(-capacity * CALL_PERCENT // 100):
            yield self.env.timeout(BAG_CHANGE_US)
            self._level[chute] = 0
            self._show("full", chute, False)

    def _show(self, what: str, chute: int, on: bool) -> None:
        bits = getattr(self, what)
        changed = bits | 1 << chute if on else bits & ~(1 << chute)
        if changed != bits:
            setattr(self, what, changed)
            self._notify()
