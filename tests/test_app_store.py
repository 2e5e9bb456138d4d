from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sorter.app import store as store_module
from sorter.app.journal import JournalWriter
from sorter.app.store import Damaged, Store
from sorter.app.store_rows import COLUMNS
from sorter.errors import StoreError
from sorter.flow import CodeRead, Outcome, ParcelRecord
from tests.journals_made import CORNERS, RECORD, record, values, write


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    write(folder, [*values(3), record(1), *values(2), record(2, "YT1", Outcome.NO_ROUTE), record(3)])
    return folder


def test_records_come_back_as_they_were_newest_first(journal: Path, tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        assert store.catch_up(journal) == 3
        assert store.parcels() == [record(3), record(2, "YT1", Outcome.NO_ROUTE), record(1)]
        assert store.parcels(limit=1) == [record(3)]
        assert store.parcels(waybill=RECORD.waybill) == [record(3), record(1)]
        assert store.parcels(waybill="nobody") == []


def test_a_record_names_the_one_before_it_of_its_waybill_whatever_ended_between(tmp_path: Path) -> None:
    # The journal's order counts, not the numbers.
    rounds = [record(1), record(9, "YT1"), record(7), record(3), record(5, "")]
    write(tmp_path / "journal", [*rounds, record(6, "")])
    with Store(tmp_path / "store.sqlite") as store:
        store.catch_up(tmp_path / "journal")
        before = [store.again_of(one) for one in (*rounds, record(6, ""))]
        assert before == [None, None, rounds[0], rounds[2], None, None]
        assert store.again_of(record(8)) is None, "it is not there (yet)"


def test_counts_name_every_outcome(journal: Path, tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        store.catch_up(journal)
        counts = store.counts()
    assert set(counts) == set(Outcome)
    assert (counts[Outcome.SORTED], counts[Outcome.NO_ROUTE], counts[Outcome.LOST]) == (2, 1, 0)


def test_catching_up_again_adds_only_what_is_new(journal: Path, tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        assert store.catch_up(journal) == 3
        assert store.catch_up(journal) == 0
    write(journal, [record(4), *values(9)])
    with Store(tmp_path / "store.sqlite") as store:
        assert store.catch_up(journal) == 1
        assert len(store.parcels()) == 4


def test_many_segments_and_batches_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BATCH", 4)
    write(tmp_path / "journal", [record(pid) for pid in range(1, 31)], segment_bytes=1000)
    with Store(tmp_path / "store.sqlite") as store:
        assert store.catch_up(tmp_path / "journal") == 30
        assert [parcel.pid for parcel in store.parcels()] == list(range(30, 0, -1))


def test_two_objects_without_identity_in_one_millisecond_are_two_rows(tmp_path: Path) -> None:
    strays = [replace(RECORD, pid=0, left=chute) for chute in (3, 4)]
    write(tmp_path / "journal", strays)
    with Store(tmp_path / "store.sqlite") as store:
        assert store.catch_up(tmp_path / "journal") == 2


def test_untrusted_text_is_stored_whatever_it_holds(tmp_path: Path) -> None:
    hostile = "'; DROP TABLE parcels; --\x00\ud800凤凰"
    parcel = replace(RECORD, waybill=hostile, reads=(CodeRead(hostile, "QRCode", CORNERS, "zxing"),))
    write(tmp_path / "journal", [parcel])
    with Store(tmp_path / "store.sqlite") as store:
        store.catch_up(tmp_path / "journal")
        (found,) = store.parcels(waybill=hostile)
    assert found.reads == parcel.reads
    assert found.waybill == "'; DROP TABLE parcels; --\x00\\ud800凤凰"


@pytest.mark.parametrize("content", [b"my shopping list", b"SQLite format 3\x00" + bytes(3000)])
def test_a_file_that_is_no_database_is_kept_aside(content: bytes, journal: Path, tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(content)
    with Store(tmp_path / "store.sqlite") as store:
        assert store.catch_up(journal) == 3
    assert (tmp_path / "store.sqlite.aside-1").read_bytes() == content


def test_a_database_of_another_program_is_kept_aside_unchanged(journal: Path, tmp_path: Path) -> None:
    foreign = sqlite3.connect(tmp_path / "store.sqlite")
    with foreign:
        foreign.execute("CREATE TABLE parcels (mine TEXT)")
    foreign.close()
    content = (tmp_path / "store.sqlite").read_bytes()
    with Store(tmp_path / "store.sqlite") as store:
        assert store.catch_up(journal) == 3
    assert (tmp_path / "store.sqlite.aside-1").read_bytes() == content


def test_a_damaged_database_is_never_a_traceback_and_is_made_again(tmp_path: Path) -> None:
    write(tmp_path / "journal", [record(pid) for pid in range(1, 60)])
    with Store(tmp_path / "good.sqlite") as store:
        store.catch_up(tmp_path / "journal")
    good, chance = (tmp_path / "good.sqlite").read_bytes(), random.Random(5)
    noticed = 0
    for number in range(20):
        damaged = bytearray(good)
        page = 4096 * chance.randrange(len(good) // 4096)
        damaged[page : page + 400] = chance.randbytes(400)
        path = tmp_path / f"{number}.sqlite"
        path.write_bytes(damaged)
        with Store(path) as store:
            try:
                store.parcels()
                store.parcels(waybill="x")
            except Damaged as error:
                noticed += 1
                assert f"{number}.sqlite.aside-1" in str(error)
            store.catch_up(tmp_path / "journal")
    assert noticed > 5


@pytest.mark.parametrize("outcome", ["'teleported'", "CAST(outcome AS BLOB)", "NULL", "1e999"])
def test_a_row_that_makes_no_sense_is_damage(outcome: str, journal: Path, tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        store.catch_up(journal)
    other = sqlite3.connect(tmp_path / "store.sqlite")
    with other:
        other.execute(f"UPDATE parcels SET outcome = {outcome} WHERE pid = 2")
    other.close()
    with Store(tmp_path / "store.sqlite") as store:
        with pytest.raises(Damaged, match=r"byte \d+ does not fit its sum"):
            store.parcels()
        assert store.catch_up(journal) == 3
        assert len(store.parcels()) == 3


def test_the_store_of_another_journal_is_made_again(journal: Path, tmp_path: Path) -> None:
    write(tmp_path / "other", [record(7)])
    with Store(tmp_path / "store.sqlite") as store:
        store.catch_up(journal)
        assert store.catch_up(tmp_path / "other") == 1
        assert store.parcels() == [record(7)]


def test_a_damaged_journal_is_reported_not_stored(journal: Path, tmp_path: Path) -> None:
    path = journal / "000001.journal"
    damaged = bytearray(path.read_bytes())
    damaged[60] ^= 1
    path.write_bytes(damaged)
    with Store(tmp_path / "store.sqlite") as store:
        with pytest.raises(StoreError, match=r"000001.journal: byte"):
            store.catch_up(journal)
        assert store.parcels() == []


def test_a_path_that_cannot_be_a_store_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"):
        Store(tmp_path)


def test_a_locked_database_is_said_and_the_journal_is_written_on_meanwhile(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.sqlite"
    monkeypatch.setattr(sqlite3, "connect", partial(impatient, sqlite3.connect))
    with Store(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.catch_up(journal)
        writer = JournalWriter(journal)
        writer.append(record(4))
        assert writer.commit(5.0)
        writer.close()
        other.execute("ROLLBACK")
        assert store.catch_up(journal) == 4
        assert store.parcels(limit=1) == [record(4)]


def impatient(connect: Callable[..., sqlite3.Connection], path: Path, **how: Any) -> sqlite3.Connection:
    """Waits for a lock for 50 ms instead of seconds."""
    return connect(path, **{**how, "timeout": 0.05})


def test_the_columns_are_the_fields_of_the_record(tmp_path: Path) -> None:
    Store(tmp_path / "store.sqlite").close()
    db = sqlite3.connect(tmp_path / "store.sqlite")
    assert [row[1] for row in db.execute("PRAGMA table_info(parcels)")] == [
        "segment",
        "byte",
        "crc",
        *COLUMNS,
        "sum",
    ]
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()
    assert list(ParcelRecord.__dataclass_fields__) == COLUMNS
