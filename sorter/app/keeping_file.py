"""store.yaml becomes what is kept of a run; limits that contradict each other are a mistake."""

from __future__ import annotations

from collections.abc import Iterator

from sorter.app.fitting import Source
from sorter.app.schema import StoreFile
from sorter.app.strict_yaml import Finding
from sorter.hub import Keeping


def keeping_of(file: StoreFile) -> Keeping:
    """The file's numbers."""
    return Keeping(**file.keep.model_dump())


def keeping_findings(source: Source[StoreFile]) -> Iterator[Finding]:
    """A stop before its alarm, a journal that cannot hold what a restart needs, rows that go before it."""
    keep, place = source.model.keep, ("keep",)
    if keep.stop_mb >= keep.alarm_mb:
        what = f"new parcels stop at {keep.stop_mb} MB, which is not below the alarm at {keep.alarm_mb} MB"
        yield source.doc.at((*place, "stop_mb"), what, "let the alarm come first")
    if keep.journal_mb < 4 * keep.segment_mb:
        what = f"{keep.journal_mb} MB hold fewer than four segments of {keep.segment_mb} MB"
        yield source.doc.at((*place, "journal_mb"), what, "keep more, or write smaller segments")
    if keep.records_days < keep.journal_days:
        what = f"rows go after {keep.records_days} days, their journal after {keep.journal_days}"
        yield source.doc.at((*place, "records_days"), what, "keep the rows at least as long")
