"""The reference line from drawn arrivals to statistics: its time a parcel, and that its memory does not grow.

    python -m benchmarks.end_to_end PARCELS

prints CPU seconds, without the compiler, and peak MiB of one such run, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks import idiomatic
from benchmarks.footprint import ROOT, peak_mib
from benchmarks.traffic import counted, line
from sim.reference.endless import count_drawn, drawn

SEED, TURNS = 1, 3
BASELINE_PARCELS = 50_000


def table(parcels: int) -> dict[int, float]:
    """Print a row for a hundredth of the parcels and one for all; the ratios to idiomatic SimPy."""
    spec, made = line(), drawn(counted(line()), SEED, BASELINE_PARCELS)
    baseline = float("inf")
    least: dict[int, tuple[float, float]] = {}
    for _ in range(TURNS):
        begun = time.process_time()
        idiomatic.simulate(spec, made)
        baseline = min(baseline, (time.process_time() - begun) / BASELINE_PARCELS)
        for number in (max(parcels // 100, 1), parcels):
            least[number] = min(measured(number), least.get(number, (float("inf"), 0.0)))
    print(f"N = {spec.diverters}; draw arrivals, simulate, count; best of {TURNS}, one core")
    print(f"{'parcels':>13} {'ns/parcel':>10} {'ratio':>7} {'peak MiB':>9}")
    print(f"{BASELINE_PARCELS:>13,} {baseline * 1e9:>10,.0f} {1:>7} {'':9} idiomatic SimPy, simulation alone")
    ratios = {number: baseline * number / cpu_s for number, (cpu_s, _) in least.items()}
    for number, (cpu_s, peak) in least.items():
        print(f"{number:>13,} {cpu_s / number * 1e9:>10,.1f} {ratios[number]:>7,.0f} {peak:>9,.0f}")
    return ratios


def measured(parcels: int) -> tuple[float, float]:
    """What the program below prints."""
    words = [sys.executable, "-m", "benchmarks.end_to_end", str(parcels)]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    cpu_s, peak = map(float, done.stdout.split())
    return cpu_s, peak


def main(parcels: int) -> None:
    """Run once, and tell."""
    count_drawn(line(), counted(line()), SEED, 1, "batch")
    begun = time.process_time()
    count_drawn(line(), counted(line()), SEED, parcels, "batch")
    print(time.process_time() - begun, peak_mib())


if __name__ == "__main__":
    main(int(sys.argv[1]))
