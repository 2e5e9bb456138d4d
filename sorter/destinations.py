"""Where a parcel goes, whoever says so: the word of the highest authority that has one, every step kept.

Intercept > override > manifest > site code > address > courier default > exception. What fails on one step
is told and passed on to the next; what a rule of the plan then makes of the place is `sorter.plan`'s matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sorter.addresses import Resolver
from sorter.network import Network
from sorter.sites import Sites
from sorter.words import Authority, Word


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one parcel; "" = nothing. override, place: codes of the network."""

    held: bool = False
    override: str = ""
    place: str = ""
    site: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Maps:
    """What turns words into places. defaults: courier -> code of the place for what nothing else tells."""

    network: Network
    sites: Sites
    resolver: Resolver
    defaults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One authority's word: the place it gives ("" = none) and why: a Word, an AddressWhy, a site's prefix.

    candidates  codes of the places that it cannot decide between
    """

    authority: Authority
    place: str
    detail: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """The result with the way to it. place "" = held or an exception; the last step decided."""

    place: str
    steps: tuple[Step, ...]

    @property
    def authority(self) -> Authority:
        """Who decided."""
        return self.steps[-1].authority

    @property
    def unclear(self) -> bool:
        """An address was given and is refused, and nobody else knows better."""
        return not self.place and any(step.authority is Authority.ADDRESS for step in self.steps)


def destination(known: Known, courier: str, maps: Maps) -> Destination:
    """Ask every authority in its order until one gives a place; those that know nothing leave no step."""
    steps: list[Step] = []
    for step in _asked(known, courier, maps):
        steps.append(step)
        if step.place or step.authority is Authority.INTERCEPT:
            break
    else:
        steps.append(Step(Authority.EXCEPTION, "", Word.NOBODY_KNOWS.value))
    return Destination(steps[-1].place, tuple(steps))


def _asked(known: Known, courier: str, maps: Maps) -> Iterator[Step]:
    """The steps of those that have a word, lazily: nobody is asked after one who knows."""
    if known.held:
        yield Step(Authority.INTERCEPT, "", Word.HELD.value)
    asked: tuple[tuple[str, Callable[[], Step]], ...] = (
        (known.override, lambda: _by_code(Authority.OVERRIDE, known.override, maps.network)),
        (known.place, lambda: _by_code(Authority.MANIFEST, known.place, maps.network)),
        (known.site, lambda: _by_site(courier, known.site, maps)),
        (known.address, lambda: _by_address(known.address, maps.resolver)),
    )
    yield from (answer() for word, answer in asked if word)
    if courier in maps.defaults:
        yield _by_code(Authority.COURIER_DEFAULT, maps.defaults[courier], maps.network)


def _by_code(authority: Authority, code: str, network: Network) -> Step:
    if network.find(code) is None:
        return Step(authority, "", Word.UNKNOWN_PLACE.value)
    return Step(authority, code, Word.PLACE_NAMED.value)


def _by_site(courier: str, code: str, maps: Maps) -> Step:
    site = maps.sites.find(courier, code)
    if site is None:
        return Step(Authority.SITE_CODE, "", Word.UNKNOWN_SITE.value)
    return Step(Authority.SITE_CODE, site.place, site.code)


def _by_address(address: str, resolver: Resolver) -> Step:
    resolved = resolver.resolve(address)
    return Step(Authority.ADDRESS, resolved.place, resolved.why.value, resolved.candidates)
