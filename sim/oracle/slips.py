"""What slipped out of its window before the first diverter is nobody's and rides to the end: promise 24.

A belt that slips says so only where an object takes another one's place; by less than that it is not noticed,
and what an eye sees off its place by more than a window is an object without a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.oracle.belt import EYES_MM, SCAN_MM, WINDOW_MM
from sim.oracle.case import END, STRANGER, TAKEN, Case, Ride
from sim.oracle.violation import Violation

_MISSED_MM = WINDOW_MM + 2 * SCAN_MM
"""Two centres, each measured by edges that are seen up to a scan late."""


def not_diverted(case: Case) -> Iterator[Violation]:
    """24: whose counts ran on by more than a window from the induct eye to the next is not diverted."""
    pieces = list(_pieces(case))
    for n, ride in case.rides.items() if pieces else ():
        if n >= STRANGER or ride.chute in (END, TAKEN) or n not in case.numbers.values():
            continue
        if case.wheel_bad(ride.chute, ride.left_us or 0) or _otherwise_shaken(case, ride):
            continue
        slipped = _slipped_mm(pieces, ride.centre_mm, ride.centre_mm + EYES_MM[1])
        if slipped > _MISSED_MM and not _beside(case, ride):
            yield Violation(24, f"parcel {n} slipped by {slipped:.0f} mm and left by chute {ride.chute}")


def _pieces(case: Case) -> Iterator[tuple[float, float, int]]:
    """(from, until, ppm) of the belt's way on which the encoder ran on by so much more."""
    since, ppm = 0.0, 0
    for fact in case.facts:
        if fact[1] == "slip" or fact[1:] == ("encoder", "slip", False) or fact[1] == "calm":
            here = case.way.at(fact[0])
            if ppm:
                yield since, here, ppm
            since, ppm = here, fact[2] if fact[1] == "slip" else 0


def _slipped_mm(pieces: Sequence[tuple[float, float, int]], first: float, last: float) -> float:
    return sum(max(0.0, min(last, b) - max(first, a)) * ppm / 1e6 for a, b, ppm in pieces)


def _otherwise_shaken(case: Case, ride: Ride) -> bool:
    """The counts failed in another way, too, or an eye lied: the sum of both may be a place that fits."""
    last = ride.left_us or 0
    jumps = [(fact[0], fact[0]) for fact in case.by_kind["jump"]]
    lied = [span for eye in range(len(EYES_MM)) for what in ("stuck_on", "stuck_off")
            for span in case.spans("bit", what, eye)]  # fmt: skip
    stood = case.spans("encoder", "stall")
    return case.during([*jumps, *lied, *stood], ride.came_us - 2_000_000, last)


def _beside(case: Case, ride: Ride) -> bool:
    """Something lay so near that the wheels may have been turned for it, or that its place was that one's."""
    others = (other for other in case.rides.values() if other is not ride)
    return any(abs(other.centre_mm - ride.centre_mm) < 600 + WINDOW_MM for other in others)
