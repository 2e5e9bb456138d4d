"""Rates beyond any line's, fed at wall pace through the real loop, controller and journal, real syncs.

The belt in the encoder's counts runs so fast that parcels lie a belt's pitch apart: the rate is the loop's
and the disk's load, not a geometry that no belt has. Decision = from the instant at which vision's answer is
there until the order is handed to the machine: the wait for the next cycle and the durable journal in it.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest

from sorter.app.config import load_hub
from sorter.app.journal import JournalWriter, read_kind
from sorter.app.runner import Runner
from sorter.app.stage import started
from sorter.app.tally import percentile
from sorter.controller import Controller
from sorter.flow import Outcome, ParcelRecord, Us
from tests.fed import FedLine, steady
from tests.hubs import ON_DATE
from tests.linzi import FOLDER

LINZI = load_hub(FOLDER)
PITCH_MM = 600
CYCLE_US: Us = 5_000
"""Of the loop in this test: the hub's own poll of 50 ms waits for the PLC, not for the controller."""

TARGET_US: Us = 20_000


@dataclass(frozen=True)
class Figures:
    """What a load came to."""

    line: FedLine
    records: Counter[Outcome]
    late_commits: int
    cpu_s: float
    wall_s: float

    @property
    def waits(self) -> list[Us]:
        """Median, 99 of 100 and 999 of 1,000 decisions take no longer."""
        return [percentile(self.line.waited_us, share) for share in (0.5, 0.99, 0.999)]

    def __str__(self) -> str:
        p50, p99, p999 = (wait / 1000 for wait in self.waits)
        line = self.line
        return (
            f"{line.left} parcels in {self.wall_s:.0f} s: decision p50 {p50:.1f}, p99 {p99:.1f}, "
            f"p99.9 {p999:.1f} ms; {line.sorted / line.left:.2%} sorted, {line.missorted} mis-sorted, "
            f"{self.late_commits} late commits, {self.cpu_s:.1f} CPU s"
        )


def load(folder: Path, per_hour: int, seconds: float) -> Figures:
    """Feed for so long, then let everybody leave."""
    begin = time.monotonic_ns() // 1000
    last_us = round(seconds * 1e6)
    arrivals = takewhile(lambda at_us: at_us < last_us, steady(per_hour))
    speed = PITCH_MM * per_hour // 3600
    line = FedLine(LINZI, arrivals, lambda: time.monotonic_ns() // 1000 - begin, speed)
    journal = JournalWriter(folder)
    journal.append(started(LINZI, ON_DATE))
    runner = Runner(Controller(LINZI, ON_DATE), line, line.reads, journal, lambda value: None)
    gc.collect()
    gc.freeze()
    before = resource.getrusage(resource.RUSAGE_SELF)
    try:
        runner.run(CYCLE_US, lambda: line.idle)
    finally:
        gc.unfreeze()
    runner.cycle()
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert journal.close(30.0)
    records = Counter(record.outcome for _, record in read_kind(folder, None, ParcelRecord))
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(line, records, runner.late_commits, cpu_s, line.line_us() / 1e6)


def nothing_went_wrong(found: Figures, parcels: int) -> None:
    """In any class of the scheduler: one record each, and none in a wrong chute."""
    line = found.line
    assert line.inducted == line.left == parcels
    assert found.records.total() == parcels and found.records[Outcome.SORTED] == line.sorted
    assert line.missorted == 0


def real_time() -> str:
    """The class of the scheduler that this process may have."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        return "SCHED_FIFO"
    return "SCHED_OTHER"


def test_20_000_an_hour_for_a_minute_are_decided_and_none_goes_astray(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    found = load(tmp_path, 20_000, 60.0)
    report_line(f"20,000/h: {found}")
    nothing_went_wrong(found, 334)
    assert found.line.sorted >= 0.99 * found.line.left, "a loop that is much too late rejects"


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_200_000_an_hour_for_ten_minutes_are_decided_in_time(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    kind = real_time()
    try:
        found = load(tmp_path, 200_000, 600.0)
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    report_line(f"200,000/h, {kind}: {found}")
    nothing_went_wrong(found, 33_334)
    if kind == "SCHED_FIFO":
        assert found.waits[2] <= TARGET_US
    assert found.line.sorted >= 0.99 * found.line.left


if __name__ == "__main__":  # python -m tests.test_app_load FOLDER PER_HOUR SECONDS
    print(real_time(), load(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
