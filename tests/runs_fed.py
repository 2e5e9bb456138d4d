"""Runs of a fed line: the real loop, controller and journal, on the clock that a test gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sorter.app.disk import OsDisk
from sorter.app.runner import Runner
from sorter.app.stage import begun, recover
from sorter.app.torture_bench import UnthreadedJournal
from sorter.codec import Value
from sorter.flow import Us
from sorter.hub import Hub
from tests.fed import FedLine
from tests.hubs import ON_DATE

SPEED_MM_S = 1600


UNSYNCED = OsDisk(sync=lambda file: None)


class PlainJournal(UnthreadedJournal):
    """A journal that can be closed without a helper that ends."""

    def close(self, wait_s: float = 0.0) -> bool:
        """True when everything is written."""
        written = self.commit(wait_s)
        self._end.close()
        self._disk.close(self._lock)
        return written


class FedRun:
    """A run in a folder, fed at its own pace: `to` goes on to an instant, in steps of a second.

    The journal's helper does its work within the commit and nothing is synced: only what is written counts.
    """

    def __init__(
        self,
        hub: Hub,
        folder: Path,
        arrivals: Iterator[Us],
        speed_mm_s: int = SPEED_MM_S,
        segment_bytes: int | None = None,
        watch: Callable[[Value], None] = lambda value: None,
    ) -> None:
        self.now_us: Us = 0
        self.line = FedLine(hub, arrivals, lambda: self.now_us, speed_mm_s)
        self.journal_folder = folder / "journal"
        past = recover(hub, self.journal_folder, ON_DATE)
        size = segment_bytes or hub.keeping.segment_mb * 1_000_000
        self.journal = PlainJournal(self.journal_folder, UNSYNCED, lambda: True, size)
        self.runner: Runner = begun(hub, past, self.line, self.line.reads, self.journal, watch, ON_DATE, None)

    def to(self, until_us: Us, step_us: Us = 1_500_000) -> None:
        """Cycles until then; hours in which nothing is due are skipped."""
        while self.now_us < until_us:
            due = self.line.next_us
            if due is None:
                break
            self.now_us = min(until_us, max(self.now_us + step_us, due))
            self.runner.cycle()

    def end(self) -> None:
        """Until everybody has left; the journal is closed."""
        self.to(1 << 60)
        self.runner.cycle()
        assert self.journal.close(), "everything is written"
