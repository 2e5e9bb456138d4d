"""Builds benchmarks/heap.cpp with g++ and runs it: the reference line by a C++ event heap."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.reference.outcomes import MISSES, Outcomes
from sim.reference.spec import LineSpec, Parcels

SOURCE = Path(__file__).with_name("heap.cpp")


@dataclass(frozen=True)
class CppHeap:
    """The program, and a folder for what it reads and writes."""

    program: Path

    @classmethod
    def built(cls, folder: Path) -> CppHeap | None:
        """Compiled into `folder`; None where there is no g++."""
        compiler = shutil.which("g++")
        if compiler is None:
            return None
        program = folder / "heap"
        subprocess.run([compiler, "-std=c++17", "-O3", str(SOURCE), "-o", str(program)],
                       check=True)  # fmt: skip
        return cls(program)

    def simulate(self, spec: LineSpec, parcels: Parcels, runs: int = 1) -> tuple[Outcomes, int, float]:
        """Outcomes, events of one run, CPU seconds of the fastest of `runs`."""
        given, made = self.program.with_name("given.bin"), self.program.with_name("made.bin")
        head = [len(spec.stops), len(parcels), spec.diverters, spec.us_per_mm, spec.gap_us, spec.camera_us,
                spec.first_us, spec.pitch_us, spec.end_us, spec.loop_us, spec.cycle_us,
                spec.neighbour_cycle_us, spec.bag_parcels, spec.bag_out_us, spec.max_laps]  # fmt: skip
        stops = np.array(spec.stops, dtype=np.int64).reshape(-1, 2)
        columns = (parcels.arr_us, parcels.length_mm, parcels.code, parcels.latency_us)
        np.concatenate([head, stops[:, 0], stops[:, 1], *columns]).astype(np.int64).tofile(given)
        words = [str(self.program), str(given), str(made), str(runs)]
        cpu_s, events = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        found = np.fromfile(made, dtype=np.int64)
        rows = [*found[: -len(MISSES)].reshape(5, len(parcels)), found[-len(MISSES) :]]
        return Outcomes(*rows), int(events), float(cpu_s)
