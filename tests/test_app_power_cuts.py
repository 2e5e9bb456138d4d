"""The power fails at any call of writer, recovery or shadow, and nothing acknowledged is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from sim.torture.disk import PowerGoneError
from sim.torture.power import PowerDisk
from sorter.app import shadow as shadow_module
from sorter.app.config import load_hub
from sorter.app.journal import read
from sorter.app.segments import read_from
from sorter.app.shadow import Shadow
from sorter.app.snapshots import snapshots
from sorter.app.stage import recover, recovered, started
from sorter.app.torture_bench import UnthreadedJournal
from sorter.codec import Value
from sorter.controller import Controller
from sorter.errors import StoreError
from sorter.flow import Assign
from tests.fed import FedLine, steady
from tests.hubs import ON_DATE
from tests.linzi import FOLDER
from tests.mutants import BY_NAME, applied
from tests.test_sorter_snapshot import alike, trimmed

LINZI = load_hub(FOLDER)
JOURNAL = Path("journal")
LIVES = 4


def recorded(parcels: int) -> list[list[Value]]:
    """Turns of a line, as they are journalled: a cause and its effects."""
    now = 0
    line = FedLine(LINZI, islice(steady(6000), parcels), lambda: now, 1600)
    controller = Controller(LINZI, ON_DATE)
    turns: list[list[Value]] = [[started(LINZI, ON_DATE)]]
    while line.next_us is not None:
        now = line.next_us
        for event in (*line.poll(), *line.reads.poll(now)):
            effects = controller.handle(event)
            line.send([effect for effect in effects if isinstance(effect, Assign)], True)
            turns.append([event, *effects])
    return turns


@pytest.fixture(scope="module")
def turns() -> list[list[Value]]:
    return recorded(40)


@pytest.fixture(autouse=True)
def one_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shadow does not read the same configuration thousands of times."""
    monkeypatch.setattr(shadow_module, "hub_from_files", lambda files, name: LINZI)


class Trial:
    """Lives of a writer on one disk; each ends by a power cut at some call, or when all is written."""

    def __init__(self, seed: int, turns: Sequence[Sequence[Value]]) -> None:
        self.random = Random(seed)
        self.calls = 0
        self.left: int | None = None
        self.disk = PowerDisk(self._called)
        self.values = [value for turn in turns for value in turn]
        self.acknowledged = 0
        self.segment_bytes = self.random.choice((400, 3_000, 40_000))

    def _called(self, kind: str) -> None:
        self.calls += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise PowerGoneError

    def run(self) -> int:
        """Judged after every life; how many of them a cut has ended."""
        cuts = 0
        for _ in range(LIVES):
            self.left = self.random.choice((self.random.randint(0, 12), self.random.randint(0, 120)))
            try:
                self._live()
            except PowerGoneError:
                self.disk.power_cut(self.random)
                cuts += 1
            self.disk.process_gone()
            self.left = None
            self._judge()
        return cuts

    def _live(self) -> None:
        journal = UnthreadedJournal(JOURNAL, self.disk, lambda: True, self.segment_bytes)
        at = self._stored()
        while at < len(self.values):
            batch = self.values[at : at + self.random.randint(1, 12)]
            for value in batch:
                journal.append(value)
            at += len(batch)
            if journal.commit(0.0):
                self.acknowledged = at
            if self.random.random() < 0.2:
                Shadow(JOURNAL, 5, self.disk).follow()

    def _stored(self) -> int:
        return sum(1 for _ in read(JOURNAL, self.disk)) if self.disk.files else 0

    def _judge(self) -> None:
        """The journal is the beginning of what was appended, with all that was acknowledged."""
        found = list(read(JOURNAL, self.disk)) if self.disk.files else []
        assert found == self.values[: len(found)], "a value is lost, doubled or another"
        assert len(found) >= self.acknowledged, f"{self.acknowledged - len(found)} are lost"
        for kept in snapshots(JOURNAL, self.disk):
            assert kept.started == self.values[0]
        if self.random.random() < 0.1:
            one, other = recover(LINZI, JOURNAL, ON_DATE, self.disk), recovered(LINZI, found, ON_DATE)
            assert (one.known, one.tail, one.missing) == (other.known, other.tail, other.missing)
            alike(trimmed(one.controller), trimmed(other.controller))


def cuts(
    wanted: int, first_seed: int, turns: Sequence[Sequence[Value]], report_line: Callable[[str], None]
) -> None:
    """Trials from a seed on until so many cuts have truly happened."""
    power_cuts = acknowledged = trials = 0
    while power_cuts < wanted:
        trial = Trial(first_seed + trials, turns)
        trials += 1
        happened = trial.run()
        power_cuts += happened
        acknowledged += trial.acknowledged
        assert trials < wanted, "hardly any life is cut short"
    report_line(
        f"{power_cuts} power cuts in {LIVES * trials} lives, {acknowledged} acknowledged values, "
        "0 lost, 0 doubled"
    )


def test_200_power_cuts_lose_nothing_that_was_acknowledged(
    turns: list[list[Value]], report_line: Callable[[str], None]
) -> None:
    cuts(200, 0, turns, report_line)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_20_000_power_cuts_lose_nothing_that_was_acknowledged(
    turns: list[list[Value]], report_line: Callable[[str], None]
) -> None:
    cuts(20_000, 1_000, turns, report_line)


def test_a_life_that_ends_before_its_power_fails_is_no_cut(turns: list[list[Value]]) -> None:
    whole, short = Trial(3, turns), Trial(3, turns[:1])
    for trial in (whole, short):
        trial.segment_bytes = 40_000
    cut_short = whole.run()
    assert short.run() < cut_short <= LIVES, "one value is written before most cuts are due"


MISTAKES = ("does not sync", "does not make names durable", "leaves a torn tail standing")


@pytest.mark.parametrize("mutant", MISTAKES)
def test_a_writer_with_a_mistake_is_found_by_the_same_cuts(mutant: str, turns: list[list[Value]]) -> None:
    with applied([BY_NAME[mutant]]), pytest.raises((AssertionError, StoreError)):
        cuts(400, 0, turns, lambda text: None)


def test_a_snapshot_whose_name_came_before_its_bytes_is_refused(turns: list[list[Value]]) -> None:
    """The name may reach the platter before the bytes: then it is no snapshot, and the journal is read."""
    trial = Trial(3, turns)
    trial.disk.sync = lambda file: None  # type: ignore[method-assign]
    journal = UnthreadedJournal(JOURNAL, trial.disk, lambda: True, 40_000)
    del trial.disk.sync
    for value in trial.values[:200]:
        journal.append(value)
    assert journal.commit(0.0)
    real, trial.disk.sync = trial.disk.sync, lambda file: None  # type: ignore[method-assign]
    assert Shadow(JOURNAL, 50, trial.disk).follow() > 0
    trial.disk.sync = real  # type: ignore[method-assign]
    refused = 0
    for seed in range(20):
        trial.disk.power_cut(Random(seed))
        found = [value for _, value in read_from(JOURNAL, None, trial.disk)]
        assert found == trial.values[: len(found)]
        refused += not list(snapshots(JOURNAL, trial.disk))
    assert refused > 0
