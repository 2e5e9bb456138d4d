"""Help for whoever writes a plan: suggestions against bounds, the picture, the schemas, common numbers."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sorter.app.cli import main
from sorter.app.config import load_hub, read_plan
from sorter.app.json_schemas import MODELS, schema_of, schema_text
from sorter.app.pattern_overlap import common_text
from sorter.app.plan_doubts import plan_doubts
from sorter.app.plan_suggest import Outlet, Task, figures_of, loads_of, suggest
from tests.linzi import FOLDER, edited
from tests.shared import ROOT

HUB = load_hub(FOLDER)

# ---------------------------------------------------------------- suggest

tasks = st.builds(
    lambda volumes, chutes, dock: Task(
        {f"d{n}": float(volume) for n, volume in enumerate(volumes)},
        tuple(Outlet(c, c // 2, abs(dock - c // 2) * 1200) for c in range(chutes)),
        120,
    ),
    st.lists(st.integers(0, 900), min_size=1, max_size=9),
    st.integers(1, 9),
    st.integers(0, 6),
)


@given(tasks)
@settings(max_examples=30, deadline=None)
def test_a_suggestion_takes_every_parcel_and_is_never_better_than_its_bounds(task: Task) -> None:
    assigned = suggest(task)
    loads, found = loads_of(task, assigned), figures_of(task, assigned)
    assert {one for there in assigned.values() for one in there} == set(task.volumes)
    assert sum(loads.values()) == pytest.approx(sum(task.volumes.values()))
    assert found.peak >= found.peak_bound - 1e-6
    assert found.carried >= found.carried_bound - 1e-6
    assert suggest(task) == assigned


def test_busy_destinations_get_several_chutes_and_the_shortest_ways() -> None:
    outlets = tuple(Outlet(c, c, 1000 * (4 - c)) for c in range(4))
    task = Task({"busy": 300.0, "calm": 100.0}, outlets, 100)
    # 300 in three parts of 100: no chute has more than 100, which is all chutes alike; 100 x (1+2+3+4) m.
    found = figures_of(task, suggest(task))
    assert (found.peak, found.peak_gap) == (100, 0)
    assert found.carried == pytest.approx(10)


def test_one_more_chute_than_destinations_goes_to_the_busiest() -> None:
    outlets = tuple(Outlet(c, c, 1000) for c in range(3))
    loads = loads_of(task := Task({"a": 90.0, "b": 80.0}, outlets, 100), suggest(task))
    assert sorted(loads.values()) == [45, 45, 80]


def test_a_suggested_plan_is_written_checked_and_covers_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    volumes, out = tmp_path / "v.csv", tmp_path / "plan.yaml"
    towns = HUB.network.towns
    rows = [f"{town.code},{50 * (n + 1)}" for n, town in enumerate(towns)]
    volumes.write_text("\n".join(("place,per_hour", *rows)), encoding="utf-8")
    words = ("plan", "suggest", str(FOLDER), "--volumes", str(volumes), "--out", str(out))
    assert main([*words, "--spares"]) == 0
    assert "下界 bound" in capsys.readouterr().out
    reading = read_plan(HUB, out)
    assert reading.problems == () and reading.hub
    assert {code for rule in reading.hub.plan.rules for code in rule.towns} == {town.code for town in towns}
    assert main([*words, "--town", "凤凰"]) == 2
    assert "没有这个镇街" in capsys.readouterr().err


# ---------------------------------------------------------------- graph


def test_the_picture_has_every_town_and_chute_and_needs_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "plan.svg"
    assert main(["plan", "graph", str(FOLDER), "--out", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    ET.fromstring(text)
    for town in HUB.network.towns:
        assert f">{town.name} · {len(HUB.network.villages(town.code))}<" in text
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert text.count("<path") == 14


# ---------------------------------------------------------------- schemas


@pytest.mark.parametrize("name", MODELS)
def test_the_committed_schema_is_todays_and_every_file_names_it(name: str) -> None:
    committed = ROOT / "configs" / "schema" / f"{name}.json"
    assert committed.read_text(encoding="utf-8") == schema_text(name), "run: sorter plan schema"
    plans = ROOT.glob("configs/*/plans/*.yaml") if name == "plan" else ()
    files = [*ROOT.glob(f"configs/*/{name}.yaml"), *plans]
    assert files
    for path in files:
        told = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text(encoding="utf-8"))
        assert told and (path.parent / told[1]).resolve() == committed


def test_a_schema_knows_every_key_and_its_kind_of_value() -> None:
    plan = schema_of("plan")
    rule = plan["$defs"]["RuleModel"]
    assert set(rule["required"]) == {"id", "to"}
    assert rule["properties"]["directions"]["items"]["enum"] == ["down", "up", "return"]
    assert rule["additionalProperties"] is False
    assert plan["properties"]["exceptions"]["propertyNames"]["enum"]
    speed = schema_of("line")["$defs"]["BeltModel"]["properties"]["speed_mm_s"]
    assert (speed["type"], speed["minimum"], speed["maximum"]) == ("integer", 1, 5000)
    json.dumps([schema_of(name) for name in MODELS])


# ---------------------------------------------------------------- numbers that two couriers may have

patterns = st.lists(
    st.sampled_from(["A", "7", "[0-9]", "[A-C7]", "[0-9]{2}", "7{0,2}", "(A|77)", "(B[0-9]|7)", "-"]),
    min_size=1, max_size=5,
).map("".join)  # fmt: skip


@given(patterns, patterns)
@example("(77|43)[0-9]{12,15}", "[34][0-9]{14}")
@settings(max_examples=150, deadline=None)
def test_a_common_number_has_both_formats(one: str, other: str) -> None:
    found = common_text(one, other)
    if found is not None:
        assert re.fullmatch(one, found) and re.fullmatch(other, found)


@given(patterns, st.data())
@settings(max_examples=60, deadline=None)
def test_where_there_is_a_common_number_one_is_found(one: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(one, re.ASCII), fullmatch=True))
    assert common_text(one, re.sub(r"[A-Z0-9-]", lambda mark: f"[{mark[0]}]", text) or "7{0,1}") is not None


# ---------------------------------------------------------------- doubts


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("plan", "  - {id: jinshan,",
         "  - {id: both, couriers: [jt], towns: [金山镇, 齐都镇], to: [spare-1]}\n  - {id: jinshan,",
         "puts 2 towns into one bag: 齐都镇, 金山镇"),
        ("plan", "to: [jinshan]", "to: [spare-1]", ""),
        ("plan", "to: [jinshan]", "to: [up-sf]", "uses this chute too"),
        ("line", "zh: 金山镇,", "zh: 皇城镇,", "the chute's name says 皇城镇, but 金山镇 goes there"),
        ("network", "  370305107: {aliases",
         "  370305104201: {operator: 张店, operator_from: 2027-01-01}\n  370305107: {aliases",
         "桐林村委会 is served by 张店 from 2027-01-01, and no rule names"),
    ],
)  # fmt: skip
def test_what_a_working_plan_should_be_asked_is_told(
    file: str, old: str, new: str, what: str, tmp_path: Path
) -> None:
    for name, text in edited(f"{file}.yaml", old, new).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = [problem.what for problem in plan_doubts(load_hub(tmp_path), tmp_path / "plan.yaml")]
    assert any(what in one for one in told) if what else told == []


@pytest.mark.parametrize("plan", sorted((FOLDER / "plans").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_plan_is_clean(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "check", str(FOLDER), "--plan", str(plan)]) == 0
    found = capsys.readouterr().out.splitlines()
    assert found[0] == "没有问题 nothing found"
    covered, of = re.findall(r"(\d+) / (\d+)", found[1])[0]
    assert covered == of
