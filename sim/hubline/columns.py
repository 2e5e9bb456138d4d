"""The same tables as lists, for the interpreter, or as arrays, for compiled code."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np

from sim.compiled import bare
from sim.hubline.pace import Pace
from sim.hubline.recursion import run_block
from sim.hubline.stream import Stream, draw_block
from sim.hubline.tables import Plant, Table
from sim.hubline.tally import Tally, count_block

Tables = TypeVar("Tables", bound=NamedTuple)

_TYPES = {"gaps_us": np.float64, "logs": np.float64, "dealt": np.int16}


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
    line, legs, closed, chutes, spans, rulings, options, sent, changes, cursor, back = plant
    bared = Plant(
        line, bare(legs), bare(closed), bare(chutes), bare(spans), bare(rulings), bare(options),
        bare(sent), bare(changes), bare(cursor), bare(back),
    )  # fmt: skip
    paced = Pace(pace.from_nm, pace.longest_mm, pace.release_us, bare(pace.tail_us), bare(pace.picture_us))
    return run_block(bared, paced, bare(offered), first, count, bare(ended))


def draw_arrays(stream: Stream, clock: list[float], first: int, count: int, offered: Table) -> int:
    """draw_block over arrays, to be compiled."""
    at, pieces, gaps_us, logs, dealt, early, ruling_of, group_of = stream
    bared = Stream(
        at, bare(pieces), bare(gaps_us), bare(logs), bare(dealt), bare(early), bare(ruling_of), bare(group_of)
    )  # fmt: skip
    return draw_block(bared, bare(clock), first, count, bare(offered))


def count_arrays(tally: Tally, ended: Table, rows: int) -> None:
    """count_block over arrays, to be compiled."""
    scale, totals, by_why, by_chute, sorted_in, waits, dwells, right = tally
    bared = Tally(
        scale, bare(totals), bare(by_why), bare(by_chute), bare(sorted_in), bare(waits), bare(dwells),
        bare(right),
    )  # fmt: skip
    count_block(bared, bare(ended), rows)
