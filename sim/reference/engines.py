"""The four engines of the reference line: one result, to the microsecond."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from sim.compiled import compiled
from sim.inlined import inlined
from sim.reference import heap, recursion
from sim.reference.columns import (
    Blades,
    Line,
    Loop,
    Out,
    Stops,
    Table,
    blades_of,
    line_of,
    stops_of,
)
from sim.reference.line import SimpyLine
from sim.reference.outcomes import MISSES, Outcomes
from sim.reference.rules import Column
from sim.reference.spec import Int64s, LineSpec, Parcels

Engine: TypeAlias = Literal["line", "plain", "batch", "heap"]
"""SimPy callbacks; the merge-order recursion in plain Python; the same compiled; a compiled event heap."""

ENGINES: tuple[Engine, ...] = get_args(Engine)

WORTH_COMPILING = 500_000
"""Parcels from which on plain Python takes longer than the compiler and its code together."""

CompiledEngine: TypeAlias = Literal["batch", "heap"]
KERNELS: dict[CompiledEngine, tuple[Callable[..., None], tuple[Callable[..., Any], ...]]] = {
    "batch": (recursion.run_arrays, recursion.RULES),
    "heap": (heap.run_arrays, heap.RULES),
}


def engine_for(parcels: int) -> Engine:
    """The engine that is done first, the compiler included."""
    return "plain" if parcels < WORTH_COMPILING else "batch"


def simulate(spec: LineSpec, parcels: Parcels, engine: Engine) -> Outcomes:
    """Every parcel's outcome; `spec` and `parcels` within `files.Limits`."""
    return timed(spec, parcels, engine, repeat=1)[0]


def timed(spec: LineSpec, parcels: Parcels, engine: Engine, repeat: int) -> tuple[Outcomes, float]:
    """The outcomes, and the least CPU seconds of `repeat` runs of the simulation alone.

    Not counted: the compiler, and laying out the columns that the engine reads and fills.
    """
    least = float("inf")
    for _ in range(repeat):
        run, out = laid_out(spec, parcels, engine)
        begun = time.process_time()
        run()
        least = min(least, time.process_time() - begun)
    return Outcomes(*(int64s(column) for column in out)), least


def laid_out(spec: LineSpec, parcels: Parcels, engine: Engine) -> tuple[Callable[[], object], Out]:
    """A run ready to start, compiled where that applies, and the columns that it will fill."""
    if engine == "line":
        world = world_of(spec, parcels, ints)
        line = SimpyLine(world.line, world.stops, world.table, world.blades, world.out)
        return line.run, world.out
    if engine == "plain":
        world = world_of(spec, parcels, ints)
        run_plain = plain()
        return lambda: run_plain(*world), world.out
    world = world_of(spec, parcels, int64s)
    arguments: tuple[Any, ...] = world if engine == "batch" else (heap_world(world),)
    run = kernel(engine)
    return lambda: run(*arguments), world.out


class World(NamedTuple):
    """What `recursion.run` asks for."""

    line: Line
    stops: Stops
    table: Table
    blades: Blades
    loop: Loop
    out: Out


def world_of(spec: LineSpec, parcels: Parcels, column: Callable[[Sequence[int] | Int64s], Column]) -> World:
    """The line before its first parcel."""
    line = line_of(spec, len(parcels), min(parcels.length_mm.tolist(), default=0))

    def empty(rows: int) -> Column:
        return column(np.zeros(rows, dtype=np.int64))

    return World(
        line,
        Stops(*map(column, stops_of(spec))),
        Table(*map(column, (parcels.arr_us, parcels.length_mm, parcels.code, parcels.latency_us))),
        Blades(*map(column, blades_of(spec))),
        Loop(*(empty(line.ring) for _ in Loop._fields)),
        Out(*(empty(len(MISSES) if name == "misses" else line.parcels) for name in Out._fields)),
    )


def heap_world(world: World) -> heap.World:
    """The same with an empty heap."""
    pending, parcels = 2 * world.line.ring, world.line.parcels
    at, event, decided, marks = (np.zeros(size, np.int64) for size in (pending, pending, parcels, heap.MARKS))
    return heap.World(*world, at, event, decided, marks)


def ints(values: Sequence[int] | Int64s) -> list[int]:
    """A column for plain Python."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def int64s(values: Any) -> Int64s:
    """A column for compiled code: the array itself where it will do, since nothing writes to what is read."""
    return np.require(values, np.int64, ["C", "W"])


@cache
def plain() -> Callable[..., None]:
    """The recursion for the interpreter."""
    return inlined(recursion.run, recursion.RULES)


@cache
def kernel(engine: CompiledEngine) -> Callable[..., None]:
    """The engine as machine code, compiled for the columns that it will be given."""
    function, rules = KERNELS[engine]
    made = compiled(function, rules)
    nothing = np.empty(0, dtype=np.int64)
    spec = LineSpec(1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1)
    world = world_of(spec, Parcels(*(nothing for _ in range(5))), int64s)
    made(*(world if engine == "batch" else (heap_world(world),)))
    return made
