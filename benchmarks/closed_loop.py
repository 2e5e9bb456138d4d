"""The closed loop (SimPy line, PLC program, controller) beside idiomatic SimPy without a controller.

    python -m benchmarks.closed_loop [PARCELS]

Interpreted, and as machine code where `sorter compile` has made it. The same parcels through both, in turns,
in one process on one core; each figure is the best of ROUNDS.
Baseline: benchmarks/idiomatic.py with the hub's geometry (N = 14) on the reference line's rules.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.idiomatic import simulate
from sim.arrivals import Drawn, advice, draw
from sim.reference.spec import NO_READ, LineSpec, Parcels
from sim.virtual import VISION_US, Run, VirtualLine
from sorter.app import machine_code
from sorter.app.config import load_hub
from sorter.hub import Hub
from sorter.layout import Layout

ROUNDS = 3
SEED, PER_HOUR, ON_DATE = 1, 6000, "2026-11-23"
LINZI = Path(__file__).parent.parent / "configs" / "linzi"


def reference(layout: Layout) -> LineSpec:
    """A reference line with the hub's positions, gap, switching time and bags."""
    first, second = layout.diverters[:2]
    return LineSpec(
        diverters=len(layout.diverters),
        pitch_mm=second.pivot_mm - first.pivot_mm,
        us_per_mm=1_000_000 // layout.belt.speed_mm_s,
        gap_mm=layout.infeed.min_gap_mm,
        camera_mm=layout.cameras[0].position_mm,
        first_diverter_mm=first.pivot_mm,
        return_mm=12_000,
        cycle_us=first.switch_us,
        neighbour_cycle_us=0,
        bag_parcels=layout.chutes[0].capacity,
        bag_out_us=15_000_000,
        max_laps=1,
    )


def table(hub: Hub, drawn: Sequence[Drawn], run: Run) -> Parcels:
    """The parcels as the reference line takes them: bound for the diverter at which they left the hub's."""
    diverter = {chute.id: chute.diverter for chute in hub.layout.chutes}
    code = np.array([diverter.get(run.left[one.parcel.n], NO_READ) for one in drawn], dtype=np.int64)
    return Parcels(
        arr_us=np.array([one.parcel.arr_us for one in drawn], dtype=np.int64),
        length_mm=np.array([one.parcel.length_mm for one in drawn], dtype=np.int64),
        code=code,
        latency_us=np.random.default_rng(SEED).integers(*VISION_US, len(drawn)),
        true=code,
    )


def cpu_s(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def measure(count: int) -> dict[str, object]:
    """CPU seconds of both, and what came of the closed loop, with the kind of code that this process has."""
    hub = load_hub(LINZI)
    drawn = draw(hub, SEED, count, PER_HOUR)
    words = advice(one.truth for one in drawn)

    def closed() -> Run:
        return VirtualLine(hub, ON_DATE, [one.parcel for one in drawn], SEED).run(words)

    done = closed()
    spec, parcels = reference(hub.layout), table(hub, drawn, done)
    rounds = [(cpu_s(lambda: simulate(spec, parcels)), cpu_s(closed)) for _ in range(ROUNDS)]
    open_s, closed_s = (min(column) for column in zip(*rounds, strict=True))
    _, events = simulate(spec, parcels)
    digest = sha256(repr((done.records, done.left, done.line_us)).encode()).hexdigest()
    return {"n": spec.diverters, "open_s": open_s, "closed_s": closed_s, "events": events, "sha256": digest}


ELSEWHERE = """
import json, sys
from pathlib import Path
from sorter.app import machine_code
used = machine_code.use(Path(sys.argv[2]) if sys.argv[2] else None)
from benchmarks.closed_loop import measure
print(json.dumps({"used": used, **measure(int(sys.argv[1]))}))
"""


def measured(count: int, wish: str, built: Path | None = None) -> dict[str, Any]:
    """The same by a process of its own. wish "no": interpreted; "": as machine code if there is some.

    built  where machine code is, instead of where `sorter compile` puts it
    """
    words = [sys.executable, "-c", ELSEWHERE, str(count), str(built or "")]
    told = subprocess.run(
        words, env={**os.environ, machine_code.WISH: wish}, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def main(count: int) -> None:
    plain, made = measured(count, "no"), measured(count, "")
    rows = [("closed loop, interpreted", plain, "closed_s")]
    if made["used"]:
        rows.append(("closed loop, machine code", made, "closed_s"))
    print(f"{count} parcels at {PER_HOUR}/h, N = {plain['n']}, best of {ROUNDS}, CPU time of one core")
    print(f"{'':34}{'us/parcel':>10}{'parcels/s':>11}{'ratio':>7}")
    for name, found, key in (
        (f"idiomatic SimPy, {plain['events'] / count:.1f} events a parcel", plain, "open_s"),
        *rows,
    ):
        took = found[key]
        print(f"{name:34}{took / count * 1e6:10.1f}{count / took:11,.0f}{found['open_s'] / took:7.3f}")
    if not made["used"]:
        print("machine code: none of these sources; `sorter compile` makes it")
    elif plain["sha256"] != made["sha256"]:
        print("machine code DIFFERS")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
