"""The bytes of a journal's segment.

    header   magic 8 | format u32 | segment number u32 | chain start u32 | CRC-32 of these 20 bytes
    record   length u32 | previous crc u32 | crc u32 | payload: ASCII JSON of `sorter.codec.encode`
    crc      CRC-32 of the payload, continued from the previous record's crc, through all segments

Numbers are big-endian. A record proves itself (its crc follows from `previous` and the payload) and its
place (`previous` is the crc of the record before it). The first record of each write has `previous` inverted:
the write began when everything before it was durable. So bytes that stop being records in the newest segment
are a torn tail, a write that never finished and no values, whatever of it the disk kept, as long as no later
write begins behind them. Damage anywhere else is a StoreError. Format 1 inverted nothing: there any good
record behind a bad one tells of damage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from struct import Struct
from typing import NamedTuple
from zlib import crc32

from sorter.codec import Value, encode

FORMAT = 2
LARGEST = 1 << 24
"""Most bytes of one payload; a length beyond it is damage."""

_FIRST = 0xFFFFFFFF
"""What inverts `previous` at the beginning of a write."""

_MAGIC = b"PSLJRNL\n"
_HEADER = Struct(">8sIII")
RECORD = Struct(">III")
HEADER_BYTES = _HEADER.size + 4

_STARTS = re.compile(rb"\0(?=[^\0]|\0[^\0]|\0\0[^\0])")
_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def _encoder() -> Callable[[object], str]:
    """What `_JSON.encode` does, with its C part made once and not for each value."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return _JSON.encode
    ascii_text = json.encoder.encode_basestring_ascii
    chunks = make(None, _JSON.default, ascii_text, None, ":", ",", False, False, True)
    return lambda value: "".join(chunks(value, 0))


_text = _encoder()


class Header(NamedTuple):
    """Segment number, crc of the record before its first, format."""

    number: int
    chain: int
    version: int


class Record(NamedTuple):
    """A record that proves itself: previous crc, crc, where it ends, whether a write begins with it."""

    previous: int
    crc: int
    end: int
    first: bool


def pack_header(number: int, chain: int) -> bytes:
    """First bytes of segment `number`; chain = crc of the last record before it, 0 for none."""
    words = _HEADER.pack(_MAGIC, FORMAT, number, chain)
    return words + crc32(words).to_bytes(4, "big")


def pack_record(value: Value, previous: int) -> tuple[bytes, int]:
    """The bytes of a record and its crc, which is `previous` for the next one."""
    payload = _text(encode(value)).encode("ascii")
    assert len(payload) <= LARGEST, "no value of ours is that large"
    crc = crc32(payload, previous)
    return RECORD.pack(len(payload), previous, crc) + payload, crc


def last_crc(frame: bytes) -> int:
    """The crc that stands in a packed record."""
    crc: int = RECORD.unpack_from(frame)[2]
    return crc


def beginning(frame: bytes) -> bytes:
    """A packed record as the first one of a write."""
    length, previous, crc = RECORD.unpack_from(frame)
    return RECORD.pack(length, previous ^ _FIRST, crc) + frame[RECORD.size :]


def record_at(data: bytes, at: int) -> Record | None:
    """The record that starts at `at`, when it proves itself."""
    start = at + RECORD.size
    if start >= len(data):
        return None
    length, previous, crc = RECORD.unpack_from(data, at)
    end: int = start + length
    if not start < end <= min(len(data), start + LARGEST):
        return None
    payload = data[start:end]
    for first in (False, True):
        if crc32(payload, previous) == crc:
            return Record(previous, crc, end, first)
        previous ^= _FIRST
    return None


def run(data: bytes, at: int, crc: int) -> Iterator[tuple[int, int, int]]:
    """Start, crc and end of each record from `at` on, as long as they continue the chain."""
    while (record := record_at(data, at)) and record.previous == crc:
        crc = record.crc
        yield at, crc, record.end
        at = record.end


def torn(data: bytes, at: int, version: int) -> bool:
    """No later write begins in data[at:]. A record starts with a zero byte (LARGEST) and a length above 0."""
    found = (record_at(data, start.start()) for start in _STARTS.finditer(data, at))
    return not any(record is not None and (record.first or version == 1) for record in found)


def unpack_header(data: bytes) -> Header | None:
    """What a segment's first bytes say, of whatever format; None when they are not as they were written."""
    words = data[: _HEADER.size]
    if len(data) < HEADER_BYTES or crc32(words) != int.from_bytes(data[_HEADER.size : HEADER_BYTES], "big"):
        return None
    _, version, number, chain = _HEADER.unpack(words)
    return Header(number, chain, version)
