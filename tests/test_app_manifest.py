from __future__ import annotations

from pathlib import Path

import pytest

from sim.arrivals import advice, draw
from sorter.app.manifest import read_intercepts, read_manifest, write_words
from sorter.errors import ConfigError
from sorter.flow import Advised, Direction, InterceptSet, Service
from tests.hubs import hub

HUB = hub()
HEADER = "waybill,courier,place,direction,service\n"
GOOD = "SF1234567890123,sf,370305103201,,\n"


def manifest(folder: Path, text: str) -> Path:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    words = advice(one.truth for one in draw(HUB, 1, 1000, 6000))
    write_words(tmp_path, words)
    advised = read_manifest(tmp_path / "manifest.csv", HUB).words
    read = [*advised, *read_intercepts(tmp_path / "intercepts.csv").words]
    assert sorted(map(repr, read)) == sorted(map(repr, words))
    assert any(isinstance(word, InterceptSet) for word in words)


def test_empty_direction_and_service_mean_down_and_standard(tmp_path: Path) -> None:
    [word] = read_manifest(manifest(tmp_path, "\ufeff" + HEADER + GOOD), HUB).words
    assert word == Advised(0, "SF1234567890123", "sf", "370305103201", Direction.DOWN, Service.STANDARD)


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        ("7.73012E+14,sto,370305103201,,", 1, "spreadsheet"),
        ("SF１２３,sf,370305103201,,", 1, "no waybill"),
        (",sf,370305103201,,", 1, "no waybill"),
        ("SF1234567890124,ups,370305103201,,", 17, "courier"),
        ("SF1234567890124,sf,999,,", 20, "place"),
        ("SF1234567890124,sf,370305103201,sideways,", 33, "direction"),
        ("SF1234567890124,sf,370305103201,,warm", 34, "service"),
        ("SF1234567890123,sf,370305104201,,", 1, "announced before"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_place_and_the_others_count(
    tmp_path: Path, row: str, column: int, word: str
) -> None:
    intake = read_manifest(manifest(tmp_path, HEADER + GOOD + row + "\n" + GOOD), HUB)
    [problem] = intake.aside
    assert problem.where.endswith(f"manifest.csv:3:{column}")
    assert word in problem.what
    assert problem.remedy
    assert (intake.rows, len(intake.words), intake.repeated) == (3, 1, 1)


def test_an_unclosed_quote_swallows_no_other_row(tmp_path: Path) -> None:
    text = HEADER + '"SF1234567890129,sf,370305103201,,\n' + GOOD
    intake = read_manifest(manifest(tmp_path, text), HUB)
    assert (len(intake.words), len(intake.aside)) == (1, 1)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"waybill,courier\n", "lacks place"),
        (b"", "lacks waybill"),
        (b"waybill,courier,place\n\xff\xff", "neither UTF-8 nor GBK"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_as_a_whole(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "manifest.csv"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=what):
        read_manifest(path, HUB)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        read_manifest(tmp_path / "nowhere.csv", HUB)
