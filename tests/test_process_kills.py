"""kill -9 of real processes on lines behind Modbus: nothing lost, nothing doubled, nothing sent astray.

Kills of a controller fall into its start, its recovery and its work in equal parts. A full run kills 1,000
(SORTER_KILLS sets another number), on four lines side by side, two seconds each on two cores.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from plc.records import PlcEvent
from sim.judge import judge
from sim.truthfile import read_left, read_truths
from sorter.app.journal import read
from sorter.flow import EventsLost, Inducted, Left, ParcelRecord, Taken
from sorter.replay import replay
from tests.lines import (
    Emulated,
    Process,
    controller,
    count,
    ended_in_order,
    heard,
    journal_bytes,
    journalled,
    linzi,
    recorded,
    told,
    unaccounted,
    until,
)
from tests.test_app_worlds import make

MANY = int(os.environ.get("SORTER_KILLS", "1000"))
LINES = 4
PATIENCE_S = 240.0
"""A machine that is full may take so long for what takes three seconds."""

START, RECOVERY, WORK = "start", "recovery", "work"


def strike(process: Process, line: Emulated, where: str, random: Random) -> str:
    """kill -9 at a random point of one of a controller's stages; the stage in which it was."""
    lock = line.run / "journal" / "lock"
    if where == START:
        time.sleep(random.uniform(0.0, 1.0))
    else:
        until(lambda: owner(lock) == process.pid or process.poll() is not None, PATIENCE_S, 0.002)
        at_first = journal_bytes(line)
        if where == WORK:
            until(lambda: journal_bytes(line) > at_first or process.poll() is not None, PATIENCE_S, 0.01)
        time.sleep(random.uniform(0.0, 0.05) if where == RECOVERY else random.uniform(0.0, 2.0))
    assert process.poll() is None, f"it ended by itself: {process.shut()[-3000:]}"
    struck = START if owner(lock) != process.pid else where if where != START else RECOVERY
    process.killed()
    return struck


def owner(lock: Path) -> int:
    with suppress(OSError, ValueError):
        return int(lock.read_text(encoding="ascii"))
    return 0


def killed_often(folder: Path, kills: int, seed: int) -> tuple[Counter[str], str]:
    """A line whose controller is killed so often; where it was struck, and how its parcels ended."""
    random, struck = Random(seed), Counter[str]()
    parcels = 60 + 6 * kills  # the line never runs empty
    with Emulated(folder, parcels) as line:
        process = controller(line)
        assert until(lambda: count(line, Inducted) > 2, PATIENCE_S, 0.5), (
            "the line runs before the first kill"
        )
        stages = [(START, RECOVERY, WORK)[n % 3] for n in range(kills)]
        random.shuffle(stages)
        for where in stages:
            struck[strike(process, line, where, random)] += 1
            process = controller(line)
        had = count(line, Inducted)
        assert until(lambda: count(line, Inducted) > had + 2, PATIENCE_S, 0.5), "the line resumed"
        ended_in_order(process)
    return struck, right(line)


def right(line: Emulated) -> str:
    """Assert what must hold of a run whose controller was killed; how its parcels ended."""
    values = journalled(line)
    news, events = heard(values), told(line)
    assert list(map(str, news)) == list(map(str, events[: len(news)])), "each event once, in order"
    assert not any(isinstance(value, EventsLost) for value in values)
    numbered = sum(isinstance(value, PlcEvent) for value in values)
    tails = [value.tail for value in values if isinstance(value, Taken)]
    assert tails[-1] == numbered & 0xFFFF, "what the PLC may forget is what the journal holds"
    records = [value for value in values if isinstance(value, ParcelRecord)]
    assert unaccounted(values) == []
    left = read_left(line.line / "left.csv")
    assert list(replay(values, make)) == []
    verdict = judge(linzi(), read_truths(line.line / "truth.csv"), left, records)
    assert verdict.missorts == () and verdict.invented == () and verdict.untrue == ()
    return str(dict(Counter(record.outcome.value for record in records)))


def test_one_parcel_without_its_record_or_with_two_is_found_among_those_that_still_ride() -> None:
    values = list(read(recorded(10)))
    assert unaccounted(values) == []
    records = [value for value in values if isinstance(value, ParcelRecord) and value.pid]
    left = {value.pid for value in values if isinstance(value, Left)}
    assert len(records) == 10 and {record.pid for record in records} == left
    for record in records:
        others = [value for value in values if value != record]
        assert unaccounted(others) == [f"pid {record.pid} left and has no record"]
        assert unaccounted([*values, record]) == [f"pid {record.pid} has 2 records"]
        riding = [one for one in others if not (isinstance(one, Left) and one.pid == record.pid)]
        assert unaccounted(riding) == [], "it may still be on the belt"


def test_twenty_kills_in_start_recovery_and_work_lose_nothing_and_double_nothing(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    struck, ends = killed_often(tmp_path, 20, seed=1)
    report_line(f"20 kills -9 of the controller, in {dict(struck)}: 0 lost, 0 doubled, 0 mis-sorts, {ends}")
    assert min(struck[where] for where in (START, RECOVERY, WORK)) >= 3


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_a_thousand_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    each, began = -(-MANY // (LINES * 2)), time.monotonic()  # two runs a line, so that no journal grows long
    folders = [tmp_path / str(number) for number in range(2 * LINES)]
    for folder in folders:
        folder.mkdir()
    recorded(60 + 6 * each)
    with ThreadPoolExecutor(LINES) as lines:
        done = list(lines.map(lambda n: killed_often(folders[n], each, seed=100 + n), range(2 * LINES)))
    struck = sum((one for one, _ in done), Counter[str]())
    minutes = (time.monotonic() - began) / 60
    report_line(f"{struck.total()} kills -9 on {LINES} lines at once, in {dict(struck)}, "
                f"{minutes:.0f} minutes: 0 lost, 0 doubled, 0 mis-sorts")  # fmt: skip
    assert struck.total() >= MANY
