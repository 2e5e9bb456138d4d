"""The reference line from drawn arrivals to statistics, a block at a time: memory does not grow with parcels.

The parcels of a block, and those that still ride from earlier ones, stand in one small table; `recursion`
goes on where it stood, what is out is counted, and the rest moves to the top of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal, TypeAlias

import numpy as np

from sim.compiled import bare, compiled
from sim.reference import recursion, stream, tally
from sim.reference.columns import (
    Blades,
    Line,
    Loop,
    Out,
    Stops,
    Table,
    bare_blades,
    bare_loop,
    bare_out,
    bare_stops,
    bare_table,
    blades_of,
    line_of,
    stops_of,
)
from sim.reference.outcomes import MISSES
from sim.reference.recursion import Marks, run_on
from sim.reference.rules import Column, belt_space
from sim.reference.spec import LineSpec, Parcels
from sim.reference.stream import Stream, Traffic, bare_stream, draw_rows, stream_of
from sim.reference.tally import RIDING, TOTALS, WAIT_BINS, Tally, bare_tally, count_rows

BLOCK = 1024
"""Parcels drawn at a time: their rows stay in the processor's cache."""

EndlessEngine: TypeAlias = Literal["plain", "batch"]


def run_stream(
    line: Line, stops: Stops, table: Table, blades: Blades, loop: Loop, out: Out,
    source: Stream, clock_us: list[float], counted: Tally, place: Column, parcels: int, block: int,
) -> None:  # fmt: skip
    """Draw, run and count so many parcels; the tables have room for `block` + `line.ring` rows."""
    marks = Marks(0, 0, 0, 0, 0, 0)
    drawn = riding = 0
    while drawn < parcels:
        fresh = min(block, parcels - drawn)
        draw_rows(source, clock_us, drawn, fresh, table, riding)
        drawn += fresh
        rows = riding + fresh
        marks = Marks(riding, marks.free, marks.started, marks.passed, marks.head, marks.tail)
        marks = run_on(line, stops, table, blades, loop, out, marks, rows, drawn == parcels)
        for number in range(marks.head, marks.tail):
            out.reason[loop.parcel[number & (line.ring - 1)]] = RIDING
        riding = count_rows(counted, table, out, rows, place)
        for number in range(marks.head, marks.tail):
            slot = number & (line.ring - 1)
            loop.parcel[slot] = place[loop.parcel[slot]]


def run_arrays(
    line: Line, stops: Stops, table: Table, blades: Blades, loop: Loop, out: Out,
    source: Stream, clock_us: Any, counted: Tally, place: Column, parcels: int, block: int,
) -> None:  # fmt: skip
    """`run_stream` on arrays: what is compiled."""
    run_stream(
        line, bare_stops(stops), bare_table(table), bare_blades(blades), bare_loop(loop), bare_out(out),
        bare_stream(source), bare(clock_us), bare_tally(counted), bare(place), parcels, block,
    )  # fmt: skip


def count_drawn(
    spec: LineSpec, traffic: Traffic, seed: int, parcels: int, engine: EndlessEngine, block: int = BLOCK
) -> Tally:
    """What `simulate` makes of the `drawn` parcels, counted.

    The way back must have room for the longest parcel and its gap, as in `files.read_reference`.
    """
    longest_us = belt_space(traffic.length_mm[1], spec.us_per_mm, spec.gap_us)
    assert longest_us <= spec.return_mm * spec.us_per_mm, "parcels too long for the way back"
    line = line_of(spec, parcels, traffic.length_mm[0])
    rows = block + line.ring
    column: Callable[..., Any] = list if engine == "plain" else np.array

    def empty(size: int) -> Any:
        return column([0] * size)

    out = Out(*(empty(len(MISSES) if name == "misses" else rows) for name in Out._fields))
    counted = Tally(empty(TOTALS), empty(spec.diverters + 2), empty(WAIT_BINS), out.misses)
    source = stream_of(traffic, seed)
    run = run_stream if engine == "plain" else kernel()
    run(
        line,
        Stops(*map(column, stops_of(spec))),
        Table(*(empty(rows) for _ in Table._fields)),
        Blades(*map(column, blades_of(spec))),
        Loop(*(empty(line.ring) for _ in Loop._fields)),
        out,
        source._replace(
            logs=column(source.logs), codes=column(source.codes), latencies=column(source.latencies)
        ),
        column([0.0]),
        counted,
        empty(rows),
        parcels,
        block,
    )
    return counted


def drawn(traffic: Traffic, seed: int, parcels: int) -> Parcels:
    """The first parcels of a seed as a table; nothing is known of their truth but their code."""
    table = Table(*([0] * parcels for _ in Table._fields))
    draw_rows(stream_of(traffic, seed), [0.0], 0, parcels, table, 0)
    arr, length, code, latency = (np.array(column, dtype=np.int64) for column in table)
    return Parcels(arr, length, code, latency, code)


@cache
def kernel() -> Callable[..., None]:
    """`run_stream` as machine code, compiled at the first call."""
    return compiled(run_arrays, RULES)


RULES = (*recursion.RULES, *stream.RULES, *tally.RULES, run_stream)
"""What `run_arrays` calls, for the compiler."""
