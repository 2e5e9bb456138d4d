"""The reference line, version 1: its parameters and its table of parcels, as values.

Times are integer microseconds, lengths integer millimetres; every distance is kept as belt time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

NO_READ = -1
"""The code of a parcel whose waybill no camera read."""


@dataclass(frozen=True, slots=True)
class LineSpec:
    """One loop: infeed, camera, a row of diverters, the exception and reject end, and the way back.

    diverters          N; diverter i stands at first_diverter_mm + i x pitch_mm and serves chute i
    us_per_mm          belt time of one millimetre
    gap_mm             smallest distance from one parcel's tail to the next one's nose
    cycle_us           from one firing of a diverter to its next
    neighbour_cycle_us from a firing of diverter d - 1 to the arming of d
    bag_parcels        what a bag holds; its change takes bag_out_us
    max_laps           a parcel that missed in this lap leaves at the end
    stops              (start, duration) of every belt stop on the wall clock, in order, never overlapping
    """

    diverters: int
    pitch_mm: int
    us_per_mm: int
    gap_mm: int
    camera_mm: int
    first_diverter_mm: int
    return_mm: int
    cycle_us: int
    neighbour_cycle_us: int
    bag_parcels: int
    bag_out_us: int
    max_laps: int
    stops: tuple[tuple[int, int], ...] = ()

    @property
    def gap_us(self) -> int:
        """Belt time of the smallest gap."""
        return self.gap_mm * self.us_per_mm

    @property
    def camera_us(self) -> int:
        """Belt time from the infeed to the camera."""
        return self.camera_mm * self.us_per_mm

    @property
    def first_us(self) -> int:
        """Belt time from the infeed to diverter 0."""
        return self.first_diverter_mm * self.us_per_mm

    @property
    def pitch_us(self) -> int:
        """Belt time from one diverter to the next, and from a diverter's arming eye to its blade."""
        return self.pitch_mm * self.us_per_mm

    @property
    def end_us(self) -> int:
        """Belt time from the infeed to the exception and reject end."""
        return self.first_us + self.diverters * self.pitch_us

    @property
    def loop_us(self) -> int:
        """Belt time from the infeed round the loop and back to it."""
        return self.end_us + self.return_mm * self.us_per_mm

    @property
    def no_read_chute(self) -> int:
        """The chute of parcels without a code."""
        return self.diverters

    @property
    def reject_chute(self) -> int:
        """The chute of parcels that missed in their last lap."""
        return self.diverters + 1


@dataclass(frozen=True, slots=True, eq=False)
class Parcels:
    """What arrives, one row a parcel in order of arrival: int64 arrays of one length.

    arr_us      wall clock, never decreasing
    length_mm   above 0
    code        the chute, 0 to N - 1, or NO_READ
    latency_us  from the camera to the decision
    true        the right chute; for scoring only, no engine reads it
    """

    arr_us: Int64s
    length_mm: Int64s
    code: Int64s
    latency_us: Int64s
    true: Int64s

    def __len__(self) -> int:
        return len(self.arr_us)
