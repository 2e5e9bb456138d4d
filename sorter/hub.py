"""A hub as one immutable snapshot: what `sorter.app.config` builds and everything else is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sorter.layout import Layout, Link
from sorter.network import Network
from sorter.plan import Plan
from sorter.sites import NO_SITES, Sites
from sorter.waybill import Couriers


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
