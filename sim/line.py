"""The physical line under SimPy: belt, eyes, wheels. It obeys outputs and knows no controller.

A parcel's centre decides at a pivot which way it goes; a wheel that is still turning throws it the old
way in the first half of its switching time and the new way in the second. Every event on the belt is a
*mark*: a position at which a parcel's nose, tail or centre changes something, due when the belt has run
so far; one walker takes the marks in order of way, so stops and ramps cost nothing. It need not come at
each mark: whoever looks at the line lets it catch up first, and every mark knows its own instant.

Nothing fails here; what may fail is done otherwise by `sim.faulty_line`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush, heapreplace
from typing import Final

from sim.bags import BAG_CHANGE_US as BAG_CHANGE_US
from sim.bags import CALL_PERCENT as CALL_PERCENT
from sim.bags import Chutes
from sim.belt import NM_PER_MM, BeltMotion, Surface
from sim.clock import NEVER, Call, LineClock
from sim.parcel import PhysicalParcel, Seen
from sim.riding import CENTRE, NOSE, TAIL, Marks, Riding, Wheel
from sorter.flow import REJECT, Mm, Us
from sorter.layout import Camera, Layout

TAKEN_OFF: Final = -1
"""Where a parcel went that somebody took off the belt."""

UNKNOWN: Final = -1

RELEASE_MM: Final = 200
"""The infeed puts a parcel's nose this far before the induct eye."""


class Line:
    """One line. `notify` is called after every change of what the PLC can see.

    wake          asked that `walk` be called at an instant or at the first look after it; None = the line's
                  own clock does, at that very instant
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
        first_count: int = 0,
        wake: Callable[[Us], None] | None = None,
    ) -> None:
        self.env = env
        self.belt = BeltMotion(layout.belt.ramp_mm_s2, layout.belt.counts_per_m, first_count)
        self.chutes = Chutes(layout, notify)
        self.eyes = self.faults = 0
        self.left: list[tuple[Us, int, int]] = []
        self.inducted: list[tuple[Us, int]] = []
        self._layout = layout
        self._notify = notify
        self._wake = wake or self._wake_by_clock
        self._surface: Surface = self.belt
        self._wheels = [Wheel(diverter.switch_us) for diverter in layout.diverters]
        self._commanded: tuple[int, ...] = ()
        self._outlets = {(chute.diverter, chute.side): chute.id for chute in layout.chutes}
        self._covering = [0] * len(layout.eyes_mm)
        self._last_eye = len(layout.eyes_mm) - 1
        self._marks = Marks(layout)
        self._riding: dict[int, Riding] = {}
        self._due: list[tuple[int, int, Riding]] = []
        self._noted = 0
        self._alarm: Call | None = None
        self._waiting = iter(parcels)
        self._next = next(self._waiting, None)
        self._release_us = self._entry_us = NEVER
        self._looks_us = UNKNOWN
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
        driven = belt_run is not self._running
        self._running, self._open = belt_run, infeed
        if driven:
            self._drive(now)
        self._plan_release(now)
        self._set_alarm()

    def _drive(self, now: Us) -> None:
        self.belt.aim(now, self._layout.belt.speed_mm_s if self._running else 0)

    def _turn(self, wheels: tuple[int, ...]) -> None:
        now = self.env.now_us
        for at, wheel in enumerate(self._wheels):
            side = wheels[at]
            if wheel.side != side:
                wheel.was, wheel.side, wheel.since_us = wheel.direction(now), side, now
        self._commanded = wheels

    # ------------------------------------------------------------ what cameras and people see

    def encoder(self) -> int:
        """The u32 that the encoder shows now."""
        return self.belt.encoder(self.env.now_us)

    def view(self, camera: Camera) -> list[Seen]:
        """Parcels of which some part lies under the camera now."""
        x = self._surface.x_nm(self.env.now_us)
        seen = []
        for riding in self._riding.values():
            length = riding.parcel.length_mm
            centre = (self._nose_nm(riding, x) - length * NM_PER_MM // 2) // NM_PER_MM
            off = centre - camera.position_mm
            if abs(off) <= (camera.along_mm + length) // 2:
                seen.append(Seen(riding.parcel, off))
        return seen

    def _nose_nm(self, riding: Riding, x: int) -> int:
        """Where the parcel's nose is, from the induct eye, when the surface has run x nm."""
        return x - riding.zero_nm

    @property
    def idle(self) -> bool:
        """Every parcel offered has come off the line."""
        return self._next is None and not self._riding

    # ------------------------------------------------------------ the infeed

    def _plan_release(self, now: Us) -> None:
        """Set when the infeed can put the next parcel on the belt, and when that is at its first mark."""
        self._release_us = self._entry_us = NEVER
        self._looks_us = UNKNOWN
        if self._next is not None and self._open and self._running:
            surface = self._surface
            free = surface.when(self._free_nm(self._next))
            if free is not None:
                self._release_us = at_us = max(free, self._next.arr_us, now)
                entry = surface.when(surface.x_nm(at_us) + RELEASE_MM * NM_PER_MM)
                self._entry_us = NEVER if entry is None else entry

    def _free_nm(self, parcel: PhysicalParcel) -> int:
        """Way at which the belt before the infeed is free for this parcel: minimum gap and pitch."""
        if self._last is None:
            return 0
        placed, length = self._last
        infeed = self._layout.infeed
        nose = max(length + infeed.min_gap_mm, infeed.min_pitch_mm - (parcel.length_mm - length) // 2)
        return placed + nose * NM_PER_MM

    def _release(self, at_us: Us) -> None:
        parcel, x = self._next, self._surface.x_nm(at_us)
        assert parcel is not None
        self._last = (x, parcel.length_mm)
        self._next = next(self._waiting, None)
        riding = Riding(parcel, x + RELEASE_MM * NM_PER_MM, self._marks.of(parcel.length_mm))
        self._riding[parcel.n] = riding
        self.inducted.append((at_us, parcel.n))
        self._noted += 1
        heappush(self._due, (self._way_nm(riding), self._noted, riding))
        self._plan_release(at_us)

    # ------------------------------------------------------------ the walker

    def due_us(self) -> Us:
        """The first instant at which the PLC may see something else than now."""
        due, chutes_us = self._look_us(), self.chutes.due_us
        return due if due < chutes_us else chutes_us

    def _look_us(self) -> Us:
        """The same of the belt; kept until something is met on it or its course changes."""
        if self._looks_us == UNKNOWN:
            due = self._entry_us
            if self._due:
                mark = self._surface.when(self._look_nm())
                if mark is not None and mark < due:
                    due = mark
            self._looks_us = due
        return self._looks_us

    def _look_nm(self) -> int:
        """Way by which the PLC must look again: the next mark, or at full speed the next one that shows."""
        return self._look_from(0, NEVER) if self.belt.is_steady(self.env.now_us) else self._due[0][0]

    def _look_from(self, at: int, look: int) -> int:
        """By when somebody must look for those in the heap below `at`, or `look` when that is earlier.

        Nobody needs a look before its next mark, and below an entry of a heap there is none before it.
        """
        due = self._due
        while at < len(due) and due[at][0] < look:
            riding = due[at][2]
            look = min(look, riding.zero_nm + riding.marks[riding.met].look_nm)
            look = self._look_from(2 * at + 2, look)
            at = 2 * at + 1
        return look

    def walk(self, now: Us) -> None:
        """Everything on the line up to this instant happens, each mark at its own."""
        while self._release_us <= now:
            self._release(self._release_us)
        x, due = self._surface.x_nm(now), self._due
        if due and due[0][0] <= x:
            self._looks_us = UNKNOWN
        while due and due[0][0] <= x:
            way, _, riding = due[0]
            if self._meet(riding, way):
                riding.met += 1
                self._noted += 1
                heapreplace(due, (self._way_nm(riding), self._noted, riding))
            else:
                heappop(due)
        if self.chutes.due_us <= now:
            self.chutes.walk(now)

    def _set_alarm(self) -> None:
        """Ask to be walked when there is something to see; what was asked before need not be taken back."""
        if (due := self.due_us()) != NEVER:
            self._wake(due)

    def _wake_by_clock(self, at_us: Us) -> None:
        self._alarm = self.env.call_at(at_us, self._walk)

    def _walk(self, alarm: Call) -> None:
        if alarm is self._alarm:
            self.walk(self.env.now_us)
            self._set_alarm()

    def _way_nm(self, riding: Riding) -> int:
        """Way of the surface at which the parcel is at its next mark."""
        return riding.zero_nm + riding.marks[riding.met].way_nm

    def _instant(self, way_nm: int) -> Us:
        """When the surface had run so far: not before the last command, and not after now."""
        at_us = self._surface.when(way_nm)
        assert at_us is not None, "it has"
        return at_us

    def _meet(self, riding: Riding, way: int) -> bool:
        """The parcel is at its next mark, at this way; False when it comes off the belt there."""
        mark = riding.marks[riding.met]
        kind, place = mark.kind, mark.place
        if kind == CENTRE:
            wheel = self._wheels[place]
            if not (wheel.side or wheel.was):
                return True
            at_us = self._instant(way)
            return self._at_pivot(riding, place, wheel.direction(at_us), at_us)
        self._cover(place, 1 if kind == NOSE else -1)
        if kind == TAIL and place == self._last_eye:
            self._gone(riding, REJECT, self._instant(way))
            return False
        return True

    def _at_pivot(self, riding: Riding, diverter: int, side: int, now: Us) -> bool:
        if not side or self.faults >> diverter & 1:
            return True
        chute = self._outlets.get((diverter, side), REJECT)
        self._gone(riding, chute, now)
        if chute != REJECT:
            self.chutes.take(riding.parcel, chute, now)
        return False

    def _gone(self, riding: Riding, chute: int, now: Us) -> None:
        del self._riding[riding.parcel.n]
        self.left.append((now, riding.parcel.n, chute))

    # ------------------------------------------------------------ belt eyes

    def _cover(self, eye: int, change: int) -> None:
        self._covering[eye] = covering = self._covering[eye] + change
        if (covering != 0) is not bool(self.eyes >> eye & 1):
            self.eyes ^= 1 << eye
            self._notify()
