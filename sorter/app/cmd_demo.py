"""`sorter demo`: the whole chain on one machine, judged against truth."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.arrivals import draw
from sim.faults import Faults
from sim.judge import Judgement, judge
from sim.truthfile import read_left, read_truths
from sim.upstream import told
from sorter.app.args import PROGRAM, add_stream, command, default_config, made, new_run, port
from sorter.app.cmd_serve import DEFAULT_PORT, console_beside
from sorter.app.config import load_hub
from sorter.app.exceptions import add_pictures, keep_pictures, keeper, tell_compiling
from sorter.app.fault_file import add_faults, planned
from sorter.app.figures import as_dict, run_figures
from sorter.app.grades import as_rows
from sorter.app.live import LiveView, figures_table, grades_table
from sorter.app.manifest import read_intercepts, read_manifest
from sorter.app.report import write_report
from sorter.app.runner import Watch
from sorter.app.stage import Stage, post_words, stage
from sorter.app.tally import Tally
from sorter.app.unfinished import unfinished
from sorter.errors import SorterError
from sorter.flow import Advised, Effect, Event, Operated, PackCommand, Us
from sorter.hub import Hub
from sorter.timing import answer_us
from vision.keeper import Keeper
from vision.pipeline import Decoders

READY_WAIT_S = 60.0
SPARE_S = 60.0
"""How much longer than at its pace a run may take before it is given up."""

QUIET_S = 5.0
PATIENCE_S = 300.0
"""With faults it may take as long as it wants while nothing stands still for longer than this."""


class DemoError(SorterError):
    """A process of the demo failed."""


def add(commands: Any) -> None:
    """Register the command."""
    sub = command(
        commands,
        "demo",
        run_demo,
        "演示：在仿真线上分拣200件 / demo: sort 200 parcels on the emulated line",
        "  sorter demo\n  sorter demo --parcels 50 --seed 7 --json",
    )
    sub.add_argument("--config", type=Path, default=default_config(), metavar="DIR",
                     help="hub folder (default: configs/linzi)")  # fmt: skip
    add_stream(sub, parcels=200)
    add_faults(sub)
    add_pictures(sub)
    sub.add_argument("--out", type=Path, metavar="DIR", help="run folder (default: a new one in runs/)")
    sub.add_argument("--json", action="store_true", help="the figures as one JSON object, no live view")
    sub.add_argument("--console", type=port, nargs="?", const=DEFAULT_PORT, metavar="PORT",
                     help=f"show it in a browser too (default port {DEFAULT_PORT})")  # fmt: skip


def run_demo(args: argparse.Namespace) -> int:
    """Sort a stream on the emulated line at line pace; 0 when every promise of the demo held."""
    folder = made(args.out) if args.out else new_run("demo")
    if args.console is None:
        return _demo(args, folder)
    with console_beside(args.config, folder, args.console) as address:
        print(f"操作台 / console: {address}", file=sys.stderr, flush=True)
        code = _demo(args, folder)
        if sys.stdin.isatty():
            input("操作台仍开着，按回车结束 / the console is still open, press Enter to end ")
    return code


def _demo(args: argparse.Namespace, folder: Path) -> int:
    hub = load_hub(args.config)
    drawn = draw(hub, args.seed, args.parcels, args.rate)
    faults = planned(args.faults, hub, args.seed, drawn)
    later = told(drawn, faults or Faults())[1]
    late = {word.waybill for _, word in later}
    tally = Tally(hub.layout)
    with emulator(args, folder / "line") as ready:
        link = replace(hub.link, host=ready["host"], port=ready["port"])
        ring = Path(ready["ring"])
        with (
            closing(Decoders(ring, serves_s=answer_us(hub.layout) / 1e6)) as vision,
            closing(keeper(args, ring, folder)) as pictures,
            stage(hub, link, vision, folder, time.strftime("%Y-%m-%d"), _watch(tally, pictures)) as on,
        ):
            tell_compiling(vision)
            if not vision.ready(READY_WAIT_S):
                raise DemoError("识读进程未启动 / the decoder process did not start; try: doctor")
            finished = _sort(args, hub, on, tally, Path(ready["out"]), later)
            at_us = on.machine.line_us()
    judgement = _judge(hub, folder / "line", tally, faults.misreadings() if faults else {}, late)
    meta = {"种子 seed": str(args.seed), "配置 config": str(args.config), "到件 rate": f"{args.rate}/h",
            "写盘超时 late commits": str(on.runner.late_commits), "识读重启 restarts": str(vision.restarts),
            "异常照片 pictures of exceptions": f"{pictures.kept} 已存 kept, "
            f"{pictures.missed + pictures.refused} 未存 not kept"}  # fmt: skip
    write_report(report := folder / "report.html", hub, tally, judgement, meta)
    figures = run_figures(tally, judgement, hub)
    if args.json:
        quality = as_rows(tally.grades.medians())
        answer = {"figures": as_dict(figures), "quality": quality, "report": str(report)}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        figures_table(figures)
        grades_table(tally.grades.medians(), hub)
        print(f"报告 / report: {report}")
        print(f"查询一件 / one parcel's story: {PROGRAM} trace {_any_waybill(tally)}")
    if not finished:
        print(*unfinished(tally, args.parcels, at_us, faults), sep="\n", file=sys.stderr)
    kept = promises_kept(judgement) if faults is None else judgement.right
    return 0 if finished and kept else 1


def _watch(tally: Tally, pictures: Keeper) -> Watch:
    def watch(value: Event | Effect) -> None:
        tally.note(value)
        keep_pictures(pictures, value)

    return watch


def promises_kept(judgement: Judgement) -> bool:
    """Every parcel has one record, no mis-sort, nothing invented, records true, every readable label read."""
    return judgement.conserved and judgement.right and judgement.read == judgement.readable


def _sort(
    args: argparse.Namespace, hub: Hub, on: Stage, tally: Tally, out: Path, later: list[tuple[Us, Advised]]
) -> bool:
    """Run until every parcel has its record, telling late advice when it comes; False: it took too long."""
    post_words(on.runner, read_manifest(out / "manifest.csv", hub).words)
    post_words(on.runner, read_intercepts(out / "intercepts.csv").words)
    on.runner.post(lambda at_us: Operated(at_us, PackCommand.START))
    parcels: int = args.parcels
    limit = _Limit(parcels * 3600 / args.rate * 1.5 + SPARE_S, args.faults is not None)
    view = LiveView(hub, tally, quiet=args.json)

    def through() -> bool:
        """An eye that is blind may have kept a parcel from being inducted: then its coming off counts."""
        if tally.open or (tally.inducted < parcels and not limit.is_quiet(tally)):
            return False
        return tally.inducted >= parcels or len(read_left(out / "left.csv")) >= parcels

    def done() -> bool:
        while later and later[0][0] <= on.machine.line_us():
            post_words(on.runner, [later.pop(0)[1]])
        view.update(on.machine.encoder, on.machine.line_us(), on.machine.status is not None)
        return through() or limit.is_over(tally)

    with view:
        on.runner.run(hub.link.poll_us, done)
    return through()


class _Limit:
    """When a run is given up: after so many seconds; where faults strike, not before it stands for long."""

    def __init__(self, seconds: float, faults: bool) -> None:
        self._end = time.monotonic() + seconds
        self._patience_s = PATIENCE_S if faults else 0.0
        self._seen = (0, 0)
        self._moved = time.monotonic()

    def is_over(self, tally: Tally) -> bool:
        """Asked often."""
        now = time.monotonic()
        return now > max(self._end, self._moved_s(tally, now) + self._patience_s)

    def is_quiet(self, tally: Tally) -> bool:
        """For some seconds nothing has come onto the line or gone off it."""
        now = time.monotonic()
        return now > self._moved_s(tally, now) + QUIET_S

    def _moved_s(self, tally: Tally, now: float) -> float:
        seen = (tally.inducted, len(tally.open))
        if seen != self._seen:
            self._seen, self._moved = seen, now
        return self._moved


def _judge(
    hub: Hub, line: Path, tally: Tally, misreadings: Mapping[int, str], late: Collection[str]
) -> Judgement:
    truths, left = read_truths(line / "truth.csv"), read_left(line / "left.csv")
    today = time.strftime("%Y-%m-%d")
    return judge(hub, truths, left, tally.records, misreadings, late, today, tally.plans)


def _any_waybill(tally: Tally) -> str:
    return next((record.waybill for record in tally.records if record.waybill), "WAYBILL")


@contextmanager
def emulator(args: argparse.Namespace, out: Path) -> Iterator[dict[str, Any]]:
    """An emulated line in a process of its own; it ends with this block, or with this process.

    args  config, parcels, rate, seed as for `sorter emulate`, and perhaps `more` words for it
    """
    words = [sys.executable, "-m", "sorter", "emulate", str(args.config), "--json", "--with-parent",
             "--port", "0", "--parcels", str(args.parcels), "--rate", str(args.rate),
             "--seed", str(args.seed), "--out", str(out), *getattr(args, "more", ())]  # fmt: skip
    if getattr(args, "faults", None) is not None:
        words += ["--faults", str(args.faults)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise DemoError(f"仿真产线未启动 / the emulated line did not start (exit {process.wait()})")
        yield json.loads(line)
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()
