"""The reference line on SimPy: callbacks at the places where something is decided.

SimPy's clock is belt time, so nothing happens while the belt stands; the wall clock is worked out from it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import simpy

from sim.reference.columns import Blades, Line, Out, Stops, Table
from sim.reference.outcomes import NO_READ_OUT, REJECTED, SORTED
from sim.reference.rules import (
    FIRE,
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
"""A simpy.Timeout whose value is the parcel that passes."""


@dataclass(slots=True)
class Riding:
    """A parcel on its way. row: in the table; space: belt time from its nose to the next.

    blade    belt time at its blade in this lap
    decided  wall clock of its decision
    """

    row: int
    code: int
    space: int
    blade: int = 0
    decided: int = 0


class SimpyLine:
    """The infeed, the blades and the loop; each method `at_...` is what happens to a parcel at one place."""

    def __init__(self, line: Line, stops: Stops, table: Table, blades: Blades, out: Out) -> None:
        # SimPy's clock is int | float to a type checker; here it gets only integers.
        self.env: Any = simpy.Environment()
        self.line, self.stops, self.table, self.blades, self.out = line, stops, table, blades, out
        self.returning: deque[tuple[int, int]] = deque()  # belt time of the nose and of the next
        self.free = self.started = self.passed = 0

    def run(self) -> None:
        """Fill the columns of `out` for every parcel."""
        self.offer(0)
        self.env.run()

    def after(self, delay: int, happens: Callable[[Passing], None], parcel: Riding) -> None:
        """Call `happens` for the parcel when the belt has run another `delay` us."""
        callbacks = simpy.Timeout(self.env, delay, parcel).callbacks
        assert callbacks is not None, "a new timeout has not happened yet"
        callbacks.append(happens)

    def offer(self, row: int) -> None:
        """The next new parcel will try to enter as soon as it is there and the infeed is free."""
        line, table, stops = self.line, self.table, self.stops
        if row == line.parcels:
            return
        arrived = table.arr[row]
        self.started = started = stops_before(arrived, stops.start, self.started)
        self.free = max(self.free, stops.resumed[started])
        nose = earliest_entry(arrived, stops.stood[started], self.free)
        space = belt_space(table.length[row], line.us_per_mm, line.gap_us)
        self.after(nose - self.env.now, self.at_infeed, Riding(row, table.code[row], space))

    def at_infeed(self, passing: Passing) -> None:
        """A new parcel enters, or waits for one that has come back or is about to."""
        parcel, nose, line = passing.value, self.env.now, self.line
        if nose < self.free:
            self.after(self.free - nose, self.at_infeed, parcel)
        elif self.returning and not gap_fits(nose, parcel.space, self.returning[0][0]):
            self.after(self.returning[0][1] - nose, self.at_infeed, parcel)
        else:
            _, stop_rho, stood, _ = self.stops
            self.passed = passed = stops_before(nose - line.pitch_us, stop_rho, self.passed)
            self.out.t_in[parcel.row] = wall(nose, stop_rho, stood, passed)
            seen = wall(nose + line.camera_us, stop_rho, stood, passed)
            parcel.decided = seen + self.table.latency[parcel.row]
            self.ride(parcel, nose)
            self.offer(parcel.row + 1)

    def again_at_infeed(self, passing: Passing) -> None:
        """A parcel that missed begins its next lap."""
        self.returning.popleft()
        self.ride(passing.value, self.env.now)

    def ride(self, parcel: Riding, nose: int) -> None:
        """Onward to the arming eye of its diverter, or to the end."""
        line = self.line
        self.free = nose + parcel.space
        self.out.laps[parcel.row] += 1
        if parcel.code < 0:
            self.after(line.end_us, self.at_end, parcel)
        else:
            parcel.blade = blade = blade_at(nose, parcel.code, line.first_us, line.pitch_us)
            # The arming eye of diverter 0 may lie before the infeed, by less than a pitch.
            self.after(max(blade - line.pitch_us - nose, 0), self.at_eye, parcel)

    def at_eye(self, passing: Passing) -> None:
        """The blade is armed, or the parcel rides past it."""
        parcel, line = passing.value, self.line
        armed = self.clock(parcel.blade - line.pitch_us)
        neighbour_fired = self.blades.fired[parcel.code]
        verdict = arm_verdict(parcel.decided, armed, neighbour_fired, line.neighbour_cycle_us)
        if verdict == FIRE:
            self.after(parcel.blade - self.env.now, self.at_blade, parcel)
        else:
            self.miss(parcel, verdict)

    def at_blade(self, passing: Passing) -> None:
        """The parcel leaves by its chute, or rides on."""
        parcel, now = passing.value, self.clock(self.env.now)
        verdict = fire(self.line, self.blades, parcel.code, now)
        if verdict == FIRE:
            leave(self.out, parcel.row, now, parcel.code, SORTED)
        else:
            self.miss(parcel, verdict)

    def miss(self, parcel: Riding, verdict: int) -> None:
        """Count a miss; onward to the end."""
        line = self.line
        self.out.misses[verdict] += 1
        end = parcel.blade - blade_at(0, parcel.code, line.first_us, line.pitch_us) + line.end_us
        self.after(end - self.env.now, self.at_end, parcel)

    def at_end(self, passing: Passing) -> None:
        """The parcel leaves, or comes back by the loop."""
        parcel, line, out, now = passing.value, self.line, self.out, self.env.now
        if parcel.code < 0:
            leave(out, parcel.row, self.clock(now), line.diverters, NO_READ_OUT)
        elif is_last_lap(out.laps[parcel.row], line.max_laps):
            leave(out, parcel.row, self.clock(now), line.diverters + 1, REJECTED)
        else:
            back = line.loop_us - line.end_us
            self.returning.append((now + back, now + back + parcel.space))
            self.after(back, self.again_at_infeed, parcel)

    def clock(self, rho: int) -> int:
        """Wall clock at belt time `rho`, not before the infeed's last event by more than a pitch."""
        return wall(rho, self.stops.rho, self.stops.stood, self.passed)
