"""Processes that stand still for a while, and processes that are started twice by mistake."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sim.judge import judge
from sim.truthfile import read_left, read_truths
from sorter.flow import (
    EventsLost,
    FrameRead,
    Inducted,
    LinkDown,
    LinkUp,
    Outcome,
    PackState,
    ParcelRecord,
    Restarted,
    StateChanged,
    Triggered,
)
from tests.lines import (
    Emulated,
    Process,
    controller,
    count,
    ended_in_order,
    heard,
    journalled,
    linzi,
    told,
    until,
)
from vision.pipeline import DIED, HUNG


def stopped(process: Process, seconds: float) -> None:
    """SIGSTOP, and SIGCONT after a while."""
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)


def goes_on(line: Emulated, more: int = 3, most_s: float = 90.0) -> bool:
    """Whether parcels come onto the belt again."""
    had = count(line, Inducted)
    return until(lambda: count(line, Inducted) >= had + more, most_s, 0.2)


def nothing_lost(line: Emulated) -> str:
    """Assert that the journal has what the PLC told, once, and that nobody went astray; how parcels ended."""
    values = journalled(line)
    news, events = heard(values), told(line)
    assert list(map(str, news)) == list(map(str, events[: len(news)]))
    records = [value for value in values if isinstance(value, ParcelRecord)]
    ended = Counter(record.pid for record in records if record.pid)
    inducted = {value.pid for value in news if isinstance(value, Inducted)}
    assert set(ended.values()) <= {1} and set(ended) <= inducted
    left = read_left(line.line / "left.csv")
    assert len(inducted) - len(ended) <= len(inducted) - len(left) + 5, "only who is on the belt is open"
    verdict = judge(linzi(), read_truths(line.line / "truth.csv"), left, records)
    assert verdict.missorts == () and verdict.invented == () and verdict.untrue == ()
    return str(dict(Counter(record.outcome.value for record in records)))


SHORT, LONG = (0.1, 1.5, 4.0), (0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0)
SPANS = [pytest.param(SHORT, id="to 4 s"), pytest.param(LONG, id="to 60 s", marks=pytest.mark.full)]


@pytest.mark.parametrize("spans", SPANS)
def test_a_controller_or_a_plc_that_stands_still_is_a_lost_link_and_then_goes_on(
    tmp_path: Path, spans: tuple[float, ...], report_line: Callable[[str], None]
) -> None:
    with Emulated(tmp_path, 40 + 80 * len(spans) * len(spans)) as line:
        process = controller(line)
        for span in spans:
            assert goes_on(line), f"before {span} s"
            stopped(process, span)
        assert goes_on(line), "by itself, after the controller stood"
        suspended = PackState.SUSPENDED in states(line)
        downs = count(line, LinkDown)
        for span in spans:
            stopped(line.process, span)
            assert goes_on(line), f"after the PLC stood for {span} s"
        ups = [value for value in journalled(line) if isinstance(value, LinkUp)]
        assert count(line, LinkDown) > downs, "a PLC that stands is a link that is down"
        assert len({up.boot_id for up in ups}) == 1 and not count(line, EventsLost)
        ended_in_order(process)
    assert suspended, "the PLC closed its infeed while nobody controlled"
    report_line(f"controller and PLC stopped for {spans} s: {nothing_lost(line)}")


def states(line: Emulated) -> list[PackState]:
    return [value.state for value in journalled(line) if isinstance(value, StateChanged)]


def test_a_supervised_controller_that_hangs_is_replaced(tmp_path: Path) -> None:
    with Emulated(tmp_path, 400) as line:
        parent = controller(line, "--keep-alive")
        assert goes_on(line)
        child = pid_of_child(parent)
        os.kill(child, signal.SIGSTOP)
        assert until(lambda: count(line, Restarted) == 1, 60), "another one took over"
        assert goes_on(line) and pid_of_child(parent) != child
        said = ended_in_order(parent)
    assert "hung, and was killed" in said
    nothing_lost(line)


def pid_of_child(parent: Process) -> int:
    said = parent.log.read_text(encoding="utf-8").splitlines()
    return int(next(line for line in reversed(said) if "controller: pid" in line).split()[-1])


def helpers_of(pid: int) -> list[int]:
    """Process ids of a controller's decoders, and of what keeps its pictures."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    words = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return [int(child) for child, started in words.items() if b"spawn_main" in started]


def another(before: list[int], pid: int) -> bool:
    return not set(before) <= set(helpers_of(pid))


@pytest.mark.full
def test_decoders_that_die_or_stand_still_cost_the_pictures_in_their_hands(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    with Emulated(tmp_path, 400, pictures=True, rate=1500) as line:
        process = controller(line)
        assert goes_on(line, 3, 280), "the reader may have to be compiled first"
        blows = (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL)
        for blow in blows:
            before = helpers_of(process.pid)
            os.kill(before[0], blow)
            assert until(partial(another, before, process.pid)), "it is replaced"
            assert goes_on(line), "the line goes on"
        assert until(lambda: not unanswered(line), 60)
        ended_in_order(process)
    values = journalled(line)
    failed = Counter(value.failure for value in values if isinstance(value, FrameRead) and value.failure)
    report_line(
        f"{len(blows)} decoders killed or stopped: {dict(failed)} pictures lost, {nothing_lost(line)}"
    )
    assert sum(failed.values()) <= len(blows) and set(failed) <= {DIED, HUNG}
    assert any(value.outcome is Outcome.SORTED for value in values if isinstance(value, ParcelRecord))


def unanswered(line: Emulated) -> set[int]:
    """Pictures that were taken more than a few parcels ago and that nobody has answered for."""
    values = journalled(line)
    shots = [value.frame for value in values if isinstance(value, Triggered)]
    return set(shots[:-8]) - {value.tag.frame for value in values if isinstance(value, FrameRead)}
