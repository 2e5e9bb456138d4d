"""Several infeeds of one line: queues with a limit, merged by a rule, by every engine alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.hubline.docks import CAME, HELD, HELD_US, MERGES, SET_ASIDE, TOLD
from sim.hubline.engine import Engine
from sim.hubline.infeeds import Infeed, Infeeds, Merged, merge_rows
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.spec import HEAP, LINE, RECURSION, spec_of
from sim.hubline.tables import ARR, COURIER, LENGTH, OFFER
from sorter.app.scenario_file import load_plan
from sorter.errors import ConfigError
from tests.linzi import FOLDER
from tests.shared import ROOT
from tests.worlds import plant_for

DAY = load_plan(ROOT / "configs" / "scenarios" / "shared-docks.yaml").scenario
PLANT = plant_for(DAY.hub)
COURIERS = ("a", "b", "c")
SECOND = 1_000_000
Parcel = tuple[int, int, int]
"""Instant of arrival, length, courier."""


def merged(parcels: Sequence[Parcel], rule: str, *infeeds: Infeed) -> Merged:
    rows = [0] * (OFFER * len(parcels))
    for n, (arr_us, length_mm, courier) in enumerate(parcels):
        at = n * OFFER
        rows[at + ARR], rows[at + LENGTH], rows[at + COURIER] = arr_us, length_mm, courier
    return merge_rows(Infeeds(rule, infeeds), COURIERS, PLANT, rows, len(parcels), fast=False)


def released(day: Merged) -> list[int]:
    """When the line takes each: by its own rule, as the belt is free."""
    from sim.hubline.recursion import enter

    cursor, ended, rows = [0] * 4, [0] * 16, day.replay.rows
    at_us = []
    for offer in range(0, len(rows), OFFER):
        enter(PLANT.line, PLANT.legs, PLANT.closed, cursor, rows, offer, ended, 0)
        at_us.append(ended[3])
    return at_us


def of_dock(day: Merged, parcels: Sequence[Parcel], courier: int) -> list[tuple[int, int, int]]:
    """(number, when it stood at the infeed, when it left it) of this courier's parcels in belt order."""
    rows = day.replay.rows
    return [
        (n, rows[place * OFFER + ARR], at_us)
        for place, (n, at_us) in enumerate(zip(day.order, released(day), strict=True))
        if parcels[n][2] == courier
    ]


def crowded(count: int) -> list[Parcel]:
    """Everybody at once: the three infeeds are never empty."""
    return [(10 * SECOND, 200 + 50 * (n % 5), n % 3) for n in range(count)]


@st.composite
def some_parcels(draw: st.DrawFn) -> list[Parcel]:
    gaps = draw(st.lists(st.integers(0, 2 * SECOND), min_size=1, max_size=60))
    at_us, found = 5 * SECOND, []
    for gap in gaps:
        at_us += gap
        found.append((at_us, draw(st.integers(100, 600)), draw(st.integers(0, 2))))
    return found


INFEEDS = (Infeed("one", ("a",), 2), Infeed("two", ("b",), 3, aside=True), Infeed("three", ("c",)))


@given(some_parcels(), st.sampled_from(MERGES))
def test_an_infeed_is_first_in_first_out_never_overfull_and_loses_nobody(
    parcels: list[Parcel], rule: str
) -> None:
    day = merged(parcels, rule, *INFEEDS)
    assert released(day) == sorted(released(day))
    for dock, infeed in enumerate(INFEEDS):
        stood = of_dock(day, parcels, dock)
        came = [n for n, (_, _, courier) in enumerate(parcels) if courier == dock]
        told = day.told[dock * TOLD : dock * TOLD + TOLD]
        assert [n for n, _, _ in stood] == sorted(n for n, _, _ in stood)
        assert told[CAME] == len(came) == len(stood) + told[SET_ASIDE]
        for _, since, _ in stood:
            inside = sum(begin <= since < end for _, begin, end in stood)
            assert not infeed.holds or inside <= infeed.holds
        assert told[HELD_US] == sum(since - parcels[n][0] for n, since, _ in stood)
        assert told[HELD] == sum(since > parcels[n][0] for n, since, _ in stood)
        # Set aside is who comes to a full infeed, and nobody else.
        for n in set(came) - {n for n, _, _ in stood}:
            at_us = parcels[n][0]
            assert infeed.aside
            assert sum(m < n and begin <= at_us < end for m, begin, end in stood) == infeed.holds


@given(some_parcels())
def test_without_limits_who_came_first_goes_first_as_if_there_were_one_infeed(parcels: list[Parcel]) -> None:
    free = [replace(infeed, holds=0, aside=False) for infeed in INFEEDS]
    day = merged(parcels, "first-come", *free)
    assert list(day.order) == list(range(len(parcels)))
    assert [day.replay.rows[n * OFFER + ARR] for n in range(len(parcels))] == [one[0] for one in parcels]


def test_the_rules_share_a_crowded_line_as_they_say() -> None:
    free = [Infeed(name, (courier,)) for name, courier in zip(("one", "two", "three"), COURIERS, strict=True)]
    parcels = crowded(60)
    by_turns = [parcels[n][2] for n in merged(parcels, "in-turn", *free).order]
    assert by_turns == [0, 1, 2] * 20
    first = [parcels[n][2] for n in merged(parcels, "priority", *free).order]
    assert first == [0] * 20 + [1] * 20 + [2] * 20


def test_an_infeed_that_has_nobody_does_not_keep_the_others_waiting() -> None:
    parcels = [(10 * SECOND, 200, 1) for _ in range(5)] + [(11 * SECOND, 200, 0)]
    day = merged(parcels, "priority", *(replace(infeed, holds=0, aside=False) for infeed in INFEEDS))
    assert list(day.order) == [0, 1, 2, 5, 3, 4]


def small(**changes: object) -> Scenario:
    flows = tuple(
        replace(flow, from_us=flow.from_us // 40, to_us=flow.to_us // 40, late_us=(0, 0))
        for flow in DAY.traffic.flows
    )
    day = replace(DAY, traffic=replace(DAY.traffic, flows=flows), until_us=DAY.until_us // 40)
    assert day.infeeds
    tight = tuple(replace(one, holds=max(1, one.holds // 12)) for one in day.infeeds.all)
    return replace(day, infeeds=replace(day.infeeds, all=tight), **changes)  # type: ignore[arg-type]


def test_every_engine_gives_the_same_day() -> None:
    plain, heap, line = (
        HubDay(small(engine=Engine(name))).run(0).figures for name in ("plain", "plain-heap", "line")
    )
    assert plain == heap == line
    assert plain["held:dock-a"] > 0
    assert plain["aside:dock-c"] > 0


@pytest.mark.full
def test_compiled_and_plain_give_the_same_day() -> None:
    for rule in MERGES:
        assert DAY.infeeds
        day = replace(DAY, infeeds=replace(DAY.infeeds, rule=rule))
        plain, batch = (HubDay(replace(day, engine=Engine(name))).run(3) for name in ("plain", "batch"))
        assert plain == batch


def test_parcels_that_come_round_beside_several_infeeds_are_nobody_s_to_say() -> None:
    assert spec_of(small()).able() == (RECURSION, HEAP, LINE)
    assert spec_of(small(laps=3, return_mm=20_000)).able() == ()


FILE = f"""
name: small
zh: 小样
en: A small morning
hub: {FOLDER}
date: 2026-06-18
waves: [{{from: "06:00", to: "06:30", parcels: 2000}}]
"""


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("infeeds: [{key: a, couriers: [jt]}]", "8:1", "no infeed takes sto, yunda, zto, yto, sf, post"),
        ("infeeds: [{key: a, couriers: [jt, jt]}]", "8:35", "jt comes to a already"),
        ("infeeds: [{key: a, couriers: [ups]}]", "8:31", "unknown courier 'ups'"),
        ("infeeds: [{key: a, couriers: [jt], when_full: aside}]", "8:47", "without holds: it is never full"),
        ("merge: in-turn", "8:1", "there is nothing to merge"),
        ("merge: by-lot", "8:8", "'by-lot' is not known here"),
        ("thresholds: {'aside:a': {most: 1}}", "8:14", "unknown figure 'aside:a'"),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, where: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(FILE + text + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_plan(path)
    assert any(one.where.endswith(f"small.yaml:{where}") and what in one.what for one in error.value.problems)
