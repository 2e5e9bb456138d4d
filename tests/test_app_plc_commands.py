"""`sorter plc ...` as an engineer types it, against the emulated line of the default hub."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from plc.registers import MAINTENANCE
from sorter.app.cli import main
from sorter.app.cmd_demo import emulator
from sorter.app.config import load_hub
from sorter.app.journal import JournalWriter, read
from sorter.app.recorded import RecordedReads
from sorter.app.stage import stage, started
from sorter.app.tally import Tally
from sorter.flow import EyeSeen, Operated, PackCommand
from tests.hubs import ON_DATE
from tests.rig import parcels
from tests.shared import ROOT
from tests.test_app_calibration import LENGTH_MM, MaintenanceRig

LINZI = ROOT / "configs" / "linzi"
HUB = load_hub(LINZI)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    words = argparse.Namespace(config=LINZI, parcels=1, rate=6000, seed=1, more=[])
    with emulator(words, tmp_path_factory.mktemp("line")) as ready:
        yield ready


def at(line: dict[str, Any]) -> list[str]:
    return [str(LINZI), "--port", str(line["port"])]


def test_the_emulated_line_passes_the_doctor(
    line: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plc", "doctor", *at(line), "--json"]) == 0
    grades = {row["name"]: row["grade"] for row in json.loads(capsys.readouterr().out)}
    # How long a request takes on a busy machine is not for a test to say.
    grades.pop("plc-cycle")
    assert set(grades.values()) == {"ok"} and len(grades) > 12


def test_its_registers_are_shown_by_name(line: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plc", "watch", *at(line), "--once"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [row.split()[:2] for row in shown[:2]] == [["S.0", "magic"], ["S.1", "map_version"]]
    assert any(row.split()[1:] == ["state", "2", "STOPPED"] for row in shown)


def test_a_diverter_of_it_can_be_jogged(line: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plc", "jog", "3", *at(line)]) == 0
    assert main(["plc", "jog", "28", *at(line)]) == 1
    assert "there is no chute 28, they are 0 to 27" in capsys.readouterr().out


def rows(shown: str) -> dict[str, list[str]]:
    """Eye number -> its line, as words."""
    lines = [line for line in shown.splitlines() if line.startswith("光电")]
    return {line.split("eye ")[1].split()[0]: line.split() for line in lines}


def test_a_recorded_run_in_maintenance_mode_is_measured_and_written_only_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = tmp_path / "hub"
    hub.mkdir()
    for file in LINZI.glob("*.yaml"):
        (hub / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    journal = JournalWriter(tmp_path / "journal")
    journal.append(started(HUB, ON_DATE))
    stream = parcels(*[(1_500_000 + 1_500_000 * n, LENGTH_MM) for n in range(8)])
    for event in MaintenanceRig(HUB.layout, stream, {}).run(40_000_000).events:
        journal.append(event)
    assert journal.close()
    before = (hub / "line.yaml").read_text(encoding="utf-8")
    words = ["plc", "calibrate", str(tmp_path / "journal"), "--length-mm", str(LENGTH_MM)]
    assert main(words) == 0
    measured = rows(capsys.readouterr().out)
    assert len(measured) == 15
    assert all(abs(int(row[5]) - int(row[4])) <= 0.004 * int(row[4]) for row in measured.values()), measured
    assert (hub / "line.yaml").read_text(encoding="utf-8") == before
    assert main([*words, "--apply", str(hub)]) == 0
    assert load_hub(hub).layout != HUB.layout


def test_a_journal_without_maintenance_mode_teaches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = JournalWriter(tmp_path / "journal")
    journal.append(started(HUB, ON_DATE))
    assert journal.close()
    assert main(["plc", "calibrate", str(tmp_path / "journal")]) == 1
    assert "--maintenance" in capsys.readouterr().out


@pytest.mark.full
def test_a_run_in_maintenance_mode_teaches_the_distances(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = argparse.Namespace(config=LINZI, parcels=12, rate=6000, seed=3, more=["--lock-step"])
    tally = Tally(HUB.layout)
    with emulator(words, tmp_path / "line") as ready:
        link = replace(HUB.link, host=ready["host"], port=ready["port"])
        with stage(HUB, link, RecordedReads([]), tmp_path, ON_DATE, tally.note) as on:
            on.machine.mailbox.in_step = True
            on.machine.mailbox.mode_wish = MAINTENANCE
            on.runner.post(lambda at_us: Operated(at_us, PackCommand.START))
            end = monotonic() + 60
            on.runner.run(0, lambda: (tally.inducted >= 12 and not tally.open) or monotonic() > end)
    assert sum(isinstance(value, EyeSeen) for value in read(tmp_path / "journal")) >= 12 * 2 * 16
    assert main(["plc", "calibrate", str(tmp_path / "journal")]) == 0
    measured = rows(capsys.readouterr().out)
    assert len(measured) == 15
    assert all(abs(int(row[5]) - int(row[4])) <= 8 for row in measured.values()), measured
