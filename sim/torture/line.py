"""The torture's line: parcels as marks on a belt, eyes, wheels, chutes, and hands. It knows no controller.

It does what the outputs say and tells `changed` when an input of the PLC changes. Everything that could
be blamed on it is told to `fact`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from heapq import heappop, heappush
from itertools import count

from sim.torture.belt import NM_PER_MM, Belt
from sim.torture.clock import NEVER, Clock
from sim.torture.hall import END_MM, EYES_MM, LEAD_MM
from sorter.flow import REJECT, Mm, Us

RELEASE_NM = 200 * NM_PER_MM
EYES = len(EYES_MM) + 1
LAST_EYE = EYES - 1
NOSE, TAIL, CENTRE = 0, 1, 2
SWITCH_US, FALL_US, OUTLET_US = 300_000, 400_000, 90_000
TAKEN = -1
"""Where a parcel left that hands took off."""


@dataclass(slots=True, eq=False)
class Parcel:
    """One object. codes = texts on its label; readable = a camera can make them out.

    gap_mm  the infeed puts it so close behind the one before it, None = as it should
    """

    n: int
    arr_us: Us
    length_mm: Mm
    codes: tuple[str, ...]
    readable: bool = True
    gap_mm: Mm | None = None


@dataclass(slots=True, eq=False)
class Rider:
    """A parcel on the belt; zero = way at which its nose is at the induct eye, met = marks behind it."""

    parcel: Parcel
    zero: int
    marks: tuple[tuple[int, int, int], ...]
    met: int = 0
    off: bool = False
    held_at: int | None = None
    under: set[int] = field(default_factory=set)


@cache
def marks_of(length_mm: Mm) -> tuple[tuple[int, int, int], ...]:
    """(way of the nose behind the induct eye, kind, eye or diverter), in order."""
    eyes = [*EYES_MM, END_MM]
    marks = [(mm * NM_PER_MM, NOSE, eye) for eye, mm in enumerate(eyes)]
    marks += [((mm + length_mm) * NM_PER_MM, TAIL, eye) for eye, mm in enumerate(eyes)]
    pivots = [mm + LEAD_MM for mm in EYES_MM[1:]]
    marks += [((mm * 2 + length_mm) * NM_PER_MM // 2, CENTRE, d) for d, mm in enumerate(pivots)]
    return tuple(sorted(marks))


class Wheel:
    """A diverter: told a side, there after its switching time; stuck = it does not turn."""

    def __init__(self) -> None:
        self.side = self.was = 0
        self.since_us: Us = -SWITCH_US
        self.stuck = self.dead = False
        self.late_us: Us = 0

    def turn(self, side: int, now: Us) -> None:
        """Obey, if it can."""
        if not self.stuck and side != self.side:
            self.was, self.side, self.since_us = self.direction(now), side, now

    def direction(self, now: Us) -> int:
        """How a parcel is thrown now: the old way in the first half of the switching time."""
        return self.side if now - self.since_us >= SWITCH_US // 2 + self.late_us else self.was


class Line:
    """mark_us = when the next parcel is at its next mark; the world calls `walk` then."""

    def __init__(
        self, clock: Clock, parcels: list[Parcel], first_count: int, fact: Callable[..., None]
    ) -> None:
        self.clock, self.belt, self.fact = clock, Belt(first_count), fact
        self.changed: Callable[[], None] = lambda: None
        self.eyes = self.outlets = self.full = self.faults = 0
        self.stuck_on = self.stuck_off = self.blind = self.blind_outlets = 0
        self.wheels = [Wheel() for _ in EYES_MM[1:]]
        self.riding: dict[int, Rider] = {}
        self.waiting = parcels[::-1]
        self.open = False
        self.hold_at_eye: int | None = None
        self.mark_us: Us = NEVER
        self.commanded: tuple[int, ...] = ()
        self._cover = [0] * EYES
        self._due: list[tuple[int, int, Rider]] = []
        self._number = count()
        self._free_nm = 0
        self._release_us: Us = NEVER
        self._walk_us: Us = NEVER
        self._last: tuple[int, int] | None = None
        self._passing: dict[int, None] = {}

    # ------------------------------------------------------------ what the PLC commands

    def obey(self, run: bool, infeed: bool, wheels: tuple[int, ...]) -> None:
        """Take the PLC's outputs."""
        if wheels is not self.commanded:
            for wheel, side in zip(self.wheels, wheels, strict=True):
                wheel.turn(side, self.clock.now_us)
            self.commanded = wheels
        if run is not self.belt.runs:
            self.belt.runs = run
            self.drive()
            self.fact("belt", run)
        if infeed is not self.open:
            self.open = infeed
            self.fact("infeed", infeed)
            self.plan()

    def drive(self) -> None:
        """The belt's conditions have changed."""
        self.belt.settle(self.clock.now_us)
        self.plan()
        self.changed()

    def works(self, chute: int) -> bool:
        """Its wheel turns as it should and its eye sees."""
        wheel = self.wheels[chute // 2]
        return not (wheel.stuck or wheel.dead or wheel.late_us or self.blind_outlets >> chute & 1)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing rides."""
        return not self.waiting and not self.riding

    # ------------------------------------------------------------ the infeed and the walker

    def plan(self) -> None:
        """When the next thing happens on the belt."""
        belt, due = self.belt, self._due
        while due and due[0][2].off:
            heappop(due)
        self._walk_us = belt.when(due[0][0]) if due else NEVER
        self._release_us = NEVER
        if self.open and self.waiting and belt.runs:
            first = self.waiting[-1]
            self._release_us = max(belt.when(self._free(first)), first.arr_us, self.clock.now_us)
        self.mark_us = min(self._walk_us, self._release_us)

    def _free(self, parcel: Parcel) -> int:
        if self._last is None:
            return 0
        placed, length = self._last
        if parcel.gap_mm is not None:
            return placed + (length + parcel.gap_mm) * NM_PER_MM
        return placed + max(length + 300, 600 - (parcel.length_mm - length) // 2) * NM_PER_MM

    def walk(self) -> None:
        """Everything that is due on the belt now."""
        now = self.clock.now_us
        x, due = self.belt.x_nm(now), self._due
        if self._release_us <= now:
            self._release(x)
        while due and due[0][0] <= x:
            rider = heappop(due)[2]
            if not rider.off and self._meet(rider):
                rider.met += 1
                heappush(due, (rider.zero + rider.marks[rider.met][0], next(self._number), rider))
        self.plan()

    def _release(self, x: int) -> None:
        parcel = self.waiting.pop()
        self._last = (x, parcel.length_mm)
        self.put(parcel, x + RELEASE_NM)

    def put(self, parcel: Parcel, zero: int, met: int = 0) -> None:
        """A parcel is on the belt from here on; met = marks that are behind it."""
        rider = Rider(parcel, zero, marks_of(parcel.length_mm), met)
        self.riding[parcel.n] = rider
        self.fact("born", parcel.n, zero, parcel.length_mm)
        heappush(self._due, (zero + rider.marks[met][0], next(self._number), rider))

    def _meet(self, rider: Rider) -> bool:
        """The parcel is at its next mark; False when it comes off there or is held."""
        way, kind, place = rider.marks[rider.met]
        if self._runs_up(rider, way):
            return False
        if kind == CENTRE:
            return self._at_pivot(rider, place)
        if kind == NOSE:
            if place == self.hold_at_eye:
                self.hold_at_eye, rider.held_at = None, way
                self.fact("held", rider.parcel.n, place)
            self.cover(place, rider, True)
            return rider.held_at is None
        self.cover(place, rider, False)
        if place == LAST_EYE:
            self.gone(rider, REJECT)
            return False
        return True

    def _runs_up(self, rider: Rider, way: int) -> bool:
        """What sticks holds what comes behind it."""
        for ahead in self.riding.values():
            if ahead.held_at is not None and ahead is not rider and ahead.zero <= rider.zero:
                tail = ahead.held_at - ahead.parcel.length_mm * NM_PER_MM
                if way > tail:
                    rider.held_at = tail
                    return True
        return False

    def _at_pivot(self, rider: Rider, diverter: int) -> bool:
        wheel = self.wheels[diverter]
        side = wheel.direction(self.clock.now_us)
        if not side or wheel.dead:
            return True
        chute = 2 * diverter + (side > 0)
        self.gone(rider, chute)
        self._fall(chute)
        return False

    def _fall(self, chute: int) -> None:
        if self.blind_outlets >> chute & 1:
            return
        self.clock.after(FALL_US, lambda: self.outlet(chute, True))
        self.clock.after(FALL_US + OUTLET_US, lambda: self.outlet(chute, False))

    def outlet(self, chute: int, covered: bool) -> None:
        """A chute's eye is covered or clear."""
        bit = 1 << chute
        self.outlets = self.outlets | bit if covered else self.outlets & ~bit
        self.changed()

    # ------------------------------------------------------------ eyes and hands

    def gone(self, rider: Rider, chute: int) -> None:
        """Off the belt by `chute`, REJECT or TAKEN."""
        rider.off = True
        del self.riding[rider.parcel.n]
        for eye in sorted(rider.under):
            self.cover(eye, rider, False)
        self.fact("gone", rider.parcel.n, chute)

    def cover(self, eye: int, rider: Rider, covered: bool) -> None:
        """A parcel comes under an eye or leaves it."""
        if covered and not self.blind >> eye & 1:
            rider.under.add(eye)
            self._cover[eye] += 1
        elif not covered and eye in rider.under:
            rider.under.remove(eye)
            self._cover[eye] -= 1
        self.show(eye)
        if eye == 0 and self.eyes & 1:
            self._note_passing()

    def show(self, eye: int) -> None:
        """What the eye says, with what is wrong with it."""
        bit = 1 << eye
        covered = bool(self._cover[eye] or self.stuck_on & bit) and not self.stuck_off & bit
        if covered is not bool(self.eyes & bit):
            self.eyes ^= bit
            self.changed()
            if eye == 0 and covered:
                self._note_passing()
            elif eye == 0:
                for n in self._passing:
                    self.fact("inducted", n)
                self._passing.clear()

    def _note_passing(self) -> None:
        """What lies under the induct eye while it shows something is what it will have seen."""
        for rider in self.riding.values():
            if 0 in rider.under:
                self._passing[rider.parcel.n] = None

    def centre_nm(self, rider: Rider) -> int:
        """Where its centre is behind the induct eye."""
        nose = self.belt.x_nm(self.clock.now_us) - rider.zero
        if rider.held_at is not None:
            nose = min(nose, rider.held_at)
        return nose - rider.parcel.length_mm * NM_PER_MM // 2

    def clear_held(self) -> int:
        """Hands take off everything that sticks; how many."""
        held = [rider for rider in self.riding.values() if rider.held_at is not None]
        for rider in held:
            self.gone(rider, TAKEN)
        self.hold_at_eye = None
        self.plan()
        return len(held)
