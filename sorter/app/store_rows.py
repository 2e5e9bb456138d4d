"""The rows of the store: its tables, what each value becomes in them, and back; a sum proves each row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from zlib import crc32

from sorter.app.segments import Position
from sorter.codec import Started, decode, encode
from sorter.flow import ParcelRecord, PlanOrdered, PlanRolledBack, WaveBegan

APPLICATION = 0x50534C31
VERSION = 3

SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS parcels (
    segment INTEGER, byte INTEGER, crc INTEGER,
    epoch INTEGER, pid INTEGER, outcome TEXT, why TEXT,
    waybill TEXT, courier TEXT, place TEXT, rule TEXT, plan_version TEXT,
    told INTEGER, alternate INTEGER, "left" INTEGER, length_mm INTEGER, reads TEXT,
    seen_us INTEGER, read_us INTEGER, decided_us INTEGER, answered_us INTEGER, left_us INTEGER,
    cause TEXT, pictures TEXT, sum INTEGER,
    PRIMARY KEY (segment, byte)
);
CREATE TABLE IF NOT EXISTS plans (
    segment INTEGER, byte INTEGER, crc INTEGER, value TEXT, sum INTEGER,
    PRIMARY KEY (segment, byte)
);
CREATE TABLE IF NOT EXISTS removed (
    segment INTEGER PRIMARY KEY, crc INTEGER, written_us INTEGER, bytes INTEGER
);
CREATE INDEX IF NOT EXISTS parcels_by_waybill ON parcels (waybill);
CREATE INDEX IF NOT EXISTS parcels_by_key ON parcels (epoch, pid, left_us);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
COMMIT;
"""
COLUMNS = [field.name for field in fields(ParcelRecord)]
_LISTS = [COLUMNS.index(name) for name in ("reads", "pictures")]
_PLACE = Position._fields
SELECT = "SELECT " + ", ".join(f'"{column}"' for column in (*_PLACE, *COLUMNS, "sum")) + " FROM parcels"
INSERT_PARCEL = f"INSERT INTO parcels VALUES ({', '.join('?' * (len(_PLACE) + len(COLUMNS) + 1))})"
INSERT_PLAN = "INSERT INTO plans VALUES (?, ?, ?, ?, ?)"
PLANS = "SELECT segment, byte, crc, value, sum FROM plans ORDER BY segment, byte"
PlanValue = Started | PlanOrdered | PlanRolledBack | WaveBegan
"""What the journal holds of plans."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A segment that left the journal: crc of its last record, wall clock of its last write, its size."""

    segment: int
    crc: int
    written_us: int
    bytes: int


PROJECTED = (ParcelRecord, Started, PlanOrdered, PlanRolledBack, WaveBegan)


def storable(text: str) -> str:
    """Text without the lone surrogates that untrusted codes may hold and SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode()


def parcel_row(at: Position, record: ParcelRecord) -> list[Any]:
    """A row of the table `parcels`."""
    cells = encode(record)[1:]
    for column in _LISTS:
        cells[column] = json.dumps(cells[column])
    return _summed([*at, *(storable(cell) if isinstance(cell, str) else cell for cell in cells)])


def plan_row(at: Position, value: object) -> list[Any]:
    """A row of the table `plans`."""
    assert isinstance(value, PlanValue)
    return _summed([*at, json.dumps(encode(value))])


def _summed(cells: list[Any]) -> list[Any]:
    return [*cells, crc32(json.dumps(cells).encode())]


def proven(row: Sequence[Any]) -> list[Any]:
    """The row without its sum. ValueError when its cells are not those that were written."""
    *cells, _ = row
    # A damaged type may make bytes of a text; no cell of ours is one.
    if any(isinstance(cell, bytes) for cell in cells) or _summed(cells) != list(row):
        raise ValueError(f"the row of segment {row[0]!r}, byte {row[1]!r} does not fit its sum")
    return cells


def plan_of(row: Sequence[Any]) -> tuple[Position, PlanValue]:
    """Back from a row. ValueError when the row is none of ours."""
    *at, text = proven(row)
    value = decode(json.loads(text))
    assert isinstance(value, PlanValue)
    return Position(*at), value


def record_of(row: Sequence[Any]) -> ParcelRecord:
    """Back from a row. ValueError when the row is none of ours."""
    cells = proven(row)[len(_PLACE) :]
    for column in _LISTS:
        cells[column] = json.loads(str(cells[column]))
    record = decode(["ParcelRecord", *cells])
    assert isinstance(record, ParcelRecord)
    return record
