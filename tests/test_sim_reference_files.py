"""A reference line's folder: what is read, what is refused and where, what is written."""

from __future__ import annotations

import json
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reference.files import read_reference
from sim.reference.parcels_file import (
    COLUMNS,
    MOST_TOLD,
    is_sound,
    quickly_parsed,
    read_parcels,
    row_problems,
)
from sorter.app.cmd_reference import run_reference
from sorter.errors import ConfigError, StoreError
from tests.reference_made import CASES

LINE = (CASES[0] / "line.json").read_text(encoding="utf-8")
HEADER = "arr_us,length_mm,code,latency_us,true\n"


def folder_of(tmp_path: Path, line: str = LINE, parcels: str = HEADER + "5,300,0,9,0\n") -> Path:
    (tmp_path / "line.json").write_text(line, encoding="utf-8")
    (tmp_path / "parcels.csv").write_text(parcels, encoding="utf-8")
    return tmp_path


def refused(folder: Path) -> list[tuple[str, str]]:
    """(place, mistake) of every problem, the place below the folder."""
    with pytest.raises(ConfigError) as error:
        read_reference(folder)
    return [(problem.where.removeprefix(f"{folder}/"), problem.what) for problem in error.value.problems]


def test_a_folder_is_read_as_it_is_written() -> None:
    spec, parcels = read_reference(CASES[-1])
    assert spec.diverters == 8 and len(spec.stops) == 12 and spec.stops[0] == (10_280_000, 8_180_000)
    first = [column[0] for column in (parcels.arr_us, parcels.length_mm, parcels.code, parcels.latency_us)]
    assert first == [540_000, 300, 6, 300_000] and len(parcels) == 3000


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ('"gap_mm": 100', '"gap_mm": -1', "line.json:5:12", "gap_mm is -1"),
        ('"gap_mm": 100', '"gap_mm": 1e2', "line.json:5:12", "gap_mm is not an integer: 100.0"),
        ('"gap_mm": 100', '"gap_mm": true', "line.json:5:12", "gap_mm is not an integer: true"),
        ('"gap_mm": 100', '"gap_mm": "100"', "line.json:5:12", 'gap_mm is not an integer: "100"'),
        ('"us_per_mm": 400', '"us_per_mm": 666.67', "line.json:4:15", "us_per_mm is not an integer: 666.67"),
        ('"diverters": 40', '"diverters": 0', "line.json:2:15", "diverters is 0"),
        ('"max_laps": 4', '"max_lap": 4', "line.json:13:2", "unknown key 'max_lap'"),
        ('"max_laps": 4,', "", "line.json:1:1", "missing: max_laps"),
        ('"max_laps": 4', '"gap_mm": 4', "line.json:13:2", "gap_mm is already given at line 5"),
        ('"stops": []', '"stops": 7', "line.json:14:11", "stops is not a list"),
        ('"stops": []', '"stops": [[5, 1], [6]]', "line.json:14:20", "a stop is not a pair"),
        ('"stops": []', '"stops": [[5, -1]]', "line.json:14:16", "a stop's duration is -1"),
        (
            '"stops": []', '"stops": [[5, 1], [6, 1]]', "line.json:14:21",
            "the stop at 6 starts before the stop before is over, at 6",
        ),
        ('"return_mm": 12000', '"return_mm": 399', "line.json:8:15",
         "return_mm is 399, too short for the longest parcel (300 mm)"),
        ('"max_laps": 4', '"max_laps": 4 4', "line.json:13:16", "not JSON"),
        ('"gap_mm": 100', '"gap_mm": 1000000000000001', "line.json:5:12", "gap_mm is 1000000000000001"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_line_is_found_where_it_stands(
    tmp_path: Path, old: str, new: str, place: str, what: str
) -> None:
    assert old in LINE
    found = refused(folder_of(tmp_path, line=LINE.replace(old, new)))
    assert (place, True) in [(where, said.startswith(what)) for where, said in found]


@pytest.mark.parametrize(
    ("parcels", "place", "what"),
    [
        ("", "1:1", "the columns are ''"),
        ("arr_us,length_mm,code,latency_us\n", "1:1", "the columns are 'arr_us,length_mm,code,latency_us'"),
        (HEADER + "5,300,0,9,0\n4,300,0,9,0\n", "3:1", "arr_us is 4, before the parcel above it (5)"),
        (HEADER + "-5,300,0,9,0\n", "2:1", "arr_us is -5"),
        (HEADER + "5,-300,0,9,0\n", "2:3", "length_mm is -300"),
        (HEADER + "5,0,0,9,0\n", "2:3", "length_mm is 0"),
        (HEADER + "5,300,40,9,0\n", "2:7", "code is 40"),
        (HEADER + "5,300,-2,9,0\n", "2:7", "code is -2"),
        (HEADER + "5,300,0,-9,0\n", "2:9", "latency_us is -9"),
        (HEADER + "5,300,0,9.5,0\n", "2:9", "latency_us is not an integer: '9.5'"),
        (HEADER + "5,300,0, 9,0\n", "2:9", "latency_us is not an integer: ' 9'"),
        (HEADER + "5,300,0,,0\n", "2:9", "latency_us is not an integer: ''"),
        (HEADER + "5,300,0,9\n", "2:1", "4 values for 5 columns"),
        (HEADER + "\n5,300,0,9,0,7\n", "3:1", "6 values for 5 columns"),
        (HEADER + "5,300,0,9,\u0663\n", "2:11", "true is not an integer: '\u0663'"),
        (HEADER + f"5,300,0,{10**30},0\n", "2:9", "latency_us is 1000000"),
        (HEADER + "5,300,0,9,1-1\n", "2:11", "true is not an integer: '1-1'"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_table_is_found_where_it_stands(
    tmp_path: Path, parcels: str, place: str, what: str
) -> None:
    ((where, said),) = refused(folder_of(tmp_path, parcels=parcels))
    assert (where, said[: len(what)]) == (f"parcels.csv:{place}", what)


def test_all_mistakes_of_a_file_are_told_at_once_and_a_flood_is_cut(tmp_path: Path) -> None:
    line = LINE.replace("1200,", "0,").replace("400,", "0.5,")
    assert [where for where, _ in refused(folder_of(tmp_path, line=line))] == [
        "line.json:3:14",
        "line.json:4:15",
    ]
    found = refused(folder_of(tmp_path, parcels=HEADER + "x,300,0,9,0\n" * (MOST_TOLD + 7)))
    assert len(found) == MOST_TOLD + 1 and found[-1][1] == "7 more mistakes in this table"


def test_a_run_that_outlasts_the_clock_is_refused(tmp_path: Path) -> None:
    line = LINE.replace('"us_per_mm": 400', f'"us_per_mm": {10**15}')
    ((where, what),) = refused(folder_of(tmp_path, line=line))
    assert where == "parcels.csv:1:1" and "outlast" in what


def test_a_line_that_is_no_object_is_refused(tmp_path: Path) -> None:
    assert refused(folder_of(tmp_path, line="[1]")) == [("line.json:1:1", "not an object")]


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path)[0][0] == "line.json:1:1"
    folder_of(tmp_path)
    (tmp_path / "parcels.csv").write_bytes(b"\xff\xfe")
    assert refused(tmp_path) == [("parcels.csv:1:1", "is not UTF-8 text")]


def test_columns_may_come_in_any_order_lines_may_end_as_windows_ends_them(tmp_path: Path) -> None:
    table = "\ufefftrue,code,arr_us,latency_us,length_mm\r\n3,2,5,9,300\r\n"
    folder_of(tmp_path)
    (tmp_path / "parcels.csv").write_bytes(table.encode())
    _, parcels = read_reference(tmp_path)
    assert (parcels.arr_us[0], parcels.length_mm[0], parcels.code[0], parcels.true[0]) == (5, 300, 2, 3)


ANY_TABLE = st.lists(
    st.lists(st.text("0123456789-., \n", max_size=4), min_size=4, max_size=6).map(",".join), max_size=4
).map("\n".join)


@given(ANY_TABLE)
def test_any_text_is_a_table_or_is_refused_with_a_place(text: str) -> None:
    names = list(COLUMNS)
    limits = dict.fromkeys(names, (-9, 9999))
    rows = quickly_parsed(text)
    sound = rows is not None and is_sound(rows, names, limits)
    assert sound == (not list(row_problems(Path("parcels.csv"), text, names, limits)))


def test_a_table_is_read_at_the_rate_of_a_million_rows_in_ten_seconds(tmp_path: Path) -> None:
    rows = np.column_stack([np.arange(200_000), *np.full((4, 200_000), 7)])
    path = tmp_path / "parcels.csv"
    path.write_text(HEADER + "\n".join(map("%d,%d,%d,%d,%d".__mod__, map(tuple, rows.tolist()))))
    begun = time.process_time()
    assert len(read_parcels(path, diverters=8)) == 200_000
    assert time.process_time() - begun < 2


def asked(folder: Path, **others: Any) -> Namespace:
    given = {"reference": folder, "engine": "plain", "outcomes": None, "json": False, "repeat": 1}
    return Namespace(**given | others)


def test_the_command_prints_one_object_and_writes_the_outcomes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run_reference(asked(CASES[0], json=True, engine=None, outcomes=tmp_path / "out.csv", repeat=2)) == 0
    )
    told = json.loads(capsys.readouterr().out)
    expected = json.loads((CASES[0] / "expected.json").read_text(encoding="utf-8"))
    assert {key: told[key] for key in ("sha256", "misses", "parcels")} == {
        key: expected[key] for key in ("sha256", "misses", "parcels")
    }
    assert told["engine"] == "plain" and 0 < told["cpu_s"] < 10
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "parcel,t_out_us,t_in_us,chute,laps,reason" and len(rows) == 2001
    table = np.array([row.split(",") for row in rows[1:]], dtype=np.int64)
    assert table[:, 0].tolist() == list(range(2000)) and table[:, 1].max() == expected["last_out_us"]


def test_the_command_tells_people_the_misses_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_reference(asked(CASES[0], engine="line")) == 0
    told = capsys.readouterr().out
    assert "摆轮未复位 diverter busy: 54" in told and "SHA-256: 6393fba0" in told


def test_a_file_of_outcomes_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        run_reference(asked(CASES[0], outcomes=tmp_path / "no" / "out.csv"))
