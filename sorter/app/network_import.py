"""A table of villages becomes the text of a network.yaml: the public statistical table, or a hub's own CSV.

town_code,town_name,village_code,village_name[,aliases,former]; 9 and 12 digits
Other names are separated by a slash, a semicolon or 、. What network.yaml tells of places beside their
names is kept where the district is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sorter.app.fields import LONGEST_TEXT
from sorter.app.tables import SCIENTIFIC, Columns, Row, read_table
from sorter.errors import ConfigError, Problem
from sorter.network import NONE_KNOWN, Network, Particulars, Place

TABLE: Columns = {
    "town_code": ("镇街编码", "乡镇编码", "镇编码", "乡镇代码", "streetcode"),
    "town_name": ("镇街", "乡镇", "镇名", "乡镇名称", "streetname"),
    "village_code": ("村编码", "村居编码", "行政村编码", "村代码", "统计用区划代码", "code"),
    "village_name": ("村", "村居", "村名", "行政村", "村居名称", "name"),
    "aliases": ("别名",),
    "former": ("曾用名", "旧名"),
}
REQUIRED = ("town_code", "town_name", "village_code", "village_name")
DIGITS = {"town_code": 9, "village_code": 12}

_BETWEEN_NAMES = re.compile("[/;；、|]")
_PLAIN = re.compile(r"[^\W\d_][\w()（）·-]*")


def import_network(path: Path, district: str, name: str, known: Network | None) -> Network:
    """The network of one district from a table. Raises ConfigError with every mistake of the table.

    district, name  of the district wanted; rows of other districts are passed over
    known           the network used so far: what it tells about places that remain is kept
    """
    reading = _Reading(district)
    rows = read_table(path, TABLE, REQUIRED)
    for row in rows:
        reading.take(row)
    if not reading.villages and not reading.problems:
        found = ", ".join(sorted({row.get("village_code")[:6] for row in rows})[:12]) or "none"
        what = f"no village of district {district}; the table has: {found}"
        reading.problems.append(Problem(f"{path}:1:1", what, "name another --district"))
    if reading.problems:
        raise ConfigError(reading.problems)
    return reading.network(name, known)


@dataclass
class _Reading:
    """Collects one district's places and every mistake."""

    district: str
    towns: dict[str, tuple[str, Row]] = field(default_factory=dict)
    villages: dict[str, tuple[Place, Row]] = field(default_factory=dict)
    special: dict[str, Particulars] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, row: Row) -> None:
        """One row: kept, passed over, or one or more problems."""
        found = [row.misfit] if row.misfit else list(_mistakes(row))
        town, code = row.get("town_code"), row.get("village_code")
        if not found and not code.startswith(self.district):
            return
        if not found and not code.startswith(town):
            what = f"village {code} does not begin with its town's code {town}"
            found.append(row.problem("village_code", what, "correct one of the two codes"))
        found = found or list(self._repeated(row))
        self.problems += found
        if not found:
            self.towns.setdefault(town, (row.get("town_name"), row))
            self.villages[code] = (Place(code, row.get("village_name"), "village", town), row)
            aliases, former = _names(row.get("aliases")), _names(row.get("former"))
            if aliases or former:
                self.special[code] = Particulars(aliases, former)

    def _repeated(self, row: Row) -> Iterator[Problem]:
        if first := self.villages.get(row.get("village_code")):
            what = f"village {row.get('village_code')} is already at line {first[1].line}"
            yield row.problem("village_code", what, "keep one of the two rows")
        town = self.towns.get(row.get("town_code"))
        if town and town[0] != row.get("town_name"):
            what = f"town {row.get('town_code')} is called {town[0]} at line {town[1].line}"
            yield row.problem("town_name", what, "write one name, put the other into aliases or former")

    def network(self, name: str, known: Network | None) -> Network:
        """District, towns and villages in the order of their codes."""
        places = [Place(self.district, name, "district", "")]
        for code, (town, _) in sorted(self.towns.items()):
            places.append(Place(code, town, "town", code))
            places += [self.villages[key][0] for key in sorted(self.villages) if key.startswith(code)]
        same = known if known and known.find(self.district) else None
        special = _kept(same, places) if same else {}
        for code, told in self.special.items():
            both = special.get(code, NONE_KNOWN)
            special[code] = replace(both, aliases=told.aliases, former=told.former)
        return Network(tuple(places), special, same.around) if same else Network(tuple(places), special)


def _kept(known: Network, places: list[Place]) -> dict[str, Particulars]:
    """What was known about places that remain; their stations and lockers join the places."""
    codes = {place.code for place in places}
    stations = [place for place in known.places if place.level in ("station", "locker")]
    places += (place for place in stations if known.village_of(place.code) in codes)
    codes = {place.code for place in places}
    return {code: about for code, about in known.particulars.items() if code in codes}


def _mistakes(row: Row) -> Iterator[Problem]:
    """What is wrong with a row's cells, each taken alone."""
    for name, digits in DIGITS.items():
        text = row.get(name)
        if SCIENTIFIC.fullmatch(text):
            what = f"'{text}' has lost its digits in a spreadsheet"
            yield row.problem(name, what, "export the column as text and send the file again")
        elif not re.fullmatch(f"[0-9]{{{digits}}}", text):
            what = f"'{text:.40}' is no code of {digits} digits"
            yield row.problem(name, what, "copy it from the public table")
    for name in ("town_name", "village_name"):
        text = row.get(name)
        if not 0 < len(text) <= LONGEST_TEXT or not text.isprintable() or "\N{REPLACEMENT CHARACTER}" in text:
            remedy = f"write 1 to {LONGEST_TEXT} visible characters"
            yield row.problem(name, f"'{text:.40}' is no name", remedy)


def _names(cell: str) -> tuple[str, ...]:
    return tuple(name for part in _BETWEEN_NAMES.split(cell) if (name := part.strip()))


def network_yaml(network: Network) -> str:
    """The text of a network.yaml that reads as this network. It must have a district."""
    assert network.district, "a hub serves a district"
    district = network.district
    lines = [f"district: {{code: {district.code}, name: {_word(district.name)}}}", "towns:"]
    for town in network.towns:
        lines += [f"  {town.code}:", f"    name: {_word(town.name)}"]
        villages = [f"      {v.code}: {_word(v.name)}" for v in network.villages(town.code)]
        lines += ["    villages:", *villages] if villages else ["    villages: {}"]
    lines += _around(network)
    stations = [place for place in network.places if place.level in ("station", "locker")]
    lines += ["stations:"] if stations else []
    for place in stations:
        told = {"name": place.name, "kind": place.level, "village": network.village_of(place.code)}
        lines.append(f"  {place.code}: {_flow(told)}")
    special = sorted((code, _flow(_told(about))) for code, about in network.particulars.items())
    special = [(code, told) for code, told in special if told != "{}"]
    lines += ["particulars:"] if special else []
    lines += [f"  {code}: {told}" for code, told in special]
    return "\n".join(lines) + "\n"


def _around(network: Network) -> list[str]:
    around = network.around
    told = {"province": around.province, "city": around.city, "neighbours": around.neighbours}
    return [f"around: {_flow(told)}"] if any(told.values()) else []


def _told(about: Particulars) -> Mapping[str, str | Sequence[str]]:
    return {
        "aliases": about.aliases,
        "former": about.former,
        "from": about.valid_from,
        "to": about.valid_to,
        "operator": about.operator,
        "operator_from": about.operator_from,
    }


def _flow(told: Mapping[str, str | Sequence[str]]) -> str:
    """What is not empty, on one line."""
    parts = (
        f"{key}: {_word(value) if isinstance(value, str) else '[' + ', '.join(map(_word, value)) + ']'}"
        for key, value in told.items()
        if value
    )
    return "{" + ", ".join(parts) + "}"


def _word(text: str) -> str:
    """A text as it may stand in YAML: bare where it cannot be taken for anything else."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
