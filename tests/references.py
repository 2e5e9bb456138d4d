"""The reference journals: what is run for each configuration, plan and scenario, and where it is kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from zlib import crc32

from sim.arrivals import advice, draw
from sim.faultplan import Fault, FaultPlan, Kind
from sim.hubline.scenario import HubDay, Scenario
from sim.planned import Planned
from sim.virtual import VirtualLine
from sorter.app.config import load_hub, read_plan
from sorter.app.scenario_file import load_plan
from sorter.app.stage import started
from sorter.codec import Value
from sorter.hub import Hub
from tests.hubs import ON_DATE
from tests.ruled import every_ruling
from tests.shared import ROOT

CONFIGS = sorted(path.parent for path in (ROOT / "configs").glob("*/line.yaml"))
SCENARIOS = sorted((ROOT / "configs" / "scenarios").glob("*.yaml"))
PLANS = sorted([*(ROOT / "configs").glob("*/plan.yaml"), *(ROOT / "configs").glob("*/plans/*.yaml")])
FOLDER = ROOT / "tests" / "journals"
PARCELS, FIRST_PASS = 100, 1500
RARE = 4
"""What is rare on a day is so many times as frequent in its reference."""

FAULTS = FaultPlan(
    "everything by chance",
    (
        Fault(Kind.TAKEN_OFF, share_ppm=2000),
        Fault(Kind.BLIND_EYE, share_ppm=2000),
        Fault(Kind.CHATTERING_EYE, share_ppm=2000),
        Fault(Kind.FAILED_DIVERTER, share_ppm=10_000),
        Fault(Kind.NO_READ, share_ppm=20_000),
        Fault(Kind.SLIDING, slide_mm=60),
    ),
)


def config_of(plan: Path) -> Path:
    """The folder of the configuration that a plan is for."""
    return plan.parent.parent if plan.parent.name == "plans" else plan.parent


def name_of(of: Path) -> str:
    """Of a configuration's folder, of a plan's or of a scenario's file."""
    if of in PLANS:
        return f"rules-{config_of(of).name}-{of.stem}"
    return f"scenario-{of.stem}" if of in SCENARIOS else of.name


def reference(of: Path) -> Path:
    """Where it is kept."""
    return FOLDER / f"{name_of(of)}.jsonl.gz"


@cache
def hub_of(of: Path) -> Hub:
    """The hub that decides."""
    if of in PLANS:
        hub = read_plan(load_hub(config_of(of)), of).hub
        assert hub is not None, of
        return hub
    return load_plan(of).scenario.hub if of in SCENARIOS else load_hub(of)


def recorded(of: Path) -> list[Value]:
    """The run as it is today."""
    if of in PLANS:
        return every_ruling(hub_of(of))
    return _day(of) if of in SCENARIOS else _faulty(of)


def _faulty(config: Path) -> list[Value]:
    """A run of 150 parcels with a fault in every corner."""
    hub = hub_of(config)
    drawn = draw(hub, seed=4, count=150, per_hour=6000)
    values: list[Value] = [started(hub, ON_DATE)]
    parcels, faults = [one.parcel for one in drawn], Planned(FAULTS, 3)
    line = VirtualLine(hub, ON_DATE, parcels, 3, values.append, faults)
    line.run(advice(one.truth for one in drawn))
    return values


def _day(path: Path) -> list[Value]:
    """One line of the scenario's day, all hours of it, on which few parcels come and rare ones are not."""
    scenario, number = load_plan(path).scenario, crc32(path.stem.encode()) % 1000
    if scenario.first:
        first = replace(scenario.first, day=_thinned(scenario.first.day, FIRST_PASS))
        fed = HubDay(replace(scenario, first=first)).fed(number).scenario
        day = replace(fed, recorded=fed.recorded[:PARCELS])
    else:
        day = _thinned(scenario, PARCELS)
    values: list[Value] = [started(scenario.hub, scenario.on_date)]
    line, words = HubDay(day).loop(0 if scenario.first else number, 0, values.append)
    line.run(*words)
    return values


def _thinned(day: Scenario, parcels: int) -> Scenario:
    traffic, share = day.traffic, parcels / day.parcels
    common = max(traffic.services, key=lambda kind: traffic.services[kind])
    services = {kind: weight * (1 if kind == common else RARE) for kind, weight in traffic.services.items()}
    return replace(day, lines=1, traffic=replace(
        traffic,
        flows=tuple(replace(flow, per_hour=flow.per_hour * share) for flow in traffic.flows),
        flaws={flaw: min(RARE * of_all, 0.08) for flaw, of_all in traffic.flaws.items()},
        services=services,
    ))  # fmt: skip
