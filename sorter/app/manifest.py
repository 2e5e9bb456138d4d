"""Pre-advice files from the couriers' systems: strict rows in, the rest set aside and counted.

manifest.csv    waybill,courier, one or more of place,site,address, and direction,service,inspected (may lack)
intercepts.csv  waybill
CSV or JSON as in `sorter.app.tables`. Only these columns are read; an address becomes a place here, and is
then forgotten.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TypeVar

from sorter.addresses import Resolver
from sorter.app.tables import SCIENTIFIC, Columns, Row, read_table
from sorter.destinations import Known, Maps, destination
from sorter.errors import Problem
from sorter.flow import Advised, Direction, InterceptSet, Service
from sorter.hub import Hub

WRITTEN = ("waybill", "courier", "place", "direction", "service", "inspected")
MANIFEST: Columns = {
    "waybill": ("运单号", "单号", "快递单号"),
    "courier": ("快递公司", "快递"),
    "place": ("目的地编码", "编码"),
    "site": ("网点编码", "三段码", "大头笔"),
    "address": ("地址", "收件地址", "收货地址"),
    "direction": ("方向",),
    "service": ("服务",),
    "inspected": ("已安检", "安检"),
}
REQUIRED = ("waybill", "courier", "place|site|address")
INTERCEPTS: Columns = {"waybill": ("运单号", "单号", "快递单号")}

_WAYBILL = re.compile(r"[0-9A-Za-z-]{6,64}")

_YES_NO = {"yes": True, "是": True, "no": False, "否": False, "": False}

Choice = TypeVar("Choice", bound=Enum)
_Parse = Callable[[Row], "Advised | InterceptSet | Problem"]


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file gave: accepted words, and a Problem for every row that was set aside.

    rows = accepted + set aside + repeated; a waybill that comes twice with different words is set aside.
    """

    words: tuple[Advised | InterceptSet, ...]
    aside: tuple[Problem, ...]
    repeated: int
    rows: int


def read_manifest(path: Path, hub: Hub, on_date: str = "") -> Intake:
    """Pre-advice from a file. on_date: ISO day of which names are taken, "" = today.

    Raises ConfigError when the file as a whole cannot be read.
    """
    maps = maps_of(hub, on_date or date.today().isoformat())
    return _intake(path, MANIFEST, REQUIRED, lambda row: _advised(row, hub, maps))


def read_intercepts(path: Path) -> Intake:
    """Waybills to hold, from a file. Raises ConfigError when the file as a whole cannot be read."""
    return _intake(path, INTERCEPTS, ("waybill",), _intercept)


def row_about(path: Path, waybill: str) -> Row | None:
    """The first row of a manifest about a waybill, as it stands there."""
    return next((row for row in read_table(path, MANIFEST, REQUIRED) if row.get("waybill") == waybill), None)


def maps_of(hub: Hub, on_date: str) -> Maps:
    """What turns a hub's site codes and addresses into places on that ISO day."""
    return Maps(hub.network, hub.sites, Resolver(hub.network, on_date), hub.plan.defaults)


def write_words(folder: Path, words: Iterable[Advised | InterceptSet]) -> None:
    """manifest.csv and intercepts.csv for these words."""
    words = list(words)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(WRITTEN)
        for word in words:
            if isinstance(word, Advised):
                kinds = (word.direction.value, word.service.value, "yes" if word.inspected else "")
                writer.writerow((word.waybill, word.courier, word.place, *kinds))
    held = [word.waybill for word in words if isinstance(word, InterceptSet)]
    (folder / "intercepts.csv").write_text("\n".join(["waybill", *held]) + "\n", encoding="utf-8")


def _intake(path: Path, columns: Columns, required: tuple[str, ...], parse: _Parse) -> Intake:
    words: dict[str, Advised | InterceptSet] = {}
    aside: list[Problem] = []
    repeated = 0
    rows = read_table(path, columns, required)
    for row in rows:
        word = parse(row)
        if isinstance(word, Problem):
            aside.append(word)
        elif words.setdefault(word.waybill, word) == word:
            repeated += words[word.waybill] is not word
        else:
            what = f"{word.waybill} was announced before, differently"
            aside.append(row.problem("", what, "keep one of the two rows; the first counts"))
    return Intake(tuple(words.values()), tuple(aside), repeated, len(rows))


def _advised(row: Row, hub: Hub, maps: Maps) -> Advised | Problem:
    if problem := _waybill(row):
        return problem
    courier, place = row.get("courier"), row.get("place")
    if courier not in {one.key for one in hub.couriers.couriers}:
        what = f"courier '{courier:.40}' is not in couriers.yaml"
        return row.problem("courier", what, "use a courier's key")
    if SCIENTIFIC.fullmatch(place):
        return _digits_lost(row, "place")
    if place and hub.network.find(place) is None:
        what = f"place '{place:.40}' is not in network.yaml"
        return row.problem("place", what, "use a town's or a village's code")
    direction = _enum(row, "direction", Direction, Direction.DOWN)
    service = _enum(row, "service", Service, Service.STANDARD)
    if isinstance(direction, Problem):
        return direction
    if isinstance(service, Problem):
        return service
    inspected = _YES_NO.get(row.get("inspected").lower())
    if inspected is None:
        what = f"'{row.get('inspected'):.40}' is neither yes nor no"
        return row.problem("inspected", what, "write yes or no, 是 or 否; empty = no")
    word = Advised(0, row.get("waybill"), courier, "", direction, service, inspected=inspected)
    return _going_to(word, row, maps)


def _going_to(word: Advised, row: Row, maps: Maps) -> Advised:
    """The word with the place that the row tells; the courier's default is left to the plan."""
    known = Known(place=row.get("place"), site=row.get("site"), address=row.get("address"))
    told = destination(known, word.courier, replace(maps, defaults={}))
    return replace(word, place=told.place, unclear=told.unclear)


def _intercept(row: Row) -> InterceptSet | Problem:
    return _waybill(row) or InterceptSet(0, row.get("waybill"), held=True)


def _waybill(row: Row) -> Problem | None:
    text = row.get("waybill")
    if row.misfit:
        return row.misfit
    if SCIENTIFIC.fullmatch(text):
        return _digits_lost(row, "waybill")
    if not _WAYBILL.fullmatch(text):
        return row.problem("waybill", f"'{text:.40}' is no waybill number", "6 to 64 letters and digits")
    return None


def _digits_lost(row: Row, name: str) -> Problem:
    what = f"'{row.get(name)}' has lost its digits in a spreadsheet"
    return row.problem(name, what, "export the column as text and send the file again")


def _enum(row: Row, name: str, kind: type[Choice], default: Choice) -> Choice | Problem:
    text = row.get(name)
    if not text:
        return default
    try:
        return kind(text)
    except ValueError:
        choices = ", ".join(str(member.value) for member in kind)
        return row.problem(name, f"'{text:.40}' is no {name}", f"one of: {choices}")
