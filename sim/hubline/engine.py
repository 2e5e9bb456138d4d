"""Runs a line block by block: the plain recursion, or the same source compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import numpy as np

from sim.compiled import compiled
from sim.hubline import events, recursion
from sim.hubline.blocks import OVER, PROGRESS, ROWS
from sim.hubline.columns import RULES, arrays, blocks_arrays, count_arrays, draw_arrays, run_arrays
from sim.hubline.events import World, run_events, world_of
from sim.hubline.pace import Pace, pace_of
from sim.hubline.recorded import Replay, draw_replay
from sim.hubline.stream import Stream, draw_block
from sim.hubline.tables import END, OFFER, Plant, Table
from sim.hubline.tally import DWELL_BINS, RATE_BIN_US, TOTALS, WAIT_BINS, Scale, Tally, count_block
from sorter.flow import Us

BLOCK = 512
"""Parcels drawn and run at a time: their rows stay in the processor's cache."""

BLOCKS = 10_000
"""In one call of compiled code, which cannot be interrupted."""

COMPILED_FROM = 1_000_000
"""Parcels in a study from which compiling, some seconds when it is done anew, pays."""

HEAPS = ("heap", "plain-heap")

REASONS = 64
AFTER_US = 3_600_000_000
"""Time bins go on for this long after the last arrival; what comes later counts in the last one."""

Watch = Callable[[Table, int], None]


@dataclass(frozen=True)
class Engine:
    """How a line is computed: the recursion "plain" or compiled ("batch"); the events likewise ("plain-heap",
    "heap"). Interpreted and compiled give the same outcomes. "line" is the closed loop: see sim.hubline.loop.
    """

    name: str

    @property
    def is_compiled(self) -> bool:
        """Whether machine code is needed."""
        return self.name in ("batch", "heap")

    def run(
        self,
        plant: Plant,
        stream: Stream | Replay,
        right: Table,
        until_us: Us,
        watch: Watch | None = None,
        crews: int = 0,
    ) -> Tally:
        """Draw and run everything that comes until the stream ends; watch(ended, rows) sees each block.

        crews  how many change the bags of all chutes, 0 = one for each
        """
        assert crews == 0 or self.name in HEAPS, "the recursion knows no crew that chutes share"
        counted, pace = blank_tally(plant, right, until_us), pace_of(plant)
        if self.name == "batch" and isinstance(stream, Stream):
            return _run_blocks(plant, pace, stream, counted, watch)
        draw, run, count, made = _machine() if self.is_compiled else _INTERPRETED
        if self.name in HEAPS:
            run = _by_events(world_of(plant, crews), self.is_compiled)
        else:
            run = partial(_paced, run, arrays(pace) if self.is_compiled else pace)
        if isinstance(stream, Replay):
            draw = draw_replay
        return _run(plant, stream, counted, watch, draw, run, count, made)


def _paced(run: Callable[..., int], pace: Pace, plant: Plant, *block: Any) -> int:
    return run(plant, pace, *block)


def _run_blocks(plant: Plant, pace: Pace, stream: Stream, counted: Tally, watch: Watch | None) -> Tally:
    """What is drawn, in compiled code as a whole: three calls a block would cost a third of the time."""
    plant, pace, stream, counted = arrays(plant), arrays(pace), arrays(stream), arrays(counted)
    clock, progress = np.zeros(2), np.zeros(PROGRESS, np.int64)
    offered = np.zeros(BLOCK * OFFER, np.int64)
    ended = np.zeros((BLOCK + plant.line.ring) * END, np.int64)
    while not progress[OVER]:
        _block_machine()(
            plant, pace, stream, counted, clock, progress, offered, ended, BLOCK, 1 if watch else BLOCKS
        )
        if watch is not None:
            watch(cast(Table, ended), progress[ROWS])
    return counted


@cache
def _block_machine() -> Callable[..., None]:
    return compiled(blocks_arrays, RULES)


def blank_tally(plant: Plant, right: Table, until_us: Us) -> Tally:
    """Nothing counted yet."""
    chutes = len(plant.sent)
    bins = (until_us + AFTER_US) // RATE_BIN_US + 1
    return Tally(
        Scale(chutes, bins), [0] * TOTALS, [0] * REASONS, [0] * (chutes + 1), [0] * (chutes + 1), [0] * bins,
        [0] * WAIT_BINS, [0] * DWELL_BINS, right,
    )  # fmt: skip


def list_of(values: list[Any]) -> list[Any]:
    """The interpreter is fastest over lists."""
    return values


_INTERPRETED = (draw_block, recursion.run_block, count_block, list_of)


def _by_events(world: World, is_compiled: bool) -> Callable[..., int]:
    """What runs a block as events, with the world that it needs from block to block."""
    return partial(_event_machine(), arrays(world)) if is_compiled else partial(run_events, world)


@cache
def _event_machine() -> Callable[..., int]:
    return compiled(events.event_arrays, events.RULES)


def drawing() -> Callable[..., int]:
    """stream.draw_block over arrays, compiled."""
    return _machine()[0]


@cache
def _machine() -> tuple[Callable[..., Any], ...]:
    return (
        compiled(draw_arrays, RULES),
        compiled(run_arrays, RULES),
        compiled(count_arrays, RULES),
        np.array,
    )


def _run(
    plant: Plant,
    stream: Stream | Replay,
    counted: Tally,
    watch: Watch | None,
    draw: Callable[..., int],
    run: Callable[..., int],
    count: Callable[..., None],
    made: Callable[[list[Any]], Any],
) -> Tally:
    if made is not list_of:
        plant, stream, counted = arrays(plant), arrays(stream), arrays(counted)
    offered = made([0] * (BLOCK * OFFER))
    ended = made([0] * ((BLOCK + plant.line.ring) * END))
    clock, first, drawn = made([0.0, 0.0]), 0, BLOCK
    while drawn:
        drawn = draw(stream, clock, first, BLOCK, offered)
        rows = run(plant, offered, first, drawn, ended)
        count(counted, ended, rows)
        if watch is not None:
            watch(ended, rows)
        first += drawn
    return counted
