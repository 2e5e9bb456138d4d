"""Journals as text, one value a line: what is committed as a reference and sent with a bug report.

A name that ends with .gz is compressed; the same values give the same bytes.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sorter.codec import CodecError, Value, decode, encode
from sorter.errors import StoreError

SUFFIXES = (".jsonl", ".jsonl.gz")
LARGEST = 1_000_000_000
"""Bytes that a compressed journal may come to."""


def write_lines(path: Path, values: Iterable[Value]) -> None:
    """Replace the file by these values."""
    lines = (json.dumps(encode(value), ensure_ascii=False, separators=(",", ":")) for value in values)
    data = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def read_lines(path: Path) -> Iterator[Value]:
    """The values of such a file. Raises StoreError naming the line that is none."""
    try:
        text = _data(path).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: {error}\n  name a readable journal") from None
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        try:
            yield decode(json.loads(line))
        except (CodecError, json.JSONDecodeError) as error:
            remedy = "take the journal from its source again"
            raise StoreError(f"{path}:{number}:1: {error}\n  {remedy}") from None


def _data(path: Path) -> bytes:
    """Its bytes, unpacked; of a bomb no more than what the limit needs to be passed."""
    if path.suffix != ".gz":
        return path.read_bytes()
    with gzip.open(path) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(f"more than {LARGEST} bytes when unpacked")
    return data
