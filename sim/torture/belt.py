"""The torture's belt: it stands or runs at one speed; its encoder may lie. Integers, nanometres."""

from __future__ import annotations

from sim.torture.clock import NEVER
from sim.torture.hall import SPEED_MM_S
from sorter.flow import Us

NM_PER_MM = 1_000_000
NM_PER_COUNT = 500_000


class Belt:
    """runs = the motor turns. slip_ppm: the encoder runs so much further than the surface; stalled: not at all.

    first_count  what the encoder shows at the beginning; counts are unwrapped here
    """

    def __init__(self, first_count: int) -> None:
        self.runs = self.stalled = self.blocked = False
        self.slip_ppm = 0
        self._at_us: Us = 0
        self._x = self._e = 0
        self._v = self._ve = 0
        self._first = first_count

    def x_nm(self, now: Us) -> int:
        """Way of the surface."""
        return self._x + self._v * (now - self._at_us)

    def when(self, x_nm: int) -> Us:
        """First instant at which the surface has run so far, NEVER when it stands."""
        if self._v == 0:
            return NEVER
        return self._at_us - (self._x - x_nm) // self._v

    def count(self, now: Us) -> int:
        """What the encoder shows, unwrapped."""
        return self._first + (self._e + self._ve * (now - self._at_us)) // NM_PER_COUNT

    def when_count(self, count: int) -> Us:
        """First instant at which the encoder shows it, NEVER on this course."""
        if self._ve <= 0:
            return NEVER
        return self._at_us - (self._e - (count - self._first) * NM_PER_COUNT) // self._ve

    def jump(self, now: Us, counts: int) -> None:
        """The encoder jumps though nothing moved."""
        self.settle(now)
        self._first += counts

    def settle(self, now: Us) -> None:
        """Take up changed conditions from now on."""
        passed = now - self._at_us
        self._x, self._e, self._at_us = self._x + self._v * passed, self._e + self._ve * passed, now
        self._v = SPEED_MM_S if self.runs and not self.blocked else 0
        self._ve = 0 if self.stalled else self._v * (1_000_000 + self.slip_ppm) // 1_000_000
