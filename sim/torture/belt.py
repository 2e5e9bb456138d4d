"""The torture's belt: ramps up, runs at one speed, stops at once; its encoder may lie. Integers, nm."""

from __future__ import annotations

from math import isqrt

from sim.torture.clock import NEVER
from sim.torture.hall import RAMP_MM_S2, SPEED_MM_S
from sorter.flow import Us

NM_PER_MM = 1_000_000
NM_PER_COUNT = 500_000
_M = 1_000_000


class Belt:
    """runs = the motor turns. slip_ppm: the encoder runs that much further than the surface; stalled: not.

    first_count  what the encoder shows at the beginning; counts are unwrapped here
    """

    def __init__(self, first_count: int) -> None:
        self.runs = self.stalled = False
        self.slip_ppm = 0
        self._at_us: Us = 0
        self._x = self._e = 0
        self._v = self._ramp = 0
        self._full_us: Us = 0
        self._first = first_count
        self._gain = _M

    def x_nm(self, now: Us) -> int:
        """Way of the surface."""
        return self._x + self._way(now - self._at_us)

    def when(self, x_nm: int) -> Us:
        """First instant at which the surface has run so far, NEVER when it stands."""
        way = x_nm - self._x
        if way <= 0:
            return self._at_us
        if not self._ramp:
            return self._at_us + -(-way // self._v) if self._v else NEVER
        ramped = self._way(self._full_us)
        if way >= ramped:
            return self._at_us + self._full_us + -(-(way - ramped) // SPEED_MM_S)
        took = (isqrt((self._v**2 * _M + 2 * self._ramp * way) * _M) - self._v * _M) // self._ramp
        while self._way(took) < way:
            took += 1
        return self._at_us + took

    def count(self, now: Us) -> int:
        """What the encoder shows, unwrapped."""
        return self._first + (self._e + self._way(now - self._at_us) * self._gain // _M) // NM_PER_COUNT

    def when_count(self, count: int) -> Us:
        """First instant at which the encoder shows it, NEVER on this course."""
        if not self._gain:
            return NEVER
        behind = (count - self._first) * NM_PER_COUNT - self._e
        return self.when(self._x - -behind * _M // self._gain)

    def jump(self, now: Us, counts: int) -> None:
        """The encoder jumps though nothing moved."""
        self.settle(now)
        self._first += counts

    def settle(self, now: Us) -> None:
        """Take up changed conditions from now on."""
        passed = now - self._at_us
        way, v = self._way(passed), self._speed(passed)
        self._x, self._e, self._at_us = self._x + way, self._e + way * self._gain // _M, now
        self._v = v if self.runs else 0
        self._ramp = RAMP_MM_S2 if self.runs and v < SPEED_MM_S else 0
        self._full_us = (SPEED_MM_S - self._v) * _M // RAMP_MM_S2
        self._gain = 0 if self.stalled else _M + self.slip_ppm

    def _way(self, passed: Us) -> int:
        if not self._ramp:
            return self._v * passed
        ramped = min(passed, self._full_us)
        return self._v * ramped + self._ramp * ramped * ramped // (2 * _M) + SPEED_MM_S * (passed - ramped)

    def _speed(self, passed: Us) -> int:
        if not self._ramp:
            return self._v
        if passed >= self._full_us:
            return SPEED_MM_S
        return self._v + self._ramp * passed // _M
