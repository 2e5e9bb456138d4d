"""A belt whose surface lags behind its drum, and so behind the encoder, while it slips."""

from __future__ import annotations

from sim.belt import BeltMotion, Surface
from sorter.flow import Us

_WHOLE_PPM = 1_000_000


class SlippingSurface(Surface):
    """What parcels lie on: without slip it runs as the drum does. Ways in whole nm, rounded down."""

    def __init__(self, drum: BeltMotion) -> None:
        self._drum = drum
        self._ppm = 0
        self._drum_nm = self._surface_nm = 0

    def slip(self, at_us: Us, ppm: int) -> None:
        """From at_us on, this share of the drum's way is not made; below 1,000,000."""
        drum, surface = self._drum.x_nm(at_us), self.x_nm(at_us)
        self._drum_nm, self._surface_nm, self._ppm = drum, surface, ppm

    def x_nm(self, at_us: Us) -> int:
        """Way run until at_us; at_us is not before the last command."""
        made = (self._drum.x_nm(at_us) - self._drum_nm) * (_WHOLE_PPM - self._ppm) // _WHOLE_PPM
        return self._surface_nm + made

    def when(self, x_nm: int) -> Us | None:
        """First instant since the last command with at least x_nm of way; None = not on this course."""
        lacks = -((self._surface_nm - x_nm) * _WHOLE_PPM // (_WHOLE_PPM - self._ppm))
        return self._drum.when(self._drum_nm + lacks)
