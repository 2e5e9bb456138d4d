"""`engine:` in a scenario and `--engine` beside it: obeyed, or refused with the reason and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter.app.cmd_scenario import about, study_of
from sorter.app.scenario_engine import engine_for
from sorter.app.scenario_file import load_plan
from sorter.errors import ConfigError, SorterError
from tests.linzi import FOLDER

HEAD = f"""\
name: s
zh: 试
en: try
hub: {FOLDER}
date: 2026-06-18
waves: [{{from: "04:30", to: "04:40", per_hour: 600}}]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def said(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_plan(written(folder, text))
    [problem] = caught.value.problems
    return str(problem).removeprefix(f"{folder}/")


REFUSED = """
bag_crews: 2|engine: recursion|s.yaml:8:9: engine recursion cannot say this|crews shared|write heap or line
vision_ms: [60, 900]|engine: recursion|s.yaml:8:9: engine recursion|overtake each other|write heap or line
vision_ms: [60, 2900]|engine: heap|s.yaml:8:9: engine heap|too late|write line
recirculation: {return_mm: 9000, laps: 2}|engine: line|s.yaml:8:9: engine line|come round|write recursion, or
sweep: {bag_crews: [0, 3]}|engine: recursion|s.yaml:8:9: engine recursion|crews shared|write heap or line
recirculation: {return_mm: 9000, laps: 2}|bag_crews: 1|s.yaml:1:7: no engine can|heap: 有回流,|leave one
engine: batch||s.yaml:7:9: 'batch' is not known here||known: recursion, heap, line
"""


@pytest.mark.parametrize("row", REFUSED.strip().splitlines())
def test_an_engine_that_cannot_is_refused_at_its_place_with_the_reason(row: str, tmp_path: Path) -> None:
    first, second, *parts = row.split("|")
    told = said(tmp_path, f"{first}\n{second}\n")
    assert all(part in told for part in parts), told


def test_the_report_says_which_engine_and_why(tmp_path: Path) -> None:
    for text, engine, why in (
        ("", "plain (recursion)", "the belt is rigid"),
        ("bag_crews: 1\n", "plain-heap (heap)", "crews shared by chutes"),
        ("vision_ms: [900, 2500]\n", "line (line)", "too late"),
        ("engine: heap\n", "plain-heap (heap)", "asked for"),
    ):
        plan = load_plan(written(tmp_path, text))
        line = about(plan, study_of(plan)[1])["引擎 engine"]
        assert line.startswith(engine) and why in line


def test_the_command_line_may_name_any_engine_that_can(tmp_path: Path) -> None:
    day = load_plan(written(tmp_path, "")).scenario
    assert [engine_for(day, 10, name).name for name in ("plain", "batch", "heap", "line", None)] == [
        "plain", "batch", "plain-heap", "line", "plain",
    ]  # fmt: skip
    crews = load_plan(written(tmp_path, "bag_crews: 1\n")).scenario
    with pytest.raises(SorterError, match=r"engine batch cannot .*crews shared.*\n  use heap or line"):
        engine_for(crews, 10, "batch")


def test_a_sweep_over_crews_takes_for_each_point_the_engine_that_can(tmp_path: Path) -> None:
    study, _ = study_of(load_plan(written(tmp_path, "sweep: {bag_crews: [0, 1]}\n")))
    engines = [point.model.scenario.engine.name for point in study.points]  # type: ignore[attr-defined]
    assert engines == ["plain", "plain-heap"]
