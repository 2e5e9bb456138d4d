"""Bad configuration files: each is refused as a whole, with place, reason and remedy in both languages."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from sorter.app.cli import main
from sorter.app.config import Reading, load_hub, read_hub, read_plan, read_texts
from sorter.app.fault_file import load_faults
from sorter.app.fitting import fit
from sorter.app.problem_words import in_chinese
from sorter.app.scenario_file import load_plan
from sorter.app.schema import CamerasFile, CouriersFile, LineFile, PlanFile, PlcFile, SitesFile, WavesFile
from sorter.app.strict_yaml import UnreadableError, read_yaml
from sorter.errors import ConfigError, Problem
from tests.bad_configs import CONTENTS, FAULTS, ODD_FILES, SCENARIOS, TRAPS
from tests.linzi import FOLDER, edited, texts

HUB = load_hub(FOLDER)
PLACE = re.compile(r".+:[1-9]\d*:[1-9]\d*", re.DOTALL)
TARGETS = ("plan.yaml", "line.yaml")


def rows() -> list[list[str]]:
    marks = {"⏎": "\n", "→": "\t", "{nines}": "9" * 5000}
    for mark, meant in marks.items():
        assert mark in TRAPS, meant
    found = []
    for row in TRAPS.strip("\n").split("\n"):
        for mark, meant in marks.items():
            row = row.replace(mark, meant)
        found.append(row.split(" | "))
    return found


def told_well(problems: Iterable[Problem]) -> list[Problem]:
    """The problems, each with a place, a reason and a remedy in both languages, fit to be printed."""
    told = list(problems)
    assert told
    for problem in told:
        assert PLACE.fullmatch(problem.where), problem
        for sentence in (problem.what, problem.remedy):
            assert sentence.isprintable() and 0 < len(sentence) < 400, problem
            assert in_chinese(sentence), f"no Chinese for: {sentence}"
    return told


def refused(reading: Reading) -> list[Problem]:
    assert reading.hub is None
    return told_well(reading.problems)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_trap_is_found_where_it_stands(row: list[str]) -> None:
    _, file, old, new, place, word = row
    problems = refused(read_texts(edited(f"{file}.yaml", old, new), "linzi"))
    where, _, at = place.partition(":")
    assert any(one.where.startswith(f"linzi/{where}.yaml:{at}") and word in one.what for one in problems)
    assert {one.where.split(":")[0] for one in problems} == {f"linzi/{where}.yaml"}


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(FOLDER, folder / "hub", ignore=shutil.ignore_patterns("plans")))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_of_anything_is_refused_in_no_time(name: str, target: str, tmp_path: Path) -> None:
    hub = copied(tmp_path)
    (hub / target).write_bytes(CONTENTS[name])
    began = time.process_time()
    problems = refused(read_hub(hub))
    assert time.process_time() - began < 4
    assert {Path(one.where.rsplit(":", 2)[0]).name for one in problems} == {target}


@pytest.mark.parametrize("name", ODD_FILES)
def test_what_is_no_file_is_refused_at_once(name: str, tmp_path: Path) -> None:
    hub = copied(tmp_path)
    (hub / "plan.yaml").unlink()
    ODD_FILES[name](hub / "plan.yaml")
    [problem] = refused(read_hub(hub))
    assert problem.where == f"{hub}/plan.yaml:1:1"
    told_well(read_plan(HUB, hub / "plan.yaml").problems)
    with pytest.raises(ConfigError) as caught:
        load_faults(hub / "plan.yaml", HUB)
    told_well(caught.value.problems)


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_fault_file_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(FAULTS[name], encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_faults(path, HUB)
    told_well(caught.value.problems)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_bad_scenario_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIOS[name].format(hub=FOLDER), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_plan(path)
    told_well(caught.value.problems)


def test_mistakes_of_all_files_are_told_at_once_and_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = copied(tmp_path)
    for path in hub.glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + "extra_key: 1\n", encoding="utf-8")
    problems = refused(read_hub(hub))
    assert {Path(one.where.split(":")[0]).name for one in problems} == {
        path.name for path in hub.glob("*.yaml")
    }
    assert main(["check", str(hub)]) != 0
    said = "".join(capsys.readouterr())
    assert said.count("unknown key 'extra_key'") == said.count("不认识的键") == len(problems)
    assert "Traceback" not in said


# ---------------------------------------------------------------- generated

FORMS: dict[str, type[BaseModel]] = {
    "line.yaml": LineFile, "cameras.yaml": CamerasFile, "plc.yaml": PlcFile, "couriers.yaml": CouriersFile,
    "plan.yaml": PlanFile, "waves.yaml": WavesFile, "sites.yaml": SitesFile,
}  # fmt: skip
SCRAPS = st.sampled_from(
    [":", ": ", "- ", "\n", "  ", "\t", "{", "}", "[", "]", ",", "'", '"', "|", ">", "#", "&a ", "*a", "!!i ",
     "<<", "?", "%", "~", "yes", "0x1", "1e9", "-1", "9" * 30, "１", "镇", "\ud800", "\0", "---\n", "null"]
)  # fmt: skip
CUTS = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 40), SCRAPS), min_size=1, max_size=5)


def mangled(text: str, cuts: list[tuple[int, int, str]]) -> str:
    """Here and there something is gone and something else stands in its place."""
    for at, gone, instead in cuts:
        at %= len(text) + 1
        text = text[:at] + instead + text[at + gone :]
    return text


def fits_or_is_told(file: str, cuts: list[tuple[int, int, str]]) -> None:
    """One file alone: read, and put into its form."""
    try:
        doc, findings = read_yaml(file, mangled(texts()[file], cuts))
    except UnreadableError as error:
        findings = [error.finding]
    else:
        source, misfits = fit(doc, FORMS[file])
        assert source or misfits
        findings += misfits
    for one in findings:
        problem = one.problem("hub")
        assert PLACE.fullmatch(problem.where) and str(problem).replace("\n", "").isprintable() and one.remedy


@settings(max_examples=150)
@given(st.sampled_from(sorted(FORMS)), CUTS)
def test_no_damage_to_a_file_is_a_traceback(file: str, cuts: list[tuple[int, int, str]]) -> None:
    fits_or_is_told(file, cuts)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_none_of_twenty_thousand_damaged_files_is_a_traceback(report_line: Callable[[str], None]) -> None:
    tries = 20_000
    settings(max_examples=tries, database=None)(
        given(st.sampled_from(sorted(FORMS)), CUTS)(fits_or_is_told)
    )()
    report_line(f"{tries} damaged configuration files, 0 tracebacks")
