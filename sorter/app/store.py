"""Parcel records in SQLite: a projection of the journal, for questions. The control loop never touches it.

It is caught up on demand (trace, reports, console) and holds nothing that the journal does not: whatever
is wrong with it, it is set aside and made again. A row is found by (epoch, pid, left_us) or by waybill and
keyed by its journal position: two objects without an identity may leave in the same millisecond.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from itertools import count, islice
from pathlib import Path
from types import TracebackType
from typing import Any

from sorter.app.segments import Position, StalePosition, disk_errors, read_kind
from sorter.codec import decode, encode
from sorter.errors import StoreError
from sorter.flow import Outcome, ParcelRecord

APPLICATION = 0x50534C31
VERSION = 2
BATCH = 5000
"""Rows of one transaction."""

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS parcels (
    segment INTEGER, byte INTEGER, crc INTEGER,
    epoch INTEGER, pid INTEGER, outcome TEXT, why TEXT,
    waybill TEXT, courier TEXT, place TEXT, rule TEXT, plan_version TEXT,
    told INTEGER, alternate INTEGER, "left" INTEGER, length_mm INTEGER, reads TEXT,
    seen_us INTEGER, read_us INTEGER, decided_us INTEGER, answered_us INTEGER, left_us INTEGER,
    cause TEXT, pictures TEXT,
    PRIMARY KEY (segment, byte)
);
CREATE INDEX IF NOT EXISTS parcels_by_waybill ON parcels (waybill);
CREATE INDEX IF NOT EXISTS parcels_by_key ON parcels (epoch, pid, left_us);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
COMMIT;
"""
COLUMNS = [field.name for field in fields(ParcelRecord)]
_LISTS = [COLUMNS.index(name) for name in ("reads", "pictures")]
_SELECT = "SELECT " + ", ".join(f'"{column}"' for column in COLUMNS) + " FROM parcels"
_NEWEST_FIRST = " ORDER BY segment DESC, byte DESC LIMIT ?"


class Damaged(StoreError):  # noqa: N818  (what the file is)
    """The database was damaged; it has been set aside and an empty one begun."""


class Store:
    """The database file at `path`, made when absent, set aside when it is damaged or not ours.

    Raises StoreError when the disk refuses or another program keeps the database locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = self._connected()

    def catch_up(self, journal: Path) -> int:
        """Take in the parcel records that the journal has gained; how many.

        One transaction a batch, so it may be interrupted anywhere and repeated at will. A damaged store,
        or one of another journal, is made again from the oldest segment on. StoreError as in `read_from`.
        """
        try:
            return self._follow(journal)
        except StalePosition:
            with self._watched():
                self._db.execute("DELETE FROM parcels")
        except Damaged:
            pass
        return self._follow(journal)

    def parcels(self, waybill: str | None = None, limit: int = 100) -> list[ParcelRecord]:
        """Records, newest first: all, or those of one waybill. Raises Damaged."""
        where, what = (" WHERE waybill = ?", [_storable(waybill)]) if waybill is not None else ("", [])
        with self._watched():
            rows = self._db.execute(_SELECT + where + _NEWEST_FIRST, [*what, limit]).fetchall()
            return [_record(row) for row in rows]

    def of_pid(self, pid: int, left_us: int) -> list[ParcelRecord]:
        """The records of one object: ids come again, with another instant. Raises Damaged."""
        with self._watched():
            query = f"{_SELECT} WHERE pid = ? AND left_us = ?{_NEWEST_FIRST}"
            return [_record(row) for row in self._db.execute(query, [pid, left_us, 10]).fetchall()]

    def exceptions(self, limit: int = 100) -> list[ParcelRecord]:
        """Records that did not end as sorted, newest first. Raises Damaged."""
        with self._watched():
            query = f"{_SELECT} WHERE outcome != ?{_NEWEST_FIRST}"
            rows = self._db.execute(query, [Outcome.SORTED.value, limit]).fetchall()
            return [_record(row) for row in rows]

    def before(self, at_us: int) -> Position | None:
        """Where the journal can be read from for all that happened from then on; None = from the oldest."""
        with self._watched():
            query = f"SELECT segment, byte, crc FROM parcels WHERE left_us < ?{_NEWEST_FIRST}"
            row = self._db.execute(query, [at_us, 1]).fetchone()
            return Position(*row) if row else None

    def counts(self) -> Mapping[Outcome, int]:
        """How many parcels ended in each outcome, every outcome listed. Raises Damaged."""
        with self._watched():
            rows = self._db.execute("SELECT outcome, count(*) FROM parcels GROUP BY outcome").fetchall()
            return dict.fromkeys(Outcome, 0) | {Outcome(text): number for text, number in rows}

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, journal: Path) -> int:
        added = 0
        while True:
            with self._watched():
                new = self._take_batch(journal)
            added += new
            if new < BATCH:
                return added

    def _take_batch(self, journal: Path) -> int:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            new = islice(read_kind(journal, self._position(), ParcelRecord), BATCH)
            rows = [(*position, *_cells(record)) for position, record in new]
            marks = ", ".join("?" * (len(Position._fields) + len(COLUMNS)))
            self._db.executemany(f"INSERT INTO parcels VALUES ({marks})", rows)
        return len(rows)

    def _position(self) -> Position | None:
        newest = "SELECT segment, byte, crc FROM parcels" + _NEWEST_FIRST
        row = self._db.execute(newest, [1]).fetchone()
        return Position(*row) if row else None

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """SQLite's errors as StoreErrors; a damaged database is set aside at once."""
        try:
            yield
        except (sqlite3.DatabaseError, ValueError) as error:
            if not _is_damage(error):
                raise StoreError(f"{self._path}: {error}\n  {_FREE_IT}") from error
            self._db.close()
            kept = _set_aside(self._path)
            self._db = self._connected()
            raise Damaged(f"{self._path}: {error}; kept as {kept.name}\n  {_AGAIN}") from error

    def _connected(self) -> sqlite3.Connection:
        try:
            db = _connect(self._path)
            if db is None:
                _set_aside(self._path)
                db = _connect(self._path)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self._path}: {error}\n  {_FREE_IT}") from error
        assert db is not None, "an absent file becomes a store"
        return db


_FREE_IT = "end the program that keeps it locked, or check the disk and the permissions"
_AGAIN = "catch up with the journal: the store is made again from it"


def _connect(path: Path) -> sqlite3.Connection | None:
    """The store, made when the file is absent or empty; None when the file is damaged or not ours."""
    db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
    try:
        if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
        db.execute("PRAGMA synchronous = FULL")
        ids = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if ids == [APPLICATION, VERSION]:
            return db
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            db.close()
            raise
    db.close()
    return None


def _is_damage(error: Exception) -> bool:
    """Whether the file's content is to blame: not a lock, not the disk, not our own bug."""
    if isinstance(error, sqlite3.ProgrammingError):
        return False
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _set_aside(path: Path) -> Path:
    """Renames the database with its side files to the first free `.aside-N`."""
    kept = next(new for n in count(1) if not (new := path.with_name(f"{path.name}.aside-{n}")).exists())
    with disk_errors(path):
        for suffix in ("", "-wal", "-shm"):
            old = path.with_name(path.name + suffix)
            if old.exists():
                os.replace(old, kept.with_name(kept.name + suffix))
    return kept


def _storable(text: str) -> str:
    """Text without the lone surrogates that untrusted codes may hold and SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()


def _cells(record: ParcelRecord) -> list[Any]:
    cells = encode(record)[1:]
    for column in _LISTS:
        cells[column] = json.dumps(cells[column])
    return [_storable(cell) if isinstance(cell, str) else cell for cell in cells]


def _record(row: Sequence[Any]) -> ParcelRecord:
    """Back from a row. ValueError when the row is none of ours."""
    cells = list(row)
    for column in _LISTS:
        cells[column] = json.loads(str(cells[column]))
    record = decode(["ParcelRecord", *cells])
    assert isinstance(record, ParcelRecord)
    return record
