"""The shift report: what became of the parcels, by hour, courier, town, chute and reason.

Counted hour by hour while the journal is followed, and added up when somebody asks: a run of months costs
what its last weeks cost.
"""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sorter.app.texts import printable, text
from sorter.flow import REJECT, Outcome, ParcelRecord, Us, Why
from sorter.hub import Hub

HOUR_US: Us = 3_600_000_000
GROUPS = ("hour", "courier", "town", "chute", "why")
KEPT_HOURS = 24 * 62
WALL_HOUR = 100_000
"""Hours from here on are the wall clock's (since 1970), smaller ones the line clock's."""

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

Table = Mapping[str, tuple[int, int]]
"""Group -> (parcels, of these sorted), in reading order."""

Counts = Counter[tuple[str, int | str, bool]]
"""(table, what, sorted) -> parcels."""


@dataclass(frozen=True, slots=True)
class Shift:
    """parcels = sorted + exceptions; tables: one for each of GROUPS."""

    parcels: int
    sorted: int
    tables: Mapping[str, Table]


class Hours:
    """Counts of every hour of which parcels left the line, the oldest forgotten after KEPT_HOURS.

    An hour is the wall clock's where the journal tells it, else the line clock's (`WALL_HOUR`).
    """

    def __init__(self) -> None:
        self._hours: dict[int, Counts] = {}

    @property
    def known(self) -> list[int]:
        """The hours there are, oldest first."""
        return sorted(self._hours)

    def note(self, record: ParcelRecord, town: str, zero_us: Us | None) -> None:
        """Count a record. zero_us = Unix time of line clock 0; None = nobody has told it."""
        hour = max(record.left_us, 0) // HOUR_US if zero_us is None else (zero_us + record.left_us) // HOUR_US
        counts = self._hours.setdefault(hour, Counter())
        good = record.outcome is Outcome.SORTED
        for table, what in (
            ("courier", record.courier), ("town", town), ("chute", record.left), ("why", record.why.value),
        ):  # fmt: skip
            counts[table, what, good] += 1
        while len(self._hours) > KEPT_HOURS:
            del self._hours[min(self._hours)]

    def between(self, since: int, until: int) -> Iterator[tuple[int, Counts]]:
        """The counts of each hour from `since` to `until`, both included."""
        return ((hour, self._hours[hour]) for hour in self.known if since <= hour <= until)


def shift(hours: Hours, hub: Hub, lang: str, since: int = 0, until: int = 1 << 40) -> Shift:
    """What people ask for, added up over hours since..until, both included; lang "zh", "en"."""
    every: Counts = Counter()
    table_of_hours: dict[str, tuple[int, int]] = {}
    for hour, counts in hours.between(since, until):
        every.update(counts)
        table_of_hours[hour_name(hour)] = _total(counts)
    tables: dict[str, Table] = {"hour": table_of_hours}
    for group in GROUPS[1:]:
        tables[group] = _table(every, group, hub, lang)
    return Shift(*_total(every), tables)


def _total(counts: Counts) -> tuple[int, int]:
    whys = [(good, number) for (table, _, good), number in counts.items() if table == "why"]
    return sum(number for _, number in whys), sum(number for good, number in whys if good)


def _table(counts: Counts, group: str, hub: Hub, lang: str) -> Table:
    found = {what for table, what, _ in counts if table == group}
    rows: dict[str, tuple[int, int]] = {}
    for what in sorted(found, key=lambda one: (isinstance(one, str), one)):
        good, bad = counts[group, what, True], counts[group, what, False]
        name = _name(group, what, hub, lang)
        before = rows.get(name, (0, 0))
        rows[name] = before[0] + good + bad, before[1] + good
    return rows


def _name(group: str, what: int | str, hub: Hub, lang: str) -> str:
    if isinstance(what, int):
        return _chute(what, hub, lang)
    if group == "courier":
        return hub.couriers.name(what) if what else _UNKNOWN
    if group == "town":
        return place.name if (place := hub.network.find(what)) else _UNKNOWN
    return text(Why(what), lang)


_UNKNOWN = "—"


def town_of(record: ParcelRecord, hub: Hub) -> str:
    """Code of the town that a parcel was for; "" = not known."""
    return hub.network.town_of(record.place) if record.place else ""


def hour_name(hour: int) -> str:
    """The hour of the day; of the line clock where nobody told when that began."""
    if hour < WALL_HOUR:
        return f"{hour}-{hour + 1} h"
    at = time.localtime(hour * 3600)
    return f"{at.tm_mon:02d}-{at.tm_mday:02d} {at.tm_hour:02d}:00-{(at.tm_hour + 1) % 24:02d}:00"


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
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) else shown
