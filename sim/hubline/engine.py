"""Runs a line block by block: the plain recursion, or the same source compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.compiled import compiled
from sim.hubline.blocks import OVER, PROGRESS, ROWS, run_blocks
from sim.hubline.columns import RULES, arrays, blocks_arrays
from sim.hubline.pace import pace_of
from sim.hubline.stream import Stream
from sim.hubline.tables import END, OFFER, Plant, Table
from sim.hubline.tally import DWELL_BINS, RATE_BIN_US, TOTALS, WAIT_BINS, Scale, Tally
from sorter.flow import Us

BLOCK = 512
"""Parcels drawn and run at a time: their rows stay in the processor's cache."""

BLOCKS = 10_000
"""In one call of compiled code, which cannot be interrupted."""

COMPILED_FROM = 1_000_000
"""Parcels in a study from which compiling, some seconds when it is done anew, pays."""

REASONS = 64
AFTER_US = 3_600_000_000
"""Time bins go on for this long after the last arrival; what comes later counts in the last one."""

Watch = Callable[[Table, int], None]


@dataclass(frozen=True)
class Engine:
    """How the recursion runs: "plain" or "batch" (compiled); both give the same outcomes."""

    name: str
    block: int = BLOCK

    def run(
        self, plant: Plant, stream: Stream, right: Any, until_us: Us, watch: Watch | None = None
    ) -> Tally:
        """Draw and run everything that comes until the stream ends; watch(ended, rows) sees each block.

        plant   of lists, as at the start
        stream  of lists, or of arrays for "batch": they take longer to convert than a day to run
        """
        run, blank, block, pace = run_blocks, zeros, self.block, pace_of(plant)
        clock: Any = [0.0, 0.0]
        if self.name == "batch":
            run, blank, clock = _machine(), zero_array, np.zeros(2)
            plant, stream, pace, right = arrays(plant), arrays(stream), arrays(pace), np.array(right)
        counted = blank_tally(len(plant.sent), right, until_us, blank)
        progress, offered = blank(PROGRESS), blank(block * OFFER)
        ended = blank((block + plant.line.ring) * END)
        blocks = 1 if watch else BLOCKS
        while not progress[OVER]:
            run(plant, pace, stream, counted, clock, progress, offered, ended, block, blocks)
            if watch is not None:
                watch(ended, progress[ROWS])
        return counted


def choose_engine(parcels: int) -> Engine:
    """Compiled code for studies of many parcels, the interpreter for a look."""
    return Engine("batch" if parcels >= COMPILED_FROM else "plain")


def blank_tally(chutes: int, right: Any, until_us: Us, blank: Callable[[int], Any]) -> Tally:
    """Nothing counted yet; blank(n) = n zeros."""
    bins = (until_us + AFTER_US) // RATE_BIN_US + 1
    return Tally(
        Scale(chutes, bins), blank(TOTALS), blank(REASONS), blank(chutes + 1), blank(bins), blank(WAIT_BINS),
        blank(DWELL_BINS), right,
    )  # fmt: skip


def zeros(count: int) -> Any:
    """For the interpreter, which is fastest over lists."""
    return [0] * count


def zero_array(count: int) -> Any:
    """For compiled code."""
    return np.zeros(count, np.int64)


@cache
def _machine() -> Callable[..., None]:
    return compiled(blocks_arrays, RULES)
