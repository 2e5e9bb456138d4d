"""Site codes and three-segment codes (三段码): private to each courier, found by their longest known prefix.

A prefix ends where a segment ends: 531-B12 is one of 531-B12-003 and none of 531-B120. An entry that ends
with * is a prefix of characters. The same code at two couriers means two places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

ANY_END = "*"
LONGEST = 64
"""Longer codes are nobody's; bounds the work that an untrusted text can cause."""

_BETWEEN = re.compile(r"[\s\-/_.]+")


@dataclass(frozen=True, slots=True)
class Site:
    """One entry of a courier's list: what begins with `code` goes to a place (a code of the network)."""

    courier: str
    code: str
    place: str


def segments_of(code: str) -> str:
    """A code in capitals with one hyphen between its segments, however it was written."""
    return _BETWEEN.sub("-", code.strip().upper()).strip("-")


@dataclass(frozen=True)
class Sites:
    """All couriers' entries; no two of one courier have the same code."""

    entries: tuple[Site, ...] = ()

    def __post_init__(self) -> None:
        assert len(self._known) == len(self.entries), "a courier has two entries of one code"

    def find(self, courier: str, code: str) -> Site | None:
        """The courier's entry with the longest prefix of this code; None when it has none."""
        if len(code) > LONGEST:
            return None
        keys = ((courier, prefix) for prefix in _prefixes(segments_of(code)))
        return next((self._known[key] for key in keys if key in self._known), None)

    @cached_property
    def _known(self) -> dict[tuple[str, str], Site]:
        return {(site.courier, segments_of(site.code)): site for site in self.entries}


def _prefixes(code: str) -> Iterator[str]:
    """Longest first: the code itself, then every prefix that ends with a segment or is written with a *."""
    for end in range(len(code), 0, -1):
        if end == len(code) or code[end] == "-":
            yield code[:end]
        yield code[:end] + ANY_END


NO_SITES = Sites()
