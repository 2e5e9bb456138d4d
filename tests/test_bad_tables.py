"""Bad tables: a bad row is set aside with its place and counted, a bad file is refused as a whole.

The law of every intake: rows = accepted + set aside + repeated, and good rows always count.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorter.app.config import load_hub
from sorter.app.manifest import Intake, read_intercepts, read_manifest
from sorter.app.network_import import import_network
from sorter.app.parcels_file import read_parcels_table
from sorter.app.plan_doubts import read_volumes
from sorter.app.problem_words import bilingual, in_chinese
from sorter.errors import ConfigError, Problem
from sorter.flow import Advised
from tests.bad_tables import FILES, GOOD, HEAD, JSON_ROWS, OTHER, OTHERS, ROWS, as_json
from tests.linzi import FOLDER

HUB = load_hub(FOLDER)
DAY = "2026-11-28"
PLACE = re.compile(r".+\.(csv|json):[1-9]\d*:[1-9]\d*", re.DOTALL)


def told_well(problem: Problem) -> None:
    assert PLACE.fullmatch(problem.where), problem
    assert len(str(problem)) < 600 and problem.what and problem.remedy
    for sentence in (problem.what, problem.remedy):
        assert in_chinese(sentence), f"no Chinese for: {sentence}"
    assert problem.what in bilingual(problem)


def taken(path: Path) -> Intake:
    """A manifest, its rows accounted for."""
    intake = read_manifest(path, HUB, DAY)
    assert intake.rows == len(intake.words) + len(intake.aside) + intake.repeated
    return intake


def waybills(intake: Intake) -> list[str]:
    return [word.waybill for word in intake.words]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("name", ROWS)
def test_a_bad_row_is_set_aside_and_its_neighbours_count(name: str, end: str, tmp_path: Path) -> None:
    row, column, word = ROWS[name]
    path = tmp_path / "m.csv"
    path.write_bytes((HEAD + GOOD + row + "\n" + OTHER + GOOD).replace("\n", end).encode())
    intake = taken(path)
    assert waybills(intake) == ["SF1234567890123", "SF1234567890124"]
    assert (intake.rows, intake.repeated) == (4, 1)
    [problem] = intake.aside
    assert problem.where == f"{path}:3:{column}" and word in problem.what
    told_well(problem)


@pytest.mark.parametrize("name", JSON_ROWS)
def test_a_bad_object_is_set_aside(name: str, tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(as_json(JSON_ROWS[name]), encoding="utf-8")
    intake = taken(path)
    assert waybills(intake) == ["SF1234567890123", "SF1234567890124"]
    [problem] = intake.aside
    told_well(problem)


def test_a_number_in_json_keeps_its_digits(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(as_json({"waybill": 773012345678901, "courier": "sto"}), encoding="utf-8")
    assert "773012345678901" in waybills(taken(path))


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_as_a_whole(name: str, tmp_path: Path) -> None:
    suffix, data, word = FILES[name]
    path = tmp_path / f"m.{suffix}"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=word) as caught:
        taken(path)
    for problem in caught.value.problems:
        told_well(problem)


@pytest.mark.parametrize("name", OTHERS)
def test_another_bad_table_is_refused_with_the_place(name: str, tmp_path: Path) -> None:
    kind, text, word = OTHERS[name]
    path = tmp_path / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=word) as caught:
        if kind == "volumes":
            read_volumes(path, HUB.network)
        elif kind == "parcels":
            read_parcels_table(path, HUB)
        else:
            import_network(path, "370305", "", None)
    for problem in caught.value.problems:
        told_well(problem)


def test_a_table_that_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(1 << 40)
    for path in sorted(tmp_path.glob("*.csv")):
        for read in (lambda path: taken(path), read_intercepts, lambda path: read_parcels_table(path, HUB)):
            with pytest.raises(ConfigError):
                read(path)


def test_gbk_that_is_utf_8_by_chance_gives_no_place_that_nobody_wrote(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes("waybill,courier,address\nSF1234567890123,sf,联通\n".encode("gbk"))
    [word] = taken(path).words
    assert isinstance(word, Advised) and word.place == ""


# ---------------------------------------------------------------- generated

CELLS = st.sampled_from(
    ["SF1234567890123", "773012345678901", "7.7E+14", "sf", "sto", "370305109", "370305109224", "", '"', '""',
     "down", "\0", "\ud7ff", "１２３", "\x1b[0m", "9" * 99, "A,B", ";", "\t", "=1", "凤凰镇", "\u2028"]
) | st.text(max_size=8)  # fmt: skip
LINES = st.lists(st.lists(CELLS, max_size=8).map(",".join), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def accounted(folder: Path, lines: list[str], end: str) -> None:
    """Whatever the rows are: each is accepted, set aside with its place, or a repetition."""
    path = folder / "m.csv"
    text = end.join([HEAD.strip(), *lines, GOOD.strip()])
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        intake = taken(path)
    except ConfigError as error:
        assert all(problem.what and problem.remedy for problem in error.problems)
        return
    assert "SF1234567890123" in waybills(intake) or intake.aside
    for problem in intake.aside:
        assert PLACE.fullmatch(problem.where) and problem.remedy


@settings(max_examples=200)
@given(LINES, ENDS)
def test_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str
) -> None:
    accounted(tmp_path_factory.getbasetemp(), lines, end)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_row_of_thirty_thousand_tables_is_accounted_for(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    tries = 30_000
    law = given(LINES, ENDS)(lambda lines, end: accounted(tmp_path, lines, end))
    settings(max_examples=tries, database=None)(law)()
    report_line(f"{tries} generated tables, every row accepted, set aside or repeated")
