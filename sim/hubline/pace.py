"""What a parcel's length alone tells on a belt that has reached its speed and keeps it.

Nothing here is a rule of its own: the tables are filled by `rules.picture_us` and `motion.when_us`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sim.hubline.motion import way_nm, when_us
from sim.hubline.rules import MM, picture_us
from sim.hubline.tables import AT, LEG, NEVER, SPAN, TO, A, Line, Plant, Table, V

LONGEST_MM = 2000
"""Longer parcels are told the long way."""


class Pace(NamedTuple):
    """Times are between instants, us.

    from_nm     way of the last nose from which on the belt keeps its speed and the infeed stays open
    longest_mm  up to this length the tables go
    release_us  from release until the nose is at the induct eye
    tail_us     the same for the tail, by length (mm)
    picture_us  from the scan that sees the nose to the picture, by how many scans later the tail is gone
    """

    from_nm: int
    longest_mm: int
    release_us: int
    tail_us: Table
    picture_us: Table


def pace_of(plant: Plant) -> Pace:
    """Of a plant of lists; from_nm is NEVER where parcels return, where some may be called back, or where it
    depends on the time of the day.

    It does not where the belt runs a whole number of encoder steps in a scan: at 2000 steps/m and 10 ms with
    every speed that is a multiple of 50 mm/s.
    """
    return _pace(plant.line, tuple(plant.legs), tuple(plant.closed[TO : plant.line.closures * SPAN : SPAN]))


@lru_cache(maxsize=16)
def _pace(line: Line, its_legs: tuple[int, ...], reopened: tuple[int, ...]) -> Pace:
    """The same of what it depends on; like lines share one. reopened: when the infeed is."""
    legs = list(its_legs)
    last = legs[(line.legs - 1) * LEG :]
    origin_us = line.scan_us * (max(line.open_us, last[AT], *reopened) // line.scan_us + 1)
    nose_nm = way_nm(line, legs, origin_us) + line.release_nm
    tail_us = [when_us(line, legs, nose_nm + mm * MM) - origin_us for mm in range(LONGEST_MM + 1)]
    scans = (tail_us[-1] - tail_us[0]) // line.scan_us + 2
    ends = range(origin_us, origin_us + scans * line.scan_us, line.scan_us)
    even = last[V] * line.scan_us * line.counts % line.per_nm == 0
    keeps = last[A] == 0 and last[V] == line.speed_mm_s and line.return_nm == 0 and line.recalls == 0
    return Pace(
        from_nm=way_nm(line, legs, origin_us) if even and keeps else NEVER,
        longest_mm=LONGEST_MM,
        release_us=tail_us[0],
        tail_us=tail_us,
        picture_us=[picture_us(line, legs, origin_us, end_us) - origin_us for end_us in ends],
    )
