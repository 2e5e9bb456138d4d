"""`sorter check`: a hub's problems, warnings, dimensions and chutes, as values and as plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sorter.app.config import read_hub
from sorter.app.dimensions import Dimension
from sorter.app.problem_words import bilingual_lines
from sorter.errors import Problem
from sorter.hub import Hub
from sorter.layout import Chute
from sorter.plan import Plan


@dataclass(frozen=True, slots=True)
class Outlet:
    """A chute and what the plan sends there: ids of rules, reasons of exceptions; empty = nothing."""

    chute: Chute
    rules: tuple[str, ...]
    exceptions: tuple[str, ...]


@dataclass(frozen=True)
class CheckReport:
    """What a check found. version is "" and outlets are empty when a problem leaves no hub to look at."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    dimensions: tuple[Dimension, ...]
    outlets: tuple[Outlet, ...]
    version: str

    @property
    def clean(self) -> bool:
        """Whether the hub may be run: warnings do not hinder it."""
        return not self.problems

    def lines(self) -> list[str]:
        """The report for a person, Chinese and English, without colour or trailing space."""
        blocks = (
            _findings("错误 Problems", self.problems),
            _findings("警告 Warnings", self.warnings),
            _table("线体尺寸 Dimensions", _DIMENSIONS, [_dimension(row) for row in self.dimensions]),
            _table(f"格口 Chutes, {self.version}", _OUTLETS, [_outlet(row) for row in self.outlets]),
            [f"{len(self.problems)} 个错误 problems, {len(self.warnings)} 个警告 warnings"],
        )
        return [line for block in blocks for line in block]


def check(folder: Path) -> CheckReport:
    """Check the hub in a folder; whatever is wrong with its files is in the report."""
    reading = read_hub(folder)
    hub = reading.hub
    return CheckReport(
        problems=reading.problems,
        warnings=reading.warnings,
        dimensions=reading.dimensions,
        outlets=_outlets(hub) if hub else (),
        version=hub.plan.version if hub else "",
    )


_DIMENSIONS = ("项目", "Quantity", "数值 Value", "至少 Needed", "", "依据 Source")
_OUTLETS = ("号 Id", "键 Key", "名称", "Name", "分拣方案 Plan sends")


def _outlets(hub: Hub) -> tuple[Outlet, ...]:
    return tuple(Outlet(chute, *_sent(chute.id, hub.plan)) for chute in hub.layout.chutes)


def _sent(chute: int, plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rules = tuple(rule.id for rule in plan.rules if chute in rule.chutes)
    return rules, tuple(why.value for why, own in plan.exceptions.items() if own == chute)


def _dimension(row: Dimension) -> tuple[str, ...]:
    needed, ok = ("", "") if row.needed is None else (f"{row.needed}", "ok" if row.ok else "!!")
    return (row.zh, row.en, f"{row.value} {row.unit}", needed, ok, row.source)


def _outlet(row: Outlet) -> tuple[str, ...]:
    sent = [*row.rules, *(f"例外 exception {why}" for why in row.exceptions)]
    chute = row.chute
    return (str(chute.id), chute.key, chute.name_zh, chute.name_en, ", ".join(sent) or "-")


def _findings(title: str, problems: Sequence[Problem]) -> list[str]:
    if not problems:
        return []
    return [title, *bilingual_lines(problems), ""]


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A title, the head and the rows in columns of equal width; nothing without rows."""
    if not rows:
        return []
    widths = [max(map(_columns, column)) for column in zip(head, *rows, strict=True)]
    return [title, *(_line(row, widths) for row in (head, *rows)), ""]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _columns(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  " + "  ".join(padded).rstrip()


def _columns(text: str) -> int:
    """Terminal columns: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
