"""The hub's line as a recursion beside idiomatic SimPy, same process, one core.

    python -m benchmarks.hub_line [PARCELS | --day]

Baseline: benchmarks/idiomatic.py with the hub's geometry (N = 14), simulation alone. Ours: the recursion
alone, and everything (drawing parcels, recursion, counting). Best of ROUNDS, in turns.
--day: DAYS replications of the whole 11.11, all lines, statistics only, beside one such day of the baseline.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.closed_loop import LINZI, ON_DATE, PER_HOUR, ROUNDS, cpu_s, reference
from benchmarks.idiomatic import simulate
from benchmarks.simulation import stay_on_one_core
from sim.compiled import compiled
from sim.hubline import stream
from sim.hubline.build import plant_of, right_of, rulings_of
from sim.hubline.columns import RULES, arrays, draw_arrays, run_arrays
from sim.hubline.engine import Engine
from sim.hubline.pace import pace_of
from sim.hubline.scenario import HubDay
from sim.hubline.start import start_of
from sim.hubline.tables import ARR, END, LATENCY, LENGTH, OFFER
from sim.hubline.traffic import Flow, Traffic, stream_of
from sim.reference.spec import LineSpec, Parcels
from sorter.app.config import load_hub
from sorter.app.scenario_file import load_plan

Rows = np.ndarray[Any, Any]

AT_ONCE = 4096
"""Parcels in one call of the recursion alone: a call costs as much as a hundred parcels."""

DAYS = 100
DAY = LINZI.parent / "scenarios" / "singles-day.yaml"


def offers(hub_stream: stream.Stream, count: int) -> Rows:
    """`count` drawn parcels, one row each."""
    table, clock = np.zeros(count * OFFER, np.int64), np.zeros(2)
    draw: Callable[..., int] = compiled(draw_arrays, RULES)
    assert draw(arrays(hub_stream), clock, 0, count, table) == count
    return table.reshape(count, OFFER)


def parcels_of(spec: LineSpec, rows: Rows) -> Parcels:
    """The same parcels for the reference line, dealt to its diverters in turn."""
    column = np.ascontiguousarray
    code = np.arange(len(rows), dtype=np.int64) % spec.diverters
    return Parcels(column(rows[:, ARR]), column(rows[:, LENGTH]), code, column(rows[:, LATENCY]), code)


def print_table(took_s: dict[str, float], count: int) -> None:
    """A row an engine: time a parcel, and how many times the first row's, the baseline's, pace."""
    baseline_s = next(iter(took_s.values()))
    for name, took in took_s.items():
        print(f"{name:28}{took / count * 1e9:12,.0f} ns/parcel{baseline_s / took:10,.1f} x idiomatic SimPy")


def compared(count: int) -> tuple[float, float]:
    """Print the table; returns the ratios of the recursion alone and of all of it to the baseline."""
    hub = load_hub(LINZI)
    rulings, until = rulings_of(hub, ON_DATE), int(1.2 * count * 3.6e9 / PER_HOUR)
    hub_stream = stream_of(hub, Traffic((Flow(0, until, PER_HOUR),)), rulings, 1, 0)
    rows, right = offers(hub_stream, count), right_of(hub, rulings)
    run: Callable[..., int] = compiled(run_arrays, RULES)
    drawn = arrays(hub_stream)
    ended = np.zeros((AT_ONCE + 64) * END, np.int64)

    def alone() -> None:
        plant = plant_of(hub, rulings, start_of(hub), misses=False)
        pace, plant = arrays(pace_of(plant)), arrays(plant)
        for first in range(0, count, AT_ONCE):
            block = rows[first : first + AT_ONCE].reshape(-1)
            run(plant, pace, block, first, len(block) // OFFER, ended)

    def everything() -> None:
        Engine("batch").run(plant_of(hub, rulings, start_of(hub), misses=False), drawn, right, until)

    def plain() -> None:
        few = stream_of(hub, Traffic((Flow(0, until // 50, PER_HOUR),)), rulings, 1, 0)
        Engine("plain").run(plant_of(hub, rulings, start_of(hub), misses=False), few, right, until // 50)

    began = time.perf_counter()
    alone()
    everything()
    started_s = time.perf_counter() - began
    spec = reference(hub.layout)
    table = parcels_of(spec, rows[: count // 20])
    shares = {"idiomatic SimPy": 20.0, "recursion alone, compiled": 1.0, "all, compiled": 1 / 1.2,
              "all, plain Python": 50 / 1.2}  # fmt: skip
    actions = (lambda: simulate(spec, table), alone, everything, plain)
    rounds = [[cpu_s(action) for action in actions] for _ in range(ROUNDS)]
    best = [min(took) * share for *took, share in zip(*rounds, shares.values(), strict=True)]
    print(f"{count:,} parcels at {PER_HOUR}/h, N = {spec.diverters}, best of {ROUNDS}, CPU time of one core")
    print_table(dict(zip(shares, best, strict=True)), count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB; first start of the compiled code {started_s:.1f} s")
    return best[0] / best[1], best[0] / best[2]


def days() -> float:
    """Print how long DAYS replications take, and one of the baseline; returns how many times as long that is.

    The baseline's day is measured on a twentieth of it: its time grows with the parcels, a little faster.
    """
    scenario = replace(load_plan(DAY).scenario, engine=Engine("batch"))
    day, share = HubDay(scenario), scenario.parcels // 20
    day.run(0)
    spec, first = reference(scenario.hub.layout), day.stream(0, 0)
    assert isinstance(first, stream.Stream), "an 11.11 is drawn, not replayed"
    table = parcels_of(spec, offers(first, share))
    least = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        baseline_s = cpu_s(lambda: simulate(spec, table)) * scenario.parcels / share
        ours_s = cpu_s(lambda: [day.run(n) for n in range(DAYS)])
        least = [min(least[0], baseline_s), min(least[1], ours_s)]
    ratio = least[0] / least[1]
    print(f"{scenario.en}: {scenario.parcels:,} parcels on {scenario.lines} lines; CPU s, best of {ROUNDS}")
    print(f"idiomatic SimPy, one day {least[0]:.1f}; ours, {DAYS} days {least[1]:.2f}: ratio {ratio:.2f}")
    return ratio


if __name__ == "__main__":
    stay_on_one_core()
    if sys.argv[1:] == ["--day"]:
        days()
    else:
        compared(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
