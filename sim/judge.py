"""The judge: compares what the line physically did, and what was recorded, with the truth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.line import TAKEN_OFF
from sim.rightful import PlanEvent, Rightful
from sim.truth import Truth
from sorter.flow import REJECT, Outcome, ParcelRecord, Us
from sorter.hub import Hub

_NONE: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class Missort:
    """A parcel that came off by a chute that is not right for its true destination."""

    truth: Truth
    chute: int
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Figures with their denominators.

    inducted   parcels the infeed put on the belt
    readable   of these, whose label was good by truth; read = of the readable, with their waybill recorded
    invented   records with a waybill that is printed on no parcel
    untrue     records whose chute is not the one by which that waybill physically left
    """

    inducted: int
    recorded: int
    outcomes: Mapping[Outcome, int]
    readable: int
    read: int
    missorts: tuple[Missort, ...]
    invented: tuple[str, ...]
    untrue: tuple[str, ...]

    @property
    def sorted(self) -> int:
        """Records that ended as sorted."""
        return self.outcomes.get(Outcome.SORTED, 0)

    @property
    def accuracy_base(self) -> int:
        """Inducted minus no-reads: the denominator of the sort accuracy (domain.md)."""
        return self.inducted - self.outcomes.get(Outcome.NO_READ, 0)

    @property
    def right(self) -> bool:
        """Nothing went to a wrong chute, was invented or recorded untruly."""
        return not (self.missorts or self.invented or self.untrue)

    @property
    def conserved(self) -> bool:
        """Every inducted parcel has exactly one record."""
        return self.inducted == self.recorded


def judge(
    hub: Hub,
    truths: Sequence[Truth],
    left: Mapping[int, int],
    records: Sequence[ParcelRecord],
    misreadings: Mapping[int, str] = _NONE,
    late: Collection[str] = (),
    on_date: str = "",
    happened: Iterable[PlanEvent] = (),
) -> Judgement:
    """left: parcel number -> chute by which it physically came off (parcels still on the line are absent).

    misreadings  parcel number -> the waybill that a reader at fault makes of it; a record may have it
    late         waybills that were announced late
    on_date      the day by which places are served, "" = any
    happened     what was ordered of plans and told of waves in the run
    """
    unsure = {*misreadings, *(truth.n for truth in truths if truth.waybill in late)}
    carriers = _carriers(truths, misreadings)
    own = [record for record in records if record.pid]
    read = {record.waybill for record in own if record.waybill}
    outcomes: dict[Outcome, int] = {}
    for record in own:
        outcomes[record.outcome] = outcomes.get(record.outcome, 0) + 1
    seen = [truth for truth in truths if truth.n in left]
    return Judgement(
        inducted=len(seen),
        recorded=len(own),
        outcomes=outcomes,
        readable=sum(truth.readable for truth in seen),
        read=sum(truth.readable and _was_read(truth, read, own) for truth in seen),
        missorts=tuple(_missorts(Rightful(hub, on_date, happened), seen, left, unsure, own)),
        invented=tuple(sorted(read - carriers.keys())),
        untrue=tuple(_untrue(carriers, left, own)),
    )


def _was_read(truth: Truth, read: set[str], records: Sequence[ParcelRecord]) -> bool:
    """Several codes are read too: both texts stand in the record though neither is its waybill."""
    if truth.waybill in read:
        return True
    texts = {code.text for record in records for code in record.reads}
    return set(truth.waybills) <= texts


def _missorts(
    rightful: Rightful,
    truths: Sequence[Truth],
    left: Mapping[int, int],
    unsure: Collection[int],
    records: Sequence[ParcelRecord],
) -> list[Missort]:
    """A chute where a person codes parcels is right, too, for one of the unsure, unless it is held."""
    decided: dict[str, list[Us]] = {}
    for record in records:
        if record.waybill and record.decided_us >= 0:
            decided.setdefault(record.waybill, []).append(record.decided_us)
    found = []
    for truth in truths:
        chute, right = left[truth.n], rightful.chutes(truth, decided.get(truth.waybill, ()))
        coded = rightful.by_hand() if truth.n in unsure and not truth.held else ()
        if chute not in (REJECT, TAKEN_OFF, *right, *coded):
            found.append(Missort(truth, chute, right))
    return found


def _carriers(truths: Sequence[Truth], misreadings: Mapping[int, str]) -> dict[str, list[int]]:
    """Waybill -> the parcels that may be read as it."""
    carriers: dict[str, list[int]] = {}
    printed = ((truth.n, waybill) for truth in truths for waybill in truth.waybills)
    for n, waybill in (*printed, *misreadings.items()):
        carriers.setdefault(waybill, []).append(n)
    return carriers


def _untrue(
    carriers: Mapping[str, Sequence[int]], left: Mapping[int, int], records: Sequence[ParcelRecord]
) -> list[str]:
    """A record is the truth about its parcel, or says that it does not know."""
    vague = (Outcome.UNKNOWN_AFTER_RESTART, Outcome.LOST, Outcome.PURGED)
    return [
        record.waybill
        for record in records
        if record.waybill in carriers
        and record.outcome not in vague
        and all(left.get(n, record.left) != record.left for n in carriers[record.waybill])
    ]
