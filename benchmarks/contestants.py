"""Everything that simulates the reference line here, behind one call."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from benchmarks import idiomatic
from benchmarks.cpp_heap import CppHeap
from sim.reference.engines import ENGINES, Engine, timed
from sim.reference.outcomes import Outcomes
from sim.reference.spec import LineSpec, Parcels

Contestant: TypeAlias = Callable[[LineSpec, Parcels, int], tuple[Outcomes, float]]
"""Outcomes, and the CPU seconds of the fastest of so many runs."""

BASELINE = "SimPy idiomatic"
CPP = "C++ heap, -O3"


def contestants(cpp: CppHeap | None) -> dict[str, Contestant]:
    """By name, the baseline first; ours by their engine's name."""
    ours: dict[str, Contestant] = {engine: partial(timed_engine, engine) for engine in ENGINES}
    theirs: dict[str, Contestant] = {CPP: partial(timed_cpp, cpp)} if cpp is not None else {}
    return {BASELINE: timed_idiomatic, **ours, **theirs}


def timed_idiomatic(spec: LineSpec, parcels: Parcels, runs: int) -> tuple[Outcomes, float]:
    """A process per parcel."""
    least = float("inf")
    for _ in range(runs):
        begun = time.process_time()
        outcomes, _ = idiomatic.simulate(spec, parcels)
        least = min(least, time.process_time() - begun)
    return outcomes, least


def timed_engine(engine: Engine, spec: LineSpec, parcels: Parcels, runs: int) -> tuple[Outcomes, float]:
    """One of ours."""
    return timed(spec, parcels, engine, runs)


def timed_cpp(cpp: CppHeap, spec: LineSpec, parcels: Parcels, runs: int) -> tuple[Outcomes, float]:
    """A C++ event heap."""
    outcomes, _, cpu_s = cpp.simulate(spec, parcels, runs)
    return outcomes, cpu_s
