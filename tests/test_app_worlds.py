"""One run in four worlds: in process, over Modbus TCP in lock-step, replayed, and as a recursion."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from sim.arrivals import advice, draw
from sim.hubline.build import WHYS
from sim.virtual import VirtualLine
from sorter.app.cmd_demo import emulator
from sorter.app.config import load_hub
from sorter.app.fault_file import planned
from sorter.app.journal import JournalWriter, read
from sorter.app.manifest import read_intercepts, read_manifest
from sorter.app.parcels_recorded import parcels_of_journal
from sorter.app.recorded import RecordedReads
from sorter.app.stage import post_words, stage, started
from sorter.app.tally import Tally
from sorter.codec import Started, Value
from sorter.controller import Controller
from sorter.flow import Effect, Event, Operated, PackCommand, ParcelRecord, Why
from sorter.replay import replay
from tests.hubs import ON_DATE
from tests.shared import ROOT
from tests.worlds import outlet, recorded_by_recursion

LINZI = ROOT / "configs" / "linzi"
HUB = load_hub(LINZI)
PARCELS, SEED = 120, 2


def in_process(folder: Path, faults: Path | None = None) -> list[Value]:
    """Everything that a run on the virtual clock leaves in its journal."""
    drawn = draw(HUB, SEED, PARCELS, 6000)
    mishaps = planned(faults, HUB, SEED, drawn)
    journal = JournalWriter(folder)
    journal.append(started(HUB, ON_DATE))
    line = VirtualLine(HUB, ON_DATE, [one.parcel for one in drawn], SEED, journal.append, mishaps)
    line.run(advice(one.truth for one in drawn))
    assert journal.close()
    return list(read(folder))


def over_modbus(folder: Path, reads: RecordedReads, faults: Path | None = None) -> list[Value]:
    """The same parcels and reads through sockets, the emulator waiting for the controller at each poll."""
    tally = Tally(HUB.layout)
    words = argparse.Namespace(
        config=LINZI, parcels=PARCELS, rate=6000, seed=SEED, faults=faults, more=["--lock-step"]
    )

    def watch(value: Event | Effect) -> None:
        tally.note(value)
        reads.note(value)

    with emulator(words, folder / "line") as ready:
        link = replace(HUB.link, host=ready["host"], port=ready["port"])
        with stage(HUB, link, reads, folder, ON_DATE, watch) as on:
            on.machine.mailbox.in_step = True
            post_words(on.runner, read_manifest(folder / "line" / "manifest.csv", HUB).words)
            post_words(on.runner, read_intercepts(folder / "line" / "intercepts.csv").words)
            on.runner.post(lambda at_us: Operated(at_us, PackCommand.START))
            end = monotonic() + 120
            on.runner.run(0, lambda: (tally.inducted >= PARCELS and not tally.open) or monotonic() > end)
    return list(read(folder / "journal"))


def fates(values: list[Value]) -> list[tuple[object, ...]]:
    """What is compared between worlds; instants are not, each has its own clock."""
    return sorted(
        (r.waybill, r.told, r.left, r.outcome.value, r.why.value, r.plan_version, r.rule)
        for r in values
        if isinstance(r, ParcelRecord)
    )


def by_recursion(values: list[Value]) -> list[tuple[int, int, Why]]:
    """What the recursion makes of what came to the line: chute told, chute left by, reason."""
    rows = recorded_by_recursion(HUB, parcels_of_journal(values, HUB, LINZI), "plain")
    return [(row[4], row[5], WHYS[row[6]]) for row in rows]


def in_belt_order(values: list[Value]) -> list[tuple[int, int, Why]]:
    """The same as it was recorded."""
    records = sorted((v for v in values if isinstance(v, ParcelRecord)), key=lambda record: record.seen_us)
    return [(outlet(record.told), outlet(record.left), record.why) for record in records]


@pytest.fixture(scope="module")
def virtual(tmp_path_factory: pytest.TempPathFactory) -> list[Value]:
    return in_process(tmp_path_factory.mktemp("virtual"))


def test_a_run_over_modbus_in_lock_step_records_what_the_run_in_process_does_and_the_recursion_says(
    tmp_path: Path, virtual: list[Value]
) -> None:
    wired = over_modbus(tmp_path, RecordedReads(virtual))
    assert len(fates(virtual)) == PARCELS
    assert fates(wired) == fates(virtual)
    assert list(replay(wired, make)) == []
    for values in (virtual, wired):
        assert by_recursion(values) == in_belt_order(values)


@pytest.mark.full
def test_faults_of_the_line_strike_alike_in_process_and_over_modbus(
    tmp_path: Path, virtual: list[Value]
) -> None:
    faults = tmp_path / "faults.yaml"
    kinds = ("failed-diverter", "taken-off", "no-read")
    faults.write_text(
        "name: line\nfaults:\n" + "".join(f"  - {{kind: {kind}, share: 2%}}\n" for kind in kinds),
        encoding="utf-8",
    )
    struck = in_process(tmp_path / "virtual", faults)
    assert fates(struck) != fates(virtual)
    assert fates(over_modbus(tmp_path, RecordedReads(struck), faults)) == fates(struck)


def test_replaying_the_run_in_process_gives_no_difference(virtual: list[Value]) -> None:
    assert list(replay(virtual, make)) == []


def test_two_runs_in_process_leave_the_same_values(tmp_path: Path, virtual: list[Value]) -> None:
    # Not the same bytes: each write's first record is marked, and a slow disk makes fewer writes.
    assert in_process(tmp_path / "again") == virtual


def make(start: Started) -> Controller:
    return Controller(HUB, start.on_date)
