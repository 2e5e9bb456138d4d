"""parcels.csv: what arrives at a reference line. A million rows in a second; a mistake with its place."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np

from sim.reference.line_file import LARGEST, unreadable
from sim.reference.spec import NO_READ, Int64s, Parcels
from sorter.errors import ConfigError, Problem

COLUMNS = ("arr_us", "length_mm", "code", "latency_us", "true")
MOST_TOLD = 100
"""Mistakes of one table that are told one by one."""

Limits: TypeAlias = Mapping[str, tuple[int, int]]
"""Least and most by column."""

_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_NOT_PLAIN = re.compile(r"[^0-9,\n-]")


def read_parcels(path: Path, diverters: int) -> Parcels:
    """The table of parcels for a line of so many diverters.

    Raises ConfigError: other columns, anything but integers in their limits, arrivals out of order; all of
    them at once, the first MOST_TOLD one by one.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([unreadable(path, error)]) from None
    header, _, body = text.partition("\n")
    names = header.split(",")
    if sorted(names) != sorted(COLUMNS):
        what = f"the columns are {header[:100]!r}"
        raise ConfigError([Problem(f"{path}:1:1", what, f"write {','.join(COLUMNS)} in the first line")])
    limits = dict.fromkeys(COLUMNS, (0, LARGEST))
    limits |= {"length_mm": (1, LARGEST), "code": (NO_READ, diverters - 1), "true": (-LARGEST, LARGEST)}
    rows = quickly_parsed(body)
    if rows is None or not is_sound(rows, names, limits):
        raise ConfigError(list(told(path, row_problems(path, body, names, limits))))
    return Parcels(*(np.ascontiguousarray(rows[:, names.index(name)]) for name in COLUMNS))


def quickly_parsed(body: str) -> Int64s | None:
    """The rows, where they are plain integers and equally many in each; else None."""
    if not body.strip("\n"):
        return np.empty((0, len(COLUMNS)), dtype=np.int64)
    if _NOT_PLAIN.search(body):
        return None
    try:
        rows: Int64s = np.loadtxt(io.StringIO(body), dtype=np.int64, delimiter=",", comments=None, ndmin=2)
    except (ValueError, OverflowError):
        return None
    return rows if rows.shape[1] == len(COLUMNS) else None


def is_sound(rows: Int64s, names: list[str], limits: Limits) -> bool:
    """Whether every value is within its limits, and arrivals in order."""
    least, most = np.array([limits[name] for name in names], dtype=np.int64).T
    in_order = np.diff(rows[:, names.index("arr_us")]) >= 0
    return bool((rows >= least).all() and (rows <= most).all() and in_order.all())


def row_problems(path: Path, body: str, names: list[str], limits: Limits) -> Iterator[Problem]:
    """Every mistake of the rows, in their order; empty lines are skipped."""
    arrived = 0
    for number, line in enumerate(body.split("\n"), start=2):
        cells = line.split(",")
        if line and len(cells) != len(names):
            what = f"{len(cells)} values for {len(names)} columns"
            yield Problem(f"{path}:{number}:1", what, f"give {','.join(names)}")
        elif line:
            found = list(cell_problems(f"{path}:{number}", cells, names, limits, arrived))
            yield from found
            arrived = arrived if found else int(cells[names.index("arr_us")])


def cell_problems(
    row: str, cells: list[str], names: list[str], limits: Limits, arrived: int
) -> Iterator[Problem]:
    """The mistakes of one row; `arrived` is when the parcel before it did."""
    column = 1
    for name, cell in zip(names, cells, strict=True):
        least, most = limits[name]
        if not _INTEGER.fullmatch(cell):
            yield Problem(
                f"{row}:{column}", f"{name} is not an integer: {cell[:40]!r}", "write a whole number"
            )
        elif len(cell) > 20 or not least <= int(cell) <= most:
            yield Problem(f"{row}:{column}", f"{name} is {cell[:40]}", f"give {least} to {most}")
        elif name == "arr_us" and int(cell) < arrived:
            what = f"arr_us is {cell}, before the parcel above it ({arrived})"
            yield Problem(f"{row}:{column}", what, "order the table by arrival")
        column += len(cell) + 1


def told(path: Path, problems: Iterator[Problem]) -> Iterator[Problem]:
    """The first of them, and how many more there are."""
    yield from islice(problems, MOST_TOLD)
    more = sum(1 for _ in problems)
    if more:
        yield Problem(f"{path}:1:1", f"{more} more mistakes in this table", "mend those above first")
