"""How far the belt has run: constant speeds joined by ramps, in exact integers.

Distance is in nanometres because 1 mm/s for 1 us is 1 nm: no rounding at constant speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

from sorter.flow import ENCODER_SPAN, Us

NM_PER_MM: Final = 1_000_000
_NM_PER_M: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Leg:
    """Motion from an instant on: x_nm at at_us, then speed v and ramp a (mm/s^2, signed)."""

    at_us: Us
    x_nm: int
    v_mm_s: int
    a_mm_s2: int

    def x(self, at_us: Us) -> int:
        dt = at_us - self.at_us
        return self.x_nm + self.v_mm_s * dt + self.a_mm_s2 * dt * dt // 2_000_000


class Surface:
    """What parcels lie on: how far it has run, and when it will have run so far."""

    def x_nm(self, at_us: Us) -> int:
        """Way run until at_us; at_us is not before the last command."""
        raise NotImplementedError

    def when(self, x_nm: int) -> Us | None:
        """First instant since the last command with at least x_nm of way; None = not on this course."""
        raise NotImplementedError


class BeltMotion(Surface):
    """The belt of one line: `aim` sets the wanted speed, `x_nm` tells the way, `when` the instant.

    counts_per_m, first_count  the encoder on it: what it shows at way 0, u32
    aims                       how often its course was changed; `when` answers for this course
    """

    def __init__(self, ramp_mm_s2: int, counts_per_m: int, first_count: int = 0) -> None:
        self._ramp = ramp_mm_s2
        common = gcd(counts_per_m, _NM_PER_M)
        self._counts, self._per_nm = counts_per_m // common, _NM_PER_M // common
        self._first = first_count
        self._leg = self._then = _Leg(0, 0, 0, 0)
        self.aims = 0

    def aim(self, at_us: Us, speed_mm_s: int) -> None:
        """From at_us on, ramp to speed_mm_s and stay there."""
        x, v = self.x_nm(at_us), self.speed_mm_s(at_us)
        change = speed_mm_s - v
        self.aims += 1
        ramp = self._ramp if change > 0 else -self._ramp
        took = abs(change) * 1_000_000 // self._ramp
        self._leg = _Leg(at_us, x, v, ramp if change else 0)
        self._then = _Leg(at_us + took, self._leg.x(at_us + took), speed_mm_s, 0)

    def speed_mm_s(self, at_us: Us) -> int:
        """Speed now, rounded towards the speed of the last command."""
        if at_us >= self._then.at_us:
            return self._then.v_mm_s
        return self._leg.v_mm_s + self._leg.a_mm_s2 * (at_us - self._leg.at_us) // 1_000_000

    def is_steady(self, at_us: Us) -> bool:
        """Whether the wanted speed is reached."""
        return at_us >= self._then.at_us

    def x_nm(self, at_us: Us) -> int:
        """Way run until at_us; at_us is not before the last command."""
        then = self._then
        if at_us >= then.at_us:
            return then.x_nm + then.v_mm_s * (at_us - then.at_us)
        return self._leg.x(at_us)

    def when(self, x_nm: int) -> Us | None:
        """First instant since the last command with at least x_nm of way; None = not on this course."""
        then = self._then
        if x_nm <= then.x_nm:
            return self._on_ramp(x_nm)
        if then.v_mm_s == 0:
            return None
        return then.at_us - (then.x_nm - x_nm) // then.v_mm_s

    def encoder(self, at_us: Us) -> int:
        """The u32 that the encoder shows: whole steps since way 0, and what it showed there."""
        x, counts, per_nm = self.x_nm(at_us), self._counts, self._per_nm
        # x * counts // per_nm in two parts: what outgrows 30 bits is slow to multiply.
        return (self._first + x // per_nm * counts + x % per_nm * counts // per_nm) % ENCODER_SPAN

    def when_counted(self, counts: int) -> Us | None:
        """First instant since the last command at which the encoder has made so many steps since way 0."""
        return self.when(-(-counts * self._per_nm // self._counts))

    def _on_ramp(self, x_nm: int) -> Us:
        low, high = self._leg.at_us, self._then.at_us
        while low < high:
            middle = (low + high) // 2
            if self._leg.x(middle) >= x_nm:
                high = middle
            else:
                low = middle + 1
        return low
