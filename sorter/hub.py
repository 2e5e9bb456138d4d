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


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept of a run, for how long, and how much room its disk must have; MB = 10^6 bytes.

    segment_mb        a segment of the journal is not written beyond this size
    snapshot_records  records of the journal after which the controller's state is kept anew: what a restart
                      replays at most, give or take as many as come while one is written
    journal_days, journal_mb  a segment older than this, or beyond this size of all, may go
    records_days      rows of the database older than this may go
    alarm_mb, stop_mb  free room below which a person is told, and below which no new parcel is taken
    advice            waybills of which the controller remembers where they go; the oldest is forgotten
    """

    segment_mb: int = 16
    snapshot_records: int = 20_000
    journal_days: int = 180
    journal_mb: int = 50_000
    records_days: int = 800
    alarm_mb: int = 5_000
    stop_mb: int = 1_000
    advice: int = 300_000


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
    keeping: Keeping = Keeping()
