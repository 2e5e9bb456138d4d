"""A table of parcels (CSV) for the simulated line: strict rows in, every mistake with its place, all at once.

    arr_us,length_mm,courier,place,waybill,direction,service,flaw,latency_us

arr_us      offered to the infeed so long after the line was started; not before the row above
length_mm   as the infeed takes them
courier     key of couriers.yaml
place       code of a town or village of network.yaml; empty where direction is not down
waybill     what its label says; empty or no such column = a made-up number of the courier's format
direction   down (or empty), up, return
service     standard (or empty), cold, emergency
flaw        what is wrong with it, empty = nothing: see FLAWED
latency_us  from its picture to the answer; empty or no such column = drawn

The first four columns must be there. UTF-8, with or without a byte-order mark, or GBK; no quotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sim.hubline.recorded import DRAWN, Recorded
from sim.numbers import FORMATS, sample_number
from sorter.app.fields import nearest
from sorter.app.tables import table_text
from sorter.errors import ConfigError, Problem
from sorter.flow import Advised, CodeRead, Direction, Service, Us
from sorter.hub import Hub

NEEDED = ("arr_us", "length_mm", "courier", "place")
COLUMNS = (*NEEDED, "waybill", "direction", "service", "flaw", "latency_us")
UNREAD = ("no-label", "torn", "tiny", "unread")
FLAWED = (*UNREAD, "several-waybills", "not-advised", "held")
"""The reader makes nothing of it; there is another waybill on it; nobody announced it; it is to be held."""

NOTHING = Recorded(0, 0, (), None)
MOST_TOLD = 100
LATEST: Us = 100 * 86_400_000_000
SLOWEST: Us = 60_000_000


def read_parcels_table(path: Path, hub: Hub) -> tuple[Recorded, ...]:
    """The parcels of a table. Raises ConfigError with all mistakes, the first MOST_TOLD one by one."""
    header, lines = _lines(path)
    reader = _Rows(path, hub, header)
    parcels = [reader.parcel(number, line) for number, line in lines]
    if not reader.problems and not parcels:
        reader.problems.append(Problem(f"{path}:1:1", "no parcel in this table", "add a row for each"))
    if reader.problems:
        raise ConfigError(list(_told(path, reader.problems)))
    return tuple(parcels)


def _lines(path: Path) -> tuple[list[str], Iterator[tuple[int, str]]]:
    """The names of the columns, and the rows with their numbers."""
    text = table_text(path).replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = text.partition("\n")
    header = [name.strip() for name in first.split(",")]
    problems = [
        Problem(f"{path}:1:{_column(header, index)}", f"unknown column '{name}'", nearest(name, COLUMNS))
        for index, name in enumerate(header)
        if name not in COLUMNS or name in header[:index]
    ]
    if missing := [name for name in NEEDED if name not in header]:
        remedy = f"first line: {','.join(COLUMNS)}; the first four must be there"
        problems.append(Problem(f"{path}:1:1", f"no column {', '.join(missing)}", remedy))
    if problems:
        raise ConfigError(problems)
    return header, ((n, line) for n, line in enumerate(rest.split("\n"), start=2) if line.strip())


def _column(cells: Sequence[str], index: int) -> int:
    return 1 + sum(len(cell) + 1 for cell in cells[:index])


class _Rows:
    """Rows one by one; what is wrong with them gathers in `problems`, and then no parcel means anything."""

    def __init__(self, path: Path, hub: Hub, header: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._path = path
        self._header = header
        self._couriers = [courier.key for courier in hub.couriers.couriers]
        self._places = {place.code for place in hub.network.places if place.level != "district"}
        self._lengths = hub.layout.infeed.shortest_mm, hub.layout.infeed.longest_mm
        self._arrived: Us = 0
        self._number = 1
        self._cells: Sequence[str] = ()

    def parcel(self, number: int, line: str) -> Recorded:
        """The parcel of one row."""
        self._number, self._cells = number, line.split(",")
        if len(self._cells) != len(self._header):
            what = f"{len(self._cells)} values for {len(self._header)} columns"
            self.problems.append(Problem(f"{self._path}:{number}:1", what, f"give {','.join(self._header)}"))
            self._cells = [""] * len(self._header)
            return NOTHING
        arr_us = self._arrival()
        length_mm = self._whole("length_mm", *self._lengths)
        courier = self._one_of("courier", self._couriers)
        direction = self._one_of("direction", [one.value for one in Direction], "down")
        service = self._one_of("service", [one.value for one in Service], "standard")
        flaw = self._one_of("flaw", FLAWED, "")
        place = self._place(direction)
        latency_us = self._whole("latency_us", 1, SLOWEST) if self._cell("latency_us") else DRAWN
        waybills = self._waybills(courier, flaw)
        if self.problems:
            return NOTHING
        reads = tuple(CodeRead(text, "CODE128", ((0, 0),) * 4, "table") for text in waybills)
        advised = None
        if waybills and flaw != "not-advised":
            advised = Advised(0, waybills[0], courier, place, Direction(direction), Service(service))
        return Recorded(arr_us, length_mm, reads, advised, flaw == "held", latency_us)

    def _arrival(self) -> Us:
        arr_us = self._whole("arr_us", 0, LATEST)
        if arr_us < self._arrived:
            what = f"arr_us is {arr_us}, before the parcel above it ({self._arrived})"
            self._find("arr_us", what, "order the table by arrival")
        self._arrived = max(arr_us, self._arrived)
        return arr_us

    def _place(self, direction: str) -> str:
        place = self._cell("place")
        if place not in self._places and (place or direction == Direction.DOWN.value):
            self._find("place", f"place '{place:.40}' is not in network.yaml", nearest(place, self._places))
        return place

    def _waybills(self, courier: str, flaw: str) -> tuple[str, ...]:
        """What the reader makes of it."""
        given = self._cell("waybill")
        if flaw in UNREAD or courier not in self._couriers:
            return ()
        if courier not in FORMATS and (not given or flaw == "several-waybills"):
            self._find("courier", f"no number can be made up for {courier}", "add a column waybill")
            return ()
        own = given or sample_number(courier, self._number)
        return (own, sample_number(courier, 10**9 + self._number)) if flaw == "several-waybills" else (own,)

    def _whole(self, column: str, least: int, most: int) -> int:
        text = self._cell(column)
        if not (text.isascii() and text.isdigit()):
            self._find(column, f"{column} is not a whole number: '{text:.40}'", f"write {least} to {most}")
        elif len(text) > 18 or not least <= int(text) <= most:
            self._find(column, f"{column} is {text:.40}", f"write {least} to {most}")
        else:
            return int(text)
        return least

    def _one_of(self, column: str, words: Sequence[str], usual: str | None = None) -> str:
        text = self._cell(column)
        if not text and usual is not None:
            return usual
        if text not in words:
            self._find(column, f"unknown {column} '{text:.40}'", nearest(text, words))
        return text

    def _cell(self, column: str) -> str:
        """What stands in a column, nothing when there is no such column."""
        return self._cells[self._header.index(column)].strip() if column in self._header else ""

    def _find(self, column: str, what: str, remedy: str) -> None:
        at = _column(self._cells, self._header.index(column))
        self.problems.append(Problem(f"{self._path}:{self._number}:{at}", what, remedy))


def _told(path: Path, problems: Sequence[Problem]) -> Iterator[Problem]:
    """The first of them, and how many more there are."""
    yield from islice(problems, MOST_TOLD)
    if len(problems) > MOST_TOLD:
        what = f"{len(problems) - MOST_TOLD} more mistakes in this table"
        yield Problem(f"{path}:1:1", what, "mend those above first")
