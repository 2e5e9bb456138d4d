"""The rules of the reference line: pure integer functions without state or clock.

Every engine decides with these and with nothing else: the SimPy line calls them as they are, the plain
recursion has them put in (sim.inlined), hence single expressions, the compiled ones as machine code. All
values are integers: times in us, `rho` in us of belt running time.
"""

from __future__ import annotations

from typing import Protocol


class Column(Protocol):
    """Integers by row: a list in plain Python, an int64 array or the address of its items where compiled."""

    def __getitem__(self, row: int, /) -> int: ...

    def __setitem__(self, row: int, value: int, /) -> None: ...


FAR = 1 << 62
"""Later than anything that happens."""

NEVER = -FAR
"""Earlier than anything that happens."""

FIRE, LATE, INTERLOCK, BUSY, BAG_OUT = -1, 0, 1, 2, 3
"""Verdicts: let the blade fire, or one of the misses, numbered as in `Outcomes.misses`."""


def stops_before(moment: int, moments: Column, passed: int) -> int:
    """How many of the rising `moments` lie before `moment`, the last of them being FAR.

    passed  a number of them known to lie before it: moments that hardly decrease need no search
    """
    while moments[passed] < moment:
        passed += 1
    return passed


def wall(rho: int, stop_rho: Column, stood: Column, passed: int) -> int:
    """Wall clock when the belt has run `rho`; at the very moment of a stop: before the stop.

    stop_rho, stood  belt time of every stop, and how long the belt had stood before each; see `columns.Stops`
    passed           a number of stops known to lie before `rho`
    """
    return rho + stood[stops_before(rho, stop_rho, passed)]


def earliest_entry(arrived: int, stood_us: int, free: int) -> int:
    """Belt time from which a parcel that arrived at wall clock `arrived` may enter: max(rho+, free).

    stood_us  how long the belt stands in the stops that started before `arrived`, to their ends
    free      when the infeed is free; not before `resumed_after` the last of those stops
    """
    return free if free > arrived - stood_us else arrived - stood_us


def resumed_after(stop_rho: int) -> int:
    """Belt time at which a parcel is offered that arrived during the stop at `stop_rho`."""
    return stop_rho + 1


def belt_space(length_mm: int, us_per_mm: int, gap_us: int) -> int:
    """Belt time from a parcel's nose to the earliest next nose."""
    return length_mm * us_per_mm + gap_us


def gap_fits(nose: int, space_us: int, returning: int) -> bool:
    """Whether a new parcel that enters at `nose` is clear of the parcel that returns at `returning`."""
    return nose + space_us <= returning


def blade_at(nose: int, code: int, first_us: int, pitch_us: int) -> int:
    """When a parcel that entered at `nose` meets the blade of diverter `code`, on the clock of `nose`."""
    return nose + first_us + code * pitch_us


def arm_verdict(decided: int, armed: int, neighbour_fired: int, neighbour_cycle_us: int) -> int:
    """Verdict at the arming eye, passed at wall clock `armed`: FIRE, LATE or INTERLOCK."""
    return LATE if decided > armed else INTERLOCK if armed < neighbour_fired + neighbour_cycle_us else FIRE


def fire_verdict(now: int, fired: int, cycle_us: int, bag_ready: int) -> int:
    """Verdict at the blade at wall clock `now`: FIRE, BUSY or BAG_OUT."""
    return BUSY if now < fired + cycle_us else BAG_OUT if now < bag_ready else FIRE


def bag_is_full(level: int, bag_parcels: int) -> bool:
    """Whether a bag that holds `level` parcels, the last one included, is to be changed."""
    return level >= bag_parcels


def is_last_lap(lap: int, max_laps: int) -> bool:
    """Whether a parcel that missed in this lap leaves at the end of the line."""
    return lap >= max_laps


RULES = (
    stops_before, wall, earliest_entry, belt_space, gap_fits, blade_at, arm_verdict, fire_verdict,
    bag_is_full, is_last_lap,
)  # fmt: skip
"""All that are called while parcels run, for the compiler."""
