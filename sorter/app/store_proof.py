"""Proof of a run's database against its journal, row by row, without changing either; and a copy of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sorter.app.segments import Position, StalePosition, read_kind, segment_number, segment_paths
from sorter.app.store_rows import (
    APPLICATION,
    PLANS,
    PROJECTED,
    SCHEMA,
    SELECT,
    VERSION,
    parcel_row,
    plan_row,
    proven,
)
from sorter.errors import StoreError
from sorter.flow import ParcelRecord

_IN_ORDER = f"{SELECT} ORDER BY segment, byte"
_MADE_ANEW = "move it aside: it is made anew from the journal"


def prove_database(database: Path, journal: Path) -> int:
    """How many parcels it holds. It may be behind the journal; what it holds must be what the journal says.

    Checked are the pages and the index entries (SQLite's own check), the tables' form, each row's sum, and
    each row against the journal's record as far as the journal still has it. Raises StoreError.
    """
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("BEGIN")
            _check_form(db)
            end = db.execute(
                "SELECT segment, byte, crc FROM (SELECT segment, byte, crc FROM parcels"
                " UNION ALL SELECT segment, byte, crc FROM plans) ORDER BY segment DESC, byte DESC LIMIT 1"
            ).fetchone()
            if end:
                _check_rows(db, journal, Position(*end))
            found: int = db.execute("SELECT count(*) FROM parcels").fetchone()[0]
    except StalePosition:
        raise StoreError(f"{database}: is of another journal\n  {_MADE_ANEW}") from None
    except (sqlite3.DatabaseError, ValueError, OverflowError) as error:
        raise StoreError(f"{database}: {error}\n  {_MADE_ANEW}") from error
    return found


def _check_form(db: sqlite3.Connection) -> None:
    """ValueError for pages, entries or tables that are not as they were made."""
    told = [row[0] for row in db.execute("PRAGMA integrity_check")]
    if told != ["ok"]:
        raise ValueError("; ".join(map(str, told[:3])))
    ids = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    if ids != [APPLICATION, VERSION]:
        raise ValueError("is no database of this version")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        fresh.executescript(SCHEMA)
        if _form(db) != _form(fresh):
            raise ValueError("its tables are not those of this program")


def _form(db: sqlite3.Connection) -> list[Any]:
    return sorted(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def _check_rows(db: sqlite3.Connection, journal: Path, end: Position) -> None:
    """ValueError for a row that is not proven, is not the journal's, is missing, or is one too many."""
    first = segment_number(segment_paths(journal)[0])
    tables = {True: _Rows(db.execute(_IN_ORDER), first), False: _Rows(db.execute(PLANS), first)}
    for of_parcels, row in _wanted(journal, end):
        if tables[of_parcels].next() != row:
            raise ValueError(f"the row of segment {row[0]}, byte {row[1]} is missing or not the journal's")
    for rows in tables.values():
        if (extra := rows.next()) is not None:
            raise ValueError(f"the row of segment {extra[0]}, byte {extra[1]} is not in the journal")
    for segment, written_us, size in db.execute("SELECT segment, written_us, bytes FROM removed"):
        if not (0 < segment < first and written_us > 0 and size > 0):
            raise ValueError(f"a removed segment {segment} that makes no sense")


class _Rows:
    """The proven rows of a table in the journal's order, without those of segments before `first`."""

    def __init__(self, cursor: sqlite3.Cursor, first: int) -> None:
        self._cursor, self._first = cursor, first

    def next(self) -> list[Any] | None:
        """The next one; None at the end. ValueError for one that is not proven."""
        for row in self._cursor:
            proven(row)
            if row[0] >= self._first:
                return list(row)
        return None


def _wanted(journal: Path, end: Position) -> Iterator[tuple[bool, list[Any]]]:
    """Whether it is a parcel, and the row that the journal asks for, up to the database's newest."""
    seen = False
    for position, value in read_kind(journal, None, *PROJECTED):
        if position > end:
            break
        seen = seen or position == end
        if isinstance(value, ParcelRecord):
            yield True, parcel_row(position, value)
        else:
            yield False, plan_row(position, value)
    first = segment_number(segment_paths(journal)[0])
    if not seen and end.segment >= first:
        raise ValueError(f"its newest row, of segment {end.segment}, byte {end.byte}, is not in the journal")


def copy_database(source: Path, copy: Path) -> int:
    """By SQLite's own means, so that a writer may go on; 0 bytes when there is none. Raises StoreError."""
    if not source.exists():
        return 0
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(copy)) as new,
        ):
            old.backup(new)
    except sqlite3.DatabaseError as error:
        remedy = "verify it; a damaged one is made anew from the journal"
        raise StoreError(f"{source}: {error}\n  {remedy}") from error
    return copy.stat().st_size
