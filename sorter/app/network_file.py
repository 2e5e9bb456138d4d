"""network.yaml and couriers.yaml become a Network and Couriers; codes and names that clash are findings."""

from __future__ import annotations

from collections.abc import Iterator

from sorter.app.fitting import Source
from sorter.app.schema import CouriersFile, NetworkFile
from sorter.app.strict_yaml import Finding, Path
from sorter.network import Network, Place
from sorter.waybill import Courier, Couriers, Pattern


def network_of(file: NetworkFile) -> Network:
    """District, then each town followed by its villages. The codes must be distinct."""
    places = [Place(file.district.code, file.district.name, "district", "")]
    for town_code, town in file.towns.items():
        places.append(Place(town_code, town.name, "town", town_code))
        places += (Place(code, name, "village", town_code) for code, name in town.villages.items())
    return Network(tuple(places))


def network_findings(source: Source[NetworkFile]) -> Iterator[Finding]:
    """Codes that two places have, and towns of one name (a rule could not tell them apart)."""
    seen: dict[str, Path] = {source.model.district.code: ("district", "code")}
    names: dict[str, Path] = {}
    for town_code, town in source.model.towns.items():
        path: Path = ("towns", town_code)
        yield from _clash(source, seen, town_code, path, "code")
        yield from _clash(source, names, town.name, (*path, "name"), "town name")
        for code in town.villages:
            yield from _clash(source, seen, code, (*path, "villages", code), "code")


def couriers_of(file: CouriersFile) -> Couriers:
    """Couriers and their formats in the order of the file."""
    patterns = (
        Pattern(key, pattern.regex, pattern.valid_from, pattern.valid_to)
        for key, courier in file.couriers.items()
        for pattern in courier.patterns
    )
    named = tuple(Courier(key, courier.zh, courier.en) for key, courier in file.couriers.items())
    return Couriers(named, tuple(patterns))


def courier_findings(source: Source[CouriersFile]) -> Iterator[Finding]:
    """Formats whose last day lies before their first: they would never match."""
    for key, courier in source.model.couriers.items():
        for index, pattern in enumerate(courier.patterns):
            if pattern.valid_to and pattern.valid_to < pattern.valid_from:
                what = f"ends on {pattern.valid_to}, before it begins on {pattern.valid_from}"
                path: Path = ("couriers", key, "patterns", index, "to")
                yield source.doc.at(path, what, "correct one of the two days, or delete the pattern")


def _clash(
    source: Source[NetworkFile], seen: dict[str, Path], word: str, path: Path, kind: str
) -> Iterator[Finding]:
    first = seen.setdefault(word, path)
    if first != path:
        what = f"{kind} {word} is already used at line {source.doc.keys[first][0]}"
        yield source.doc.at(path, what, "give each place its own", key=True)
