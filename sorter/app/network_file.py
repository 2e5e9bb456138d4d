"""network.yaml and couriers.yaml become a Network and Couriers; codes and names that clash are findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from sorter.app.fields import nearest
from sorter.app.fitting import Source
from sorter.app.pattern_overlap import common_text
from sorter.app.schema import CouriersFile, NetworkFile, ParticularsModel, PatternModel
from sorter.app.strict_yaml import Finding, Path
from sorter.network import NONE_KNOWN, Level, Network, Particulars, Place, Surroundings
from sorter.waybill import Courier, Couriers, Pattern


def network_of(file: NetworkFile) -> Network:
    """District, each town followed by its villages, stations and lockers. The file has no findings."""
    places = [Place(file.district.code, file.district.name, "district", "")]
    for town_code, town in file.towns.items():
        places.append(Place(town_code, town.name, "town", town_code))
        places += (Place(code, name, "village", town_code) for code, name in town.villages.items())
    towns = {place.code: place.town for place in places}
    for code, station in file.stations.items():
        level: Level = "locker" if station.kind == "locker" else "station"
        places.append(Place(code, station.name, level, towns[station.village]))
    around = Surroundings(file.around.province, file.around.city, file.around.neighbours)
    return Network(tuple(places), _particulars(file), around)


def _particulars(file: NetworkFile) -> dict[str, Particulars]:
    special = {code: Particulars(village=station.village) for code, station in file.stations.items()}
    for code, model in file.particulars.items():
        special[code] = replace(special.get(code, NONE_KNOWN), **model.model_dump())
    return special


def network_findings(source: Source[NetworkFile]) -> Iterator[Finding]:
    """Codes of two places, towns of one name (no rule could tell them apart), words about no place."""
    seen: dict[str, Path] = {source.model.district.code: ("district", "code")}
    names: dict[str, Path] = {}
    for town_code, town in source.model.towns.items():
        path: Path = ("towns", town_code)
        yield from _clash(source, seen, town_code, path, "code")
        yield from _clash(source, names, town.name, (*path, "name"), "town name")
        for code in town.villages:
            yield from _clash(source, seen, code, (*path, "villages", code), "code")
    yield from _station_findings(source, seen)
    for code, model in source.model.particulars.items():
        path = ("particulars", code)
        if code not in seen:
            yield source.doc.at(path, f"place {code} is not in this file", nearest(code, seen), key=True)
        if code in source.model.towns:
            yield from _town_names(source, names, path, model)
        yield from _dates(source, path, model)


def _station_findings(source: Source[NetworkFile], seen: dict[str, Path]) -> Iterator[Finding]:
    villages = [code for town in source.model.towns.values() for code in town.villages]
    for code, station in source.model.stations.items():
        yield from _clash(source, seen, code, ("stations", code), "code")
        if station.village not in villages:
            what = f"village {station.village} is not in this file"
            yield source.doc.at(("stations", code, "village"), what, nearest(station.village, villages))


def _town_names(
    source: Source[NetworkFile], names: dict[str, Path], path: Path, model: ParticularsModel
) -> Iterator[Finding]:
    for kind in ("aliases", "former"):
        for index, name in enumerate(getattr(model, kind)):
            yield from _clash(source, names, name, (*path, kind, index), "town name")


def _dates(source: Source[NetworkFile], path: Path, model: ParticularsModel) -> Iterator[Finding]:
    if model.valid_to and model.valid_to < model.valid_from:
        what = f"ends on {model.valid_to}, before it begins on {model.valid_from}"
        yield source.doc.at((*path, "to"), what, "correct one of the two days")
    if model.operator_from and not model.operator:
        what = "a day is given, but no operator"
        yield source.doc.at(
            (*path, "operator_from"), what, "name the operator, or delete this line", key=True
        )


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


def overlap_findings(source: Source[CouriersFile]) -> Iterator[Finding]:
    """Formats of two couriers that one number may have, unless the file says that this is known."""
    formats = [
        (("couriers", key, "patterns", index), key, pattern)
        for key, courier in source.model.couriers.items()
        for index, pattern in enumerate(courier.patterns)
    ]
    met: set[tuple[Path, str]] = set()
    for (path, key, one), (other_path, other_key, other) in combinations(formats, 2):
        number = None if key == other_key else _common(one, other)
        if number is None:
            continue
        met |= {(path, other_key), (other_path, key)}
        if other_key not in one.shared_with and key not in other.shared_with:
            what = f"{key} and {other_key} may have the same number, for example {number}"
            remedy = f"write shared_with: [{key}] if the manifest decides, or narrow one of the two"
            yield source.doc.at((*other_path, "regex"), what, remedy, doubt=True)
    for path, _, pattern in formats:
        for index, named in enumerate(pattern.shared_with):
            if (path, named) not in met:
                what = f"no number of {named} has both formats"
                remedy = "delete shared_with here"
                yield source.doc.at((*path, "shared_with", index), what, remedy, doubt=True)


def _common(one: PatternModel, other: PatternModel) -> str | None:
    """A number that has both formats on some day."""
    first, second = sorted((one, other), key=lambda pattern: pattern.valid_from)
    apart = first.valid_to and first.valid_to < second.valid_from
    return None if apart else common_text(one.regex, other.regex)


def _clash(
    source: Source[NetworkFile], seen: dict[str, Path], word: str, path: Path, kind: str
) -> Iterator[Finding]:
    first = seen.setdefault(word, path)
    if first != path:
        what = f"{kind} {word} is already used at line {source.doc.keys[first][0]}"
        yield source.doc.at(path, what, "give each place its own", key=True)
