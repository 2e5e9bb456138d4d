"""The torture's line, written down a second time for the judge, and how far its belt has run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

EYES_MM = (0, 2600, 3800, 5000, 6200, 8200)
PIVOTS_MM = (3450, 4650, 5850, 7050)
LONGEST_MM = 600
WINDOW_MM = 100
"""Most by which an object may be off its place and still be taken for itself."""
SCAN_US, SCAN_MM = 10_000, 16
"""An edge is seen one scan late at most."""
BACK_MM = 132
"""A driven encoder that falls back by so little may be a belt that rocks."""
FALL_US, CONFIRM_US = 400_000, 187_000
"""Pivot to the chute's eye; half a pitch, by which a fall may be off and still be a parcel's own."""
SWITCH_US = 150_000
"""A wheel throws the old way in the first half of its switching time."""
PITCH_MM = 552
"""Between two centres that a diverter can serve each its own way: 512 to fire, 40 to hold."""
SLIP_MM = 169
"""An encoder that runs 6.5 % further is off by so much at the end of the longest section, 2600 mm."""
SWEPT_MM = 312
"""From a centre that a wheel is turned for: held 40, thrown the old way in half the switching, two scans."""
FULL_WAY_MM = 850
"""Eye before a diverter to its pivot: when a tail clears the eye, full is looked at."""
COMM_US = 500_000
COUNTS_PER_MM = 2
SPEED_MM_S, _RAMP = 1600, 800
_RAMP_S = SPEED_MM_S / _RAMP
RAMP_US = 2_000_000
RELEASE_MM = 200
"""Before the induct eye a nose waits for its release."""


class Way:
    """How far the surface has run: stands, ramps up, runs at one speed, stops at once. mm and us."""

    def __init__(self, runs: Sequence[tuple[int, bool]]) -> None:
        self._since, self._from, self._on = [0], [0.0], [False]
        for at_us, on in runs:
            self._from.append(self.at(at_us))
            self._since.append(at_us)
            self._on.append(on)

    def at(self, at_us: int) -> float:
        """Way at an instant."""
        last = bisect_right(self._since, at_us) - 1
        s = (at_us - self._since[last]) / 1e6
        if not self._on[last]:
            return self._from[last]
        ramped = min(s, _RAMP_S)
        return self._from[last] + _RAMP * ramped * ramped / 2 + SPEED_MM_S * (s - ramped)

    def running(self, at_us: int) -> bool:
        """The motor turned at that instant."""
        return self._on[bisect_right(self._since, at_us) - 1]

    def since(self, at_us: int) -> int:
        """Instant from which on it has been doing what it does at that instant."""
        return self._since[bisect_right(self._since, at_us) - 1]


def spans(facts: Sequence[tuple[Any, ...]], *place: Any) -> list[tuple[int, int]]:
    """(from, until) of a lasting condition, told as (instant, kind, *place, True or False)."""
    found, begun = list[tuple[int, int]](), None
    for fact in facts:
        if fact[2:-1] != place:
            continue
        if fact[-1] and begun is None:
            begun = fact[0]
        elif not fact[-1] and begun is not None:
            found.append((begun, fact[0]))
            begun = None
    return found if begun is None else [*found, (begun, 1 << 62)]
