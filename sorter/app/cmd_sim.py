"""`sorter sim` and `sorter replay`: runs without a wire, and what a journal would do today."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sim.arrivals import Drawn, draw, replayed, told_latency
from sim.faults import Faults
from sim.hubline.loop import Words
from sim.judge import judge
from sim.upstream import told
from sim.virtual import Keep, VirtualLine
from sorter.app.args import add_config, add_stream, command, day, positive
from sorter.app.cmd_demo import promises_kept
from sorter.app.cmd_reference import run_reference
from sorter.app.cmd_scenario import add_options, run_scenario
from sorter.app.config import hub_from_files, load_hub
from sorter.app.fault_file import add_faults, load_faults, planned, unwired
from sorter.app.figures import as_dict, run_figures
from sorter.app.journal import JournalWriter, read
from sorter.app.lines import SUFFIXES, read_lines
from sorter.app.live import figures_table
from sorter.app.parcels_recorded import recorded_parcels
from sorter.app.stage import started
from sorter.app.tally import Tally
from sorter.app.unfinished import unfinished
from sorter.app.watching import add_watching, announce, show, watched
from sorter.codec import Started, Value
from sorter.controller import Controller
from sorter.errors import SorterError, StoreError
from sorter.flow import Effect, Event, ParcelRecord
from sorter.hub import Hub
from sorter.replay import replay

PARCELS = 1000
"""Offered to a hub's line where nothing else is said."""


def add(commands: Any) -> None:
    """Register both commands."""
    sim = command(
        commands,
        "sim",
        run_sim,
        "离线仿真 / simulate: a hub's line with its controller, a scenario, the reference line",
        "  sorter sim configs/linzi\n  sorter sim configs/linzi --parcels 5000 --seed 7 --json\n"
        "  sorter sim configs/linzi --faults configs/faults/rainy-day.yaml\n"
        "  sorter sim configs/scenarios/normal-day.yaml --report day.html\n"
        "  sorter sim --reference tests/data/reference-line/default-1 --engine batch --outcomes out.csv",
    )
    add_config(sim, optional=True)
    add_stream(sim, parcels=PARCELS, recorded=True)
    today = time.strftime("%Y-%m-%d")
    sim.add_argument("--date", type=day, default=today, help="day by which formats are judged")
    add_faults(sim)
    sim.add_argument("--journal", type=Path, metavar="DIR", help="keep the journal there, for replay")
    add_options(sim.add_argument_group("情景 a scenario (a .yaml file)"))
    add_watching(sim.add_argument_group("观看 to watch (a hub or a scenario)"))
    reference = sim.add_argument_group("参考线 the reference line")
    reference.add_argument("--reference", type=Path, metavar="DIR", help="its line.json and parcels.csv")
    reference.add_argument("--outcomes", type=Path, metavar="CSV", help="write every parcel's outcome")
    reference.add_argument("--repeat", type=positive, default=1, metavar="N", help="warm runs; best is told")
    again = command(
        commands,
        "replay",
        run_replay,
        "回放日志并比较 / replay a journal and compare its decisions",
        "  sorter replay runs/demo-20261123-101500/journal",
    )
    again.add_argument("journal", type=Path, metavar="JOURNAL", help="folder, segment or .jsonl")
    again.add_argument("--config", type=Path, metavar="DIR", help="decide by this hub, not the recorded one")


def run_sim(args: argparse.Namespace) -> int:
    """The reference line, a scenario, or a hub's line with its controller."""
    if args.reference is not None:
        return run_reference(args)
    if args.watch is None and args.watch_page is not None:
        remedy = "add --watch and a time, for example --watch 0:01"
        raise SorterError(f"--watch-page 缺少 --watch / which minute?\n  {remedy}")
    if args.config.suffix in (".yaml", ".yml"):
        remedy = "a scenario keeps no journal: run the hub, sorter sim HUB --journal DIR"
        _refuse_others(args, _OF_A_HUB, "情景 a scenario", remedy)
        return run_scenario(args)
    _refuse_others(args, _OF_A_SCENARIO, "枢纽的一条线 a hub's line", "name a scenario, of configs/scenarios")
    if args.parcel:
        remedy = "keep a --journal of the run and ask `sorter trace` with the parcel's waybill"
        raise SorterError(f"--parcel 只用于情景 / --parcel is for a scenario\n  {remedy}")
    return _run_hub(args) if args.watch is None else _watch_hub(args)


_OF_A_HUB = ("journal",)
_OF_A_SCENARIO = (
    "closed", "no_reads", "load", "sensitivity", "workers", "cluster", "replications", "engine", "csv",
    "report", "gate",
)  # fmt: skip


def _refuse_others(args: argparse.Namespace, names: tuple[str, ...], what: str, remedy: str) -> None:
    """An option that changes nothing is a mistake of who wrote it: it is not passed over."""
    given = [f"--{name.replace('_', '-')}" for name in names if vars(args)[name]]
    if given:
        raise SorterError(f"{', '.join(given)}: 不适用于 / not for {what}\n  {remedy}")


def _run_hub(args: argparse.Namespace) -> int:
    """One run on the virtual clock; 0 when nothing went astray and, without faults, all was kept."""
    hub = load_hub(args.config)
    drawn = _offered(args, hub)
    unwired(args.faults, load_faults(args.faults, hub) if args.faults else None)
    faults = planned(args.faults, hub, args.seed, drawn)
    tally = Tally(hub.layout)
    with ExitStack() as closing:
        journal = None
        if args.journal is not None:
            journal = JournalWriter(args.journal)
            closing.callback(journal.close)
            journal.append(started(hub, args.date))

        def keep(value: Event | Effect) -> None:
            tally.note(value)
            _progress(value, len(tally.records), len(drawn))
            if journal is not None:
                journal.append(value)

        parcels = [one.parcel for one in drawn]
        took = told_latency(drawn) if isinstance(args.parcels, Path) else None
        line = VirtualLine(hub, args.date, parcels, args.seed, keep, faults, latency_us=took)
        early, later = told(drawn, faults or Faults())
        run = line.run(early, later)
    misreadings = faults.misreadings() if faults else {}
    late = {word.waybill for _, word in later}
    truths = [one.truth for one in drawn]
    judgement = judge(hub, truths, run.left, run.records, misreadings, late, args.date)
    figures = run_figures(tally, judgement, hub)
    if args.json:
        print(json.dumps({"figures": as_dict(figures)}, ensure_ascii=False))
    else:
        figures_table(figures)
    if run.given_up:
        print(*unfinished(tally, len(drawn), run.line_us, faults), sep="\n", file=sys.stderr)
        return 1
    # Faults may cost reads and inductions, never the right chute.
    return 0 if (promises_kept(judgement) if faults is None else judgement.right) else 1


def _watch_hub(args: argparse.Namespace) -> int:
    """A minute of the same run."""
    hub = load_hub(args.config)
    drawn = _offered(args, hub)
    faults = planned(args.faults, hub, args.seed, drawn)
    took = told_latency(drawn) if isinstance(args.parcels, Path) else None

    def made(keep: Keep) -> tuple[VirtualLine, Words]:
        parcels = [one.parcel for one in drawn]
        line = VirtualLine(hub, args.date, parcels, args.seed, keep, faults, latency_us=took)
        return line, told(drawn, faults or Faults())

    announce(args.watch)
    return show(watched(hub, made, args.watch), args)


def _offered(args: argparse.Namespace, hub: Hub) -> list[Drawn]:
    """What comes to the infeed: drawn, or as a table or a journal says."""
    if isinstance(args.parcels, Path):
        return replayed(hub, recorded_parcels(args.parcels, hub), args.seed)
    return draw(hub, args.seed, args.parcels or PARCELS, args.rate)


def _progress(value: Event | Effect, done: int, of: int) -> None:
    """A word every 2,000 parcels, where somebody sees it."""
    if isinstance(value, ParcelRecord) and done % 2000 == 0 and sys.stderr.isatty():
        print(f"{done:,} / {of:,} 件 parcels", file=sys.stderr)


def run_replay(args: argparse.Namespace) -> int:
    """Feed a journal's events to today's controller; 0 when every decision is the recorded one."""
    other = load_hub(args.config) if args.config else None

    def make(start: Started) -> Controller:
        return Controller(other or hub_from_files(dict(start.files), start.hub), start.on_date)

    count = 0
    values = read_lines(args.journal) if args.journal.name.endswith(SUFFIXES) else read(args.journal)
    starts = 0

    def counted() -> Iterator[Value]:
        nonlocal starts
        for value in values:
            starts += isinstance(value, Started)
            yield value

    for difference in replay(counted(), make):
        count += 1
        print(difference)
    if not starts:
        remedy = "name a folder with *.journal files in it"
        raise StoreError(f"{args.journal}: 这里没有日志 / no journal here\n  {remedy}")
    print(f"{count} differences / 差异 {count} 处")
    if count:
        print("同一日志得到不同决定 / the same events were decided differently", file=sys.stderr)
    return 1 if count else 0
