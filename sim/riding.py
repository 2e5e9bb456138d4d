"""What rides on a line and what it meets: a parcel's marks along the belt, and the wheels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from sim.belt import NM_PER_MM
from sim.clock import NEVER
from sim.parcel import PhysicalParcel
from sorter.flow import Mm, Us
from sorter.layout import Layout

_WAY: Final = 12
_KIND: Final = 10
_PLACES: Final = 1023
NOSE: Final = 0
TAIL: Final = 1
CENTRE: Final = 2


class Mark(NamedTuple):
    """Something that a parcel meets. Ways are of its nose from the induct eye.

    place    eye or diverter
    look_nm  way by which somebody must have looked at full speed, lest a change that it or a later mark
             brings be seen too late
    """

    way_nm: int
    kind: int
    place: int
    look_nm: int


@dataclass(slots=True, eq=False)
class Riding:
    """A parcel on the belt: its nose was at the induct eye when the belt had run `zero_nm`.

    marks, met  everything that it meets, and how much of it lies behind
    """

    parcel: PhysicalParcel
    zero_nm: int
    marks: tuple[Mark, ...]
    met: int = 0


@dataclass(slots=True)
class Wheel:
    """A diverter's wheels: turned to side since since_us, to `was` before."""

    switch_us: Us
    side: int = 0
    was: int = 0
    since_us: Us = -(1 << 60)

    def direction(self, now: Us) -> int:
        """Where they throw a parcel now: the new way from the second half of the switching time on."""
        return self.side if 2 * (now - self.since_us) >= self.switch_us else self.was


class Marks:
    """Everything that parcels meet on their way down one line."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._by_length: dict[Mm, tuple[Mark, ...]] = {}
        # What a wheel throws is unseen until it has fallen to the chute's eye; 1 mm/s for 1 us is 1 nm.
        self._unseen_nm = min(chute.fall_us for chute in layout.chutes) * layout.belt.speed_mm_s

    def of(self, length_mm: Mm) -> tuple[Mark, ...]:
        """The marks of a parcel of this length, in order of way."""
        marks = self._by_length.get(length_mm)
        if marks is None:
            marks = self._by_length[length_mm] = self._made(length_mm)
        return marks

    def _made(self, length_mm: Mm) -> tuple[Mark, ...]:
        half, eyes = NM_PER_MM // 2, list(enumerate(self._layout.eyes_mm))
        # One number for way, kind and place: numbers are sorted ten times as fast as triples of them.
        noses = [2 * mm * half << _WAY | NOSE << _KIND | eye for eye, mm in eyes]
        tails = [2 * (mm + length_mm) * half << _WAY | TAIL << _KIND | eye for eye, mm in eyes]
        centres = [
            (2 * d.pivot_mm + length_mm) * half << _WAY | CENTRE << _KIND | d.id
            for d in self._layout.diverters
        ]
        marks, look = list[Mark](), NEVER
        for met in sorted(noses + tails + centres, reverse=True):
            way, kind, place = met >> _WAY, met >> _KIND & 3, met & _PLACES
            look = min(look, way + self._unseen_nm * (kind == CENTRE))
            marks.append(Mark(way, kind, place, look))
        return tuple(reversed(marks))
