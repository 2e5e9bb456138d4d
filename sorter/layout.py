"""The line's geometry as the engineer configured it: frozen values, units in the names.

Distances along the belt are measured from the induct eye, downstream positive, in mm.
Images: pixel rows run along the belt, row 0 is the most downstream one; columns run across it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

from sorter.flow import Mm, Us

USUAL_EXPOSURE_US = 150


@dataclass(frozen=True)
class Belt:
    """Speed mm/s at which the line sorts, ramp mm/s^2, encoder counts per metre."""

    speed_mm_s: int
    ramp_mm_s2: int
    counts_per_m: int


@dataclass(frozen=True)
class Infeed:
    """Parcel lengths that are accepted and the spacing that the infeed enforces.

    min_gap_mm    free belt between a tail and the next nose
    min_pitch_mm  between neighbouring centres: two short parcels at min_gap alone would be closer
                  than a diverter can switch (checked by `sorter check`)
    """

    shortest_mm: Mm
    longest_mm: Mm
    min_gap_mm: Mm
    min_pitch_mm: Mm


@dataclass(frozen=True)
class Camera:
    """A camera looking down on the belt; its centre row lies at position_mm at exposure.

    looks_mm     the PLC fires when a parcel's centre is this far beyond the centre row; one picture each
    exposure_us  time that a picture is exposed, while the belt moves on
    """

    id: int
    position_mm: Mm
    across_mm: Mm
    along_mm: Mm
    across_px: int
    along_px: int
    looks_mm: tuple[Mm, ...]
    exposure_us: int = USUAL_EXPOSURE_US

    def downstream_mm(self, row_px: int) -> Mm:
        """Distance of an image row from the camera's centre line, downstream positive, rounded down."""
        return (self.along_px - 2 * row_px) * self.along_mm // (2 * self.along_px)

    def aside_mm(self, column_px: int) -> Mm:
        """Distance of an image column from the middle column, columns rising positive, rounded down."""
        return (2 * column_px - self.across_px) * self.across_mm // (2 * self.across_px)


@dataclass(frozen=True)
class Diverter:
    """A wheel diverter: its pivot, the eye before it, the time from command to new direction."""

    id: int
    pivot_mm: Mm
    eye_mm: Mm
    switch_us: Us


@dataclass(frozen=True)
class Chute:
    """An outlet. side -1 left, +1 right of the belt; capacity in parcels; fall_us pivot to chute eye."""

    id: int
    key: str
    name_zh: str
    name_en: str
    diverter: int
    side: int
    capacity: int
    fall_us: Us


@dataclass(frozen=True)
class Layout:
    """One line: everything that the PLC program, the controller and the simulated line agree on.

    end_mm            the eye at the exception end
    scan_us           the PLC's scan period
    comm_timeout_us   the PLC takes the PC for lost after this long without a heartbeat
    window_mm         most that a parcel may be off its expected place at an eye
    hold_mm           a diverter keeps its direction this far beyond the parcel's centre
    """

    name: str
    belt: Belt
    infeed: Infeed
    cameras: tuple[Camera, ...]
    diverters: tuple[Diverter, ...]
    chutes: tuple[Chute, ...]
    end_mm: Mm
    scan_us: Us
    comm_timeout_us: Us
    ring_depth: int
    window_mm: Mm
    hold_mm: Mm

    def counts(self, mm: Mm) -> int:
        """Encoder counts for a distance, rounded to the nearest."""
        return (mm * self.belt.counts_per_m + 500) // 1000

    def mm(self, counts: int) -> Mm:
        """Distance for encoder counts, rounded to the nearest."""
        return (counts * 1000 + self.belt.counts_per_m // 2) // self.belt.counts_per_m

    @cached_property
    def eyes_mm(self) -> tuple[Mm, ...]:
        """Belt eyes in order: induct, one before each diverter, exception end."""
        return (0, *(diverter.eye_mm for diverter in self.diverters), self.end_mm)

    @cached_property
    def decision_counts(self) -> tuple[int, ...]:
        """Per chute: counts from the induct eye to its decision position, the eye before its diverter."""
        return tuple(self.counts(self.diverters[chute.diverter].eye_mm) for chute in self.chutes)

    @property
    def min_lead_mm(self) -> Mm:
        """Shortest way from a decision position to its pivot."""
        return min(diverter.pivot_mm - diverter.eye_mm for diverter in self.diverters)

    @cached_property
    def crc(self) -> int:
        """CRC-32 over the layout words of block K and P. Source: SORT-MAP 1.0, rule 8."""
        milli = self.belt.counts_per_m * 1000
        words = [len(self.chutes), milli >> 16, milli & 0xFFFF, self.min_lead_mm]
        for position in self.decision_counts:
            words += [position >> 16, position & 0xFFFF]
        return zlib.crc32(b"".join(word.to_bytes(2, "big") for word in words))


@dataclass(frozen=True)
class Link:
    """How the controller reaches the PLC. poll_us: one FC3 and one FC16 each; timeout_us: per request."""

    host: str
    port: int
    unit: int
    poll_us: Us
    timeout_us: Us
