"""Text in columns of a terminal, by the places that characters take (a Chinese one: two). No word is cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

APART = 2
"""Blanks between two columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """A label in two languages, its values, and what follows them (a unit)."""

    zh: str
    en: str
    values: tuple[str, ...]
    unit: str = ""


def padded(text: str, width: int, right: bool = False) -> str:
    """The text with blanks up to this width; longer than that it stays as it is."""
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def widest(texts: Iterable[str]) -> int:
    """Places of the widest text."""
    return max(map(cell_len, texts), default=0)


def beside(rows: Sequence[Row], heads: Sequence[str], width: int) -> list[str] | None:
    """Head and rows, labels on one line, or on two where one is too wide; None when neither fits.

    heads  of the values' columns
    """
    columns = [max(cell_len(head), widest(row.values[n] for row in rows)) for n, head in enumerate(heads)]
    beyond = sum(columns) + APART * len(columns) + APART + widest(row.unit for row in rows)
    zh, en = widest(row.zh for row in rows), widest(row.en for row in rows)
    labels: list[tuple[str, ...]]
    if zh + APART + en + beyond <= width:
        labels = [(f"{padded(row.zh, zh + APART)}{padded(row.en, en)}",) for row in rows]
        label = zh + APART + en
    elif max(zh, en) + beyond <= width:
        labels, label = [(row.zh, row.en) for row in rows], max(zh, en)
    else:
        return None
    lines = [_line("", heads, "", label, columns)]
    for row, names in zip(rows, labels, strict=True):
        lines += [_line(names[0], row.values, row.unit, label, columns), *names[1:]]
    return [line.rstrip() for line in lines]


def _line(label: str, values: Sequence[str], unit: str, wide: int, columns: Sequence[int]) -> str:
    cells = (padded(text, column, right=True) for text, column in zip(values, columns, strict=True))
    return (" " * APART).join([padded(label, wide), *cells, unit])


def packed(parts: Iterable[str], width: int, apart: str = "   ") -> list[str]:
    """As many parts on a line as fit; one that is wider than a line alone goes on, indented, on the next."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(lines[-1]) + cell_len(apart) + cell_len(part) <= width:
            lines[-1] += apart + part
        else:
            lines += folded(part, width)
    return lines


def folded(text: str, width: int, indent: str = "    ") -> list[str]:
    """The text on as many lines as it takes, broken at blanks; all but the first are indented."""
    words = text.lstrip(" ")
    lines = [" " * (len(text) - len(words))]
    for word in words.split(" "):
        grown = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if cell_len(grown) <= width or not lines[-1].strip():
            lines[-1] = grown
        else:
            lines.append(indent + word)
    return lines
