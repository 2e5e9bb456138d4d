"""Journals as text, one value a line: what is committed as a reference and sent with a bug report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from sorter.codec import CodecError, Value, decode, encode
from sorter.errors import StoreError

SUFFIX = ".jsonl"


def write_lines(path: Path, values: Iterable[Value]) -> None:
    """Replace the file by these values."""
    lines = (json.dumps(encode(value), ensure_ascii=False, separators=(",", ":")) for value in values)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_lines(path: Path) -> Iterator[Value]:
    """The values of such a file. Raises StoreError naming the line that is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: {error}\n  name a readable journal") from None
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        try:
            yield decode(json.loads(line))
        except (CodecError, json.JSONDecodeError) as error:
            remedy = "take the journal from its source again"
            raise StoreError(f"{path}:{number}:1: {error}\n  {remedy}") from None
