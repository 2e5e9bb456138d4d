"""The reference journals: what is run for each shipped configuration and scenario, and where it is kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from sim.arrivals import advice, draw
from sim.faultplan import Fault, FaultPlan, Kind
from sim.hubline.scenario import HubDay, Scenario
from sim.planned import Planned
from sim.virtual import VirtualLine
from sorter.app.config import load_hub
from sorter.app.scenario_file import load_plan
from sorter.app.stage import started
from sorter.codec import Value
from sorter.hub import Hub
from tests.hubs import ON_DATE
from tests.shared import ROOT

CONFIGS = sorted(path.parent for path in (ROOT / "configs").glob("*/line.yaml"))
SCENARIOS = sorted((ROOT / "configs" / "scenarios").glob("*.yaml"))
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


def reference(of: Path) -> Path:
    """Of a configuration's folder, or of a scenario's file."""
    return FOLDER / (f"scenario-{of.stem}.jsonl.gz" if of.suffix else f"{of.name}.jsonl.gz")


@cache
def hub_of(of: Path) -> Hub:
    """The hub that decides."""
    return load_plan(of).scenario.hub if of.suffix else load_hub(of)


def on_date(of: Path) -> str:
    return load_plan(of).scenario.on_date if of.suffix else ON_DATE


def recorded(of: Path) -> list[Value]:
    """The run as it is today."""
    return _day(of) if of.suffix else _faulty(of)


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
    scenario, number = load_plan(path).scenario, SCENARIOS.index(path)
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
