"""Processes that stand still for a while, and processes that are started twice by mistake."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
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
    unaccounted,
    until,
)
from tests.shared import ROOT
from vision.claims import Claims
from vision.pipeline import DIED, HUNG, usual_workers


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
    assert unaccounted(values) == []
    left = read_left(line.line / "left.csv")
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


ONE_BUG = """
import os
from sorter.controller import Controller
from sorter.flow import Left
right = Controller.handle
def handle(self, event):
    if isinstance(event, Left) and self.open_parcels > 1:
        try:
            os.close(os.open(os.environ["ONE_BUG"], os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return right(self, event)
        raise RuntimeError("a mistake of ours")
    return right(self, event)
Controller.handle = handle
"""
"""Loaded by every interpreter at its start; the first of them that hears of a parcel that left fails."""


def test_a_supervised_controller_that_a_bug_of_ours_ends_is_started_again_and_loses_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "sitecustomize.py").write_text(ONE_BUG, encoding="utf-8")
    environ = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "ONE_BUG": str(tmp_path / "bug")}
    with Emulated(tmp_path, 400) as line:
        parent = controller(line, "--keep-alive", environ=environ)
        assert until(lambda: count(line, Restarted) == 1, 120), parent.log.read_text(encoding="utf-8")
        assert goes_on(line), "the line resumed"
        parent.send_signal(signal.SIGTERM)
        said = parent.shut()
    assert parent.returncode == 0 and said.count("Traceback") == 1, said
    assert "RuntimeError: a mistake of ours" in said and "again after 0.2 s" in said
    nothing_lost(line)


def pid_of_child(parent: Process) -> int:
    said = parent.log.read_text(encoding="utf-8").splitlines()
    return int(next(line for line in reversed(said) if "controller: pid" in line).split()[-1])


def decoders_of(pid: int, table: Path) -> set[int]:
    """Process ids of a controller's decoders that have begun their work: who holds their table open."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return {int(child) for child in children if table in held_by(child)}


def held_by(pid: str) -> set[Path]:
    """The files that a process has open; none of one that is gone."""
    held = set()
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            held.add(link.readlink())
    return held


class Crew:
    """A controller's decoders by number, and what each is about."""

    def __init__(self, controller: Process, ring: str) -> None:
        self._pid, self._table = controller.pid, Path(f"{ring}.claims.{controller.pid}")
        self._numbers = range(usual_workers())
        assert until(self._complete, 280), "the reader may have to be compiled first"
        self._pids = sorted(decoders_of(self._pid, self._table))  # begun in this order

    def strike(self, blow: signal.Signals) -> None:
        """Hit one that has a picture in hand, and wait for its successor to look for pictures.

        That takes seconds, on a busy machine half a minute; a blow at the last of them meanwhile would cost
        every picture and not only those in their hands.
        """
        assert until(self._busy, 60, 0.001), "pictures are read"
        number = self._busy()[0]
        struck, others = self._pids[number], set(self._pids) - {self._pids[number]}
        os.kill(struck, blow)
        assert until(partial(self._complete, struck), 280), "it is replaced"
        [self._pids[number]] = decoders_of(self._pid, self._table) - others

    def _busy(self) -> list[int]:
        with closing(Claims(self._table, 1, 1.0)) as claims:
            return [number for number in self._numbers if claims.in_hand(number)]

    def _complete(self, but: int = 0) -> bool:
        if len(decoders_of(self._pid, self._table) - {but}) < len(self._numbers):
            return False  # one that is gone stays written down as looking until its successor is started
        with closing(Claims(self._table, 1, 1.0)) as claims:
            return all(map(claims.attached, self._numbers))


@pytest.mark.full
def test_decoders_that_die_or_stand_still_cost_the_pictures_in_their_hands(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    with Emulated(tmp_path, 400, pictures=True, rate=1500) as line:
        process = controller(line)
        crew, blows = Crew(process, line.ring), (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL)
        for blow in blows:
            crew.strike(blow)
            assert goes_on(line), "the line goes on"
        assert until(lambda: not unanswered(line), 60)
        ended_in_order(process)
    values = journalled(line)
    answers = [value for value in values if isinstance(value, FrameRead)]
    assert set(Counter(answer.tag.frame for answer in answers).values()) == {1}, "each is answered once"
    failed = Counter(answer.failure for answer in answers if answer.failure)
    report_line(
        f"{len(blows)} decoders killed or stopped: {dict(failed)} of {len(answers)} pictures lost, "
        f"{nothing_lost(line)}"
    )
    assert 0 < sum(failed.values()) <= len(blows) and set(failed) <= {DIED, HUNG}
    assert any(value.outcome is Outcome.SORTED for value in values if isinstance(value, ParcelRecord))


def unanswered(line: Emulated) -> set[int]:
    """Pictures that were taken more than a few parcels ago and that nobody has answered for."""
    values = journalled(line)
    shots = [value.frame for value in values if isinstance(value, Triggered)]
    return set(shots[:-8]) - {value.tag.frame for value in values if isinstance(value, FrameRead)}
