"""The reference line as a good SimPy user writes it: a process per parcel, resources, timeouts.

The baseline of every ratio in benchmarks/simulation.py. Exact: the outcomes are those of our engines.
It uses none of their rules, and counts the events that SimPy's loop handled.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Generator, Iterator
from itertools import accumulate
from typing import Any

import numpy as np
import simpy

from sim.reference.outcomes import NO_READ_OUT, REJECTED, SORTED, Outcomes
from sim.reference.spec import LineSpec, Parcels

Steps = Generator[simpy.Event, Any, None]


def simulate(spec: LineSpec, parcels: Parcels) -> tuple[Outcomes, int]:
    """Every parcel's outcome, and how many SimPy events it took."""
    env = simpy.Environment()
    line = Line(env, spec)
    table = zip(parcels.arr_us.tolist(), parcels.length_mm.tolist(), parcels.code.tolist(),
                parcels.latency_us.tolist(), strict=True)  # fmt: skip
    env.process(line.source(table))
    env.run()
    rows = np.array(line.outcomes, dtype=np.int64).reshape(-1, 6)
    rows = rows[np.argsort(rows[:, 0])]
    columns = [*np.ascontiguousarray(rows[:, 1:].T), np.array(line.misses, dtype=np.int64)]
    # The environment numbers the events it schedules, and it ran until none was left.
    return Outcomes(*columns), next(env._eid)


class Line:
    """The infeed, the belt's clock, the diverters and their bags."""

    def __init__(self, env: Any, spec: LineSpec) -> None:
        self.env = env
        self.spec = spec
        self.infeed = simpy.Resource(env)
        self.returning: deque[tuple[int, int]] = deque()  # belt time of nose, and of the next possible nose
        self.diverters = [Diverter() for _ in range(spec.diverters)]
        self.outcomes: list[tuple[int, ...]] = []
        self.misses = [0, 0, 0, 0]
        self.stood = [0, *accumulate(duration for _, duration in spec.stops)]
        self.starts = [start for start, _ in spec.stops]
        self.stops_rho = [start - stood for start, stood in zip(self.starts, self.stood[:-1], strict=True)]

    def wall(self, rho: int) -> int:
        return rho + self.stood[bisect_left(self.stops_rho, rho)]

    def until(self, rho: int) -> simpy.Timeout:
        """The moment at which the belt will have run `rho`."""
        return simpy.Timeout(self.env, self.wall(rho) - self.env.now)

    def running(self) -> int:
        """What the belt has run by now; an arrival during a stop counts as right after it."""
        stop = bisect_left(self.starts, self.env.now)
        running: int = self.env.now - self.stood[stop]
        return max(running, self.stops_rho[stop - 1] + 1) if stop else running

    def source(self, table: Iterator[tuple[int, int, int, int]]) -> Steps:
        for number, (arr, length, code, latency) in enumerate(table):
            if arr > self.env.now:
                yield self.env.timeout(arr - self.env.now)
            self.env.process(self.parcel(number, length, code, latency))

    def parcel(self, number: int, length: int, code: int, latency: int) -> Steps:
        spec, own = self.spec, length * self.spec.us_per_mm + self.spec.gap_us
        with self.infeed.request() as turn:
            yield turn
            nose = self.running()
            while self.returning and nose + own > self.returning[0][0]:
                _, clear = self.returning.popleft()
                if clear > nose:
                    yield self.until(clear)
                    nose = clear
            t_in = self.wall(nose)
            yield self.until(nose + own)
        yield self.until(nose + spec.camera_us)
        decided = self.env.now + latency
        for lap in range(1, spec.max_laps + 1):
            if code < 0:
                yield self.until(nose + spec.end_us)
                self.leave(number, t_in, spec.no_read_chute, lap, NO_READ_OUT)
                return
            diverter = self.diverters[code]
            fire = nose + spec.first_us + code * spec.pitch_us
            yield self.until(fire - spec.pitch_us)
            miss = self.arm(code, decided)
            if miss is None:
                yield self.until(fire)
                miss = self.fire(diverter)
            if miss is None:
                self.leave(number, t_in, code, lap, SORTED)
                return
            self.misses[miss] += 1
            yield self.until(nose + spec.end_us)
            nose += spec.loop_us
            if lap < spec.max_laps:
                self.returning.append((nose, nose + own))
        self.leave(number, t_in, spec.reject_chute, spec.max_laps, REJECTED)

    def arm(self, code: int, decided: int) -> int | None:
        if decided > self.env.now:
            return 0
        if code and self.env.now < self.diverters[code - 1].fired + self.spec.neighbour_cycle_us:
            return 1
        return None

    def fire(self, diverter: Diverter) -> int | None:
        if self.env.now < diverter.fired + self.spec.cycle_us:
            return 2
        if self.env.now < diverter.ready:
            return 3
        diverter.fired = self.env.now
        diverter.bag += 1
        if diverter.bag == self.spec.bag_parcels:
            diverter.bag = 0
            diverter.ready = self.env.now + self.spec.bag_out_us
        return None

    def leave(self, number: int, t_in: int, chute: int, laps: int, reason: int) -> None:
        self.outcomes.append((number, self.env.now, t_in, chute, laps, reason))


class Diverter:
    """One blade and the bag behind it."""

    def __init__(self) -> None:
        self.bag = 0
        self.fired = self.ready = -(1 << 62)
