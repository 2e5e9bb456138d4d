"""One moment of a run, copied out of the tally, so that it can be drawn while the run goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from sorter.app.tally import Tally
from sorter.flow import Decision, Mm, Notice, Outcome, PackState, ParcelRecord, Us, encoder_delta
from sorter.layout import Layout

MINUTE_US: Us = 60_000_000
SHORTEST_BASIS_US: Us = 5_000_000
"""A rate over less than this says nothing."""

MOST_LEFT, MOST_NOTICES = 8, 3


@dataclass(frozen=True, slots=True)
class Spot:
    """A parcel on the belt: how far its centre is beyond the induct eye, and what is decided."""

    pid: int
    place_mm: Mm
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known now.

    exceptions            records that did not end as sorted, strays among them
    per_hour              parcels inducted in the last minute as a rate; None = too early to say
    spots, left, notices  on the belt, gone, told: each newest first
    """

    line_us: Us
    connected: bool
    state: PackState
    inducted: int
    sorted: int
    exceptions: int
    per_hour: int | None
    spots: tuple[Spot, ...]
    left: tuple[ParcelRecord, ...]
    notices: tuple[Notice, ...]


def moment(layout: Layout, tally: Tally, encoder: int, line_us: Us, connected: bool) -> Moment:
    """The state of a run; encoder = belt position now, u32 counts. Takes well under a millisecond."""
    done = tally.outcomes[Outcome.SORTED]
    return Moment(
        line_us=line_us,
        connected=connected,
        state=tally.state,
        inducted=tally.inducted,
        sorted=done,
        exceptions=tally.outcomes.total() - done,
        per_hour=_per_hour(tally, line_us),
        spots=tuple(_spots(layout, tally, encoder)),
        left=tuple(islice(reversed(tally.records), MOST_LEFT)),
        notices=tuple(reversed(tally.notices))[:MOST_NOTICES],
    )


def _spots(layout: Layout, tally: Tally, encoder: int) -> Iterable[Spot]:
    for pid, parcel in reversed(tally.open.items()):
        yield Spot(pid, layout.mm(encoder_delta(encoder, parcel.inducted.encoder)), parcel.decision)


def _per_hour(tally: Tally, line_us: Us) -> int | None:
    """Inductions of the last minute, or since the first one, as parcels per hour, rounded down."""
    if tally.first_us is None:
        return None
    basis_us = min(MINUTE_US, line_us - tally.first_us)
    if basis_us < SHORTEST_BASIS_US:
        return None
    since_us = line_us - basis_us
    count = sum(parcel.inducted.at_us >= since_us for parcel in tally.open.values())
    for record in reversed(tally.records):
        if record.left_us < since_us:
            break
        count += record.pid != 0 and record.seen_us >= since_us
    return count * 60 * MINUTE_US // basis_us
