"""A hub as one immutable snapshot: what `sorter.app.config` builds and everything else is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sorter.layout import Layout, Link
from sorter.network import Network
from sorter.plan import Plan
from sorter.sites import NO_SITES, Sites
from sorter.waybill import Couriers


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave of the day, HH:MM local time; the last minute is not included."""

    name: str
    begins: str
    ends: str

    def runs_at(self, clock: str) -> bool:
        """Whether it runs at this HH:MM; one that ends before it begins runs over midnight."""
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@dataclass(frozen=True)
class Hub:
    """One hub's configuration.

    files  name -> text of the files it was read from; enough to build it again (replay)
    """

    name: str
    layout: Layout
    link: Link
    network: Network
    couriers: Couriers
    plan: Plan
    files: Mapping[str, str]
    sites: Sites = NO_SITES
    waves: tuple[Wave, ...] = ()
