"""A table of parcels as a user writes it, and `--parcels` on both kinds of simulation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorter.app.cli import main
from sorter.app.parcels_file import MOST_TOLD, read_parcels_table
from sorter.app.parcels_recorded import recorded_parcels
from sorter.errors import ConfigError, StoreError
from sorter.flow import Direction, Service
from tests.hubs import hub
from tests.linzi import FOLDER

HUB = hub()
HEAD = "arr_us,length_mm,courier,place,waybill,direction,service,flaw,latency_us\n"
SOUND = "2000000,300,sf,370305100200,SF1234567890123,,,,90000\n"
SCENARIO = f"""
name: small
zh: 小样
en: A small morning
hub: {FOLDER}
date: 2026-06-18
waves: [{{from: "06:00", to: "06:15", parcels: 600}}]
"""


def said(folder: Path, text: str) -> list[str]:
    path = folder / "p.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_parcels_table(path, HUB)
    start = len(str(path)) + 1
    return [f"{one.where[start:]} {one.what} | {one.remedy}" for one in caught.value.problems]


def test_a_table_says_all_that_is_known_of_a_parcel(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("\ufeff" + HEAD + SOUND + "\n3000000,200,jt,,,up,cold,held,\n", encoding="utf-8")
    one, two = read_parcels_table(path, HUB)
    assert (one.arr_us, one.length_mm, one.latency_us, one.held) == (2_000_000, 300, 90_000, False)
    assert [read.text for read in one.reads] == ["SF1234567890123"]
    assert one.advised and one.advised.place == "370305100200"
    assert two.advised and (two.advised.direction, two.advised.service) == (Direction.UP, Service.COLD)
    assert (two.held, two.latency_us, two.reads[0].text[:2]) == (True, -1, "JT")


MISTAKES = """\
2000000,300,sf,370305100200,,,,,x # 2:33 latency_us is not a whole number > 1 to 60000000
1000000,90,sff,370305100200,,,,, # 3:1 before the parcel above it > order; 3:9 length_mm is 90 > 100 to 600; 3:12 unknown courier 'sff' > 'sf'
3000000,300,sf,,,,,, # 4:16 place '' is not in network.yaml
3000000,300,sf,nowhere,,up,,, # 5:16 place 'nowhere' is not
3000000,300,sf,370305100200,,upp,colt,hold, # 6:30 unknown direction 'upp' > 'up'; 6:34 unknown service 'colt' > 'cold'; 6:39 unknown flaw 'hold' > 'held'
3000000,300 # 7:1 2 values for 9 columns
"""  # noqa: E501


def test_every_mistake_of_a_table_is_told_at_once_with_its_place_and_remedy(tmp_path: Path) -> None:
    rows = [line.split(" # ") for line in MISTAKES.splitlines()]
    found = said(tmp_path, HEAD + "".join(f"{row}\n" for row, _ in rows))
    wanted = [one.split(" > ") for _, words in rows for one in words.split("; ")]
    assert len(found) == len(wanted)
    for line, (start, *remedy) in zip(found, wanted, strict=True):
        place, _, what = start.partition(" ")
        assert line.startswith(place + " ") and what in line and "".join(remedy) in line


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no column arr_us, length_mm, courier, place"),
        ("arr_us,length_mm,courier,place,weight_g\n", "1:32 unknown column 'weight_g'"),
        ("arr_us,arr_us,length_mm,courier,place\n", "1:8 unknown column 'arr_us'"),
        (HEAD, "no parcel in this table"),
    ],
)
def test_what_is_no_table_of_parcels_is_said(text: str, what: str, tmp_path: Path) -> None:
    assert any(what in one for one in said(tmp_path, text))


def test_of_very_many_mistakes_the_first_hundred_are_told(tmp_path: Path) -> None:
    found = said(tmp_path, HEAD + "x\n" * 1000)
    assert (len(found), found[-1][:30]) == (MOST_TOLD + 1, "1:1 900 more mistakes in this ")


def test_a_folder_without_a_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no parcel is recorded here"):
        recorded_parcels(tmp_path, HUB)


def told(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, dict[str, object]]:
    assert main(["sim", *map(str, words), "--json"]) == 0
    answer: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
    return answer


def test_a_run_and_its_journal_sort_alike_in_the_loop_and_in_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    journal, date = tmp_path / "journal", ("--date", "2026-06-18")
    first = told(capsys, FOLDER, "--parcels", 120, *date, "--journal", journal)["figures"]
    again = told(capsys, FOLDER, "--parcels", journal, *date)["figures"]
    day = told(capsys, tmp_path / "small.yaml", "--parcels", journal, "--no-cache", "--engine", "plain")
    figures = day["points"][0]["figures"]  # type: ignore[index]
    assert first["sorted"]["amount"] == again["sorted"]["amount"]  # type: ignore[index]
    assert round(figures["sorted_share"]["mean"] * 1.2) == first["sorted"]["amount"]  # type: ignore[index]
    assert figures["parcels"]["mean"] == 120
    assert day["points"][0]["replications"] == 1  # type: ignore[index]


def test_a_scenario_takes_no_number_of_parcels_and_no_load_beside_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario, table = tmp_path / "small.yaml", tmp_path / "p.csv"
    scenario.write_text(SCENARIO + "sweep: {load: [1, 2]}\n", encoding="utf-8")
    assert main(["sim", str(scenario), "--parcels", "7"]) == 2
    assert "a scenario says itself how many" in capsys.readouterr().err
    table.write_text(HEAD + "0,1,sf,370305001005,,,,,\n", encoding="utf-8")
    assert main(["sim", str(scenario), "--parcels", str(table)]) == 2
    errors = capsys.readouterr().err
    assert "small.yaml:8:9: 来件由 --parcels 决定" in errors
    assert "--parcels says what comes: load changes nothing" in errors
    assert f"{table}:2:3: length_mm 是 1 / length_mm is 1" in errors
    with pytest.raises(SystemExit):
        main(["sim", str(scenario), "--parcels", "none.csv"])
    assert (
        "参数 --parcels：没有“none.csv” / argument --parcels: there is no 'none.csv'"
        in capsys.readouterr().err
    )
