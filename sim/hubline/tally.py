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

WAIT_BIN_US, WAIT_BINS = 1_000_000, 14_400
DWELL_BIN_US, DWELL_BINS = 100_000, 6_000
RATE_BIN_US = 300_000_000
TOTALS = 9
PARCELS, MISSORTS, WAIT_US, DWELL_US, ROUNDS, IDLE_US, STOPPED_US, RELEASED_US, LAST_US = range(TOTALS)


class Scale(NamedTuple):
    """Sizes of a tally: chutes, time bins; ruled = 1 where `right` says which chutes a ruling allows."""

    chutes: int
    bins: int


class Tally(NamedTuple):
    """Counters of one run, flat.

    totals    parcels, mis-sorts, waiting for the infeed (us), infeed to outlet (us), laps, infeed free but
              nothing there (us), infeed closed though a parcel waited (us), last release, last instant (us)
    by_why    per reason; by_chute: per chute, then the exception end; sorted_in: by a chute, per time bin
    waits, dwells   histograms; what is beyond counts in the last bin
    """

    scale: Scale
    totals: Table
    by_why: Table
    by_chute: Table
    sorted_in: Table
    waits: Table
    dwells: Table
    right: Table


def count_block(tally: Tally, ended: Table, rows: int) -> None:
    """Count parcels whose way is known."""
    scale, totals, by_why, by_chute, sorted_in, waits, dwells, right = tally
    for row in range(0, rows * END, END):
        wait = ended[row + RELEASED] - ended[row + ARRIVED]
        dwell = ended[row + LEFT] - ended[row + RELEASED]
        chute = ended[row + CHUTE_LEFT]
        totals[PARCELS] += 1
        totals[WAIT_US] += wait
        totals[DWELL_US] += dwell
        totals[ROUNDS] += ended[row + LAPS]
        totals[IDLE_US] += max(0, ended[row + ARRIVED] - ended[row + FREE])
        totals[STOPPED_US] += ended[row + RELEASED] - max(ended[row + ARRIVED], ended[row + FREE])
        totals[RELEASED_US] = max(totals[RELEASED_US], ended[row + RELEASED])
        totals[LAST_US] = max(totals[LAST_US], ended[row + LEFT])
        by_why[ended[row + REASON]] += 1
        waits[min(wait // WAIT_BIN_US, WAIT_BINS - 1)] += 1
        dwells[min(dwell // DWELL_BIN_US, DWELL_BINS - 1)] += 1
        if chute < 0:
            by_chute[scale.chutes] += 1
        else:
            by_chute[chute] += 1
            totals[MISSORTS] += 1 - right[ended[row + TRULY] * scale.chutes + chute]
            sorted_in[min(ended[row + LEFT] // RATE_BIN_US, scale.bins - 1)] += 1


def quantile_us(histogram: Table, bin_us: int, share: float) -> int:
    """Upper edge of the bin in which this share of what was counted is reached; 0 for nothing counted."""
    wanted, seen = share * sum(histogram), 0
    for n, count in enumerate(histogram):
        seen += count
        if count and seen >= wanted:
            return (n + 1) * bin_us
    return 0
