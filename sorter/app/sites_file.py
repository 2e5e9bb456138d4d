"""sites.yaml becomes Sites: couriers, codes and places that are unknown or come twice are findings."""

from __future__ import annotations

from collections.abc import Iterator

from sorter.app.fields import nearest
from sorter.app.fitting import Source
from sorter.app.schema import SitesFile
from sorter.app.strict_yaml import Finding, Path
from sorter.network import Network
from sorter.sites import ANY_END, LONGEST, Site, Sites, segments_of
from sorter.waybill import Couriers


def sites_of(file: SitesFile) -> Sites:
    """All entries in the order of the file. The file must have no findings."""
    return Sites(
        tuple(
            Site(courier, code, place)
            for courier, codes in file.sites.items()
            for code, place in codes.items()
        )
    )


def site_findings(source: Source[SitesFile], couriers: Couriers, network: Network) -> Iterator[Finding]:
    """Everything in the file that means nothing, or two things."""
    keys = [courier.key for courier in couriers.couriers]
    for courier, codes in source.model.sites.items():
        path: Path = ("sites", courier)
        if courier not in keys:
            yield source.doc.at(path, f"unknown courier '{courier}'", nearest(courier, keys), key=True)
        seen: dict[str, str] = {}
        for code, place in codes.items():
            if network.find(place) is None:
                what = f"place {place} is not in network.yaml"
                yield source.doc.at((*path, code), what, "use a town's or a village's code")
            if trouble := _trouble(code, seen):
                yield source.doc.at((*path, code), *trouble, key=True)


def _trouble(code: str, seen: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with a code itself; seen: the courier's codes before it, as they are compared."""
    plain = segments_of(code)
    if len(plain) > LONGEST or ANY_END in plain[:-1] or not plain.rstrip(ANY_END):
        return f"'{code}' is not a site code", f"at most {LONGEST} characters, a {ANY_END} only at the end"
    first = seen.setdefault(plain, code)
    if first is not code:
        return f"site code '{code}' is the same as '{first}'", "keep one of the two"
    return None
