"""Watches the stream of events and effects and keeps the figures that people look at. Decides nothing."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from sorter.app.grades import GradeBook
from sorter.flow import (
    Decision,
    Effect,
    Event,
    FrameRead,
    Inducted,
    Notice,
    Outcome,
    PackState,
    ParcelRecord,
    PlanOrdered,
    PlanRolledBack,
    StateChanged,
    Triggered,
    Us,
    WaveBegan,
    Why,
)
from sorter.layout import Layout
from sorter.timing import travel_us

NOTICES_KEPT = 200
PICTURES_KEPT = 4096
"""Pictures without an answer that are remembered."""


@dataclass(slots=True)
class OnBelt:
    """A parcel on the belt as it is known now. decision None = not decided yet."""

    inducted: Inducted
    pictures: int = 0
    decision: Decision | None = None


class Tally:
    """Figures of one run. Instants are line-clock us.

    kept           latest records and times that are kept, None = all, which no run of days may have
    open           parcels on the belt by id, most downstream first
    records        parcel records, in order
    vision_us      exposure -> answer, one per picture
    decision_us    exposure of its first picture -> decision, one per decided parcel that was pictured
    plans          what was ordered of plans and told of waves, in order
    grades         how good the waybills looked
    margin_us      machine took the order -> parcel at its decision position, one per parcel told a chute
    """

    def __init__(self, layout: Layout, kept: int | None = None) -> None:
        self.open: dict[int, OnBelt] = {}
        self.records: deque[ParcelRecord] = deque(maxlen=kept)
        self.notices: deque[Notice] = deque(maxlen=NOTICES_KEPT)
        self.outcomes: Counter[Outcome] = Counter()
        self.whys: Counter[Why] = Counter()
        self.inducted = 0
        self.pictures = 0
        self.state = PackState.STOPPED
        self.first_us: Us | None = None
        self.last_us: Us = 0
        self.vision_us: deque[Us] = deque(maxlen=kept)
        self.decision_us: deque[Us] = deque(maxlen=kept)
        self.margin_us: deque[Us] = deque(maxlen=kept)
        self.grades = GradeBook()
        self.plans: list[PlanOrdered | PlanRolledBack | WaveBegan] = []
        self._layout = layout
        self._exposed: dict[tuple[int, int], Us] = {}
        self._first_look: dict[int, Us] = {}

    def note(self, value: Event | Effect) -> None:
        """Take in one event or effect, in the order in which they happen."""
        if isinstance(value, ParcelRecord):
            self._record(value)
        elif isinstance(value, Inducted):
            self.inducted += 1
            self.open[value.pid] = OnBelt(value)
            self.first_us = value.at_us if self.first_us is None else self.first_us
        elif isinstance(value, Triggered):
            self._picture(value)
        elif isinstance(value, FrameRead):
            self.grades.pictured(value)
            exposed = self._exposed.pop((value.tag.camera, value.tag.frame), None)
            if exposed is not None:
                self.vision_us.append(value.at_us - exposed)
        elif isinstance(value, Decision):
            self._decision(value)
        elif isinstance(value, StateChanged):
            self.state = value.state
        elif isinstance(value, PlanOrdered | PlanRolledBack | WaveBegan):
            self.plans.append(value)
        elif isinstance(value, Notice):
            self.notices.append(value)

    @property
    def deadline_us(self) -> Us:
        """Time from the first picture to the first decision position at full speed."""
        first = self._layout.mm(min(self._layout.decision_counts))
        camera = self._layout.cameras[0]
        return travel_us(first - camera.position_mm - camera.looks_mm[0], self._layout.belt.speed_mm_s)

    def _picture(self, event: Triggered) -> None:
        self.pictures += 1
        self._exposed[event.camera, event.frame] = event.at_us
        if len(self._exposed) > PICTURES_KEPT:
            del self._exposed[next(iter(self._exposed))]
        camera = self._layout.cameras[event.camera]
        way = self._layout.counts(camera.position_mm)
        for pid, parcel in self.open.items():
            reach = self._layout.counts(parcel.inducted.length_mm) // 2
            if abs((event.encoder - parcel.inducted.encoder) % (1 << 32) - way) <= reach:
                parcel.pictures += 1
                self._first_look.setdefault(pid, event.at_us)

    def _decision(self, decision: Decision) -> None:
        parcel = self.open.get(decision.pid)
        first = parcel is None or parcel.decision is None
        if parcel is not None:
            parcel.decision = decision
        if not first:
            return  # a person coded it: that is no latency of ours
        if (look := self._first_look.get(decision.pid)) is not None:
            self.decision_us.append(decision.at_us - look)

    def _record(self, record: ParcelRecord) -> None:
        self.records.append(record)
        self.grades.recorded(record)
        self.outcomes[record.outcome] += 1
        self.whys[record.why] += 1
        self.last_us = record.left_us
        self.open.pop(record.pid, None)
        self._first_look.pop(record.pid, None)
        if record.answered_us >= 0 and record.told < len(self._layout.chutes):
            way = self._layout.mm(self._layout.decision_counts[record.told])
            due = record.seen_us + travel_us(way, self._layout.belt.speed_mm_s)
            self.margin_us.append(due - record.answered_us)


def percentile(values: Sequence[Us], share: float) -> Us:
    """The smallest value that at least `share` of them do not exceed; -1 when there is none."""
    if not values:
        return -1
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]
