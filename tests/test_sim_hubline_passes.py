"""Two passes: a town's parcels of the first are sorted by village in the second."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.hubline.engine import Engine
from sim.hubline.passes import Bagged, FirstPass, second_arrivals
from sim.hubline.recorded import Recorded
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.spec import spec_of
from sim.hubline.traffic import Flow, Traffic
from sorter.app.check import check
from sorter.app.cmd_scenario import study_of
from sorter.app.config import load_hub
from sorter.app.scenario_file import load_plan
from sorter.errors import ConfigError
from tests.hubs import ON_DATE
from tests.shared import ROOT

TOWNS = load_hub(ROOT / "configs" / "linzi")
VILLAGES = load_hub(ROOT / "configs" / "linzi-fenghuang")
MINUTE = 60_000_000
CHUTES = tuple(chute.id for chute in TOWNS.layout.chutes if chute.key.startswith("fenghuang"))


def town_wave(**changes: object) -> Scenario:
    traffic = Traffic((Flow(0, 4 * MINUTE, 9000),))
    day = Scenario("town", "", "", TOWNS, ON_DATE, traffic, 4 * MINUTE, lines=2, engine=Engine("plain"))
    return replace(day, **changes)  # type: ignore[arg-type]


def village_wave(day: Scenario, **changes: object) -> Scenario:
    first = FirstPass(day, CHUTES, 0, 3 * MINUTE, zero_us=2 * MINUTE)
    wave = Scenario("village", "", "", VILLAGES, ON_DATE, Traffic(()), 3 * MINUTE, first=first)
    return replace(wave, **changes)  # type: ignore[arg-type]


def test_the_hub_of_the_second_pass_is_clean_and_has_a_chute_for_every_three_of_75_villages() -> None:
    report = check(ROOT / "configs" / "linzi-fenghuang")
    assert (report.problems, report.warnings) == ((), ())
    chutes = [rule.chutes for rule in VILLAGES.plan.rules if rule.villages]
    assert len(set(chutes)) == len(chutes) == 25
    assert sum(len(rule.villages) for rule in VILLAGES.plan.rules) == 75


@pytest.mark.parametrize("replication", [0, 1])
def test_what_the_first_pass_put_into_the_chutes_is_what_the_second_sorts(replication: int) -> None:
    day = town_wave()
    before, after = (HubDay(one).run(replication).figures for one in (day, village_wave(day)))
    in_chutes = sum(before[f"chute:{TOWNS.layout.chutes[chute].key}"] for chute in CHUTES)
    assert after["parcels"] == round(in_chutes * before["parcels"] / 100) > 60
    assert (after["sorted_share"], after["missorts"]) == (100, 0)
    assert sum(after[f"chute:v{n:02}"] > 0 for n in range(1, 26)) > 15


def test_a_parcel_that_the_first_pass_misread_is_found_out_in_the_second() -> None:
    traffic = replace(town_wave().traffic, flaws={"misread": 0.2})
    figures = HubDay(village_wave(town_wave(traffic=traffic))).run(0).figures
    assert figures["chute:manual"] > 1
    assert figures["missorts"] == 0


def test_both_passes_fare_alike_by_every_engine() -> None:
    traffic = Traffic((Flow(0, MINUTE, 7000),))
    named = [
        village_wave(town_wave(engine=Engine(name), lines=1, traffic=traffic), engine=Engine(name))
        for name in ("plain", "plain-heap", "line")
    ]
    told = [HubDay(wave).run(0) for wave in named]
    assert told[0] == told[1] == told[2]
    assert spec_of(named[0]).able() == ("recursion", "heap", "line")


def test_recorded_parcels_go_through_two_passes_too() -> None:
    reads = HubDay(village_wave(town_wave()))._second(village_wave(town_wave()).first, 0)  # type: ignore[arg-type]
    parcels = tuple(replace(one, arr_us=400_000 * n) for n, one in enumerate(reads))
    assert isinstance(parcels[0], Recorded)
    again = village_wave(town_wave(recorded=parcels, until_us=3 * MINUTE))
    assert HubDay(again).run(0).figures["parcels"] == len(parcels)


def test_no_parcel_is_sorted_again_before_it_came_off() -> None:
    first = FirstPass(town_wave(), CHUTES, 10, 20, zero_us=5)
    bags = [Bagged(left, 0, n, 0, 300) for n, left in enumerate((2, 3, 4, 90, 99))]
    assert second_arrivals(first, bags) == [10, 12, 14, 85, 94]
    assert second_arrivals(first, []) == []


HEAD = f"""\
name: s
zh: 试
en: try
hub: {ROOT / "configs" / "linzi-fenghuang"}
date: 2026-06-18
"""
FIRST = f"""\
name: f
zh: 先
en: first
hub: {ROOT / "configs" / "linzi"}
date: 2026-06-18
waves: [{{from: "04:30", to: "04:40", per_hour: 600}}]
"""
MISTAKES = """
scenario: f.yaml, chutes: [fenghuang1], from: "05:00", to: "06:00"|s.yaml:6:41: unknown chute 'fenghuang1'
scenario: g.yaml, chutes: [fenghuang-1], from: "05:00", to: "06:00"|s.yaml:6:24: there is no file 'g.yaml'
scenario: s.yaml, chutes: [fenghuang-1], from: "05:00", to: "06:00"|s.yaml:6:24: a pass before itself
scenario: f.yaml, chutes: [fenghuang-1], from: "05:00", to: "04:00"|s.yaml:6:74: it ends before it begins
"""


@pytest.mark.parametrize("row", MISTAKES.strip().splitlines())
def test_a_first_pass_that_makes_no_sense_is_told_at_its_place(row: str, tmp_path: Path) -> None:
    said, _, wanted = row.partition("|")
    (tmp_path / "f.yaml").write_text(FIRST, encoding="utf-8")
    (tmp_path / "s.yaml").write_text(f"{HEAD}first_pass: {{{said}}}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=wanted):
        load_plan(tmp_path / "s.yaml")


def test_beside_a_first_pass_nothing_else_says_what_comes(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(FIRST, encoding="utf-8")
    first = 'first_pass: {scenario: f.yaml, chutes: [fenghuang-1], from: "05:00", to: "06:00"}\n'
    path = tmp_path / "s.yaml"
    path.write_text(HEAD + first, encoding="utf-8")
    study, engine = study_of(load_plan(path), replications=1)
    assert (engine.name, study.points[0].model.run(0).figures["parcels"] > 3) == ("plain", True)
    path.write_text(HEAD + first + "flaws: {torn: 1%}\nlength_mm: [100, 200, 300]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_plan(path)
    places = [problem.where.removeprefix(f"{path}:") for problem in caught.value.problems]
    assert places == ["7:1", "8:1"]
