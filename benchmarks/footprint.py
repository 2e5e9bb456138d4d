"""What an engine costs beside its run, in a process of its own: peak memory, and the time until it can start.

    python -m benchmarks.footprint ENGINE PARCELS

prints start-up seconds (imports and compiler) and peak MiB of one run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def cold_and_warm(engine: str, parcels: int) -> tuple[float, float, float]:
    """Start-up seconds with nothing compiled and with all of it kept, and the peak MiB of the warm run."""
    with tempfile.TemporaryDirectory() as cache:
        cold, _ = measured(engine, parcels, cache)
        warm, peak = measured(engine, parcels, cache)
    return cold, warm, peak


def measured(engine: str, parcels: int, cache: str) -> tuple[float, float]:
    """What the program below prints, with machine code kept in `cache`."""
    words = [sys.executable, "-m", "benchmarks.footprint", engine, str(parcels)]
    environment = os.environ | {"XDG_CACHE_HOME": cache}
    done = subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    startup_s, peak_mib = map(float, done.stdout.split())
    return startup_s, peak_mib


def peak_mib() -> float:
    """Of this process; getrusage would tell the parent's where that was larger."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def main(engine: str, parcels: int) -> None:
    """Start, run once, and tell."""
    begun = time.perf_counter()
    from benchmarks.contestants import contestants

    run = contestants(None)[engine]
    from benchmarks.traffic import arrivals, line

    run(line(), arrivals(line(), 1), 1)
    startup_s = time.perf_counter() - begun
    run(line(), arrivals(line(), parcels), 1)
    print(startup_s, peak_mib())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
