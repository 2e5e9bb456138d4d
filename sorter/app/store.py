"""Parcel records and plans in SQLite: a projection of the journal. The control loop never touches it.

It is caught up on demand (trace, reports, console, plans). Whatever is wrong with it, it is set aside and
made again from the journal; of what was removed there (`retention`) it is the only holder, so each row
carries a sum of its own, checked whenever it is read. A row is found by (epoch, pid, left_us) or by waybill
and keyed by its journal position: two objects without an identity may leave in the same millisecond.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import count, islice
from pathlib import Path
from types import TracebackType

from sorter.app.segments import (
    Position,
    StalePosition,
    chain_of,
    disk_errors,
    read_kind,
    segment_number,
    segment_paths,
)
from sorter.app.store_rows import (
    APPLICATION,
    INSERT_PARCEL,
    INSERT_PLAN,
    PLANS,
    PROJECTED,
    SCHEMA,
    SELECT,
    VERSION,
    PlanValue,
    Removed,
    parcel_row,
    plan_of,
    plan_row,
    record_of,
    storable,
)
from sorter.errors import StoreError
from sorter.flow import Outcome, ParcelRecord

BATCH = 5000
"""Rows of one transaction."""

_NEWEST_FIRST = " ORDER BY segment DESC, byte DESC LIMIT ?"
_PLACE_OF = "SELECT segment, byte FROM parcels WHERE epoch = ? AND pid = ? AND left_us = ? AND waybill = ?"


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
        with suppress(Damaged):
            try:
                return self._follow(journal)
            except StalePosition:
                self._begin_again(journal)
        return self._follow(journal)

    def _begin_again(self, journal: Path) -> None:
        """Of this journal's removed segments the rows stay; everything else goes, or the whole file aside."""
        paths = segment_paths(journal)
        first = segment_number(paths[0]) if paths else 0
        with self._watched():
            known = "SELECT crc FROM removed WHERE segment = ?"
            row = self._db.execute(known, [first - 1]).fetchone()
            if row and row[0] == chain_of(paths[0]):
                for table in ("parcels", "plans"):
                    self._db.execute(f"DELETE FROM {table} WHERE segment >= ?", [first])
                return
        self._db.close()
        _set_aside(self._path)
        self._db = self._connected()

    def forget(self, removed: Iterable[Removed], before_us: int) -> int:
        """Note segments that left the journal, and drop the parcels of those written before an instant.

        Returns how many rows went.
        """
        with self._watched(), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            rows = [(one.segment, one.crc, one.written_us, one.bytes) for one in removed]
            self._db.executemany("INSERT OR REPLACE INTO removed VALUES (?, ?, ?, ?)", rows)
            old = "SELECT segment FROM removed WHERE written_us < ?"
            query = f"DELETE FROM parcels WHERE segment IN ({old})"
            return self._db.execute(query, [before_us]).rowcount

    def parcels(self, waybill: str | None = None, limit: int = 100) -> list[ParcelRecord]:
        """Records, newest first: all, or those of one waybill. Raises Damaged."""
        where, what = (" WHERE waybill = ?", [storable(waybill)]) if waybill is not None else ("", [])
        with self._watched():
            rows = self._db.execute(SELECT + where + _NEWEST_FIRST, [*what, limit]).fetchall()
            return [record_of(row) for row in rows]

    def of_pid(self, pid: int, left_us: int) -> list[ParcelRecord]:
        """The records of one object: ids come again, with another instant. Raises Damaged."""
        with self._watched():
            query = f"{SELECT} WHERE pid = ? AND left_us = ?{_NEWEST_FIRST}"
            return [record_of(row) for row in self._db.execute(query, [pid, left_us, 10]).fetchall()]

    def again_of(self, record: ParcelRecord) -> ParcelRecord | None:
        """The record before this one with its waybill, None = the first: a parcel that came round again, or
        two labels alike. Raises Damaged.

        A query and no column: records are never changed, and what `retention` drops leaves no false link.
        """
        waybill = storable(record.waybill)
        if not waybill:
            return None
        with self._watched():
            query = f"{SELECT} WHERE waybill = ? AND (segment, byte) < ({_PLACE_OF}){_NEWEST_FIRST}"
            key = (record.epoch, record.pid, record.left_us, waybill)
            row = self._db.execute(query, [waybill, *key, 1]).fetchone()
            return record_of(row) if row else None

    def exceptions(self, limit: int = 100) -> list[ParcelRecord]:
        """Records that did not end as sorted, newest first. Raises Damaged."""
        with self._watched():
            query = f"{SELECT} WHERE outcome != ?{_NEWEST_FIRST}"
            rows = self._db.execute(query, [Outcome.SORTED.value, limit]).fetchall()
            return [record_of(row) for row in rows]

    def before(self, at_us: int) -> Position | None:
        """Where the journal can be read from for all that happened from then on; None = from the oldest."""
        with self._watched():
            query = f"SELECT segment, byte, crc FROM parcels WHERE left_us < ?{_NEWEST_FIRST}"
            row = self._db.execute(query, [at_us, 1]).fetchone()
            return Position(*row) if row else None

    def has(self, at: Position, record: ParcelRecord) -> bool:
        """Whether the row of this journal position is there, proven and this record. Raises Damaged."""
        with self._watched():
            query = f"{SELECT} WHERE segment = ? AND byte = ?"
            row = self._db.execute(query, at[:2]).fetchone()
            return row is not None and list(row) == parcel_row(at, record)

    def plans(self) -> list[tuple[Position, PlanValue]]:
        """All that the journal held of plans, oldest first. Raises Damaged."""
        with self._watched():
            return [plan_of(row) for row in self._db.execute(PLANS).fetchall()]

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
        added, full = 0, True
        while full:
            with self._watched():
                new, full = self._take_batch(journal)
            added += new
        return added

    def _take_batch(self, journal: Path) -> tuple[int, bool]:
        """Parcels added, and whether there may be more of anything."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            new = list(islice(read_kind(journal, self._position(), *PROJECTED), BATCH))
            parcels = [parcel_row(at, value) for at, value in new if isinstance(value, ParcelRecord)]
            plans = [plan_row(at, value) for at, value in new if not isinstance(value, ParcelRecord)]
            self._db.executemany(INSERT_PARCEL, parcels)
            self._db.executemany(INSERT_PLAN, plans)
        return len(parcels), len(new) == BATCH

    def position(self) -> Position | None:
        """The newest record that it holds; None = none."""
        with self._watched():
            return self._position()

    def _position(self) -> Position | None:
        """None also when the newest is of a segment that left the journal: its oldest comes next."""
        newest = "SELECT segment, byte, crc FROM {}" + _NEWEST_FIRST
        rows = [self._db.execute(newest.format(table), [1]).fetchone() for table in ("parcels", "plans")]
        found = max((Position(*row) for row in rows if row), default=None)
        gone = self._db.execute("SELECT max(segment) FROM removed").fetchone()[0]
        return None if found and gone and found.segment <= gone else found

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
_NEWER = "use the version that wrote it, or move the file aside: another is made from the journal"
_AGAIN = "catch up with the journal: the store is made again from it"


def _connect(path: Path) -> sqlite3.Connection | None:
    """The store, made when the file is absent or empty; None when the file is damaged or not ours."""
    db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
    try:
        if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)
        db.execute("PRAGMA synchronous = FULL")
        ids = _ids(db)
        if ids == [APPLICATION, VERSION]:
            return db
        if ids[0] == APPLICATION and ids[1] > VERSION:
            db.close()
            what = f"version {ids[1]} is newer than {VERSION}, the newest this program knows"
            raise StoreError(f"{path}: {what}\n  {_NEWER}")
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            db.close()
            raise
    db.close()
    return None


def outdated(path: Path) -> bool:
    """Made by an earlier version of this program: the journal makes it anew. False for what is no store."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            application, version = _ids(db)
    except sqlite3.DatabaseError:
        return False
    return application == APPLICATION and version < VERSION


def _ids(db: sqlite3.Connection) -> list[int]:
    return [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]


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
