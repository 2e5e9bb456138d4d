"""`sorter plan diff`, `dry-run`, `activate`, `rollback`, `history`: from one plan to the next, and back."""

from __future__ import annotations

import argparse
import getpass
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sorter.app.args import PROGRAM, RUNS, command, day, default_config
from sorter.app.config import load_hub
from sorter.app.desk import pulse_of
from sorter.app.journal import read
from sorter.app.plan_day import Travelled, travelled
from sorter.app.plan_desk import activate, candidate, change_dock, due_us, plans_of, roll_back
from sorter.app.plan_diff import changes
from sorter.app.plan_dry_run import dry_run, dry_run_lines
from sorter.app.plan_words import change_words, other_changes
from sorter.app.pulse import monotonic_us, read_pulse
from sorter.app.texts import notice
from sorter.errors import ConfigError, Problem, StoreError
from sorter.hub import Hub
from sorter.plan import Plan

STALE_US = 1_000_000
"""An older beat is no sign of life."""


def add(inner: Any) -> None:
    """Register the commands in the group `plan`."""
    sub = command(inner, "diff", run_diff, "两个方案的不同 / what differs between two plans, in words",
                  "  sorter plan diff configs/linzi/plan.yaml emergency.yaml")  # fmt: skip
    sub.add_argument("old", type=Path, metavar="A", help="plan file, e.g. configs/linzi/plan.yaml")
    sub.add_argument("new", type=Path, metavar="B", help="plan file")
    _add_hub(sub)
    sub.add_argument("--journal", type=Path, metavar="DIR", help="a run: count its parcels")
    sub.add_argument("--day", default="yesterday", metavar="WORD", help="that day's name (default yesterday)")
    sub = command(inner, "dry-run", run_dry_run, "用录下的一天试方案 / try a plan on a recorded day",
                  "  sorter plan dry-run emergency.yaml --journal runs/yesterday")  # fmt: skip
    sub.add_argument("plan", type=Path, metavar="PLAN", help="plan file")
    sub.add_argument("--journal", type=Path, required=True, metavar="DIR", help="a run or its journal")
    sub.add_argument("--against", type=Path, metavar="PLAN", help="compare with it (default: the hub's)")
    _add_hub(sub)
    sub.add_argument("--date", type=day, metavar="DAY", help="day of which places are taken (default: any)")
    sub = command(inner, "activate", run_activate, "启用方案 / order a plan for a run that goes on",
                  "  sorter plan activate configs/linzi/plans/emergency.yaml --now\n"
                  "  sorter plan activate configs/linzi/plan.yaml --at 04:30")  # fmt: skip
    sub.add_argument("plan", type=Path, metavar="PLAN", help="plan file")
    when = sub.add_mutually_exclusive_group()
    when.add_argument("--now", action="store_true", help="from the next parcel on (default)")
    when.add_argument("--at", default="", metavar="TIME", help="HH:MM, or a day: 2026-11-28T04:30")
    when.add_argument("--wave", default="", metavar="NAME", help="when this wave of waves.yaml begins")
    _add_run(sub)
    sub = command(inner, "rollback", run_rollback, "退回上一个方案 / undo the last order of a plan",
                  "  sorter plan rollback")  # fmt: skip
    _add_run(sub)
    sub = command(inner, "dock", run_dock, "正在卸哪家的车 / whose parcels are being unloaded",
                  "  sorter plan dock sto\n  sorter plan dock mixed")  # fmt: skip
    sub.add_argument("courier", metavar="KEY", help="a courier's key, or mixed")
    sub.add_argument("--run", dest="folder", type=Path, metavar="DIR", help="a run (default: the newest)")
    sub = command(inner, "history", run_history, "一次运行的方案历史 / the plans of a run",
                  "  sorter plan history --run runs/run-20261128-043000")  # fmt: skip
    _add_run(sub)


def _add_hub(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--config", type=Path, default=default_config(), metavar="DIR",
                     help="hub (default: configs/linzi)")  # fmt: skip


def _add_run(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--run", dest="folder", type=Path, metavar="DIR", help="a run (default: the newest)")
    sub.add_argument("--by", default=_user(), metavar="NAME", help="who orders it (default: the login)")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def run_diff(args: argparse.Namespace) -> int:
    """Every difference in words; 1 when there is one."""
    hub = load_hub(args.config)
    old, new = candidate(hub, args.old), candidate(hub, args.new)
    recorded = _day(args.journal) if args.journal else []
    lines = diff_lines(hub, old, new, recorded, args.day if args.journal else "")
    print("\n".join((f"{old.version} -> {new.version}", *lines)))
    return 1 if old.version != new.version and lines else 0


def diff_lines(hub: Hub, old: Plan, new: Plan, recorded: list[Travelled], named: str = "") -> list[str]:
    """Two lines for each difference, Chinese and English."""
    texts = [change_words(hub, change, named) for change in changes(hub, old, new, recorded)]
    texts += other_changes(hub, old, new)
    return [line for one in texts for line in (one.zh, f"  {one.en}")] or ["没有不同 no difference"]


def run_dry_run(args: argparse.Namespace) -> int:
    """The recorded day under another plan."""
    hub = load_hub(args.config)
    old = candidate(hub, args.against) if args.against else hub.plan
    new = candidate(hub, args.plan)
    print(f"{old.version} -> {new.version}")
    print("\n".join(dry_run_lines(hub, dry_run(hub, old, new, _day(args.journal), args.date or ""))))
    return 0


def run_activate(args: argparse.Namespace) -> int:
    """Check the plan, say what it changes, and order it."""
    run = _run(args.folder)
    before = plans_of(run)
    at_us = _due(args.at)
    plan = activate(run, args.plan, wave=args.wave, at_us=at_us, by=args.by)
    print("\n".join(diff_lines(before.hub, before.plan, plan, [])))
    print(f"{before.plan.version} -> {plan.version}: {_when(args.wave, at_us)}")
    pulse = read_pulse(pulse_of(run))
    if pulse is None or monotonic_us() - pulse.written_us > STALE_US:
        print("没有控制程序在运行，启动后生效 / no controller runs: it counts when one starts")
    print(f"撤回 / undo: {PROGRAM} plan rollback --run {run}")
    return 0


def run_rollback(args: argparse.Namespace) -> int:
    """Undo the last order; 1 when there is none."""
    undone = roll_back(_run(args.folder), args.by)
    print(f"撤回方案 / undone: {undone}" if undone else "没有可撤回的方案 / there is nothing to undo")
    return 0 if undone else 1


def run_dock(args: argparse.Namespace) -> int:
    """Tell the controller whose parcels come now."""
    change_dock(_run(args.folder), "" if args.courier == "mixed" else args.courier)
    print(f"卸车 / unloading: {args.courier}")
    return 0


def run_history(args: argparse.Namespace) -> int:
    """What was in force when, what waits, and on whose word."""
    found = plans_of(_run(args.folder))
    for step in found.history:
        words = f"{notice(step.key, step.about, 'zh')} / {notice(step.key, step.about, 'en')}"
        print(f"{step.at_us / 1e6:12.3f} s  {words}{f' ({step.by})' if step.by else ''}")
    for due, version in found.scheduled:
        print(f"{datetime.fromtimestamp(due / 1e6):%Y-%m-%d %H:%M}  待启用 ordered: {version}")
    return 0


def _day(where: Path) -> list[Travelled]:
    journal = where / "journal" if (where / "journal").is_dir() else where
    return list(travelled(read(journal)))


def _due(text: str) -> int:
    try:
        return due_us(text) if text else 0
    except ValueError:
        what = f"'{text}' is not a time to come"
        raise ConfigError([Problem("--at", what, "write HH:MM, or 2026-11-28T04:30")]) from None


def _when(wave: str, at_us: int) -> str:
    if wave:
        return f"波次 {wave} 开始时启用 / when wave {wave} begins"
    if at_us > time.time_ns() // 1000:
        moment = f"{datetime.fromtimestamp(at_us / 1e6):%Y-%m-%d %H:%M}"
        return f"{moment} 启用 / at {moment}"
    return "下一件起启用 / from the next parcel on"


def _run(folder: Path | None) -> Path:
    """The folder, or the run that was started last."""
    if folder is not None:
        return folder
    journals = sorted(RUNS.glob("*/journal"), key=lambda path: path.stat().st_mtime)
    if not journals:
        raise StoreError(f"{RUNS}: 没有运行 / no run here\n  --run DIR")
    return journals[-1].parent
