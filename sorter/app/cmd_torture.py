"""`sorter torture`: seeds of faults against the real controller, judged by an independent checker."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.torture.coverage import FLOORS_PERMILLE, Coverage
from sim.torture.faults import AREAS, FOLLOWS, KINDS, MIXES
from sim.torture.story import story
from sim.torture.trial import shrink, told
from sorter.app import machine_code
from sorter.app.args import command, positive
from sorter.app.torture_bench import begin
from sorter.app.torture_crew import Progress, shared_out
from sorter.app.torture_record import Record

RELEASE = (1, 100_000)
RELEASE_RECORD = Path("torture-release.json")
"""Where the long list keeps what is done unless another file is named: it takes hours, and goes on there."""


def add(commands: Any) -> None:
    """Register the command."""
    sub = command(
        commands,
        "torture",
        run,
        "故障折磨测试 / run seeds of faults against the controller and judge them",
        "  sorter torture --seeds 1..200\n  sorter torture --seed 7 --mix heavy --explain",
    )
    which = sub.add_mutually_exclusive_group(required=True)
    which.add_argument("--seeds", type=seed_range, metavar="A..B", help="run all of these")
    which.add_argument("--seed", type=positive, metavar="N", help="run one; when it fails, shrink it")
    which.add_argument("--release", action="store_const", dest="seeds", const=RELEASE,
                       help=f"the long list: {RELEASE[0]}..{RELEASE[1]}")  # fmt: skip
    sub.add_argument("--mix", type=mix_named, metavar="MIX",
                     help=f"{', '.join(MIXES)}, or kinds of fault joined by + "
                          "(default: each seed has its own mix)")  # fmt: skip
    sub.add_argument("--explain", action="store_true", help="tell the seed's story in words")
    sub.add_argument("--processes", type=positive, default=os.cpu_count(), metavar="N",
                     help="how many at once (default: one a core)")  # fmt: skip
    sub.add_argument("--record", type=Path, metavar="FILE",
                     help="keep what is done here, and go on from it "
                          f"(--release: {RELEASE_RECORD})")  # fmt: skip


def seed_range(text: str) -> tuple[int, int]:
    """A..B, both included."""
    first, dots, last = text.partition("..")
    try:
        seeds = positive(first), positive(last) if dots else positive(first)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no range A..B: {error}") from None
    if seeds[0] > seeds[1]:
        raise argparse.ArgumentTypeError(f"'{text}' is empty")
    return seeds


def mix_named(text: str) -> str:
    """A mix, or kinds of fault joined by "+"."""
    unknown = [kind for kind in text.split("+") if kind not in KINDS]
    if text not in MIXES and unknown:
        raise argparse.ArgumentTypeError(
            f"没有这种故障 / no mix or kind of fault: {', '.join(unknown)}\n  {' '.join(MIXES + KINDS)}"
        )
    return text


def run(args: argparse.Namespace) -> int:
    """0 when every promise and every floor held, 1 when not."""
    if args.seed is not None:
        return run_one(args.seed, args.mix, args.explain)
    long_list = RELEASE_RECORD if args.seeds == RELEASE else None
    record = Record(args.record or long_list, args.seeds, args.mix)
    _run_left(record, args.mix, args.processes)
    for line in table(record.coverage):
        print(line)
    for line in record.made_by():
        print(line)
    return 0 if record.coverage.well else 1


def _run_left(record: Record, mix: str | None, processes: int) -> None:
    """Ctrl-C, or a kill, costs what is in hand, no more."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    coverage, left = record.coverage, record.left
    if record.done:
        print(f"续跑，还剩 / going on, left: {len(left)}", file=sys.stderr)
    progress = Progress(record.done, record.done + len(left))
    try:
        for trials in shared_out(left, mix, processes):
            for trial in trials:
                coverage.add(trial)
            record.keep([trial.seed for trial in trials])
            progress.tell(coverage.trials, len(coverage.failed))
    except KeyboardInterrupt:
        progress.end()
        print(record.interrupted(), file=sys.stderr)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
    progress.end()


def run_one(seed: int, mix: str | None, explain: bool) -> int:
    """One seed, told in words, or shrunk when it fails."""
    trial, world = told(seed, mix, begin)
    lines = list(story(trial, world))
    for line in lines if explain else lines[-1:]:
        print(line.encode("utf-8", "backslashreplace").decode())
    if not trial.violations:
        return 0
    print(f"缩减故障 / the fewest faults that break promise {trial.violations[0].promise}:")
    for fault in shrink(seed, mix, begin, trial.violations[0].promise):
        print(f"  {fault}")
    return 1


def table(coverage: Coverage) -> Iterator[str]:
    """What was covered, and whether it held."""
    yield f"种子 seeds {coverage.trials}, 线上时间 line time {coverage.line_s / 3600:.1f} h"
    how = "机器码 machine code" if machine_code.in_use() else "源码 source"
    yield f"速度 pace: {coverage.pace:.0f} : 1, simulated seconds a CPU second of one core, now {how}"
    for area, planned in AREAS.items():
        kinds = (*planned, *(kind for kind, cause in FOLLOWS.items() if cause in planned))
        struck = [f"{kind} {coverage.seeds_of[kind]}" for kind in kinds if coverage.fired[kind]]
        yield f"  {area:<10} {', '.join(struck) or '-'}"
    yield f"故障种类 kinds of fault that struck (seeds): {len(coverage.fired)}; never: " + (
        ", ".join(coverage.silent) or "none"
    )
    total = sum(coverage.outcomes.values())
    shares = [f"{name} {count}" for name, count in coverage.outcomes.most_common()]
    yield f"结果 outcomes of {total} parcels: {', '.join(shares)}"
    for mix, done, of, held in coverage.floors():
        floor = FLOORS_PERMILLE[mix] / 10
        yield (
            f"  {mix:<9} sorted {done} of {of} readable = {done / of:.2%}, floor {floor} %: "
            f"{'holds' if held else 'BROKEN'}"
        )
    yield f"违反 seeds with a broken promise: {len(coverage.failed)}"
    for seed, mix, violations in coverage.failed[:20]:
        yield f"  seed {seed} --mix {mix}: {violations[0]}"
