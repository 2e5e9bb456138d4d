"""What a firing blade and a leaving parcel do to the columns: the same in every engine."""

from __future__ import annotations

from sim.reference.columns import Blades, Line, Out
from sim.reference.rules import FIRE, bag_is_full, fire_verdict


def fire(line: Line, blades: Blades, code: int, now: int) -> int:
    """The verdict at blade `code` at wall clock `now`; it fires if it can, and its bag fills."""
    fired, ready, levels = blades
    verdict = fire_verdict(now, fired[code + 1], line.cycle_us, ready[code])
    if verdict == FIRE:
        fired[code + 1] = now
        level = levels[code] + 1
        if bag_is_full(level, line.bag_parcels):
            level = 0
            ready[code] = now + line.bag_out_us
        levels[code] = level
    return verdict


def leave(out: Out, parcel: int, t_out: int, chute: int, reason: int) -> None:
    """Write down where a parcel left, and when."""
    out.t_out[parcel] = t_out
    out.chute[parcel] = chute
    out.reason[parcel] = reason


STEPS = (fire, leave)
"""Both of them, for the compiler."""
