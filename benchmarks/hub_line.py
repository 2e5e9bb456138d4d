"""The hub's line as a recursion beside idiomatic SimPy, same process, one core.

    python -m benchmarks.hub_line [PARCELS]

Baseline: benchmarks/idiomatic.py with the hub's geometry (N = 14), simulation alone. Ours: the recursion
alone, and everything (drawing parcels, recursion, counting). Best of ROUNDS, in turns.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from benchmarks.closed_loop import LINZI, ON_DATE, PER_HOUR, ROUNDS, cpu_s, reference
from benchmarks.idiomatic import simulate
from sim.compiled import compiled
from sim.hubline import recursion, stream
from sim.hubline.build import plant_of, right_of, rulings_of
from sim.hubline.columns import arrays, draw_arrays, run_arrays
from sim.hubline.engine import BLOCK, Engine
from sim.hubline.pace import pace_of
from sim.hubline.scenario import START
from sim.hubline.tables import ARR, END, LATENCY, LENGTH, OFFER
from sim.hubline.traffic import Flow, Traffic, stream_of
from sim.reference.spec import LineSpec, Parcels
from sorter.app.config import load_hub


def offers(hub_stream: stream.Stream, count: int) -> np.ndarray:
    """`count` drawn parcels, one row each."""
    table = np.zeros(count * OFFER, np.int64)
    draw = compiled(draw_arrays, (*stream.RULES, stream.draw_block))
    assert draw(arrays(hub_stream), np.zeros(2), 0, count, table) == count
    return table.reshape(count, OFFER)


def parcels_of(spec: LineSpec, rows: np.ndarray) -> Parcels:
    """The same parcels for the reference line, dealt to its diverters in turn."""
    column = np.ascontiguousarray
    code = np.arange(len(rows), dtype=np.int64) % spec.diverters
    return Parcels(column(rows[:, ARR]), column(rows[:, LENGTH]), code, column(rows[:, LATENCY]), code)


def main(count: int) -> None:
    hub = load_hub(LINZI)
    rulings, until = rulings_of(hub, ON_DATE), int(1.2 * count * 3.6e9 / PER_HOUR)
    hub_stream = stream_of(hub, Traffic((Flow(0, until, PER_HOUR),)), rulings, 1, 0)
    rows, right = offers(hub_stream, count), right_of(hub, rulings)
    run = compiled(run_arrays, (*recursion.RULES, recursion.run_block))
    ended = np.zeros((BLOCK + 64) * END, np.int64)

    def alone() -> None:
        plant = plant_of(hub, rulings, START)
        pace, plant = arrays(pace_of(plant)), arrays(plant)
        for first in range(0, count, BLOCK):
            block = np.ascontiguousarray(rows[first : first + BLOCK]).reshape(-1)
            run(plant, pace, block, first, len(block) // OFFER, ended)

    def everything() -> None:
        Engine("batch").run(plant_of(hub, rulings, START), hub_stream, right, until)

    def plain() -> None:
        few = stream_of(hub, Traffic((Flow(0, until // 50, PER_HOUR),)), rulings, 1, 0)
        Engine("plain").run(plant_of(hub, rulings, START), few, right, until // 50)

    began = time.perf_counter()
    alone(), everything()
    started_s = time.perf_counter() - began
    spec = reference(hub.layout)
    table = parcels_of(spec, rows[: count // 20])
    shares = {"idiomatic SimPy": 20.0, "recursion alone, compiled": 1.0, "all, compiled": 1 / 1.2,
              "all, plain Python": 50 / 1.2}  # fmt: skip
    actions = (lambda: simulate(spec, table), alone, everything, plain)
    rounds = [[cpu_s(action) for action in actions] for _ in range(ROUNDS)]
    best = [min(column) for column in zip(*rounds, strict=True)]
    best = [took * share for took, share in zip(best, shares.values(), strict=True)]
    print(f"{count:,} parcels at {PER_HOUR}/h, N = {spec.diverters}, best of {ROUNDS}, CPU time of one core")
    for name, took in zip(shares, best, strict=True):
        print(f"{name:28}{took / count * 1e9:12,.0f} ns/parcel{best[0] / took:10,.1f} x idiomatic SimPy")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB; first start of the compiled code {started_s:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
