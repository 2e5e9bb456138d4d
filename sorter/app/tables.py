"""Tables from other people's systems: CSV as spreadsheets write it, or JSON; only named columns are kept.

CSV: UTF-8 with or without a byte-order mark, or GBK; separated by comma, semicolon or tab. One line is one
row whatever its quotes say: an unclosed quote must not swallow its followers. JSON: a list of objects.
Every other column (names, phones) is dropped before anybody sees it.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorter.errors import ConfigError, Problem

LARGEST = 200_000_000
"""Bytes of a table; the villages of the whole country are 50 million."""

LONGEST_LINE = 100_000
"""Characters; beyond it a line is no row but a damage."""

SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]+|[0-9]+E\+[0-9]+", re.IGNORECASE)
"""A number that has lost its digits in a spreadsheet."""

_LINE_END = re.compile("\r\n|\r|\n")
"""What ends a line in an editor, too; `splitlines` knows eight more."""

Columns = Mapping[str, Sequence[str]]
"""Our name of each column -> other headings that it may have."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row's cells by our column names, stripped; places: column name -> 1-based column in its line."""

    file: str
    line: int
    cells: Mapping[str, str]
    places: Mapping[str, int]
    misfit: Problem | None = None
    """Why no cell of this row can be trusted; None = they can."""

    def get(self, name: str) -> str:
        """A cell, "" where the row or the table has none."""
        return self.cells.get(name, "")

    def problem(self, name: str, what: str, remedy: str) -> Problem:
        """A mistake in that cell."""
        return Problem(f"{self.file}:{self.line}:{self.places.get(name, 1)}", what, remedy)


def read_table(path: Path, columns: Columns, required: Sequence[str]) -> list[Row]:
    """All rows that are not empty. Raises ConfigError for a file that cannot be read as a whole.

    required  columns of which a CSV must have each; "place|site" = one of them
    """
    text = table_text(path)
    if path.suffix.lower() == ".json":
        return list(_objects(path, text, columns))
    lines = _LINE_END.split(text)
    header = lines[0] if lines else ""
    comma = max(",;\t", key=header.count)
    names = [_known(heading, columns) for heading in next(csv.reader([header], delimiter=comma), [])]
    if missing := [any_of for any_of in required if not set(any_of.split("|")) & set(names)]:
        what = f"the header lacks {', '.join(missing)}"
        raise ConfigError([Problem(f"{path}:1:1", what, f"first line: {','.join(columns)}")])
    numbered = enumerate(lines[1:], start=2)
    return [_row(str(path), number, line, names, comma) for number, line in numbered if line.strip()]


def _known(heading: str, columns: Columns) -> str:
    """Our name of a heading; "" for a column that is not ours to read."""
    plain = heading.strip().lower()
    return next((name for name, others in columns.items() if plain == name or plain in others), "")


def _row(file: str, number: int, line: str, names: Sequence[str], comma: str) -> Row:
    if len(line) > LONGEST_LINE:
        what, remedy = f"a line of {len(line)} characters, at most {LONGEST_LINE}", "send the file again"
        return Row(file, number, {}, {}, Problem(f"{file}:{number}:1", what, remedy))
    cells = next(csv.reader([line], delimiter=comma), [])
    misfit = None
    if any(cell.strip() for cell in cells[len(names) :]):
        what = f"{len(cells)} values for {len(names)} columns"
        misfit = Problem(f"{file}:{number}:1", what, "put quotes around a cell that holds a comma")
    kept = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    starts = {name: start for name, start in zip(names, _starts(line, comma), strict=False) if name}
    return Row(file, number, kept, starts, misfit)


def _starts(line: str, comma: str) -> Iterator[int]:
    """1-based columns at which the cells of a line begin."""
    yield 1
    quoted = False
    for at, character in enumerate(line, start=1):
        quoted ^= character == '"'
        if character == comma and not quoted:
            yield at + 1


def _objects(path: Path, text: str, columns: Columns) -> Iterator[Row]:
    """The objects of a JSON list, each with the line that it begins at."""
    decoder, at = json.JSONDecoder(parse_int=str, parse_float=str), _after(text, 0, "[", path)
    while text[at : at + 1] != "]":
        try:
            found, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            raise _not_json(path, text, getattr(error, "pos", at)) from None
        if not isinstance(found, dict):
            raise _not_json(path, text, at)
        names = {key: name for key in found if (name := _known(key, columns))}
        cells = {name: _plain(found[key]) for key, name in names.items()}
        line, start = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        yield Row(str(path), line, cells, dict.fromkeys(cells, start))
        at = _after(text, end, ",]", path)


def _plain(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _after(text: str, start: int, marks: str, path: Path) -> int:
    """The place after one of the marks and the blanks around it; a closing bracket is not passed."""
    at = start + len(text[start:]) - len(text[start:].lstrip())
    if text[at : at + 1] not in tuple(marks):
        raise _not_json(path, text, at)
    if text[at] == "]":
        return at
    return at + 1 + len(text[at + 1 :]) - len(text[at + 1 :].lstrip())


def _not_json(path: Path, text: str, at: int) -> ConfigError:
    where = f"{path}:{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"
    what = "not a JSON list of objects"
    return ConfigError([Problem(where, what, 'write [{"waybill": "..."}, ...]')])


def table_text(path: Path) -> str:
    """The text of a table in UTF-8 or GBK. Raises ConfigError when it is no file, too large or neither."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ConfigError([Problem(str(path), "this is no file", "name a readable file")])
        if size > LARGEST:
            raise ConfigError([Problem(str(path), f"larger than {LARGEST} bytes", "split the file")])
        data = path.read_bytes()
    except OSError as error:
        what = error.strerror or str(error)
        raise ConfigError([Problem(str(path), what, "name a readable file")]) from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError([Problem(f"{path}:1:1", "the file is UTF-16", "save it as CSV UTF-8")])
    return _decoded(path, data)


def _decoded(path: Path, data: bytes) -> str:
    """UTF-8, else GBK: no Chinese text is both."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        first = error.start
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        before = data[:first].decode("utf-8-sig")
        where = f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        what = f"byte {first} is neither UTF-8 nor GBK"
        raise ConfigError([Problem(where, what, "save the file as UTF-8 (CSV UTF-8)")]) from None
