"""The reference line on SimPy: callbacks at the places where something is decided.

SimPy's clock is belt time, so nothing happens while the belt stands; the wall clock is worked out from it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

import simpy

from sim.reference.columns import Blades, Line, Out, Stops, Table
from sim.reference.outcomes import NO_READ_OUT, REJECTED, SORTED
from sim.reference.rules import (
    FIRE,
    Column,
    arm_verdict,
    belt_space,
    blade_at,
    earliest_entry,
    gap_fits,
    is_last_lap,
    stops_before,
    wall,
)
from sim.reference.steps import fire, leave

Passing: TypeAlias = Any
"""A simpy.Timeout whose value is the parcel's row in the table."""


class SimpyLine:
    """The infeed, the blades and the loop; each method `at_...` is what happens to a parcel at one place."""

    def __init__(self, line: Line, stops: Stops, table: Table, blades: Blades, out: Out) -> None:
        self.env: Any = simpy.Environment()  # its clock is int | float to SimPy; here it gets only integers
        self.line, self.stops, self.table, self.blades, self.out = line, stops, table, blades, out
        # Belt time of each parcel's entry into this lap, and of its blade in it; wall clock of its decision.
        self.nose: Column = [0] * line.parcels
        self.blade: Column = [0] * line.parcels
        self.decided: Column = [0] * line.parcels
        self.returning: deque[tuple[int, int]] = deque()  # belt time of the nose and of the next
        self.free = self.started = self.passed = 0

    def run(self) -> None:
        """Fill the columns of `out` for every parcel."""
        self.offer(0)
        self.env.run()

    def after(self, delay: int, happens: Callable[[Passing], None], parcel: int) -> None:
        """Call `happens` for the parcel when the belt has run another `delay` us."""
        callbacks = simpy.Timeout(self.env, delay, parcel).callbacks
        assert callbacks is not None, "a new timeout has not happened yet"
        callbacks.append(happens)

    def offer(self, parcel: int) -> None:
        """The next new parcel will try to enter as soon as it is there and the infeed is free."""
        if parcel == self.line.parcels:
            return
        arrived, stops = self.table.arr[parcel], self.stops
        self.started = stops_before(arrived, stops.start, self.started)
        self.free = max(self.free, stops.resumed[self.started])
        nose = earliest_entry(arrived, stops.stood[self.started], self.free)
        self.after(nose - self.env.now, self.at_infeed, parcel)

    def at_infeed(self, passing: Passing) -> None:
        """A new parcel enters, or waits for one that has come back or is about to."""
        parcel, nose, line = passing.value, self.env.now, self.line
        space = belt_space(self.table.length[parcel], line.us_per_mm, line.gap_us)
        if nose < self.free:
            self.after(self.free - nose, self.at_infeed, parcel)
        elif self.returning and not gap_fits(nose, space, self.returning[0][0]):
            self.after(self.returning[0][1] - nose, self.at_infeed, parcel)
        else:
            self.passed = stops_before(nose - line.pitch_us, self.stops.rho, self.passed)
            self.out.t_in[parcel] = self.clock(nose)
            self.decided[parcel] = self.clock(nose + line.camera_us) + self.table.latency[parcel]
            self.ride(parcel, nose + space)
            self.offer(parcel + 1)

    def again_at_infeed(self, passing: Passing) -> None:
        """A parcel that missed begins its next lap."""
        _, free = self.returning.popleft()
        self.ride(passing.value, free)

    def ride(self, parcel: int, free: int) -> None:
        """Onward to the arming eye of its diverter, or to the end; the infeed is free again at `free`."""
        now, line, code = self.env.now, self.line, self.table.code[parcel]
        self.free = free
        self.nose[parcel] = now
        self.out.laps[parcel] += 1
        if code < 0:
            self.after(line.end_us, self.at_end, parcel)
        else:
            self.blade[parcel] = blade_at(now, code, line.first_us, line.pitch_us)
            # The arming eye of diverter 0 may lie before the infeed, by less than a pitch.
            self.after(max(self.blade[parcel] - line.pitch_us - now, 0), self.at_eye, parcel)

    def at_eye(self, passing: Passing) -> None:
        """The blade is armed, or the parcel rides past it."""
        parcel, line = passing.value, self.line
        neighbour_fired = self.blades.fired[self.table.code[parcel]]
        armed = self.clock(self.blade[parcel] - line.pitch_us)
        verdict = arm_verdict(self.decided[parcel], armed, neighbour_fired, line.neighbour_cycle_us)
        if verdict == FIRE:
            self.after(self.blade[parcel] - self.env.now, self.at_blade, parcel)
        else:
            self.miss(parcel, verdict)

    def at_blade(self, passing: Passing) -> None:
        """The parcel leaves by its chute, or rides on."""
        parcel, now = passing.value, self.clock(self.env.now)
        verdict = fire(self.line, self.blades, self.table.code[parcel], now)
        if verdict == FIRE:
            leave(self.out, parcel, now, self.table.code[parcel], SORTED)
        else:
            self.miss(parcel, verdict)

    def miss(self, parcel: int, verdict: int) -> None:
        """Count a miss; onward to the end."""
        self.out.misses[verdict] += 1
        self.after(self.nose[parcel] + self.line.end_us - self.env.now, self.at_end, parcel)

    def at_end(self, passing: Passing) -> None:
        """The parcel leaves, or comes back by the loop."""
        parcel, line, out, now = passing.value, self.line, self.out, self.env.now
        if self.table.code[parcel] < 0:
            leave(out, parcel, self.clock(now), line.diverters, NO_READ_OUT)
        elif is_last_lap(out.laps[parcel], line.max_laps):
            leave(out, parcel, self.clock(now), line.diverters + 1, REJECTED)
        else:
            nose = self.nose[parcel] + line.loop_us
            space = belt_space(self.table.length[parcel], line.us_per_mm, line.gap_us)
            self.returning.append((nose, nose + space))
            self.after(nose - now, self.again_at_infeed, parcel)

    def clock(self, rho: int) -> int:
        """Wall clock at belt time `rho`, not before the infeed's last event by more than a pitch."""
        return wall(rho, self.stops.rho, self.stops.stood, self.passed)
