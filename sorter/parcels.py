"""The parcels on the belt as the controller knows them: what was seen, read, decided and answered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace

from sorter.flow import (
    OUTCOME_OF,
    REJECT,
    Answered,
    CodeRead,
    Decision,
    FrameTag,
    Inducted,
    NoRead,
    Outcome,
    ParcelRecord,
    Us,
    Verdict,
    Why,
    encoder_delta,
)
from sorter.layout import Layout
from sorter.matching import Span
from sorter.vote import Sighting, Spot


@dataclass(slots=True, eq=False)
class OpenParcel:
    """One parcel between its induction and its record.

    expected_looks  how many pictures will be taken of it
    seen     every code that lies on it; unread: why others on it gave no text, the likeliest code first
    rivals   what may be another waybill: it gave no text in a picture in which a code was read on the parcel
    judged   vision looked for what it could not read; when it failed on any picture, nobody can say so of all
    looks    pictures taken of it so far: (camera, frame) -> answered
    silent   why nothing is decided as long as nothing is
    wake_us  when to decide with what there is, None when that moment is past
    closed   no command may be sent for it any more (it is older than this controller's start)
    """

    inducted: Inducted
    span: Span
    wake_us: Us | None
    expected_looks: int = 0
    seen: list[Sighting] = field(default_factory=list)
    unread: list[NoRead] = field(default_factory=list)
    rivals: list[Spot] = field(default_factory=list)
    judged: bool = False
    pictures: list[FrameTag] = field(default_factory=list)
    looks: dict[tuple[int, int], bool] = field(default_factory=dict)
    silent: Why = Why.VISION_SILENT
    doubtful: bool = False
    decision: Decision | None = None
    verdict: Verdict | None = None
    read_us: Us = -1
    answered_us: Us = -1
    closed: bool = False

    @property
    def reads(self) -> tuple[CodeRead, ...]:
        """Every code read on it, in order."""
        return tuple(sighting.read for sighting in self.seen)

    @property
    def cause(self) -> NoRead:
        """Why it has no waybill, as far as its pictures tell."""
        if self.unread:
            return self.unread[0]
        whole = self.judged and self.silent is Why.NO_CODE
        return NoRead.NO_LABEL if whole and not self.seen else NoRead.NONE

    @property
    def assigned(self) -> bool:
        """The machine was told a chute."""
        return self.decision is not None and self.decision.chute != REJECT

    @property
    def ripe(self) -> bool:
        """Every picture of it is answered; or, when its time is up, those taken are, or a code was read."""
        answered = bool(self.looks) and all(self.looks.values())
        if self.wake_us is None:
            return answered or bool(self.seen)
        return answered and len(self.looks) >= self.expected_looks

    def routed_as(self, waybill: str) -> bool:
        """Whether it is this waybill's parcel, on its way to a chute of its destination."""
        decision = self.decision
        if decision is None or not self.assigned or self.closed:
            return False
        return decision.waybill == waybill and decision.why is Why.ROUTED

    def sent_to(self, chute: int) -> bool:
        """Whether it may come out there: by its order, or should that chute be full."""
        decision = self.decision
        if decision is None or not self.assigned or self.closed:
            return False
        return chute in (decision.chute, decision.alternate)

    def called_back(self, event: Answered, held: Callable[[str], bool]) -> list[Decision]:
        """An intercept or a lock after the decision: it replaces it where the machine could still obey."""
        assert self.decision is not None
        if event.verdict is not Verdict.TAKEN:
            return []
        why = Why.INTERCEPTED if held(self.decision.waybill) else Why.CHUTE_LOCKED
        self.decision = replace(
            self.decision, at_us=event.at_us, chute=REJECT, alternate=REJECT, why=why, rule=""
        )
        return [self.decision]

    def record(self, epoch: int, why: Why, left: int, left_us: Us) -> ParcelRecord:
        """Its row, now that it has left."""
        decision = self.decision
        return ParcelRecord(
            epoch=epoch,
            pid=self.inducted.pid,
            outcome=OUTCOME_OF[why],
            why=why,
            waybill=decision.waybill if decision else "",
            courier=decision.courier if decision else "",
            place=decision.place if decision else "",
            rule=decision.rule if decision else "",
            plan_version=decision.plan_version if decision else "",
            told=decision.chute if decision else REJECT,
            alternate=decision.alternate if decision else REJECT,
            left=left,
            length_mm=self.inducted.length_mm,
            reads=self.reads,
            seen_us=self.inducted.at_us,
            read_us=self.read_us,
            decided_us=decision.at_us if decision else -1,
            answered_us=self.answered_us,
            left_us=left_us,
            cause=self.cause if OUTCOME_OF[why] is Outcome.NO_READ else NoRead.NONE,
            pictures=tuple(self.pictures),
        )


def stray_record(epoch: int, left: int, left_us: Us) -> ParcelRecord:
    """The row of an object that was never inducted: all we know is where it came out."""
    nobody = OpenParcel(Inducted(-1, 0, 0, 0), Span(0, 0, 0), wake_us=None)
    return nobody.record(epoch, Why.STRAY, left, left_us)


class OpenParcels:
    """Open parcels by id, in belt order."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._looks = sum(len(camera.looks_mm) for camera in layout.cameras)
        self._by_pid: dict[int, OpenParcel] = {}
        self._undecided: dict[int, OpenParcel] = {}
        self._longest_half = 0

    def add(self, inducted: Inducted, wake_us: Us) -> None:
        """A parcel was inducted."""
        half = self._layout.counts(inducted.length_mm) // 2
        span = Span(inducted.pid, inducted.encoder, half)
        parcel = OpenParcel(inducted, span, wake_us, self._looks)
        self._by_pid[inducted.pid] = self._undecided[inducted.pid] = parcel
        self._longest_half = max(self._longest_half, half)

    def get(self, pid: int) -> OpenParcel | None:
        """The open parcel with this id."""
        return self._by_pid.get(pid)

    def __getitem__(self, pid: int) -> OpenParcel:
        """The open parcel with this id, which must be open."""
        return self._by_pid[pid]

    def decide(self, parcel: OpenParcel, decision: Decision) -> None:
        """Its decision has been made; only a person's word may follow."""
        parcel.decision = decision
        self._undecided.pop(parcel.inducted.pid, None)

    def take(self, pid: int) -> OpenParcel | None:
        """The open parcel with this id, and it is open no more."""
        self._undecided.pop(pid, None)
        return self._by_pid.pop(pid, None)

    @property
    def undecided(self) -> Collection[OpenParcel]:
        """Open parcels without a decision, most downstream first."""
        return self._undecided.values()

    def next_wake_us(self) -> Us | None:
        """The first instant at which somebody is to be decided with what there is."""
        first: Us | None = None
        for parcel in self._undecided.values():
            wake_us = parcel.wake_us
            if wake_us is not None and (first is None or wake_us < first):
                first = wake_us
        return first

    def spans_near(self, place: int, slack: int) -> list[Span]:
        """Where those lie that `place` may be on, give or take `slack`, and the next ones on either side.

        place  u32 counts; belt order is order of induction, so the search ends with the first one beyond
        """
        reach, near = self._longest_half + slack, list[Span]()
        for parcel in reversed(self._by_pid.values()):
            ahead = encoder_delta(place, parcel.span.place)
            if ahead < -reach:
                near.clear()
            near.append(parcel.span)
            if ahead > reach:
                break
        near.reverse()
        return near

    def __iter__(self) -> Iterator[OpenParcel]:
        """Most downstream first."""
        return iter(self._by_pid.values())

    def __len__(self) -> int:
        return len(self._by_pid)

    def clear(self) -> list[OpenParcel]:
        """All of them, and none is open any more."""
        parcels = list(self)
        self._by_pid.clear()
        self._undecided.clear()
        return parcels
