"""One flipped bit anywhere in journal, snapshot or database, and `sorter store verify` says so."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from sorter.app import cli
from sorter.app.segment_format import HEADER_BYTES
from sorter.app.segments import read, segment_paths
from sorter.app.snapshots import snapshot_paths
from sorter.app.store import Store
from sorter.app.store_care import DATABASE, verify
from sorter.errors import StoreError
from tests.test_app_snapshots import made


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with three segments, two snapshots and a database; no file of it is being written."""
    run = tmp_path_factory.mktemp("run")
    made(run, 20, every=60, segment_bytes=60_000)
    with Store(run / DATABASE) as store:
        store.catch_up(run / "journal")
    with closing(sqlite3.connect(run / DATABASE)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert verify(run).torn == 0
    return run


def noticed(run: Path) -> bool:
    try:
        return verify(run).torn > 0
    except StoreError:
        return True


def region(path: Path, byte: int, size: int) -> str:
    """What a byte of the run belongs to."""
    if path.suffix == ".journal":
        return "header" if byte < HEADER_BYTES else "end" if byte > size - 400 else "records"
    return "snapshot" if path.name.startswith("snapshot") else "database"


def dump(database: Path) -> list[object]:
    """Everything that anybody can ask of the database, through the tables and through each index."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        found: list[object] = list(db.iterdump())
        for index, column in (("parcels_by_waybill", "waybill"), ("parcels_by_key", "epoch")):
            query = f"SELECT rowid, {column} FROM parcels INDEXED BY {index} WHERE {column} >= ''"
            found += db.execute(query.replace(">= ''", ">= 0") if column == "epoch" else query).fetchall()
        return found


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def flips(original: Path, tmp_path: Path, journal: int, database: int, seed: int) -> tuple[Counter[str], int]:
    """So many flips that change something: by region, all noticed; and how many changed nothing at all."""
    run = Path(shutil.copytree(original, tmp_path / "run"))
    chance, seen, idle = Random(seed), Counter[str](), 0
    files = [*segment_paths(run / "journal"), *snapshot_paths(run / "journal")]
    for n in range(journal):
        path = files[n % len(files)]
        size = path.stat().st_size
        # every second one into a header or the last record, which are small
        byte = chance.choice((chance.randrange(size), chance.randrange(24), size - 1 - chance.randrange(60)))
        original_bytes = path.read_bytes()
        flip(path, 8 * byte + chance.randrange(8))
        assert noticed(run), f"{path.name}: byte {byte}"
        seen[region(path, byte, size)] += 1
        path.write_bytes(original_bytes)
    path, good, content = run / DATABASE, (run / DATABASE).read_bytes(), dump(run / DATABASE)
    while seen["database"] < database:
        bit = chance.randrange(8 * len(good))
        flip(path, bit)
        if noticed(run):
            seen["database"] += 1
        else:
            path.write_bytes(good)
            flip(path, bit)
            assert dump(path) == content, f"bit {bit} of the database changed an answer and was not noticed"
            idle += 1
        for side in run.glob(f"{DATABASE}*"):
            side.unlink()
        path.write_bytes(good)
    return seen, idle


def test_500_flips_in_journal_and_database_are_all_noticed(
    original: Path, tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    seen, idle = flips(original, tmp_path, 350, 150, seed=1)
    assert seen.total() == 500 and min(seen[part] for part in ("header", "records", "end", "snapshot")) > 20
    report_line(f"500 of 500 noticed, {dict(seen)}; {idle} more hit bytes that hold nothing")


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_20_000_flips_in_journal_and_database_are_all_noticed(
    original: Path, tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    seen, idle = flips(original, tmp_path, 14_000, 6_000, seed=2)
    assert seen.total() == 20_000
    report_line(
        f"20,000 of 20,000 noticed, {dict(seen)}; {idle} more hit bytes of the database that hold nothing"
    )


def test_a_flip_in_the_last_write_is_a_torn_tail_and_verify_tells_how_long_it_is(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Path(shutil.copytree(original, tmp_path / "run"))
    (run / DATABASE).unlink()
    newest, whole = segment_paths(run / "journal")[-1], list(read(run / "journal"))
    flip(newest, 8 * (newest.stat().st_size - 5))
    kept = list(read(run / "journal"))
    assert kept == whole[: len(kept)] and len(kept) < len(whole)
    torn = verify(run).torn
    assert torn > 0
    assert cli.main(["store", "verify", str(run)]) == 1
    assert f"{torn} bytes" in capsys.readouterr().out
