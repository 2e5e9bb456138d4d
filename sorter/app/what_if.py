"""What if? `sorter sim SCENARIO.yaml --closed ... --no-reads ... --load ...`: the day changed, beside itself.

The question is asked on the command line; both days see the same parcels.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.faultplan import FaultPlan
from sim.hubline.build import Closures
from sim.hubline.scenario import Scenario
from sim.hubline.storm import with_faults
from sim.hubline.stream import NO_READS
from sim.hubline.traffic import Traffic
from sim.study.sweep import BASE
from sorter.app.fault_file import load_faults, unwired
from sorter.app.fields import nearest
from sorter.app.scenario_file import Plan, steps_of, varied
from sorter.app.scenario_schema import CLOSED
from sorter.errors import SorterError
from sorter.flow import Us
from sorter.hub import Hub

ALL_DAY: tuple[Us, Us] = (-(1 << 50), 1 << 50)
_CLOSED = re.compile(r"(?P<outlet>[^=@]+)=(?P<state>[a-z]+)(?:@(?P<begins>[0-9:]+)-(?P<ends>[0-9:]+))?")
_CLOCK = re.compile(r"([0-3]?[0-9]|4[0-7]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Closing:
    """A chute, or all of a town's, in a state of CLOSED; begins, ends: time of day (us), None = all day."""

    outlet: str
    state: str
    times: tuple[Us, Us] | None

    def __str__(self) -> str:
        """As it was asked for."""
        return f"{self.outlet}={self.state}"


def add_what_if(group: argparse._ActionsContainer) -> None:
    """What may be different from the file."""
    add = group.add_argument
    add(
        "--closed",
        type=_closing,
        action="append",
        default=[],
        metavar="CHUTE=STATE[@FROM-TO]",
        help="a chute, or a town's, full, locked or broken: 凤凰镇=full, qidu=broken@06:00-07:30",
    )
    add("--no-reads", type=_percent, metavar="SHARE", help="so many parcels cannot be read, e.g. 2%%")
    add("--load", type=_factors, metavar="X[,X...]",
        help="so many times as many parcels, e.g. 1.5; several = a point for each")  # fmt: skip
    add("--sensitivity", action="store_true", help="what the figures depend on: 10%% less and more of each")


def asks_what_if(args: argparse.Namespace) -> bool:
    """Whether anything shall be different."""
    asked = args.closed or args.load or args.sensitivity or vars(args).get("faults")
    return bool(asked) or args.no_reads is not None


def what_if(plan: Plan, args: argparse.Namespace) -> Plan:
    """The plan for the changed day, beside the day as it is; the plan itself where nothing is asked.

    Its thresholds are then demanded of the changed day. Raises SorterError for a name that is not known, and
    for a plan that already has points of its own.
    """
    asked = [*map(str, args.closed)]
    if args.no_reads is not None:
        asked.append(f"no-reads={args.no_reads:g}%")
    if args.load and not args.load[1:]:
        asked.append(f"load={args.load[0]:g}")
    if not asks_what_if(args):
        return plan
    faults = _faults(plan, vars(args).get("faults"))
    if faults is not None:
        asked.append(f"faults={faults.name}")
    if plan.sweep or plan.steps:
        remedy = "take sweep: and sensitivity: out of the file, or write the change into it"
        raise SorterError(f"{plan.scenario.name}: 扫描不能再改 / a sweep cannot be changed, too\n  {remedy}")
    day = plan.scenario
    if (day.first or day.recorded) and (args.load or args.no_reads is not None):
        what = "到件已定，不能再抽 / what comes is recorded or comes from a pass before"
        raise SorterError(f"{day.name}: {what}\n  leave --load and --no-reads out")
    changed = replace(day, closures=_closed(day, args.closed, plan.begins_us))
    if args.no_reads is not None:
        changed = replace(changed, traffic=unreadable(changed.traffic, args.no_reads / 100))
    if args.load and not args.load[1:]:
        changed = varied(changed, {"load": args.load[0]})
    changed = with_faults(changed, faults) if faults is not None else changed
    if args.load and args.load[1:]:
        return _points(plan, changed, args, sweep={"load": args.load})
    if args.sensitivity:
        return _points(plan, changed, args, steps=steps_of(changed), step=STEP)
    said = " ".join(asked)
    changed = replace(changed, name=WHAT_IF, zh=f"{day.zh}，若 {said}", en=f"{day.en}, if so")
    thresholds = tuple(replace(one, point=WHAT_IF) for one in plan.thresholds)
    return replace(plan, scenario=changed, others=(day,), thresholds=thresholds)


def _faults(plan: Plan, path: Path | None) -> FaultPlan | None:
    """What a fault file says of this day: its times are times of day. Raises ConfigError."""
    if path is None:
        return None
    faults = load_faults(path, plan.scenario.hub, plan.begins_us)
    unwired(path, faults)
    return faults


def _points(plan: Plan, changed: Scenario, args: argparse.Namespace, **points: Any) -> Plan:
    """The changed day at several points, compared with nothing."""
    if args.sensitivity and "sweep" in points:
        raise SorterError(
            "--sensitivity: 与多个 --load 不能并用 / not with several loads\n  ask one after the other"
        )
    point = BASE if "steps" in points else ""
    thresholds = tuple(replace(one, point=point) for one in plan.thresholds)
    return replace(plan, scenario=changed, others=(), thresholds=thresholds, **points)


STEP = 0.1

WHAT_IF = "what-if"
"""The changed day's name."""


def unreadable(traffic: Traffic, share: float) -> Traffic:
    """The traffic with so many no-reads in all, their causes in the same proportions, for every courier."""

    def scaled(flaws: Mapping[str, float]) -> dict[str, float]:
        total = sum(flaws.get(name, 0.0) for name in NO_READS)
        if not total:
            return {**flaws, "unread": share}
        return {name: part * (share / total if name in NO_READS else 1) for name, part in flaws.items()}

    # A courier's shares stand in place of the day's one by one.
    own = {courier: scaled({**traffic.flaws, **flaws}) for courier, flaws in traffic.of_courier.items()}
    return replace(traffic, flaws=scaled(traffic.flaws), of_courier=own)


def outlets(hub: Hub, name: str) -> tuple[int, ...]:
    """The chutes that a name stands for: a chute's key or name, or a town whose parcels go there.

    Raises SorterError with the nearest names.
    """
    found = [chute.id for chute in hub.layout.chutes if name in (chute.key, chute.name_zh, chute.name_en)]
    codes = {town.code for town in hub.network.towns if name in (town.name, town.code)}
    by_plan = [chute for rule in hub.plan.rules if codes & rule.towns for chute in rule.chutes]
    if found or by_plan:
        return tuple(dict.fromkeys([*found, *by_plan]))
    towns = [
        town.name for town in hub.network.towns if any(town.code in rule.towns for rule in hub.plan.rules)
    ]
    known = [word for chute in hub.layout.chutes for word in (chute.key, chute.name_zh)]
    what = f"没有此格口或镇 / no chute and no town is called '{name}'"
    raise SorterError(f"--closed: {what}\n  {nearest(name, [*known, *towns])}")


def _closed(day: Scenario, closings: Iterable[Closing], zero_us: Us) -> Closures:
    """What the day closes, and these besides."""
    parts = {
        state: {chute: [*spans] for chute, spans in getattr(day.closures, state).items()} for state in CLOSED
    }
    for closing in closings:
        begins, ends = closing.times or ALL_DAY
        span = (begins - zero_us, ends - zero_us) if closing.times else ALL_DAY
        for chute in outlets(day.hub, closing.outlet):
            parts[closing.state].setdefault(chute, []).append(span)
    return Closures(**parts)


def _closing(text: str) -> Closing:
    parts = _CLOSED.fullmatch(text)
    if parts is None or parts["state"] not in CLOSED:
        states = " or ".join(f"CHUTE={state}" for state in CLOSED)
        raise argparse.ArgumentTypeError(f"'{text}': write {states}; @06:00-07:30 behind it limits the time")
    if parts["begins"] is None:
        return Closing(parts["outlet"], parts["state"], None)
    begins, ends = _clock_us(parts["begins"]), _clock_us(parts["ends"])
    if ends <= begins:
        raise argparse.ArgumentTypeError(f"'{text}': it ends before it begins")
    return Closing(parts["outlet"], parts["state"], (begins, ends))


def _clock_us(text: str) -> Us:
    parts = _CLOCK.fullmatch(text)
    if parts is None:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no time of day: write hours:minutes, for example 06:30"
        )
    return (int(parts[1]) * 60 + int(parts[2])) * 60_000_000


def _factors(text: str) -> tuple[float, ...]:
    return tuple(dict.fromkeys(_factor(part) for part in text.split(",")))


def _percent(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})? ?%?", text):
        raise argparse.ArgumentTypeError(f"'{text}': write percent, for example 2% or 0.5%")
    return float(text.rstrip("% "))


def _factor(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4})?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"'{text}': write a factor above 0, for example 1.5")
    return float(text)
