"""The same tables as lists, for the interpreter, or as arrays, for compiled code."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np

from sim.compiled import bare
from sim.hubline.blocks import RULES as BLOCK_RULES
from sim.hubline.blocks import run_blocks
from sim.hubline.pace import Pace
from sim.hubline.recursion import run_block
from sim.hubline.stream import Stream, draw_block
from sim.hubline.tables import Plant, Table
from sim.hubline.tally import Tally, count_block

Tables = TypeVar("Tables", bound=NamedTuple)

_TYPES = {"gaps_us": np.float64, "logs": np.float64} | dict.fromkeys(
    ("dealt", "ruling_of", "group_of"), np.int16
)


def arrays(tables: Tables) -> Tables:
    """Every list of a tuple of tables as an array."""
    changed = {
        name: np.array(value, dtype=_TYPES.get(name, np.int64))
        for name, value in tables._asdict().items()
        if isinstance(value, list)
    }
    return tables._replace(**changed)


def run_arrays(plant: Plant, pace: Pace, offered: Table, first: int, count: int, ended: Table) -> int:
    """run_block over arrays, to be compiled."""
    return run_block(bare_plant(plant), bare_pace(pace), bare(offered), first, count, bare(ended))


def draw_arrays(stream: Stream, clock: list[float], first: int, count: int, offered: Table) -> int:
    """draw_block over arrays, to be compiled."""
    return draw_block(bare_stream(stream), bare(clock), first, count, bare(offered))


def count_arrays(tally: Tally, ended: Table, rows: int) -> None:
    """count_block over arrays, to be compiled."""
    count_block(bare_tally(tally), bare(ended), rows)


def blocks_arrays(
    plant: Plant, pace: Pace, stream: Stream, tally: Tally, clock: list[float], progress: Table,
    offered: Table, ended: Table, block: int, blocks: int,
) -> None:  # fmt: skip
    """run_blocks over arrays, to be compiled."""
    run_blocks(
        bare_plant(plant), bare_pace(pace), bare_stream(stream), bare_tally(tally), bare(clock),
        bare(progress), bare(offered), bare(ended), block, blocks,
    )  # fmt: skip


def bare_plant(plant: Plant) -> Plant:
    """The same as addresses, in compiled code."""
    line, legs, closed, chutes, spans, rulings, options, sent, changes, cursor, back, missed = plant
    return Plant(
        line, bare(legs), bare(closed), bare(chutes), bare(spans), bare(rulings), bare(options),
        bare(sent), bare(changes), bare(cursor), bare(back), bare(missed),
    )  # fmt: skip


def bare_pace(pace: Pace) -> Pace:
    """The same as addresses, in compiled code."""
    from_nm, longest_mm, release_us, tail_us, picture_us = pace
    return Pace(from_nm, longest_mm, release_us, bare(tail_us), bare(picture_us))


def bare_stream(stream: Stream) -> Stream:
    """The same as addresses, in compiled code."""
    at, pieces, gaps_us, logs, dealt, early, ruling_of, group_of = stream
    return Stream(
        at, bare(pieces), bare(gaps_us), bare(logs), bare(dealt), bare(early), bare(ruling_of), bare(group_of)
    )


def bare_tally(tally: Tally) -> Tally:
    """The same as addresses, in compiled code."""
    scale, totals, by_why, by_chute, dwelt, sorted_in, waits, dwells, right = tally
    return Tally(
        scale, bare(totals), bare(by_why), bare(by_chute), bare(dwelt), bare(sorted_in), bare(waits),
        bare(dwells), bare(right),
    )  # fmt: skip


RULES = (*BLOCK_RULES, bare, bare_plant, bare_pace, bare_stream, bare_tally)
"""What compiled code over these arrays must be given."""
