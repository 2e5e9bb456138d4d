"""`sorter sim --reference`: the reference line, which any two implementations run to the same microsecond."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sim.reference.engines import engine_for, timed
from sim.reference.files import read_reference, write_outcomes
from sim.reference.outcomes import MISSES, Outcomes
from sorter.app.texts import Text
from sorter.errors import StoreError

_MISSES = {
    "late": Text("决策太晚", "decided too late"),
    "interlock": Text("相邻摆轮互锁", "held by its neighbour"),
    "busy": Text("摆轮未复位", "diverter busy"),
    "bag_out": Text("换袋中", "bag being changed"),
}


def run_reference(args: argparse.Namespace) -> int:
    """Simulate the folder `args.reference`, write outcomes, print misses and digest; 0 when it ran.

    args  reference: Path, engine: str | None (None: whichever is done first), outcomes: Path | None,
          json: bool, repeat: int (warm runs, of which the best is told)
    Raises ConfigError for the folder, StoreError for the file of outcomes.
    """
    spec, parcels = read_reference(args.reference)
    engine = args.engine or engine_for(len(parcels))
    outcomes, cpu_s = timed(spec, parcels, engine, args.repeat)
    if args.outcomes is not None:
        keep(args.outcomes, outcomes)
    misses = dict(zip(MISSES, outcomes.misses.tolist(), strict=True))
    if args.json:
        print(json.dumps({"sha256": outcomes.sha256(), "misses": misses, "parcels": len(parcels),
                          "engine": engine, "cpu_s": cpu_s}))  # fmt: skip
        return 0
    print(f"引擎 engine: {engine}；包裹 parcels: {len(parcels)}；CPU: {cpu_s:.6f} s")
    for name, count in misses.items():
        print(f"  {_MISSES[name].zh} {_MISSES[name].en}: {count}")
    print(f"SHA-256: {outcomes.sha256()}")
    return 0


def keep(path: Path, outcomes: Outcomes) -> None:
    """Write the outcomes, one row a parcel."""
    try:
        write_outcomes(path, outcomes)
    except OSError as error:
        what = f"{path}: 无法写入 / cannot be written: {error.strerror}"
        raise StoreError(f"{what}\n  换一个文件夹 / choose another folder") from None
