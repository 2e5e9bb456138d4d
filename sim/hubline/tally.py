"""What a run measures, counted as it goes: memory does not grow with the number of parcels."""

from __future__ import annotations

from typing import NamedTuple

from sim.hubline.tables import (
    ARRIVED,
    CHUTE_LEFT,
    END,
    FREE,
    LAPS,
    LEFT,
    REASON,
    RELEASED,
    TRULY,
    Table,
)

WAIT_BIN_US, WAIT_BINS = 1_000_000, 43_200
DWELL_BIN_US, DWELL_BINS = 100_000, 6_000
RATE_BIN_US = 300_000_000
TOTALS = 11
(
    PARCELS, MISSORTS, WAIT_US, DWELL_US, ROUNDS, IDLE_US, STOPPED_US, RELEASED_US, LAST_US, UNFINISHED,
    JAMMED_US,
) = range(TOTALS)  # fmt: skip


class Scale(NamedTuple):
    """Sizes of a tally: chutes, time bins; ruled = 1 where `right` says which chutes a ruling allows."""

    chutes: int
    bins: int


class Tally(NamedTuple):
    """Counters of one run, flat.

    totals    parcels, mis-sorts, waiting for the infeed (us), infeed to outlet (us), laps, infeed free but
              nothing there (us), infeed closed though a parcel waited (us), last release, last instant (us),
              parcels that never came off, as the line was given up, infeed closed by a jam meanwhile (us)
    by_why    per reason; by_chute: per chute, then the exception end; sorted_in: by a chute, per time bin
    dwelt     infeed to outlet, per chute and for the exception end, us
    waits, dwells   histograms; what is beyond counts in the last bin
    """

    scale: Scale
    totals: Table
    by_why: Table
    by_chute: Table
    dwelt: Table
    sorted_in: Table
    waits: Table
    dwells: Table
    right: Table


def count_block(tally: Tally, ended: Table, rows: int) -> None:
    """Count parcels whose way is known."""
    scale, totals, by_why, by_chute, dwelt, sorted_in, waits, dwells, right = tally
    missorts = waited = ridden = rounds = idle = stopped = 0
    released_last, left_last = totals[RELEASED_US], totals[LAST_US]
    for row in range(0, rows * END, END):
        arrived, free, released = ended[row + ARRIVED], ended[row + FREE], ended[row + RELEASED]
        left, chute, wait = ended[row + LEFT], ended[row + CHUTE_LEFT], released - arrived
        waited += wait
        ridden += left - released
        rounds += ended[row + LAPS]
        idle += max(0, arrived - free)
        stopped += released - max(arrived, free)
        released_last, left_last = max(released_last, released), max(left_last, left)
        by_why[ended[row + REASON]] += 1
        waits[min(wait // WAIT_BIN_US, WAIT_BINS - 1)] += 1
        dwells[min((left - released) // DWELL_BIN_US, DWELL_BINS - 1)] += 1
        outlet = chute if chute >= 0 else scale.chutes
        by_chute[outlet] += 1
        dwelt[outlet] += left - released
        if chute >= 0:
            missorts += 1 - right[ended[row + TRULY] * scale.chutes + chute]
            sorted_in[min(left // RATE_BIN_US, scale.bins - 1)] += 1
    totals[PARCELS] += rows
    totals[MISSORTS] += missorts
    totals[WAIT_US] += waited
    totals[DWELL_US] += ridden
    totals[ROUNDS] += rounds
    totals[IDLE_US] += idle
    totals[STOPPED_US] += stopped
    totals[RELEASED_US], totals[LAST_US] = released_last, left_last


def quantile_us(histogram: Table, bin_us: int, share: float) -> int:
    """Upper edge of the bin in which this share of what was counted is reached; 0 for nothing counted."""
    wanted, seen = share * sum(histogram), 0
    for n, count in enumerate(histogram):
        seen += count
        if count and seen >= wanted:
            return (n + 1) * bin_us
    return 0


RULES = (count_block,)
"""What compiled counting must be given."""
