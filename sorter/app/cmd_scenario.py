"""`sorter sim SCENARIO.yaml`: a study of a hub's day, told as a table, JSON, CSV or a report.

Exit codes: 0 done and every threshold met; 1 a threshold is not met; 2 a file or an argument that cannot be
used; 130 interrupted, after what was finished has been told.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from sim.compiled import cache_folder
from sim.hubline.engine import Engine
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.spec import spec_of
from sim.hubline.traffic import Flow
from sim.study.cache import Cache
from sim.study.cluster import Cluster
from sim.study.experiment import Point, Study, run_study
from sim.study.experiment import Progress as Told
from sim.study.jobs import Done, Task, Workers
from sim.study.pool import Processes, Serial
from sim.study.results import StudyResult
from sim.study.stopping import fixed
from sim.study.sweep import grid, one_at_a_time
from sorter.app.args import positive
from sorter.app.columns import packed
from sorter.app.parcel_way import parcel_place, tell_way
from sorter.app.scenario_engine import engine_for, engine_said, engined
from sorter.app.scenario_file import Plan, load_plan, varied
from sorter.app.study_table import as_json, print_study
from sorter.app.watching import Watched, announce, show, watched
from sorter.app.watching import told as told_clock
from sorter.app.what_if import add_what_if, what_if
from sorter.errors import SorterError
from sorter.flow import Us

ALONE = 20_000
"""Parcels in a study up to which other processes would start for longer than it takes."""

FIRST_DAY_US = 10_000_000


def add_options(parser: argparse._ActionsContainer) -> None:
    """What a scenario takes besides its file."""
    add = parser.add_argument
    add("--workers", type=positive, metavar="N", help="processes (default: one per core)")
    add("--cluster", metavar="ADDRESS", help="run on this dask scheduler, e.g. tcp://10.0.0.5:8786")
    add("--replications", type=positive, metavar="N", help="so many days, whatever the file says")
    add("--engine", choices=("plain", "batch", "line", "heap"),
        help="recursion interpreted or compiled, closed loop, events (default: the fastest)")  # fmt: skip
    add("--no-cache", action="store_true", help="compute everything anew, keep nothing")
    add("--json", action="store_true", help="the result as one JSON object")
    add("--csv", type=Path, metavar="FILE", help="every figure of every point, one row each")
    add("--report", type=Path, metavar="FILE", help="a page (HTML) with plots, in one file")
    add("--parcel", type=parcel_place, metavar="[LINE/]N", help="tell this parcel's way on the first day")
    add("--gate", action="store_true", help="refuse a file without thresholds; for automatic checks")
    add("--quiet", action="store_true", help="say nothing but mistakes")
    add_what_if(parser)


def run_scenario(args: argparse.Namespace) -> int:
    """The study that the file args.config asks for."""
    plan = what_if(load_plan(args.config, _recorded(args)), args)
    if args.gate and not plan.thresholds:
        remedy = "add thresholds:, for example {sorted_share: {least: 94}}, or run without --gate"
        raise SorterError(f"{args.config}: 没有门限 / a gate needs thresholds\n  {remedy}")
    study, engine = study_of(plan, args.replications, args.engine)
    if args.parcel:
        day = HubDay(engined(plan.scenario, plan.scenario.parcels, args.engine))
        print(*tell_way(day, plan.begins_us, *args.parcel), sep="\n")
        return 0
    if vars(args).get("watch") is not None:
        return show(_minute(plan, args.watch), args)
    kept = None if args.no_cache else _cache()
    with _workers(args, study, engine) as workers, _bar(args.quiet) as told:
        result = run_study(study, workers, kept, told)
    _tell(args, plan, result, engine)
    if not result.finished:
        return 130
    held = _is_through(result)
    return 0 if held and all(verdict.holds for verdict in result.verdicts) else 1


def _is_through(result: StudyResult) -> bool:
    """Whether no line was given up; tells of each point where one was."""
    found = {point.name: point.figures.get("unfinished") for point in result.points}
    stood = {name: one.mean for name, one in found.items() if one is not None and one.mean > 0}
    for name, parcels in stood.items():
        zh, en = (
            f"没有跑完：每日 {parcels:.1f} 件，产线停了 12 小时",
            f"not through: {parcels:.1f} parcels a day",
        )
        remedy = "请看故障文件 / a line stood for 12 h: look at the fault file"
        print(f"{name}: {zh} / {en}\n  {remedy}", file=sys.stderr)
    return not stood


def _minute(plan: Plan, at_us: Us) -> Watched:
    """The minute from this time of day on, of the first line on the first day."""
    scenario, from_us = plan.scenario, at_us - plan.begins_us
    if from_us < 0:
        begins = told_clock(plan.begins_us)
        raise SorterError(f"情景始于 {begins} / the scenario begins at {begins}\n  choose a later time")
    if reasons := spec_of(scenario).refusals("line"):
        what = "; ".join(map(str, reasons))
        remedy = "leave it out, or watch another scenario"
        raise SorterError(f"{scenario.name}: 无法观看 / the closed loop cannot say this: {what}\n  {remedy}")
    announce(at_us)
    day = HubDay(engined(scenario, scenario.parcels, None)).fed(0)
    return watched(scenario.hub, lambda keep: day.loop(0, 0, keep), from_us, plan.begins_us)


def _recorded(args: argparse.Namespace) -> Path | None:
    """The table or the journal that says what comes."""
    parcels: Path | int | None = vars(args).get("parcels")
    if isinstance(parcels, int):
        what = "情景文件自定件数 / a scenario says itself how many parcels come"
        raise SorterError(f"{what}\n  leave --parcels out, or name a table (CSV) or a journal")
    return parcels


def study_of(plan: Plan, replications: int | None = None, engine: str | None = None) -> tuple[Study, Engine]:
    """The plan as a study, and the engine: the one named, or by the parcels that the study takes at least."""
    sampling = fixed(replications) if replications else plan.sampling
    scenarios = (plan.scenario, *plan.others)
    drawn = any(scenario.is_drawn for scenario in scenarios)
    if not drawn:
        sampling = fixed(1)  # a recorded day is the same however often it is run
    points = math.prod(len(values) for values in plan.sweep.values()) + 2 * len(plan.steps)
    parcels = points * sampling.least * sum(scenario.parcels for scenario in scenarios)

    def day(scenario: Scenario) -> HubDay:
        return HubDay(engined(scenario, parcels, engine))

    if plan.steps:
        found = one_at_a_time(plan.steps, plan.step, lambda values: day(varied(plan.scenario, values)))
    elif plan.sweep:
        found = grid(plan.sweep, lambda values: day(varied(plan.scenario, values)))
    else:
        found = tuple(Point(scenario.name, {}, day(scenario)) for scenario in scenarios)
    base = plan.others[0].name if plan.others else ""
    study = Study(plan.scenario.name, found, sampling, base, plan.thresholds, drawn=drawn)
    return study, engine_for(plan.scenario, parcels, engine)


class Compiling(Processes):
    """Processes that find the machine code on disk, compiled here and not by each of them at once."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Compiles, when there is anything to do, and shares the tasks out."""
        waiting = list(tasks)
        for task in waiting[:1]:
            assert isinstance(task.model, HubDay)
            first_seconds(task.model.scenario).run(0)
        return super().run(waiting)


def first_seconds(scenario: Scenario) -> HubDay:
    """A few parcels on one line of a scenario, by its engine."""
    traffic = replace(scenario.traffic, flows=(Flow(0, FIRST_DAY_US, 3_600.0),))
    alone = replace(scenario, lines=1, traffic=traffic, recorded=(), first=None)
    return HubDay(replace(alone, until_us=FIRST_DAY_US, stops=()))


def _workers(args: argparse.Namespace, study: Study, engine: Engine) -> Workers:
    if args.cluster:
        return Cluster(args.cluster)
    if args.workers == 1 or (args.workers is None and _is_small(study, engine)):
        return Serial()
    return Compiling(args.workers) if engine.is_compiled else Processes(args.workers)


def _is_small(study: Study, engine: Engine) -> bool:
    models = [point.model for point in study.points]
    parcels = sum(model.scenario.parcels for model in models if isinstance(model, HubDay))
    return not engine.is_compiled and parcels * study.sampling.least <= ALONE


def _cache() -> Cache | None:
    """Beside the machine code; None where nothing can be written."""
    folder = cache_folder()
    if folder is None:
        return None
    return Cache(folder.parent / "studies", lambda text: print(text, file=sys.stderr))


# ---------------------------------------------------------------- told while it runs, and after


@contextmanager
def _bar(quiet: bool) -> Iterator[Told | None]:
    """A bar with the time that is left, where somebody sees it."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        row = bar.add_task("", total=None, left="准备、必要时编译 preparing, compiling if need be")

        def told(done: int, total: int, left_s: float | None) -> None:
            left = "" if left_s is None else f"剩余 left {timedelta(seconds=round(left_s))}"
            bar.update(row, completed=done, total=total, left=left)

        yield told


def _tell(args: argparse.Namespace, plan: Plan, result: StudyResult, engine: Engine) -> None:
    if not result.finished:
        done = sum(len(point.replications) for point in result.points)
        print(f"已中断，以下是完成的 {done} 次 / interrupted: {done} replications are finished",
              file=sys.stderr)  # fmt: skip
    told = about(plan, engine)
    if args.report or args.csv:
        from sorter.app.study_report import write_study_csv, write_study_report

        if args.report:
            write_study_report(args.report, result, told)
        if args.csv:
            write_study_csv(args.csv, result)
    if args.quiet:
        return
    if args.json:
        print(json.dumps({"scenario": told} | as_json(result), ensure_ascii=False))
        return
    console = Console()
    for line in packed((f"{name} {value}" for name, value in told.items()), console.width):
        console.print(line, highlight=False, soft_wrap=True)
    print_study(result, console)


def about(plan: Plan, engine: Engine) -> dict[str, str]:
    """Under which conditions the figures came about, name -> value, for people."""
    scenario = plan.scenario
    begins_s = plan.begins_us // 1_000_000
    return {
        "情景 scenario": f"{scenario.zh} {scenario.en}",
        "枢纽 hub": scenario.hub.name,
        "线数 lines": str(scenario.lines),
        "到件 parcels offered": f"{'≤ ' if scenario.first else ''}{scenario.parcels:,}",
        "零点 time 0": f"{begins_s // 3600:02}:{begins_s // 60 % 60:02}",
        "种子 seed": str(scenario.seed),
        "引擎 engine": engine_said(scenario, engine),
    }
