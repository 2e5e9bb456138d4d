"""Pre-advice files from the couriers' systems: strict rows in, the rest set aside and counted.

manifest.csv    waybill,courier,place,direction,service   (direction and service may be empty)
intercepts.csv  waybill
UTF-8, with or without a byte-order mark. Names and phones are not read: only these columns are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from sorter.errors import ConfigError, Problem
from sorter.flow import Advised, Direction, InterceptSet, Service
from sorter.hub import Hub

MANIFEST = ("waybill", "courier", "place", "direction", "service")
INTERCEPTS = ("waybill",)

_WAYBILL = re.compile(r"[0-9A-Za-z-]{6,64}")
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]+", re.IGNORECASE)

Choice = TypeVar("Choice", bound=Enum)
_Parse = Callable[[dict[str, str], str], "Advised | InterceptSet | Problem"]


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file gave: accepted words, and a Problem for every row that was set aside.

    rows = accepted + set aside + repeated; a waybill that comes twice with different words is set aside.
    """

    words: tuple[Advised | InterceptSet, ...]
    aside: tuple[Problem, ...]
    repeated: int
    rows: int


def read_manifest(path: Path, hub: Hub) -> Intake:
    """Pre-advice from a CSV. Raises ConfigError when the file as a whole cannot be read."""
    return _intake(path, MANIFEST, lambda row, where: _advised(row, where, hub))


def read_intercepts(path: Path) -> Intake:
    """Waybills to hold, from a CSV. Raises ConfigError when the file as a whole cannot be read."""
    return _intake(path, INTERCEPTS, _intercept)


def write_words(folder: Path, words: Iterable[Advised | InterceptSet]) -> None:
    """manifest.csv and intercepts.csv for these words."""
    words = list(words)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(MANIFEST)
        for word in words:
            if isinstance(word, Advised):
                writer.writerow(
                    (word.waybill, word.courier, word.place, word.direction.value, word.service.value)
                )  # fmt: skip
    held = [word.waybill for word in words if isinstance(word, InterceptSet)]
    (folder / "intercepts.csv").write_text("\n".join(["waybill", *held]) + "\n", encoding="utf-8")


def _intake(path: Path, columns: Sequence[str], parse: _Parse) -> Intake:
    words: dict[str, Advised | InterceptSet] = {}
    aside: list[Problem] = []
    repeated = rows = 0
    for number, row in _rows(path, columns):
        rows += 1
        word = parse(row, f"{path}:{number}")
        if isinstance(word, Problem):
            aside.append(word)
        elif words.setdefault(word.waybill, word) == word:
            repeated += words[word.waybill] is not word
        else:
            what = f"{word.waybill} was announced before, differently"
            aside.append(Problem(f"{path}:{number}:1", what, "keep one of the two rows; the first counts"))
    return Intake(tuple(words.values()), tuple(aside), repeated, rows)


def _rows(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = error.strerror or str(error)
        raise ConfigError([Problem(str(path), what, "name a readable file")]) from None
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is not UTF-8"
        raise ConfigError([Problem(f"{path}:1:1", where, "save the file as UTF-8 (CSV UTF-8)")]) from None
    lines = text.splitlines()
    header = [name.strip() for name in lines[0].split(",")] if lines else []
    missing = [name for name in columns if name not in header]
    if missing:
        what = f"the header lacks {', '.join(missing)}"
        raise ConfigError([Problem(f"{path}:1:1", what, f"first line: {','.join(columns)}")])
    return [
        (number, _cells(header, line))
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    ]  # fmt: skip


def _cells(header: Sequence[str], line: str) -> dict[str, str]:
    """One line is one row whatever its quotes say: an unclosed quote must not swallow its followers."""
    cells = next(csv.reader([line]), [])
    return {name: cell.strip() for name, cell in zip(header, cells, strict=False)}


def _advised(row: dict[str, str], where: str, hub: Hub) -> Advised | Problem:
    waybill = _waybill(row, where)
    if isinstance(waybill, Problem):
        return waybill
    courier, place = row.get("courier", ""), row.get("place", "")
    if courier not in {one.key for one in hub.couriers.couriers}:
        return Problem(f"{where}:{_column(row, 'courier')}", f"courier '{courier}' is not in couriers.yaml",
                       "use a courier's key")  # fmt: skip
    if place and hub.network.find(place) is None:
        return Problem(f"{where}:{_column(row, 'place')}", f"place '{place}' is not in network.yaml",
                       "use a town's or a village's code")  # fmt: skip
    direction = _enum(row, "direction", Direction, Direction.DOWN, where)
    service = _enum(row, "service", Service, Service.STANDARD, where)
    if isinstance(direction, Problem):
        return direction
    if isinstance(service, Problem):
        return service
    return Advised(0, waybill, courier, place, direction, service)


def _intercept(row: dict[str, str], where: str) -> InterceptSet | Problem:
    waybill = _waybill(row, where)
    return waybill if isinstance(waybill, Problem) else InterceptSet(0, waybill, held=True)


def _waybill(row: dict[str, str], where: str) -> str | Problem:
    text = row.get("waybill", "")
    if _SCIENTIFIC.fullmatch(text):
        return Problem(f"{where}:{_column(row, 'waybill')}", f"'{text}' has lost its digits in a spreadsheet",
                       "export the column as text and send the file again")  # fmt: skip
    if not _WAYBILL.fullmatch(text):
        return Problem(f"{where}:{_column(row, 'waybill')}", f"'{text:.40}' is no waybill number",
                       "6 to 64 letters and digits")  # fmt: skip
    return text


def _enum(
    row: dict[str, str], name: str, kind: type[Choice], default: Choice, where: str
) -> Choice | Problem:
    text = row.get(name, "")
    if not text:
        return default
    try:
        return kind(text)
    except ValueError:
        choices = ", ".join(str(member.value) for member in kind)
        return Problem(f"{where}:{_column(row, name)}", f"'{text:.40}' is no {name}", f"one of: {choices}")


def _column(row: dict[str, str], name: str) -> int:
    """1-based column of a cell, counted as if nothing was quoted."""
    cells = list(row)
    return 1 + sum(len(row[cell]) + 1 for cell in cells[: cells.index(name)]) if name in row else 1
