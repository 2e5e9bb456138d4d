"""What no engine of this model can do without, and nothing else: a lower bound of the time.

Lindley's recursion at the infeed and the cycle test at the blade, without a branch: one pass, every parcel
one lap. It reads arrival, length and code, writes t_out, and is wrong wherever anything else happens.
"""

from __future__ import annotations

import time
from functools import cache

import numpy as np

from sim.compiled import bare, compiled
from sim.reference.rules import NEVER, Column
from sim.reference.spec import Int64s, LineSpec, Parcels


def bound_arrays(
    arr: Int64s, length: Int64s, codes: Int64s, fired: Int64s, t_out: Int64s,
    us_per_mm: int, gap_us: int, first_us: int, pitch_us: int, cycle_us: int,
) -> int:  # fmt: skip
    """What is compiled: `pass_once` over arrays."""
    return pass_once(len(arr), bare(arr), bare(length), bare(codes), bare(fired), bare(t_out),
                     us_per_mm, gap_us, first_us, pitch_us, cycle_us)  # fmt: skip


def pass_once(
    parcels: int, arr: Column, length: Column, codes: Column, fired: Column, t_out: Column,
    us_per_mm: int, gap_us: int, first_us: int, pitch_us: int, cycle_us: int,
) -> int:  # fmt: skip
    """How many parcels a blade would have taken."""
    free = taken = 0
    for parcel in range(parcels):
        nose = max(arr[parcel], free)
        free = nose + length[parcel] * us_per_mm + gap_us
        code = max(codes[parcel], 0)
        now = nose + first_us + code * pitch_us
        can = now >= fired[code] + cycle_us
        fired[code] = now if can else fired[code]
        t_out[parcel] = now
        taken += can
    return taken


@cache
def kernel() -> object:
    """Compiled on first use."""
    return compiled(bound_arrays, (bare, pass_once))


def cpu_s(spec: LineSpec, parcels: Parcels, runs: int) -> float:
    """CPU seconds of the fastest of `runs` passes."""
    made = kernel()
    assert callable(made)
    least, t_out = float("inf"), np.zeros(len(parcels), dtype=np.int64)
    for _ in range(runs + 1):  # the first compiles
        fired = np.full(spec.diverters, NEVER)
        begun = time.process_time()
        made(parcels.arr_us, parcels.length_mm, parcels.code, fired, t_out,
             spec.us_per_mm, spec.gap_us, spec.first_us, spec.pitch_us, spec.cycle_us)  # fmt: skip
        least = min(least, time.process_time() - begun)
    return least
