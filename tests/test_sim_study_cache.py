from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.study.cache import Cache
from sim.study.experiment import Point, Study, run_study
from sim.study.pool import Serial
from sim.study.results import Replication, StudyResult
from sim.study.stopping import fixed
from tests.study_models import Counted

NAMES = st.text(max_size=8)
FLOATS = st.floats(allow_nan=False)
SERIES = st.lists(FLOATS, max_size=9).map(tuple)
REPLICATIONS = st.builds(
    Replication, st.dictionaries(NAMES, FLOATS, max_size=6), st.dictionaries(NAMES, SERIES, max_size=3)
)


class Kept:
    """A cache, what it said, and a model whose runs are counted."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.kept, self.runs = folder / "kept", folder / "runs"
        self.runs.mkdir()

    def study(self, replications: int) -> StudyResult:
        study = Study("s", (Point("p", {}, Counted(self.runs)),), fixed(replications))
        return run_study(study, Serial(), Cache(self.kept, self.said.append))

    def ran(self) -> list[int]:
        """The numbers that were run since the last question."""
        numbers = sorted(int(path.name.partition("-")[0]) for path in self.runs.iterdir())
        for path in self.runs.iterdir():
            path.unlink()
        return numbers

    def entries(self) -> list[Path]:
        return sorted(self.kept.rglob("*.json"))


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_what_was_computed_once_is_not_computed_again(kept: Kept) -> None:
    first = kept.study(5)
    assert kept.ran() == [0, 1, 2, 3, 4]
    assert kept.study(5) == first
    assert kept.ran() == []
    kept.study(7)
    assert kept.ran() == [5, 6]
    assert kept.said == []


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[1]", b"null", b"\xff\xfe", b'{"sha256": 1, "key": 2, "number": 3}']
)
def test_a_damaged_entry_is_computed_again_and_said(kept: Kept, damage: bytes) -> None:
    first = kept.study(5)
    kept.ran()
    kept.entries()[2].write_bytes(damage)
    assert kept.study(5) == first
    assert len(kept.ran()) == 1
    assert [str(kept.entries()[2]) in word for word in kept.said] == [True]
    kept.study(5)
    assert kept.ran() == []


def test_one_digit_that_changed_on_disk_is_noticed(kept: Kept) -> None:
    first = kept.study(1)
    (entry,) = kept.entries()
    entry.write_text(entry.read_text().replace("0x1.5555555555555p-2", "0x1.5555555555556p-2"))
    assert kept.study(1) == first
    assert len(kept.said) == 1


def test_an_entry_of_another_replication_is_not_taken(kept: Kept) -> None:
    kept.study(2)
    one, other = kept.entries()
    other.write_bytes(one.read_bytes())
    assert kept.study(2).points[0].replications[0] != kept.study(2).points[0].replications[1]
    assert ["another replication" in word for word in kept.said] == [True]


def test_a_folder_that_cannot_be_written_is_said_once_and_stops_nothing(kept: Kept) -> None:
    kept.kept.write_text("a file where the folder should be")
    assert len(kept.study(5).points[0].replications) == 5
    assert ["not kept" in word for word in kept.said if "damaged" not in word] == [True]


@settings(max_examples=15, deadline=None)
@given(REPLICATIONS, NAMES, st.integers(0, 10**6))
def test_every_bit_comes_back(
    tmp_path_factory: pytest.TempPathFactory, replication: Replication, key: str, number: int
) -> None:
    cache = Cache(tmp_path_factory.mktemp("bits"), pytest.fail)
    cache.put(key, number, replication)
    found = cache.get(key, number)
    assert repr(found) == repr(replication)  # repr tells -0.0 from 0.0 and keeps the order of names
    assert cache.get(key, number + 1) is None


def test_the_entries_used_longest_ago_are_given_up_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, pytest.fail, largest_bytes=600)
    for number in range(10):
        cache.put("key", number, Replication({"x": float(number)}))
    for age, path in enumerate(sorted(tmp_path.rglob("*.json"))):
        os.utime(path, (1000 - age, 1000 - age))
    used = cache.get("key", 3)
    cache.trim()
    left = [number for number in range(10) if cache.get("key", number)]
    assert used is not None
    assert 3 in left
    assert 1 <= len(left) <= 4
