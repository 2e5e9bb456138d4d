from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from sorter.app import cli
from sorter.app.journal import JournalWriter, read
from sorter.app.segments import segment_paths
from sorter.app.store import Store
from sorter.app.store_care import DATABASE, backup, export, verify
from sorter.errors import StoreError
from sorter.flow import FrameTag
from tests.journals_made import READ, record, values, write


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with two segments."""
    write(
        tmp_path / "run" / "journal", [*values(20), *(record(pid) for pid in range(1, 6))], segment_bytes=1500
    )
    return tmp_path / "run"


def test_a_whole_journal_is_proven_and_its_database_compared(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["store", "verify", str(run)]) == 0
    assert re.search(r"25 条 values.*\n.*parcel records: 5", capsys.readouterr().out)
    with Store(run / DATABASE) as store:
        store.catch_up(run / "journal")
    proof = verify(run)
    assert (proof.rows, proof.records) == (5, 5) and proof.segments > 1


def test_damage_is_told_with_file_and_byte(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment = run / "journal" / "000001.journal"
    data = bytearray(segment.read_bytes())
    data[200] ^= 1
    segment.write_bytes(data)
    assert cli.main(["store", "verify", str(run)]) == 1
    told = capsys.readouterr().err
    assert re.search(r"run/journal/000001.journal: byte \d+: a damaged record", told)
    assert cli.main(["store", "backup", str(run), str(run.with_name("copy"))]) == 2
    blamed = capsys.readouterr().err
    assert blamed.startswith(told.rstrip("\n")), "of a backup the same is told, with the run's own path"
    assert "损坏的是运行记录本身 / not backed up" in blamed and str(run.with_name("copy")) not in blamed
    assert not list(run.parent.glob("copy*")), "nothing is left of a copy of a damaged journal"


def test_a_damaged_database_is_no_backup_either(run: Path) -> None:
    with Store(run / DATABASE) as store:
        store.catch_up(run / "journal")
    with closing(sqlite3.connect(run / DATABASE)) as db:
        db.execute("DELETE FROM parcels WHERE pid = 2")
        db.commit()
    with pytest.raises(StoreError, match=rf"run/{DATABASE}: .* is missing or not[^$]*it is the run"):
        backup(run, run.with_name("copy"))
    assert not list(run.parent.glob("copy*"))


def test_a_copy_that_its_disk_does_not_keep_as_it_was_is_blamed_on_that_disk(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept_otherwise(source: Path, copy: Path) -> None:
        data = bytearray(source.read_bytes())
        data[200] ^= 1
        copy.write_bytes(data)

    monkeypatch.setattr(shutil, "copyfile", kept_otherwise)
    with pytest.raises(StoreError, match=r"copy: .*did not read back as the run is.*copy/journal/000001"):
        backup(run, run.with_name("copy"))
    assert not list(run.parent.glob("copy*"))


@pytest.mark.parametrize("inside", ["copy", "journal/copy", "journal/../copy"])
def test_a_backup_within_the_run_itself_is_refused(
    run: Path, inside: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(run.rglob("*"))
    assert cli.main(["store", "backup", str(run), str(run / inside)]) == 2
    assert "在要备份的运行目录里 / lies inside the run" in capsys.readouterr().err
    assert sorted(run.rglob("*")) == before


def test_a_backup_made_while_the_journal_grows_is_whole_and_holds_what_was_durable(tmp_path: Path) -> None:
    run, ended = tmp_path / "run", False
    writer = JournalWriter(run / "journal", segment_bytes=20_000)

    def grow() -> None:
        for value in values(4000):
            if ended:
                break
            writer.append(value)
            writer.commit(1.0)

    growing = Thread(target=grow)
    writer.append(values(1, first=9999)[0])
    assert writer.commit(5.0)
    growing.start()
    copies = [tmp_path / f"copy{number}" for number in range(5)]
    kept = []
    for copy in copies:
        assert backup(run, copy) > 0
        kept.append(sum(1 for _ in read(copy / "journal")))
    ended = True
    growing.join()
    writer.close()
    assert kept == sorted(kept) and kept[0] >= 1
    whole = list(read(run / "journal"))
    assert all(
        list(read(copy / "journal")) == whole[:count] for copy, count in zip(copies, kept, strict=True)
    )


def test_a_backup_has_the_texts_of_plans_that_were_put_in_force_from_the_console(run: Path) -> None:
    (run / "plans").mkdir()
    (run / "plans" / "0123456789abcdef.yaml").write_text("name: 早班\n", encoding="utf-8")
    (run / "plans" / "fedcba9876543210.part").write_text("half of one", encoding="utf-8")
    backup(run, run.with_name("copy"))
    copied = {path.name: path.read_text(encoding="utf-8") for path in run.with_name("copy").glob("plans/*")}
    assert copied == {"0123456789abcdef.yaml": "name: 早班\n"}


def aged(run: Path, version: int) -> Path:
    """The run's database as an earlier version of the program left it."""
    with Store(run / DATABASE) as store:
        store.catch_up(run / "journal")
    with closing(sqlite3.connect(run / DATABASE)) as db:
        if version < 3:  # rows had no sum then, plans were not remembered, and nothing was ever removed
            db.executescript('ALTER TABLE parcels DROP COLUMN "sum"; DROP TABLE plans; DROP TABLE removed;')
        else:
            db.execute("UPDATE parcels SET segment = 0")
            db.execute("INSERT INTO removed VALUES (0, 1, 2, 3)")
        db.execute(f"PRAGMA user_version = {version}")
        db.commit()
    return run / DATABASE


def test_a_database_of_an_earlier_version_is_set_aside_and_made_anew_from_the_journal(run: Path) -> None:
    aged(run, 2)
    backup(run, run.with_name("copy"))
    assert not run.with_name("copy").joinpath(DATABASE).exists(), "the copy of the journal makes it anew"
    assert verify(run).rows == 5
    assert (run / f"{DATABASE}.aside-1").exists() and verify(run).rows == 5
    with Store(run.with_name("copy") / DATABASE) as store:
        assert store.catch_up(run.with_name("copy") / "journal") == 5


def test_a_database_that_remembers_what_left_the_journal_is_not_set_aside_for_its_version(
    run: Path,
) -> None:
    # From version 3 on it is the only holder of what was removed: who raises the version must bring it over.
    path = aged(run, 3)
    with Store(path) as store:
        assert sum(store.counts().values()) == 5
    assert not path.with_name(f"{DATABASE}.aside-1").exists()


def test_a_backup_overwrites_nothing(run: Path) -> None:
    run.with_name("copy").mkdir()
    with pytest.raises(StoreError, match="is there already"):
        backup(run, run.with_name("copy"))


@pytest.mark.parametrize(("word", "target"), [("backup", "copy"), ("export", "x.csv")])
def test_what_is_lost_at_the_journals_end_is_told_by_whoever_hands_records_out(
    run: Path, word: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = segment_paths(run / "journal")[-1]
    data = bytearray(newest.read_bytes())
    assert cli.main(["store", word, str(run), str(run.with_name(f"whole-{target}"))]) == 0
    data[-20] ^= 1
    newest.write_bytes(data)
    assert cli.main(["store", word, str(run), str(run.with_name(target))]) == 1
    assert re.search(r"the last \d+ bytes are no records", capsys.readouterr().err)
    assert run.with_name(target).exists(), "what is whole is handed out"


def test_an_export_of_a_damaged_journal_leaves_nothing_behind(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment = run / "journal" / "000001.journal"
    data = bytearray(segment.read_bytes())
    data[200] ^= 1
    segment.write_bytes(data)
    assert cli.main(["store", "export", str(run), str(run / "x.csv")]) == 2
    assert "damaged record" in capsys.readouterr().err
    assert not list(run.glob("x.csv*"))


def test_exported_numbers_survive_a_spreadsheet_and_texts_are_no_formulas(tmp_path: Path) -> None:
    evil = replace(READ, text="=cmd|'/c calc'!A1")
    pictures = (FrameTag(0, 7, 99), FrameTag(1, 8, 99))
    odd = replace(record(2, waybill="\ud800x"), reads=(evil,), pictures=pictures)
    write(tmp_path / "journal", [record(1), odd])
    assert export(tmp_path, tmp_path / "out.csv") == 2
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["waybill"] == "'773012345678901" and rows[0]["outcome"] == "sorted"
    assert rows[1]["pictures"] == "0/7 1/8"
    assert rows[1]["reads"].startswith("'=cmd") and rows[1]["waybill"] == "\\ud800x"


def test_a_folder_without_a_journal_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["store", "export", str(tmp_path), str(tmp_path / "x.csv")]) == 2
    assert "holds no journal" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()
