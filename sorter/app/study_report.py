"""Writes a study: one HTML file that needs nothing else, and a CSV of everything that it says."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.study.results import Interval, StudyResult
from sorter.app.study_page import study_page
from sorter.app.study_texts import figure_of, keys_of
from sorter.errors import StoreError

Cell = str | int | float


def write_study_report(path: Path, result: StudyResult, meta: Mapping[str, str]) -> None:
    """Write the page; what is at `path` is replaced only by a whole one. meta: name -> value, as shown.

    Raises StoreError when the file cannot be written.
    """
    write_whole(path, study_page(result, meta))


def write_study_csv(path: Path, result: StudyResult) -> None:
    """Write every figure, difference and threshold, a row each, told apart by the column `row`.

    Numbers have all their digits, what could not be estimated is empty; UTF-8 with the mark by which a
    spreadsheet knows it. Raises StoreError when the file cannot be written.
    """
    write_whole(path, "\ufeff" + study_table(result))


def study_table(result: StudyResult) -> str:
    """The CSV's text: a heading, then figures point by point, differences, thresholds."""
    parameters = dict.fromkeys(f"set {name}" for point in result.points for name in point.values)
    columns = ["row", "point", "base", *parameters, "figure", "zh", "en", "unit", "of"]
    columns += ["mean", "half", "level", "n", "replications", "needed", "bound", "limit", "holds"]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(_cell, columns))
    for row in (*_figures(result), *_differences(result), *_thresholds(result)):
        writer.writerow([_cell(row.get(column, "")) for column in columns])
    return text.getvalue()


def _figures(result: StudyResult) -> Iterator[dict[str, Cell]]:
    keys = keys_of(result)
    for point in result.points:
        values = {f"set {name}": value for name, value in point.values.items()}
        for key in keys:
            needed = point.needed.get(key, "")
            yield {
                "row": "figure",
                "point": point.name,
                **values,
                **_measured(key, point.figures.get(key)),
                "replications": len(point.replications),
                "needed": "never" if needed is None else needed,
            }


def _differences(result: StudyResult) -> Iterator[dict[str, Cell]]:
    for pair in result.comparisons:
        names = {"row": "difference", "point": pair.other, "base": pair.base}
        yield {**names, **_measured(pair.figure, pair.difference)}


def _thresholds(result: StudyResult) -> Iterator[dict[str, Cell]]:
    for verdict in result.verdicts:
        yield {
            "row": "threshold",
            "point": verdict.point,
            **_measured(verdict.figure, verdict.measured),
            "bound": verdict.bound,
            "limit": verdict.limit,
            "holds": "yes" if verdict.holds else "no",
        }


def _measured(key: str, value: Interval | None) -> dict[str, Cell]:
    figure = figure_of(key)
    names = {"figure": key, "zh": figure.zh, "en": figure.en, "unit": figure.unit, "of": figure.of}
    if value is None:
        return {**names, "n": 0}
    half = value.half if math.isfinite(value.half) else ""
    return {**names, "mean": value.mean, "half": half, "level": value.level, "n": value.n}


def _cell(value: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula is marked as a text."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )


def write_whole(path: Path, text: str) -> None:
    """Write a text; what is at `path` is replaced only by a whole one. Raises StoreError if it cannot be."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(part, path)
    except OSError as error:
        remedy = "make room, or name a folder that can be written"
        raise StoreError(f"{path}: the report cannot be written: {error.strerror}\n  {remedy}") from error
