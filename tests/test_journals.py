"""Reference journals of each shipped configuration, plan and scenario: a change of decisions fails, in words.

Accept a wanted change with: ./run test tests/test_journals.py --accept-decisions, and commit the journals.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sorter.app.lines import read_lines, write_lines
from sorter.codec import Started
from sorter.controller import Controller
from sorter.errors import StoreError
from sorter.flow import Decision, Outcome, ParcelRecord, Why
from sorter.hub import Hub
from sorter.plan import Plan
from sorter.replay import replay
from tests.references import (
    CONFIGS,
    FOLDER,
    PLANS,
    SCENARIOS,
    config_of,
    hub_of,
    name_of,
    recorded,
    reference,
)

MOST_BYTES = 1_000_000
RUNS = [*CONFIGS, *SCENARIOS]
EVERYTHING = [*RUNS, *PLANS]


def differences(of: Path, hub: Hub) -> list[str]:
    """Each parcel that this hub decides otherwise than the reference: before -> now, and by which rule."""

    def today(start: Started) -> Controller:
        return Controller(hub, start.on_date)

    return [str(difference) for difference in replay(read_lines(reference(of)), today)]


@pytest.mark.parametrize("of", EVERYTHING, ids=name_of)
def test_todays_code_and_configuration_decide_as_the_reference_did(
    of: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--accept-decisions"):
        write_lines(reference(of), recorded(of))
    assert differences(of, hub_of(of)) == []


@pytest.mark.parametrize("of", RUNS, ids=name_of)
def test_the_reference_is_worth_keeping(of: Path) -> None:
    records = [value for value in read_lines(reference(of)) if isinstance(value, ParcelRecord)]
    outcomes = {record.outcome for record in records}
    assert len(records) >= (145 if of in CONFIGS else 80)
    assert len({record.rule for record in records}) >= 8
    least = (
        5 if of in CONFIGS else 1 if of.stem == "two-passes" else 2
    )  # whoever went into a bag was read well
    assert Outcome.SORTED in outcomes and len(outcomes) >= least


def test_a_changed_rule_is_told_parcel_by_parcel_with_the_rule_before_and_now() -> None:
    linzi = next(of for of in CONFIGS if of.name == "linzi")
    hub = hub_of(linzi)
    rules = tuple(replace(rule, chutes=(9,)) if rule.id == "qidu" else rule for rule in hub.plan.rules)
    told = differences(linzi, replace(hub, plan=replace(hub.plan, rules=rules)))
    moved = [
        record
        for record in read_lines(reference(linzi))
        if isinstance(record, ParcelRecord) and record.rule == "qidu"
    ]
    assert len(told) == len(moved) > 0
    for one, record in zip(told, sorted(moved, key=lambda record: record.left_us), strict=True):
        assert one.startswith(f"parcel {record.pid} {record.waybill}: decided chute 5 -> 9")


@pytest.mark.parametrize("plan", PLANS, ids=name_of)
def test_every_rule_and_exception_of_every_shipped_plan_decides_a_parcel_and_a_change_of_it_is_told(
    plan: Path,
) -> None:
    hub = hub_of(plan)
    records = [one for one in read_lines(reference(plan)) if isinstance(one, ParcelRecord)]
    deciding = {record.rule or record.why.value for record in records}
    wanted = {rule.id for rule in hub.plan.rules} | {why.value for why in hub.plan.exceptions}
    assert wanted <= deciding, f"no parcel is decided by {sorted(wanted - deciding)}"
    told = differences(plan, replace(hub, plan=moved(hub.plan, len(hub.layout.chutes))))
    assert {record.waybill for record in records} <= waybills(told)


def waybills(told: list[str]) -> set[str]:
    """Of the parcels that are named."""
    return {one.split()[2].rstrip(":") for one in told if one.startswith("parcel ")}


def moved(plan: Plan, chutes: int) -> Plan:
    """The plan with each of its chutes half a line further, where no rule has another of its own."""
    half = chutes // 2
    rules = tuple(replace(r, chutes=tuple((c + half) % chutes for c in r.chutes)) for r in plan.rules)
    away = {why: (chute + half) % chutes for why, chute in plan.exceptions.items()}
    return replace(plan, rules=rules, exceptions=away)


@pytest.mark.parametrize("plan", PLANS, ids=name_of)
def test_every_chute_that_a_shipped_plan_names_gets_a_parcel_of_each_rule_that_names_it(plan: Path) -> None:
    ways = {
        (one.rule, one.chute)
        for one in read_lines(reference(plan))
        if isinstance(one, Decision) and one.why is Why.ROUTED
    }
    assert ways >= {(rule.id, chute) for rule in hub_of(plan).plan.rules for chute in rule.chutes}


@pytest.mark.parametrize("rule", ["yc0101", "yc1001"])
def test_one_changed_rule_of_hundreds_is_told(rule: str) -> None:
    plan = next(plan for plan in PLANS if config_of(plan).name == "yuncheng")
    hub = hub_of(plan)
    rules = tuple(replace(one, chutes=(0,)) if one.id == rule else one for one in hub.plan.rules)
    told = differences(plan, replace(hub, plan=replace(hub.plan, rules=rules)))
    records = [one for one in read_lines(reference(plan)) if isinstance(one, ParcelRecord)]
    its = {one.waybill for one in records if one.rule == rule}
    assert waybills(told) == its and its


def test_the_references_are_complete_and_small(report_line: Callable[[str], None]) -> None:
    kept = {path: path.stat().st_size for path in FOLDER.iterdir()}
    assert kept.keys() == {reference(of) for of in EVERYTHING}
    assert sum(kept.values()) < MOST_BYTES
    report_line(f"{len(kept)} reference journals, {sum(kept.values()) / 1000:.0f} kB")


def test_a_line_that_is_no_value_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('["Restarted",5]\n["Teleported",1]\n', encoding="utf-8")
    with pytest.raises(StoreError, match=r"broken.jsonl:2:1: .*Teleported"):
        list(read_lines(path))


@pytest.mark.parametrize("cut", [0, 5, 40])
def test_a_compressed_journal_that_is_cut_or_none_is_an_error_and_no_traceback(
    cut: int, tmp_path: Path
) -> None:
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(b'["Restarted",5]\n' * 99)[:cut] or b"no gzip")
    with pytest.raises(StoreError, match="name a readable journal"):
        list(read_lines(path))
