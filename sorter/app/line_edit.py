"""Writing learned dimensions into line.yaml: the figures change, every comment and space stays."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sorter.app.calibration import Quantity
from sorter.app.config import hub_from_files
from sorter.app.strict_yaml import read_yaml
from sorter.errors import ConfigError, Problem

FILE = "line.yaml"
_FIGURE = re.compile(r"[^\s,}\]#]+")


def apply(folder: Path, files: Mapping[str, str], learned: Sequence[Quantity]) -> str:
    """Write what was learned into the folder's line.yaml; returns what was done, for a person.

    files  the texts with which the run was recorded
    Raises ConfigError, with nothing written, when line.yaml is not the one of the run any more or the new
    one would not hold (its dimensions are checked).
    """
    path = folder / FILE
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if text != files[FILE]:
        what = "this is not the file with which the run was recorded"
        raise ConfigError([Problem(str(path), what, "restore it, or record a new run with it")])
    changes = {one.path: one.after for one in learned if one.path and one.after not in (None, one.before)}
    changed = edited(text, {place: str(after) for place, after in changes.items() if place is not None})
    hub_from_files({**files, FILE: changed}, folder.name)
    fresh = path.with_suffix(".new")
    fresh.write_text(changed, encoding="utf-8")
    os.replace(fresh, path)
    return f"{path}: {len(changes)} 项已写入 / figures written"


def edited(text: str, figures: Mapping[tuple[str, ...], str]) -> str:
    """The YAML text with other figures at these places; each must be there and plain."""
    marks = read_yaml(FILE, text)[0].marks
    rows = text.splitlines(keepends=True)
    for path, figure in sorted(figures.items(), key=lambda item: marks[item[0]], reverse=True):
        line, column = marks[path]
        row = rows[line - 1]
        rows[line - 1] = row[: column - 1] + _FIGURE.sub(figure, row[column - 1 :], count=1)
    return "".join(rows)
