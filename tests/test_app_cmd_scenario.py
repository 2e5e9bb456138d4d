"""`sorter sim SCENARIO.yaml` as a user meets it: the table, the exit codes, the files, Ctrl-C."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.compiled import cache_folder
from sim.hubline.engine import Engine
from sim.hubline.figures import CATALOGUE
from sim.hubline.scenario import Scenario
from sim.study.experiment import run_study
from sim.study.pool import Serial
from sorter.app.cmd_scenario import Compiling, add_options, first_seconds, run_scenario, study_of
from sorter.app.scenario_file import Plan, load_plan, varied
from sorter.errors import SorterError
from tests.linzi import FOLDER
from tests.shared import ROOT

SHIPPED = sorted((ROOT / "configs" / "scenarios").glob("*.yaml"))
SMALL = f"""
name: small
zh: 小样
en: A small morning
hub: {FOLDER}
date: 2026-06-18
waves: [{{from: "06:00", to: "06:15", parcels: 600}}]
replications: {{least: 3}}
"""


def command(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    add_options(parser)
    return parser.parse_args([str(word) for word in words])


def sim(folder: Path, text: str, *words: object) -> int:
    path = folder / "small.yaml"
    path.write_text(SMALL + text, encoding="utf-8")
    return run_scenario(command(path, *words, "--no-cache"))


def answer(folder: Path, capsys: pytest.CaptureFixture[str], text: str, *words: object) -> dict[str, Any]:
    sim(folder, text, "--json", *words)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def short(plan: Plan) -> Plan:
    """A hundredth of the parcels on two lines, one replication, one point: the whole file is still used."""

    def less(scenario: Scenario) -> Scenario:
        first = scenario.first and replace(scenario.first, day=less(scenario.first.day))
        return replace(varied(scenario, {"load": 0.01}), lines=2, first=first)

    sweep = {name: values[:1] for name, values in plan.sweep.items() if name != "lines"}
    return replace(
        plan, scenario=less(plan.scenario), others=tuple(less(one) for one in plan.others), sweep=sweep
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_runs_and_gives_every_figure(path: Path) -> None:
    study, engine = study_of(short(load_plan(path)), replications=1)
    assert engine.name == "plain"
    result = run_study(study, Serial())
    assert result.finished
    for point in result.points:
        assert {figure.key for figure in CATALOGUE} <= set(point.figures)
        assert point.figures["accuracy"].mean > 99
    assert {verdict.figure for verdict in result.verdicts} == {one.figure for one in study.thresholds}
    assert bool(result.comparisons) == (len(result.points) > 1)


def test_the_table_has_every_figure_with_its_unit_below_its_denominator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert sim(tmp_path, "thresholds: {sorted_share: {least: 90}}") == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    for figure in CATALOGUE:
        label = re.compile(f"{re.escape(figure.zh)} +{re.escape(figure.en)}  .* ± ")
        [(at, row)] = [(at, line) for at, line in enumerate(lines) if label.match(line)]
        assert row.endswith(figure.unit)
        base = next(line for line in reversed(lines[:at]) if line.startswith(("总量", "基数")))
        assert base.endswith(figure.of or "totals")
    assert "3 次重复 replications" in said.out
    assert "小样 A small morning" in said.out
    assert "零点 time 0 06:00" in said.out
    assert [line[:9] for line in lines if "≥ 90 %" in line] == ["达标 met  分"]
    assert said.err == ""


def test_a_threshold_that_is_not_met_is_told_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sim(tmp_path, "thresholds: {sorted_share: {least: 99.9}, missorts: {most: 0}}") == 1
    said = capsys.readouterr().out
    assert "未达标 NOT met  分拣率 sorted to a chute ≥ 99.9 %" in said
    assert "达标 met  错分 mis-sorts ≤ 0" in said


def test_a_gate_without_thresholds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SorterError, match=r"small\.yaml.*a gate needs thresholds\n  add thresholds:"):
        sim(tmp_path, "", "--gate")
    assert sim(tmp_path, "thresholds: {missorts: {most: 0}}", "--gate", "--quiet") == 0


def test_quiet_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sim(tmp_path, "", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_answer_is_the_same_whoever_computes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, shared = (answer(tmp_path, capsys, "", "--workers", count) for count in (1, 2))
    assert alone == shared
    assert len(alone["digest"]) == 64
    figure = alone["points"][0]["figures"]["sorted_share"]
    assert (figure["n"], figure["unit"], figure["of"]) == (3, "%", "inducted")


def test_one_replication_has_no_interval_and_json_says_null(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(tmp_path, capsys, "thresholds: {finish_h: {most: 9}}", "--replications", 1)
    assert told["points"][0]["figures"]["finish_h"]["half"] is None
    assert [verdict["holds"] for verdict in told["verdicts"]] == [False]


def test_a_sweep_has_a_point_for_every_combination_and_tells_the_figures_it_demands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    text = "sweep: {load: [0.5, 1], unread_percent: [0, 20]}\n"
    text += "thresholds: {no_read_share: {most: 12}, laps: {most: 1}}"
    assert sim(tmp_path, text) == 1
    said = capsys.readouterr().out
    rows = [line for line in said.splitlines() if line.startswith("load=")]
    assert [row.split("  ")[0] for row in rows] == [
        f"load={load} unread_percent={share}" for load in (0.5, 1.0) for share in (0.0, 20.0)
    ]
    assert "no_read_share" in said
    assert "达标 met  6 / 8" in said
    assert said.count("未达标 NOT met  load=") == 2


def test_a_comparison_tells_what_differs_from_the_other_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    calm = SMALL.replace("name: small", "name: calm")
    (tmp_path / "calm.yaml").write_text(calm, encoding="utf-8")
    assert sim(tmp_path, "flaws: {unread: 10%}\ncompare: [calm.yaml]") == 0
    said = capsys.readouterr().out
    _, _, differs = said.partition("small 与 calm 之差 differs from calm by")
    [row] = [line for line in differs.splitlines() if line.startswith("无读率  ")]
    assert 7 < float(row.split("no-reads")[1].split("±")[0]) < 13


def test_report_and_csv_are_written(tmp_path: Path) -> None:
    page, table = tmp_path / "r.html", tmp_path / "r.csv"
    assert sim(tmp_path, "", "--quiet", "--report", page, "--csv", table) == 0
    assert "A small morning" in page.read_text(encoding="utf-8")
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) > len(CATALOGUE)


def test_the_bar_tells_the_time_that_is_left_where_there_is_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    assert sim(tmp_path, "", "--json") == 0
    said = capsys.readouterr()
    assert "3/3" in said.err
    assert "剩余 left 0:00:00" in said.err
    json.loads(said.out)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache_folder.cache_clear()
    yield tmp_path / "cache" / "parcel-sorting-line" / "studies"
    cache_folder.cache_clear()


def test_what_was_computed_once_is_kept(
    tmp_path: Path, own_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert run_scenario(command(path, "--json")) == 0
    first, kept = capsys.readouterr().out, sorted(own_cache.glob("*/*"))
    assert len(kept) == 3
    written = [file.read_bytes() for file in kept]
    assert run_scenario(command(path, "--json", "--replications", 3, "--workers", 1)) == 0
    assert capsys.readouterr().out == first
    assert [file.read_bytes() for file in sorted(own_cache.glob("*/*"))] == written


def test_ctrl_c_tells_what_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    code = (
        "import sys; from tests.test_app_cmd_scenario import command, run_scenario;"
        "sys.exit(run_scenario(command(*sys.argv[1:])))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, path, "--replications=5000", "--engine=plain", "--workers=1", "--json"],
        cwd=ROOT, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    finished = tmp_path / "parcel-sorting-line" / "studies"
    wait_for(lambda: len(list(finished.glob("*/*"))) >= 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    told = json.loads(out)
    assert process.returncode == 130
    assert not told["finished"]
    assert 2 <= told["points"][0]["replications"] < 5000
    assert "已中断" in err


def wait_for(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_the_engine_is_chosen_by_the_parcels_of_the_whole_study() -> None:
    plan = load_plan(ROOT / "configs" / "scenarios" / "normal-day.yaml")
    chosen = [
        study_of(plan)[1], study_of(plan, 20)[1],
        study_of(replace(plan, sweep={"lines": tuple(range(1, 8))}))[1],
        study_of(plan, 20, "plain")[1],
    ]  # fmt: skip
    assert [engine.name for engine in chosen] == ["plain", "batch", "batch", "plain"]


def test_compiling_takes_a_few_parcels_of_the_scenario_itself() -> None:
    scenario = load_plan(ROOT / "configs" / "scenarios" / "plc-trouble.yaml").scenario
    assert 1 <= first_seconds(replace(scenario, engine=Engine("plain"))).run(0).figures["parcels"] < 40


@pytest.mark.full
def test_compiled_days_in_processes_are_the_plain_ones(report_line: Callable[[str], None]) -> None:
    plan = short(load_plan(ROOT / "configs" / "scenarios" / "plc-trouble.yaml"))
    plain = run_study(study_of(plan, 4, "plain")[0], Serial())
    started = time.perf_counter()
    with Compiling(2) as workers:
        batch = run_study(study_of(plan, 4, "batch")[0], workers)
    report_line(f"compiled in the parent, then 2 processes: {time.perf_counter() - started:.1f} s")
    assert batch.digest == plain.digest


@pytest.mark.full
def test_the_first_answer_of_an_ordinary_day_comes_within_10_s(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    words = [sys.executable, "-m", "sorter", "sim", "configs/scenarios/normal-day.yaml"]
    started = time.perf_counter()
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)}, capture_output=True, text=True,
        timeout=120, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    report_line(f"nothing compiled, nothing kept: {seconds:.1f} s")
    assert "小时分拣量" in done.stdout
    assert seconds <= 10
