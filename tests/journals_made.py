"""Journals and records that several tests begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sorter.app.journal import JournalWriter
from sorter.codec import Value
from sorter.flow import REJECT, CodeRead, Inducted, Outcome, ParcelRecord, Why

CORNERS = ((100, 200), (400, 200), (400, 260), (100, 260))
READ = CodeRead("773012345678901", "Code128", CORNERS, "zxing")

RECORD = ParcelRecord(
    epoch=0, pid=17, outcome=Outcome.SORTED, why=Why.ROUTED, waybill="773012345678901", courier="sto",
    place="370305101", rule="towns/3", plan_version="v1", told=9, alternate=REJECT, left=9, length_mm=320,
    reads=(READ,), seen_us=1_000_000, read_us=1_900_000, decided_us=2_000_000, answered_us=2_100_000,
    left_us=9_000_000,
)  # fmt: skip


def record(pid: int, waybill: str = RECORD.waybill, outcome: Outcome = Outcome.SORTED) -> ParcelRecord:
    """A parcel like `RECORD`, one second for each pid later."""
    return replace(RECORD, pid=pid, waybill=waybill, outcome=outcome, left_us=pid * 1_000_000)


def values(count: int, first: int = 1) -> list[Value]:
    """Small values that can be told apart."""
    return [Inducted(1000 * pid, pid, 300, 0) for pid in range(first, first + count)]


def write(folder: Path, wanted: Sequence[Value], segment_bytes: int = 1 << 20) -> None:
    """Append to the journal in the folder, each value made durable by itself."""
    writer = JournalWriter(folder, segment_bytes=segment_bytes)
    for value in wanted:
        writer.append(value)
        assert writer.commit(5.0)
    assert writer.close()
