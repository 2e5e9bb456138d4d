"""The journal on disk: segment files `000001.journal`, `000002.journal`, ... in a folder; and reading it."""

from __future__ import annotations

import errno
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar, get_args

from sorter.app.disk import OS_DISK, Disk
from sorter.app.segment_format import (
    FORMAT,
    HEADER_BYTES,
    RECORD,
    Header,
    record_at,
    run,
    torn,
    unpack_header,
)
from sorter.codec import Value, decode
from sorter.errors import PassingError, StoreError
from sorter.flow import Effect, Notice

T = TypeVar("T")

_parsed: Callable[[str], Any] = json.JSONDecoder().decode

AN_EFFECT = Notice(0, "an-effect", "")
_EFFECTS = frozenset(kind.__name__.encode() for kind in get_args(Effect))

PASSING = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EAGAIN, errno.EBUSY, errno.ENOMEM,
     errno.ENFILE, errno.EMFILE, errno.ESTALE, errno.ETIMEDOUT)
)  # fmt: skip
"""A disk that says so may say otherwise when somebody has made room or the machine has come to itself."""

_RESTORE = "restore this file from a copy, or move the journal aside and start a new one"


class StalePosition(StoreError):  # noqa: N818  (a place, not a mishap)
    """The journal holds no such record (any more): whoever followed it begins again."""


class Position(NamedTuple):
    """Where a value lies: segment number, byte of its record there, the record's crc."""

    segment: int
    byte: int
    crc: int


Found: TypeAlias = tuple[Path, Position, bytes]
"""A record's segment, place and payload."""

BATCH = 256
"""Records that are parsed at once."""


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns an OSError of the body into a `disk_error`."""
    try:
        yield
    except OSError as error:
        raise disk_error(path, error) from error


def disk_error(path: Path, error: OSError) -> StoreError:
    """What the disk said of this path, for a person; a PassingError when it may pass."""
    kind = PassingError if error.errno in PASSING else StoreError
    return kind(f"{path}: {error.strerror}\n  check the disk, the path and its permissions")


def segment_path(folder: Path, number: int) -> Path:
    """Where segment `number` (from 1) lies."""
    return folder / f"{number:06d}.journal"


def segment_number(path: Path) -> int:
    """The number in a segment's file name."""
    return int(path.stem)


def segment_paths(folder: Path, disk: Disk = OS_DISK) -> list[Path]:
    """The folder's segments, oldest first. StoreError when one between them is missing."""
    with disk_errors(folder):
        names = sorted(name for name in disk.names(folder) if re.fullmatch(r"\d{6}\.journal", name))
    paths = [folder / name for name in names]
    for before, after in pairwise(paths):
        if segment_number(after) != segment_number(before) + 1:
            raise StoreError(f"{folder}: no segment between {before.name} and {after.name}\n  {_RESTORE}")
    return paths


def _header(path: Path, newest: bool, disk: Disk) -> Header | None:
    """What a segment's first bytes say; None when they were torn at the newest segment's birth.

    A header is durable before anything is written behind it.
    """
    data = disk.read(path, 0, HEADER_BYTES)
    if newest and (len(data) < HEADER_BYTES or not any(data)):
        return None
    header = unpack_header(data)
    if header is None and newest and not disk.read(path, HEADER_BYTES, 1):
        return None
    if header is None:
        raise StoreError(f"{path}: byte 0: the header is damaged, or this is no journal\n  {_RESTORE}")
    if header.version > FORMAT:
        what = f"format {header.version} is newer than {FORMAT}, the newest this program knows"
        raise StoreError(f"{path}: byte 8: {what}\n  use the version that wrote it")
    return header


def _open(path: Path, newest: bool, byte: int, disk: Disk) -> tuple[Header | None, bytes]:
    """A segment's header and its bytes from `byte` on."""
    with disk_errors(path):
        return _header(path, newest, disk), disk.read(path, byte)


def chain_of(path: Path, disk: Disk = OS_DISK) -> int:
    """The crc of the record before a segment's first, 0 for none. StoreError: no whole header."""
    return _whole_header(path, disk).chain


def format_of(path: Path, disk: Disk = OS_DISK) -> int:
    """The format that a segment is written in. StoreError: no whole header."""
    return _whole_header(path, disk).version


def _whole_header(path: Path, disk: Disk) -> Header:
    with disk_errors(path):
        header = _header(path, newest=False, disk=disk)
    assert header is not None, "only the newest may lack it"
    return header


def _check_end(path: Path, data: bytes, at: int, base: int, version: int) -> None:
    """StoreError when the bytes that are no record (data[at:], data from byte `base` on) are no torn tail.

    version  of the newest segment, 0 for another one: there nothing may be torn
    """
    if at < len(data) and not (version and torn(data, at, version)):
        raise StoreError(f"{path}: byte {base + at}: a damaged record before good ones\n  {_RESTORE}")


def records(
    path: Path, newest: bool, chain: int | None = None, after: Position | None = None, disk: Disk = OS_DISK
) -> Iterator[tuple[Position, bytes]]:
    """The good records of one segment (behind `after`, when given) as (position, payload).

    newest  a torn tail may end it
    chain   the crc that its header must continue, when known
    Raises StoreError at the damage, StalePosition when `after` is not in it.
    """
    base = after.byte if after else HEADER_BYTES
    header, data = _open(path, newest, base, disk)
    if header is None:
        return
    if chain not in (None, header.chain):
        raise StoreError(f"{path}: byte 16: does not continue the segment before it\n  {_RESTORE}")
    at, crc = (_behind(after, path, data), after.crc) if after else (0, header.chain)
    for start, own_crc, end in run(data, at, crc):
        yield Position(header.number, base + start, own_crc), data[start + RECORD.size : end]
        at = end
    _check_end(path, data, at, base, header.version if newest else 0)


def _behind(after: Position, path: Path, data: bytes) -> int:
    """Where the record `after` ends, with which data must begin."""
    record = record_at(data, 0)
    if record is None or record.crc != after.crc:
        raise StalePosition(f"{path}: byte {after.byte}: not the record that was read here before")
    return record.end


def good_end(path: Path, disk: Disk = OS_DISK) -> tuple[int, int]:
    """Byte behind the last good record of the newest segment, and its crc; (0, 0) when torn at birth.

    Raises StoreError when the segment is damaged before its end.
    """
    header, data = _open(path, newest=True, byte=HEADER_BYTES, disk=disk)
    if header is None:
        return 0, 0
    last = deque(run(data, 0, header.chain), maxlen=1) or [(0, header.chain, 0)]
    _, crc, end = last[0]
    _check_end(path, data, end, HEADER_BYTES, header.version)
    return HEADER_BYTES + end, crc


def read_from(where: Path, after: Position | None, disk: Disk = OS_DISK) -> Iterator[tuple[Position, Value]]:
    """Every value behind `after` (None: from the oldest on) with its position, as far as the disk has them.

    where  a journal's folder, or one segment file
    Also reads while a writer is at work. Raises StoreError for damage, naming file and byte, and
    StalePosition when `after` is not in this journal.
    """
    for path, position, payload in _payloads(where, after, disk):
        yield position, _value(path, position, payload)


def read_kind(where: Path, after: Position | None, *kinds: type[T]) -> Iterator[tuple[Position, T]]:
    """As `read_from`, but only the values of these kinds; others are checked, not decoded: 10x as fast."""
    prefix = tuple(f'["{kind.__name__}"'.encode() for kind in kinds)
    for path, position, payload in _payloads(where, after):
        if payload.startswith(prefix):
            value = _value(path, position, payload)
            assert isinstance(value, kinds)
            yield position, value


def read_causes(where: Path, disk: Disk = OS_DISK, after: Position | None = None) -> Iterator[Value]:
    """The values behind `after`, but in place of every effect stands one notice: a restart only counts them.

    Effects are checked, not decoded; that is nearly half of the time of a restart.
    """
    for batch in _batches(_payloads(where, after, disk)):
        effects = [payload[2 : payload.find(b'"', 2)] in _EFFECTS for _, _, payload in batch]
        causes = _read_values([found for found, effect in zip(batch, effects, strict=True) if not effect])
        for effect in effects:
            yield AN_EFFECT if effect else next(causes)


def _batches(found: Iterator[Found]) -> Iterator[list[Found]]:
    """As many as are parsed at once; damage is told behind what is good before it."""
    batch: list[Found] = []
    try:
        for one in found:
            batch.append(one)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except StoreError:
        yield batch
        raise
    yield batch


def _read_values(batch: Sequence[Found]) -> Iterator[Value]:
    """One parse for all of them costs a third of one for each."""
    try:
        rows = _parsed("[" + b",".join([payload for _, _, payload in batch]).decode("ascii") + "]")
    except ValueError:  # told below, with its place
        rows = []
    if len(rows) != len(batch):
        rows = [_parsed_at(*found) for found in batch]
    for (path, position, _), row in zip(batch, rows, strict=True):
        yield _decoded(path, position, row)


def _payloads(where: Path, after: Position | None, disk: Disk = OS_DISK) -> Iterator[Found]:
    with disk_errors(where):
        single = disk is OS_DISK and where.is_file()
    paths = [where] if single else _paths_from(where, after.segment if after else 0, disk)
    chain = None
    for path in paths:
        found = records(path, path is paths[-1], chain, after, disk)
        chain, after = after.crc if after else chain, None
        for position, payload in found:
            chain = position.crc
            yield path, position, payload


def _paths_from(folder: Path, number: int, disk: Disk) -> list[Path]:
    """Segment `number` and those behind it; 0 = all."""
    paths = [path for path in segment_paths(folder, disk) if segment_number(path) >= number]
    if number and (not paths or segment_number(paths[0]) != number):
        raise StalePosition(f"{folder}: no segment {number}")
    return paths


def _value(path: Path, position: Position, payload: bytes) -> Value:
    return _decoded(path, position, _parsed_at(path, position, payload))


def _parsed_at(path: Path, position: Position, payload: bytes) -> object:
    try:
        return _parsed(payload.decode("ascii"))
    except ValueError as error:
        raise _strange(path, position, error) from error


def _decoded(path: Path, position: Position, row: object) -> Value:
    try:
        return decode(row)
    except ValueError as error:
        raise _strange(path, position, error) from error


def _strange(path: Path, position: Position, error: ValueError) -> StoreError:
    return StoreError(f"{path}: byte {position.byte}: {error}\n  use the version that wrote it")


def read(where: Path, disk: Disk = OS_DISK) -> Iterator[Value]:
    """Every value of a journal (folder or one segment file), oldest first; errors as in `read_from`."""
    return (_value(path, position, payload) for path, position, payload in _payloads(where, None, disk))
