"""The reference line by every engine, idiomatic SimPy and a C++ event heap: one run, one core, one table.

    python -m benchmarks.simulation [--parcels N] [--growth] [--quick] [--end-to-end]

Each figure is the best CPU time of several runs; the engines take turns, so that a disturbance hits all.
Ratios are to idiomatic SimPy (benchmarks/idiomatic.py: a process per parcel) on the same parcels.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import bound, end_to_end, idiomatic
from benchmarks.contestants import BASELINE, CPP, Contestant, contestants
from benchmarks.cpp_heap import CppHeap
from benchmarks.footprint import cold_and_warm
from benchmarks.traffic import arrivals, line
from sim.reference.spec import LineSpec, Parcels

SLOW = (BASELINE, "line", "plain")
"""Engines of which a run lasts seconds: one run a turn."""

FAST_RUNS = 7
BOUND = "lower bound"


def measure(
    who: dict[str, Contestant], spec: LineSpec, parcels: Parcels, turns: int
) -> tuple[dict[str, float], dict[str, str]]:
    """Least CPU seconds by name, the bound too, and digests."""
    least: dict[str, float] = {}
    digests: dict[str, str] = {}
    for _ in range(turns):
        for name, run in who.items():
            outcomes, cpu_s = run(spec, parcels, 1 if name in SLOW else FAST_RUNS)
            least[name] = min(cpu_s, least.get(name, cpu_s))
            digests[name] = outcomes.sha256()
        cpu_s = bound.cpu_s(spec, parcels, FAST_RUNS)
        least[BOUND] = min(cpu_s, least.get(BOUND, cpu_s))
    return least, digests


def table(who: dict[str, Contestant], spec: LineSpec, parcels: Parcels, turns: int, footprints: bool) -> bool:
    """Print the table; whether all digests are equal."""
    least, digests = measure(who, spec, parcels, turns)
    print(
        f"{len(parcels):,} parcels, N = {spec.diverters}; ratio to {BASELINE}; of the bound: its time / ours"
    )
    print(f"{'engine':16} {'parcels/CPU s':>14} {'ratio':>9} {'of the bound':>13} {'digest':>7}"
          f" {'start cold/warm s':>18} {'peak MiB':>9}")  # fmt: skip
    for name, cpu_s in least.items():
        equal = "" if name == BOUND else "equal" if digests[name] == digests[BASELINE] else "DIFFERS"
        row = f"{name:16} {len(parcels) / cpu_s:>14,.0f} {least[BASELINE] / cpu_s:>9,.1f}"
        row += f" {least[BOUND] / cpu_s:>13.3f} {equal:>7}"
        if footprints and name not in (CPP, BOUND):
            cold, warm, peak = cold_and_warm(name, len(parcels))
            row += f" {f'{cold:.1f} / {warm:.1f}':>18} {peak:>9,.0f}"
        print(row, flush=True)
    if CPP in least:
        print(f"batch / {CPP}: {least[CPP] / least['batch']:.1f}")
    else:
        print(f"{CPP}: no g++ on this machine")
    return len(set(digests.values())) == 1


def growth(
    who: dict[str, Contestant], parcels: tuple[int, ...], diverters: tuple[int, ...], fixed: int
) -> bool:
    """Print us per parcel as parcels and diverters grow; whether all digests are equal."""
    equal = True
    cases = [*((number, 40) for number in parcels), *((fixed, number) for number in diverters)]
    print(f"\nCPU us per parcel\n{'parcels':>9} {'N':>4} " + " ".join(f"{name:>16}" for name in who))
    for number, wide in cases:
        spec = line(wide)
        least, digests = measure(who, spec, arrivals(spec, number), turns=1)
        equal = equal and len(set(digests.values())) == 1
        cells = " ".join(f"{least[name] / number * 1e6:>16.4f}" for name in who)
        print(f"{number:>9,} {wide:>4} {cells}", flush=True)
    return equal


def stay_on_one_core() -> None:
    """Where the system allows it."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main(words: list[str]) -> int:
    """Print the tables; 0 when every digest is equal."""
    parser = argparse.ArgumentParser(prog="benchmarks.simulation", description=__doc__.splitlines()[0])
    parser.add_argument("--parcels", type=int, help="200,000, and 100 million end to end")
    parser.add_argument("--growth", action="store_true", help="also 10k to 1M parcels, 10 to 400 diverters")
    parser.add_argument("--quick", action="store_true", help="20,000 parcels, one turn, no footprints")
    parser.add_argument("--end-to-end", action="store_true", help="only: draw arrivals, simulate, count")
    args = parser.parse_args(words)
    stay_on_one_core()
    if args.end_to_end:
        end_to_end.table(args.parcels or 100_000_000)
        return 0
    number = 20_000 if args.quick else args.parcels or 200_000
    with tempfile.TemporaryDirectory() as folder:
        cpp = CppHeap.built(Path(folder))
        who = contestants(cpp)
        parcels = arrivals(line(), number)
        equal = table(who, line(), parcels, 1 if args.quick else 3, footprints=not args.quick)
        _, events = idiomatic.simulate(line(), parcels)
        print(f"{BASELINE}: {events / number:.2f} events a parcel")
        if args.growth:
            equal &= growth(who, (10_000, 100_000, 1_000_000), (10, 40, 100, 400), min(number, 50_000))
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
