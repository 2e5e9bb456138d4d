"""Draw a block of parcels, run it, count it, and so on: what a run does, plain or compiled as a whole."""

from __future__ import annotations

from sim.hubline import recursion, tally
from sim.hubline import stream as streams
from sim.hubline.pace import Pace
from sim.hubline.recursion import run_block
from sim.hubline.stream import Stream, draw_block
from sim.hubline.tables import Plant, Table
from sim.hubline.tally import Tally, count_block

PROGRESS = 3
NEXT, ROWS, OVER = range(PROGRESS)
"""Where a run stands: its next parcel, how many have ended in the last block, and whether it is over.

It is when a block drew nothing: that one let run out what still returned.
"""


def run_blocks(
    plant: Plant, pace: Pace, stream: Stream, tally: Tally, clock: list[float], progress: Table,
    offered: Table, ended: Table, block: int, blocks: int,
) -> None:  # fmt: skip
    """Go on for so many blocks of so many parcels, or until the run is over.

    offered, ended  have room for `block` rows, and for as many and the ring's size
    """
    while blocks > 0 and progress[OVER] == 0:
        first = progress[NEXT]
        drawn = draw_block(stream, clock, first, block, offered)
        rows = run_block(plant, pace, offered, first, drawn, ended)
        count_block(tally, ended, rows)
        progress[NEXT], progress[ROWS], progress[OVER] = first + drawn, rows, drawn == 0
        blocks -= 1


RULES = (*recursion.RULES, *streams.RULES, *tally.RULES, run_blocks)
"""What compiled code that runs blocks must be given."""
