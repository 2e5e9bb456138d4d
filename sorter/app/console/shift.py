"""The shift report: what became of the parcels, by hour, courier, town, chute and reason."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sorter.app.texts import printable, text
from sorter.flow import REJECT, Outcome, ParcelRecord, Us
from sorter.hub import Hub

HOUR_US: Us = 3_600_000_000
GROUPS = ("hour", "courier", "town", "chute", "why")

Table = Mapping[str, tuple[int, int]]
"""Group -> (parcels, of these sorted), in reading order."""


@dataclass(frozen=True, slots=True)
class Shift:
    """parcels = sorted + exceptions; tables: one for each of GROUPS."""

    parcels: int
    sorted: int
    tables: Mapping[str, Table]


def shift(records: Iterable[ParcelRecord], hub: Hub, lang: str, zero_us: Us | None = None) -> Shift:
    """Count records by what people ask for; lang "zh", "en"; zero_us = Unix time of line clock 0 or None."""
    every: dict[str, Counter[tuple[int | str, str]]] = {group: Counter() for group in GROUPS}
    good: dict[str, Counter[tuple[int | str, str]]] = {group: Counter() for group in GROUPS}
    for record in records:
        for group, label in _labels(record, hub, lang, zero_us).items():
            every[group][label] += 1
            good[group][label] += record.outcome is Outcome.SORTED
    tables = {
        group: {name: (number, good[group][order, name]) for (order, name), number in _ordered(counts)}
        for group, counts in every.items()
    }
    return Shift(sum(every["why"].values()), sum(good["why"].values()), tables)


def _ordered(counts: Counter[tuple[int | str, str]]) -> Sequence[tuple[tuple[int | str, str], int]]:
    return sorted(counts.items(), key=lambda item: (isinstance(item[0][0], str), item[0]))


def _labels(
    record: ParcelRecord, hub: Hub, lang: str, zero_us: Us | None
) -> dict[str, tuple[int | str, str]]:
    """Group -> (what it is ordered by, its name)."""
    unknown = "—"
    town = hub.network.town_of(record.place) if record.place else ""
    chute = record.left
    return {
        "hour": _hour(record.left_us, zero_us),
        "courier": (record.courier, hub.couriers.name(record.courier) if record.courier else unknown),
        "town": (town, place.name if (place := hub.network.find(town)) else unknown),
        "chute": (chute, _chute(chute, hub, lang)),
        "why": (record.why.value, text(record.why, lang)),
    }


def _hour(left_us: Us, zero_us: Us | None) -> tuple[int, str]:
    """The hour of the day; of the line clock where nobody knows when that began."""
    if zero_us is None:
        hour = max(left_us, 0) // HOUR_US
        return hour, f"{hour}-{hour + 1} h"
    hour = (zero_us + left_us) // HOUR_US
    at = time.localtime(hour * 3600)
    return hour, f"{at.tm_mday:02d} {at.tm_hour:02d}:00-{(at.tm_hour + 1) % 24:02d}:00"


def _chute(chute: int, hub: Hub, lang: str) -> str:
    if chute == REJECT or chute >= len(hub.layout.chutes):
        return {"zh": "异常口", "en": "exception end"}[lang]
    outlet = hub.layout.chutes[chute]
    return f"{chute} {outlet.name_zh if lang == 'zh' else outlet.name_en}"


def as_csv(report: Shift) -> str:
    """The tables as one CSV: group, name, parcels, sorted. A cell that a spreadsheet would run is quoted."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("group", "name", "parcels", "sorted"))
    for group, table in report.tables.items():
        rows.writerows((group, harmless(name), number, good) for name, (number, good) in table.items())
    return out.getvalue()


def harmless(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    shown = printable(cell)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown
