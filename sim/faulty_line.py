"""The physical line with faults: it asks them at the moment each could happen; the rest is `sim.line`.

A parcel that sticks under an eye rests there, and what comes behind runs up against it, until hands take
all of them off. Under slip the drum, and the encoder on it, runs further than the belt's surface.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heappop, heappush

from sim.belt import NM_PER_MM
from sim.clock import NEVER, Call, LineClock
from sim.faults import CALM, Conditions, Faults
from sim.faulty_chutes import FaultyChutes
from sim.line import TAKEN_OFF, Line
from sim.parcel import PhysicalParcel, Seen
from sim.riding import NOSE, TAIL, Riding
from sim.slip import SlippingSurface
from sorter.flow import Us
from sorter.layout import Camera, Layout


class FaultyLine(Line):
    """One line on which things fail.

    hands_us  how long hands need for what sticks on the belt; 0 = nothing sticks
    """

    def __init__(
        self,
        env: LineClock,
        layout: Layout,
        parcels: Iterable[PhysicalParcel],
        notify: Callable[[], None],
        faults: Faults,
        first_count: int = 0,
        wake: Callable[[Us], None] | None = None,
    ) -> None:
        super().__init__(env, layout, parcels, notify, first_count, wake)
        self.hands_us: Us = 0
        self._mishaps = faults
        self._now = CALM
        self._surface = self._slipping = SlippingSurface(self.belt)
        self.chutes = self._failing = FaultyChutes(layout, notify, faults)
        self._changes_us: Us = NEVER
        self._rests: dict[int, int] = {}
        self._slid: dict[int, int] = {}
        self._pulses: list[tuple[Us, int, int]] = []
        env.call_at(env.now_us, self._change)

    def reconsider(self) -> None:
        """Other faults than before may be in force: look at once."""
        self._changes_us = NEVER
        self.env.call_at(self.env.now_us, self._change)

    @property
    def conditions(self) -> Conditions:
        """What lasting faults do now."""
        return self._now

    # ------------------------------------------------------------ what lasts

    def _change(self, call: Call) -> None:
        """Lasting faults begin or end; everything they touch shows it at once."""
        now = self.env.now_us
        self.walk(now - 1)
        before, self._now = self._now, self._mishaps.conditions(now)
        self._slipping.slip(now, self._now.slip_ppm)
        self.faults = self.faults & ~before.broken | self._now.broken
        if before.standing != self._now.standing:
            self._drive(now)
        if self._commanded:
            self._turn(self._commanded)
        for eye in range(len(self._covering)):
            self._cover(eye, 0)
        self._failing.stick(self._now.full)
        self._plan_release(now)
        self._set_alarm()
        self._notify()
        if (then := self._mishaps.next_change_us(now)) not in (None, self._changes_us):
            self._changes_us = then
            self.env.call_at(then, self._change)

    def _drive(self, now: Us) -> None:
        runs = self._running and not self._now.standing
        self.belt.aim(now, self._layout.belt.speed_mm_s if runs else 0)

    def _plan_release(self, now: Us) -> None:
        super()._plan_release(now)
        if self._now.standing:
            self._release_us = NEVER

    def _turn(self, wheels: tuple[int, ...]) -> None:
        sides = list(wheels)
        for diverter, side in self._now.stuck:
            sides[diverter] = self._wheels[diverter].side if side is None else side
        super()._turn(tuple(sides))
        self._commanded = wheels

    # ------------------------------------------------------------ eyes and cameras

    def _cover(self, eye: int, change: int) -> None:
        self._covering[eye] += change
        covered = self._covering[eye] != 0 and not self._now.clear >> eye & 1
        if (covered or bool(self._now.covered >> eye & 1)) is not bool(self.eyes >> eye & 1):
            self.eyes ^= 1 << eye
            self._notify()

    def view(self, camera: Camera) -> list[Seen]:
        """As it is, but for labels that no reader could make out."""
        now, label = self.env.now_us, self._mishaps.label
        return [
            Seen(replace(seen.parcel, label=label(seen.parcel.n, seen.parcel.label, now)), seen.centre_mm)
            for seen in super().view(camera)
        ]

    def _nose_nm(self, riding: Riding, x: int) -> int:
        nose = x - riding.zero_nm - self._slid.get(riding.parcel.n, 0)
        rest = self._rest_nm(riding)
        return nose if rest is None else min(nose, rest)

    # ------------------------------------------------------------ parcels

    def _way_nm(self, riding: Riding) -> int:
        slid = self._mishaps.slid_nm(riding.parcel.n, riding.met + 1)
        if slid:
            self._slid[riding.parcel.n] = slid
        return super()._way_nm(riding) + slid

    def _look_nm(self) -> int:
        return self._due[0][0]  # whatever is met may bring something unforeseen

    def due_us(self) -> Us:
        """As without faults; or the next pulse of an eye."""
        return min(super().due_us(), self._pulses[0][0] if self._pulses else NEVER)

    def walk(self, now: Us) -> None:
        """As without faults, and pulses of eyes that no parcel caused."""
        super().walk(now)
        while self._pulses and self._pulses[0][0] <= now:
            _, eye, change = heappop(self._pulses)
            self._cover(eye, change)

    def _meet(self, riding: Riding, at_nm: int) -> bool:
        parcel, mark = riding.parcel.n, riding.marks[riding.met]
        if self._riding.get(parcel) is not riding:
            return False  # hands took it off on its way to this mark
        rest = self._rest_nm(riding)
        if rest is not None and mark.way_nm > rest:
            self._rests[parcel] = rest
            return False
        if mark.kind == NOSE:
            return self._at_eye(riding, mark.place, self._instant(at_nm))
        if mark.kind == TAIL and self._mishaps.eye_blind(parcel, mark.place):
            self._covering[mark.place] += 1  # it goes without ever having covered the eye
        return super()._meet(riding, at_nm)

    def _at_eye(self, riding: Riding, eye: int, now: Us) -> bool:
        parcel, mishaps = riding.parcel.n, self._mishaps
        if mishaps.taken_off(parcel, eye, now):
            self._gone(riding, TAKEN_OFF, now)
            return False
        for after_us, for_us in mishaps.pulses(parcel, eye, now):
            heappush(self._pulses, (now + after_us, eye, 1))
            heappush(self._pulses, (now + after_us + for_us, eye, -1))
        if not mishaps.eye_blind(parcel, eye):
            self._cover(eye, 1)
        hands_us = mishaps.hands_us(parcel, eye, now)
        if hands_us is None:
            return True
        self._rests[parcel] = riding.marks[riding.met].way_nm
        self.hands_us = max(self.hands_us, hands_us, 1)
        riding.met += 1
        self._notify()
        return False

    def _at_pivot(self, riding: Riding, diverter: int, side: int, now: Us) -> bool:
        if side and self._mishaps.wheel_dead(riding.parcel.n, diverter, now):
            return True
        said, self.faults = self.faults, self.faults & ~self._now.broken
        stays = super()._at_pivot(riding, diverter, side, now)
        self.faults = said
        return stays

    def _gone(self, riding: Riding, chute: int, now: Us) -> None:
        super()._gone(riding, chute, now)
        self._slid.pop(riding.parcel.n, None)

    # ------------------------------------------------------------ jams

    def _rest_nm(self, riding: Riding) -> int | None:
        """Where the parcel's nose comes to rest, or rests, on the belt's length; None = it is free to go."""
        if not self._rests:
            return None
        if riding.parcel.n in self._rests:
            return self._rests[riding.parcel.n]
        ahead = [self._riding[n] for n in self._rests if self._riding[n].zero_nm < riding.zero_nm]
        if not ahead:
            return None
        last = max(ahead, key=lambda one: one.zero_nm)
        return self._rests[last.parcel.n] - last.parcel.length_mm * NM_PER_MM

    def take_off(self) -> None:
        """Hands take off what sticks and all that has run up against it; eyes under it are free again."""
        now = self.env.now_us
        x = self._surface.x_nm(now)
        for riding in list(self._riding.values()):  # in the order of the belt: a row grows from its front
            rest = self._rest_nm(riding)
            if rest is not None and self._nose_nm(riding, x) >= rest:
                self._rests[riding.parcel.n] = rest
        for riding in [self._riding[n] for n in self._rests]:
            met = riding.marks[: riding.met]
            noses, tails = ({mark.place for mark in met if mark.kind == kind} for kind in (NOSE, TAIL))
            under = noses - tails
            self._gone(riding, TAKEN_OFF, now)
            for eye in under:
                if not self._mishaps.eye_blind(riding.parcel.n, eye):
                    self._cover(eye, -1)
        self._rests.clear()
        self.hands_us = 0
