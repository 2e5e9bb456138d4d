"""What a run of the reference line measures when no parcel's outcome is kept."""

from __future__ import annotations

from typing import NamedTuple

from sim.compiled import bare
from sim.reference.columns import Out, Table
from sim.reference.rules import Column

RIDING = -1
"""In the column `reason`: the parcel is still under way."""

WAIT_BIN_US, WAIT_BINS = 100_000, 6000
TOTALS = 5
PARCELS, LAPS, WAIT_US, TRANSIT_US, LAST_OUT_US = range(TOTALS)


class Tally(NamedTuple):
    """Counters.

    totals    parcels, their laps, from arrival to entry (us), from first entry to outlet (us), the last
              parcel's wall clock there
    by_chute  where they left: a chute, N (no-read) or N + 1 (rejected)
    waits     for the infeed, in bins of WAIT_BIN_US; what is longer counts in the last one
    misses    as in `Outcomes`
    """

    totals: Column
    by_chute: Column
    waits: Column
    misses: Column


def count_rows(tally: Tally, table: Table, out: Out, rows: int, place: Column) -> int:
    """Count the parcels that are out; the others move to the first rows, in order. Returns how many they are.

    place  of rows: filled with the new row of those that moved
    """
    totals, by_chute, waits, _ = tally
    riding = laps = waited = transit = 0
    last_out = totals[LAST_OUT_US]
    for row in range(rows):
        if out.reason[row] == RIDING:
            place[row] = riding
            table.arr[riding], table.length[riding] = table.arr[row], table.length[row]
            table.code[riding] = table.code[row]
            out.t_in[riding], out.laps[riding] = out.t_in[row], out.laps[row]
            riding += 1
            continue
        entered, left = out.t_in[row], out.t_out[row]
        wait = entered - table.arr[row]
        laps += out.laps[row]
        waited += wait
        transit += left - entered
        last_out = max(last_out, left)
        by_chute[out.chute[row]] += 1
        waits[min(wait // WAIT_BIN_US, WAIT_BINS - 1)] += 1
    totals[PARCELS] += rows - riding
    totals[LAPS] += laps
    totals[WAIT_US] += waited
    totals[TRANSIT_US] += transit
    totals[LAST_OUT_US] = last_out
    return riding


def bare_tally(tally: Tally) -> Tally:
    """The same as addresses, in compiled code."""
    return Tally(bare(tally.totals), bare(tally.by_chute), bare(tally.waits), bare(tally.misses))


RULES = (bare_tally, count_rows)
"""What compiled counting must be given."""
