"""`sorter sim SCENARIO.yaml --closed ... --no-reads ...`: the day changed, beside itself."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

from sim.hubline.scenario import HubDay
from sim.hubline.stream import NO_READS
from sim.hubline.traffic import Traffic
from sorter.app.cli import main
from sorter.app.scenario_file import Plan, load_plan
from sorter.app.what_if import WHAT_IF, add_what_if, outlets, unreadable, what_if
from sorter.errors import SorterError
from tests.linzi import FOLDER
from tests.shared import ROOT

SMALL = f"""
name: small
zh: 小样
en: A small morning
hub: {FOLDER}
date: 2026-06-18
waves: [{{from: "06:00", to: "06:30", parcels: 2000}}]
replications: {{least: 2}}
thresholds: {{missorts: {{most: 0}}}}
"""


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_what_if(parser)
    return parser.parse_args(words)


def plan_of(folder: Path, more: str = "") -> Plan:
    path = folder / "small.yaml"
    path.write_text(SMALL + more, encoding="utf-8")
    return load_plan(path)


def test_the_question_of_11_11_is_one_command_and_its_answer_stands_beside_the_day_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    words = ["--closed", "凤凰镇=full", "--no-reads", "2%", "--no-cache", "--json"]
    assert main(["sim", str(path), *words]) == 0
    told = json.loads(capsys.readouterr().out)
    changed, day = (point["figures"] for point in told["points"])
    assert [point["name"] for point in told["points"]] == [WHAT_IF, "small"]
    assert changed["full_share"]["mean"] > 10 > day["full_share"]["mean"]
    assert changed["throughput_per_h"]["mean"] < day["throughput_per_h"]["mean"]
    assert 1 < changed["no_read_share"]["mean"] < 3
    assert {pair["figure"] for pair in told["comparisons"]} >= {"throughput_per_h", "accuracy", "full_share"}
    assert [verdict["point"] for verdict in told["verdicts"]] == [WHAT_IF]


def test_the_command_of_the_readme_means_both_of_the_town_s_chutes_on_11_11() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [line] = [line for line in readme.splitlines() if "凤凰镇=" in line]
    _, _, path, *words = line.split()
    plan = what_if(load_plan(ROOT / path), asked(*words))
    assert plan.scenario.closures.full.keys() == {0, 2}
    assert plan.others[0].name == "singles-day"
    assert not plan.others[0].closures.full


def test_a_closing_may_be_limited_to_a_time_of_day_and_comes_on_top_of_the_file_s(tmp_path: Path) -> None:
    more = 'closures: [{chute: qidu, state: full, from: "06:01", to: "06:02"}]\n'
    day = what_if(plan_of(tmp_path, more), asked("--closed", "齐都镇=full@06:10-06:20", "--load", "1.5"))
    [spans] = day.scenario.closures.full.values()
    assert spans == [(60_000_000, 120_000_000), (600_000_000, 1_200_000_000)]
    assert day.scenario.parcels == 1.5 * day.others[0].parcels


def test_so_many_no_reads_keep_their_causes_in_proportion_for_every_courier() -> None:
    flaws = {"no-label": 0.01, "torn": 0.02, "tiny": 0.0, "held": 0.3}
    traffic = unreadable(Traffic((), flaws=flaws, of_courier={"sto": {"unread": 0.03}}), 0.06)
    assert traffic.flaws == pytest.approx({"no-label": 0.02, "torn": 0.04, "tiny": 0.0, "held": 0.3})
    assert sum(traffic.of_courier["sto"].values()) == pytest.approx(0.06 + 0.3)
    assert unreadable(Traffic((), flaws={}), 0.02).flaws == {"unread": 0.02}


def test_a_name_is_a_chute_s_key_or_name_or_a_town_s_and_nothing_else(tmp_path: Path) -> None:
    hub = plan_of(tmp_path).scenario.hub
    assert outlets(hub, "fenghuang-1") == outlets(hub, "凤凰镇一") == (0,)
    assert outlets(hub, "凤凰镇") == (0, 2)
    with pytest.raises(SorterError, match="'凤凰'\n  did you mean '凤凰镇'"):
        outlets(hub, "凤凰")


def test_where_nothing_is_asked_nothing_changes(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert what_if(plan, asked()) is plan


@pytest.mark.parametrize(
    "words",
    [["--closed", "qidu=shut"], ["--closed", "qidu"], ["--closed", "qidu=full@07:00-06:00"],
     ["--closed", "qidu=full@7-8"], ["--no-reads", "200%"], ["--load", "0"]],
)  # fmt: skip
def test_what_has_no_meaning_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        asked(*words)
    assert refused.value.code == 2


def test_what_could_change_nothing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SorterError, match="a sweep cannot be changed"):
        what_if(plan_of(tmp_path, "sweep: {load: [1, 2]}\n"), asked("--load", "2"))
    with pytest.raises(SorterError, match="comes from a pass before"):
        what_if(load_plan(ROOT / "configs" / "scenarios" / "two-passes.yaml"), asked("--load", "2"))
    assert main(["sim", str(FOLDER), "--no-reads", "2%", "--gate"]) == 2
    assert "--no-reads, --gate: 不适用于 / not for" in capsys.readouterr().err
    assert main(["sim", str(tmp_path / "small.yaml"), "--journal", "x"]) == 2
    assert "--journal: 不适用于" in capsys.readouterr().err


def test_a_chute_that_says_full_all_day_gets_nothing(tmp_path: Path) -> None:
    day = what_if(plan_of(tmp_path), asked("--closed", "qidu=full")).scenario
    figures = HubDay(replace(day, method="")).run(0).figures
    assert figures["chute:qidu"] == 0
    assert figures["chute:jinshan"] > 0


def test_several_loads_are_points_of_a_sweep_from_which_the_report_draws_its_frontier(tmp_path: Path) -> None:
    plan = what_if(plan_of(tmp_path), asked("--load", "0.5,1,2", "--no-reads", "2%"))
    assert plan.sweep == {"load": (0.5, 1.0, 2.0)}
    assert not plan.others
    assert sum(plan.scenario.traffic.flaws[name] for name in NO_READS[:3]) == pytest.approx(0.02)
    assert {threshold.point for threshold in plan.thresholds} == {""}


def test_a_sensitivity_steps_from_everything_that_leads_somewhere(tmp_path: Path) -> None:
    plan = what_if(plan_of(tmp_path), asked("--sensitivity"))
    # One line, no diverts that fail and no labels that only the reader fails at: nothing to step from.
    assert plan.steps == {"load": 1.0, "bag_change_s": 15, "capacity": 120}
    assert plan.step == 0.1
    with pytest.raises(SorterError, match="not with several loads"):
        what_if(plan_of(tmp_path), asked("--sensitivity", "--load", "1,2"))
