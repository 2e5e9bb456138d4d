"""What became of every parcel of the reference line, and the digest that two implementations compare."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sim.reference.spec import Int64s

SORTED, NO_READ_OUT, REJECTED = 0, 1, 2
"""Why a parcel left: column `reason`."""

MISSES = ("late", "interlock", "busy", "bag_out")
"""Why a blade did not fire for a parcel, in the order of `Outcomes.misses`."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """One row a parcel, in the order of the table of parcels: int64 arrays; and the misses by kind.

    t_out_us, t_in_us  wall clock at the chute and at the first entry
    chute              where it left: a diverter's chute, N (no-read) or N + 1 (rejected)
    laps               rounds begun, 1 or more
    reason             SORTED, NO_READ_OUT or REJECTED
    misses             how often each of MISSES happened, over all laps
    """

    t_out_us: Int64s
    t_in_us: Int64s
    chute: Int64s
    laps: Int64s
    reason: Int64s
    misses: Int64s

    def sha256(self) -> str:
        """SHA-256 of the little-endian int64 columns t_out, t_in, chute, laps, reason, misses, in hex."""
        digest = hashlib.sha256()
        for column in (self.t_out_us, self.t_in_us, self.chute, self.laps, self.reason, self.misses):
            digest.update(column.astype("<i8", copy=False).tobytes())
        return digest.hexdigest()
