"""Proof of a run's database against its journal, row by row, without changing either."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from heapq import merge
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
    have = _merged(db.execute(_IN_ORDER), db.execute(PLANS))
    want = _wanted(journal, end)
    for row in have:
        cells = proven(row)
        if cells[0] >= first and row != next(want, None):
            raise ValueError(f"the row of segment {row[0]}, byte {row[1]} is not the journal's")
    if (missing := next(want, None)) is not None:
        raise ValueError(f"the row of segment {missing[0]}, byte {missing[1]} is missing")
    for segment, written_us, size in db.execute("SELECT segment, written_us, bytes FROM removed"):
        if not (0 < segment < first and written_us > 0 and size > 0):
            raise ValueError(f"a removed segment {segment} that makes no sense")


def _merged(parcels: Iterable[tuple[Any, ...]], plans: Iterable[tuple[Any, ...]]) -> Iterator[list[Any]]:
    """The rows of both tables in the journal's order."""
    yield from map(list, merge(parcels, plans, key=lambda row: row[:2]))


def _wanted(journal: Path, end: Position) -> Iterator[list[Any]]:
    """The rows that the journal asks for, up to the database's newest."""
    seen = False
    for position, value in read_kind(journal, None, *PROJECTED):
        if position > end:
            break
        seen = seen or position == end
        yield parcel_row(position, value) if isinstance(value, ParcelRecord) else plan_row(position, value)
    if not seen:
        raise ValueError(f"its newest row, of segment {end.segment}, byte {end.byte}, is not in the journal")
