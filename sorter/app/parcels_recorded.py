"""What came to a line, out of a table or its journal: parcels as they were at the infeed, and were read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sim.hubline.recorded import DRAWN, Recorded
from sim.line import RELEASE_MM
from sorter.app.journal import read
from sorter.app.parcels_file import read_parcels_table
from sorter.codec import Value
from sorter.errors import StoreError
from sorter.flow import (
    ENCODER_SPAN,
    Advised,
    Inducted,
    InterceptSet,
    ParcelRecord,
    Rebooted,
    Triggered,
    Us,
    Why,
    encoder_delta,
)
from sorter.hub import Hub
from sorter.layout import Layout

FIRST_US: Us = 10_000_000
"""When the first parcel comes: the belt is at speed by then, as it was."""


def recorded_parcels(source: Path, hub: Hub) -> tuple[Recorded, ...]:
    """The parcels of a table (a .csv file) or of a journal (its folder).

    Raises ConfigError for a wrong table, StoreError for what is no journal or a damaged one.
    """
    if source.is_dir():
        return parcels_of_journal(read(source), hub, source)
    return read_parcels_table(source, hub)


def parcels_of_journal(values: Iterable[Value], hub: Hub, source: Path) -> tuple[Recorded, ...]:
    """What came to the infeed, in order, the first of them at FIRST_US.

    Arrival is when the infeed released it, to within a scan of the PLC. Only parcels with a record count;
    codes of which it was doubtful whose they are count as not read.
    """
    story = _Story(hub.layout)
    for value in values:
        story.note(value)
    parcels = story.parcels()
    if not parcels:
        remedy = "name a folder with *.journal files of a run"
        raise StoreError(f"{source}: 没有包裹记录 / no parcel is recorded here\n  {remedy}")
    return parcels


@dataclass
class _Story:
    """What the journal has told so far.

    waiting  inducted, and not in its first picture yet
    """

    layout: Layout
    inducted: list[Inducted] = field(default_factory=list)
    waiting: deque[Inducted] = field(default_factory=deque)
    exposed_us: dict[int, Us] = field(default_factory=dict)
    records: dict[tuple[int, Us], ParcelRecord] = field(default_factory=dict)
    advised: dict[str, Advised] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def note(self, value: Value) -> None:
        """One value more."""
        if isinstance(value, Inducted):
            self.inducted.append(value)
            self.waiting.append(value)
        elif isinstance(value, Triggered):
            self._exposed(value)
        elif isinstance(value, ParcelRecord):
            self.records[value.pid, value.seen_us] = value
        elif isinstance(value, Advised):
            self.advised[value.waybill] = value
        elif isinstance(value, InterceptSet):
            (self.held.add if value.held else self.held.discard)(value.waybill)
        elif isinstance(value, Rebooted):
            self.waiting.clear()

    def _exposed(self, picture: Triggered) -> None:
        """A picture belongs to the parcel whose centre was nearest to the camera, within half a pitch."""
        camera, near = self.layout.cameras[0], self.layout.counts(self.layout.infeed.min_pitch_mm) // 2
        if picture.camera != camera.id:
            return
        way = self.layout.counts(camera.position_mm + camera.looks_mm[0])
        while self.waiting:
            behind = encoder_delta(picture.encoder, (self.waiting[0].encoder + way) % ENCODER_SPAN)
            if behind < -near:
                return
            first = self.waiting.popleft()
            if behind <= near:
                self.exposed_us[first.pid] = picture.at_us
                return

    def parcels(self) -> tuple[Recorded, ...]:
        """Everything inducted that has a record."""
        known = [(one, self.records.get((one.pid, one.at_us))) for one in self.inducted]
        pairs = [(one, record) for one, record in known if record is not None]
        offers = [self._released_us(one) for one, _ in pairs]
        return tuple(
            self._parcel(one, record, FIRST_US + offer - offers[0])
            for (one, record), offer in zip(pairs, offers, strict=True)
        )

    def _released_us(self, one: Inducted) -> Us:
        way_mm = one.length_mm + RELEASE_MM
        return one.at_us - way_mm * 1_000_000 // self.layout.belt.speed_mm_s

    def _parcel(self, one: Inducted, record: ParcelRecord, arr_us: Us) -> Recorded:
        infeed, exposed_us = self.layout.infeed, self.exposed_us.get(one.pid)
        length_mm = min(max(one.length_mm, infeed.shortest_mm), infeed.longest_mm)
        reads = () if record.why in (Why.READ_AMBIGUOUS, Why.READS_DISAGREE) else record.reads
        texts = [read.text for read in reads]
        advised = next((self.advised[text] for text in texts if text in self.advised), None)
        latency_us = DRAWN
        if exposed_us is not None and record.decided_us > exposed_us:
            latency_us = record.decided_us - exposed_us
        held = any(text in self.held for text in texts)
        return Recorded(arr_us, length_mm, reads, advised, held, latency_us)
