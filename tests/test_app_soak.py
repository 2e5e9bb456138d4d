"""Days of one line of the hub: real loop, controller, journal, shadow, database, retention; flat memory.

As in a hub, the loop has a process of its own, and so has who cares for its records (`sorter.app.caretaker`).
A day is the hub's own: 100,000 parcels over three lines in three waves; hours in which nothing is due are
skipped exactly. The line is fed directly (`tests.fed`): the PLC's program and the belt have their soak in the
torture's line-hours.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

import pytest

from sorter.app.config import hub_from_files
from sorter.app.journal import read
from sorter.app.retention import prune
from sorter.app.segments import segment_paths
from sorter.app.shadow import Shadow
from sorter.app.store import Store
from sorter.app.store_care import DATABASE, verify
from sorter.app.tally import Tally
from sorter.codec import Started, Value
from sorter.flow import Outcome, Us
from tests.fed import steady
from tests.first_decision import MOST_S, MOST_WALL_S, quickest
from tests.linzi import texts
from tests.runs_fed import FedRun

HOUR: Us = 3_600_000_000
DAY = 24 * HOUR
WAVES = ((4 * HOUR + HOUR // 2, 4, 20_000), (11 * HOUR, 2, 10_000), (16 * HOUR, 1, 3_333))
"""Begin, hours, parcels of each wave, of one line."""

C_LIBRARY = ctypes.CDLL(None)
A_DAY = sum(parcels for _, _, parcels in WAVES)
KEPT = """keep:
  segment_mb: 8
  snapshot_records: 20000
  journal_days: 1
  records_days: 2
  advice: 10000
"""
LINZI = hub_from_files({**texts(), "store.yaml": KEPT}, "linzi")


def arrivals(days: int) -> Iterator[Us]:
    for day in range(days):
        for begins, hours, parcels in WAVES:
            for at_us in islice(steady(parcels // hours), parcels):
                yield day * DAY + begins + at_us


class Memory(NamedTuple):
    """Of a process, after a collection: pages that are its own, 10^6 bytes, and the interpreter's blocks.

    The pages of files (program, libraries) are not in it: the kernel takes them when they lie idle and brings
    them back, so that they go up and down by megabytes. Nor is what the C library keeps for the next segment
    of 8 MB, or does not: it gives that back first. A block is a live piece of up to 512 bytes: an object that
    is kept shows there at once, in pages when a megabyte of them is full.
    """

    megabytes: float
    blocks: int


def memory() -> Memory:
    gc.collect()
    if hasattr(C_LIBRARY, "malloc_trim"):
        C_LIBRARY.malloc_trim(0)
    rows = dict(row.split(":", 1) for row in Path("/proc/self/smaps_rollup").read_text().splitlines())
    kilobytes = sum(int(rows[name].split()[0]) for name in ("Anonymous", "Swap"))
    return Memory(kilobytes * 1024 / 1e6, sys.getallocatedblocks())


class Care(NamedTuple):
    """What has come of it: the shadow's differences, segments that went, memory of its process."""

    differences: int
    first: str
    pruned: int
    memory: Memory


def caretaker(asked: Connection, folder: Path, journal: Path) -> None:
    """A process: follows the journal when it is asked, and cares for the files when a day is named."""
    shadow, pruned = Shadow(journal), 0
    while (day := asked.recv()) is not None:
        shadow.follow()
        if day:
            pruned += cared_for(folder, journal, day)
        asked.send(Care(shadow.differences, shadow.first, pruned, memory()))


def cared_for(folder: Path, journal: Path, day: int) -> int:
    """All files were written now: from the second day on retention is told that this is two days ago."""
    with Store(folder / DATABASE) as store:
        store.catch_up(journal)
    now_us = time.time_ns() // 1000 + (2 * DAY if day > 1 else 0)
    return len(prune(folder, LINZI.keeping, now_us=now_us).removed)


class Soak:
    """The run and its shadow; cared for: with database and retention, twice a day."""

    def __init__(self, folder: Path, days: int, cared: bool) -> None:
        self.cared = cared
        self.tally = Tally(LINZI.layout, kept=5_000)
        self.run = FedRun(LINZI, folder, arrivals(days), watch=self._watch)
        self.run.line.waited_us = deque(maxlen=1_000)  # longer, the world itself grows for days
        self.asked, theirs = Pipe()
        keeper = get_context("spawn").Process(
            target=caretaker, args=(theirs, folder, self.run.journal_folder), daemon=True
        )
        keeper.start()
        self.care = Care(0, "", 0, Memory(0.0, 0))
        self.loops: list[Memory] = []
        self.keepers: list[Memory] = []

    def _watch(self, value: Value) -> None:
        assert not isinstance(value, Started)
        self.tally.note(value)

    def day(self, number: int) -> None:
        """One day; memory is measured at the ends of its first and its last wave."""
        for hour in range(1, 25):
            self.run.to(number * DAY + hour * HOUR)
            assert self.run.journal.commit(60.0)
            ends = hour in (9, 24)
            self.asked.send(number + 1 if ends and self.cared else 0)
            self.care = self.asked.recv()
            if ends:
                self.loops.append(memory())
                self.keepers.append(self.care.memory)
        assert self.care.differences == 0, self.care.first


def soak(folder: Path, days: int, cared: bool, report_line: Callable[[str], None]) -> Soak:
    before = time.process_time()
    one = Soak(folder, days, cared)
    for number in range(days):
        one.day(number)
    one.run.end()
    one.asked.send(None)
    cpu_s = time.process_time() - before
    line, tally = one.run.line, one.tally
    assert (line.inducted, line.left, line.missorted) == (days * A_DAY, days * A_DAY, 0)
    assert tally.outcomes.total() == days * A_DAY, "each parcel has one record"
    assert tally.outcomes[Outcome.SORTED] >= 0.999 * days * A_DAY
    report_line(
        f"{days} days, {line.left} parcels, {cpu_s:.0f} CPU s: 0 mis-sorted, "
        f"{line.sorted / line.left:.2%} sorted; MB (thousand blocks) after the first wave and each half day "
        f"of the loop {_listed(one.loops)}, of its caretaker {_listed(one.keepers)}"
    )
    return one


def growth(figures: Sequence[float]) -> float:
    """How much a straight line through all of them rises from the first to the last, of where it begins."""
    line = linear_regression(range(len(figures)), figures)
    return line.slope * (len(figures) - 1) / line.intercept


def test_a_leak_shows_in_the_line_and_a_peak_does_not() -> None:
    assert (
        growth([100.0 + day / 10 for day in range(30)]) > 0.02 > growth([100.0] * 20 + [103.0] + [100.0] * 9)
    )


def _listed(figures: list[Memory]) -> str:
    return " ".join(f"{one.megabytes:.1f} ({one.blocks // 1000})" for one in figures)


@pytest.mark.timeout(900)
def test_a_day_of_the_line_loses_nothing_and_a_restart_after_it_is_quick(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    one = soak(tmp_path / "run", 1, False, report_line)
    assert one.loops[-1].megabytes <= one.loops[0].megabytes * 1.02 + 4, (
        "what came after the first wave took no more"
    )
    records = sum(1 for _ in read(tmp_path / "run" / "journal"))
    took = quickest(tmp_path / "run", LINZI.files)
    report_line(f"after {records} records {took.words}")
    assert records >= 100_000
    assert took.decided_s <= MOST_S, "CPU seconds from exec to its first decision"
    assert took.wall_s <= MOST_WALL_S, "nor did it sleep"


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_thirty_days_leave_the_memory_flat_and_only_a_days_journal(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    one = soak(tmp_path / "run", 30, True, report_line)
    for whose, figures in (("loop", one.loops), ("caretaker", one.keepers)):
        for what, column in zip(("megabytes", "blocks"), zip(*figures[1:], strict=True), strict=True):
            grown, more = growth(column), column[-1] / column[0] - 1
            report_line(
                f"{whose}, {what} after day 1: {grown:+.2%} by a line through all, {more:+.2%} in the end"
            )
            assert max(grown, more) <= 0.02, f"{what} of the {whose} after day 1"
    pruned = one.care.pruned
    assert pruned > 0 and len(segment_paths(tmp_path / "run" / "journal")) < pruned
    assert verify(tmp_path / "run").records > 0
    took = quickest(tmp_path / "run", LINZI.files)
    report_line(f"{pruned} segments went; {took.words}")
    assert took.in_time
