"""Snapshots of the controller, beside the journal: where a restart begins instead of at the first record.

    file    snapshot-SEGMENT-BYTE, named by the journal record behind which it was taken
    bytes   magic 8 | format u32 | length u32 | crc u32 | payload
    payload ASCII JSON of [position, known, tail, started, snapshot]
    crc     CRC-32 of magic, format, length and payload; numbers are big-endian

A snapshot belongs to the record at its position, by the crc that stands there and carries the whole journal
before it. One that is damaged, of another format, or of another journal is no snapshot: whoever wants one
takes the one before it, or reads the journal from its beginning. The journal alone is the truth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from zlib import crc32

from sorter.app.disk import OS_DISK, Disk
from sorter.app.segments import Position, disk_errors
from sorter.codec import CodecError, Started, decode, encode
from sorter.flow import Taken
from sorter.snapshot import Snapshot, pack, parse

FORMAT = 1
KEPT = 2
"""Newest ones that are kept: should the last one be damaged, the one before it serves."""

_MAGIC = b"PSLSNAP\n"
_HEADER = Struct(">8sIII")
_NAME = re.compile(r"snapshot-\d{6}-\d{12}")


@dataclass(frozen=True, slots=True)
class Kept:
    """The controller behind the journal's record at `position`.

    known    events of the journal that it has seen since it began
    tail     which of the PLC's events are in the journal by then
    started  with which configuration it began
    """

    position: Position
    known: int
    tail: Taken | None
    started: Started
    snapshot: Snapshot


def write_snapshot(folder: Path, kept: Kept, disk: Disk = OS_DISK) -> None:
    """Make it durable under its name, whole or not at all; only the newest stay. StoreError: the disk."""
    path = folder / f"snapshot-{kept.position.segment:06d}-{kept.position.byte:012d}"
    part = folder / "snapshot.part"
    with disk_errors(path):
        if part.name in disk.names(folder):
            disk.unlink(part)
        file = disk.create(part)
        try:
            rest = memoryview(_packed(kept))
            while rest:
                rest = rest[disk.write(file, rest) :]
            disk.sync(file)
        finally:
            disk.close(file)
        disk.rename(part, path)
        disk.sync_folder(folder)
        for old in snapshot_paths(folder, disk)[KEPT:]:
            disk.unlink(old)


def snapshots(folder: Path, disk: Disk = OS_DISK) -> Iterator[Kept]:
    """Those in a journal's folder that are whole and of our format, newest first. StoreError: the disk."""
    for path in snapshot_paths(folder, disk):
        with disk_errors(path):
            data = disk.read(path)
        if (kept := _unpacked(data)) is not None:
            yield kept


def whole(path: Path, disk: Disk = OS_DISK) -> bool:
    """Whether a file is a snapshot of this format, as it was written. StoreError: the disk."""
    with disk_errors(path):
        return _unpacked(disk.read(path)) is not None


def snapshot_paths(folder: Path, disk: Disk = OS_DISK) -> list[Path]:
    """Their files, the newest first; none without the folder. StoreError: the disk."""
    with disk_errors(folder):
        try:
            names = disk.names(folder)
        except FileNotFoundError:
            return []
    return [folder / name for name in sorted(filter(_NAME.fullmatch, names), reverse=True)]


def _packed(kept: Kept) -> bytes:
    row = [
        kept.position,
        kept.known,
        None if kept.tail is None else encode(kept.tail),
        encode(kept.started),
        pack(kept.snapshot),
    ]
    payload = json.dumps(row, separators=(",", ":")).encode("ascii")
    words = _HEADER.pack(_MAGIC, FORMAT, len(payload), 0)[:-4]
    return words + crc32(payload, crc32(words)).to_bytes(4, "big") + payload


def _unpacked(data: bytes) -> Kept | None:
    """None when a byte of it is not as it was written, or another version of the program wrote it."""
    if len(data) < _HEADER.size:
        return None
    magic, version, length, crc = _HEADER.unpack_from(data)
    payload = data[_HEADER.size :]
    whole = len(payload) == length and crc32(payload, crc32(data[: _HEADER.size - 4])) == crc
    if magic != _MAGIC or version != FORMAT or not whole:
        return None
    try:
        position, known, tail, started, snapshot = json.loads(payload)
        began, heard = decode(started), None if tail is None else decode(tail)
        kept = parse(snapshot)
    except (CodecError, TypeError, ValueError):
        return None
    assert isinstance(began, Started) and isinstance(heard, Taken | None), "so it was written"
    return Kept(Position(*position), known, heard, began, kept)
