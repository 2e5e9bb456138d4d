"""Faults put on an emulated line while it runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sim.emulator import Emulator
from sim.faultplan import Fault, FaultPlan, Kind
from sim.planned import Planned
from sorter.app.cli import main
from sorter.app.upsets import CALM, Upsets, ask, entry
from sorter.errors import ConfigError, StoreError
from sorter.flow import PackState
from tests.hubs import hub

HUB = hub()
SECOND = 1_000_000


class Running:
    """An emulated line at 10 s, its first fault already planned for later."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        planned = FaultPlan("later", (Fault(Kind.PLC_SILENCE, spans=((60 * SECOND, 61 * SECOND),)),))
        self.faults = Planned(planned, 1)
        self.line = Emulator(HUB, [], 1, None, folder, faults=self.faults)
        self.line.advance(10 * SECOND)
        self.upsets = Upsets(folder, HUB, self.faults, self.line)

    def upset(self, text: str) -> tuple[bool, str]:
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(ask, self.folder, text)
            while not answer.done():
                self.upsets.take()
        return answer.result()


def test_a_fault_begins_when_it_is_put_and_ends_after_its_time(tmp_path: Path) -> None:
    running = Running(tmp_path)
    assert running.upset(entry("e-stop", ["for=2s"])) == (True, "e-stop at 10.0 s")
    unsafe = [running.faults.conditions(at).unsafe for at in (9_900_000, 10 * SECOND, 12 * SECOND)]
    assert unsafe == [False, True, False]
    running.line.advance(11 * SECOND)
    assert running.line.state is PackState.ABORTED


def test_calm_takes_back_what_was_put_and_nothing_that_was_planned(tmp_path: Path) -> None:
    running = Running(tmp_path)
    running.upset(entry("link-cut", ["for=100s"]))
    running.upset(entry("PLC错答", ["share=50%", "cause=zero-id"]))
    assert running.upset(CALM) == (True, "2 taken back at 10.0 s")
    assert not running.faults.conditions(11 * SECOND).cut
    assert running.faults.conditions(60 * SECOND).silent


def test_a_mistake_is_answered_with_its_remedy_and_changes_nothing(tmp_path: Path) -> None:
    running = Running(tmp_path)
    taken, said = running.upset(entry("stuck-eye", ["eye=99", "shows=covered", "for=2s"]))
    assert not taken and "unknown eye '99'" in said
    assert running.upset(CALM)[1].startswith("0 ")
    with pytest.raises(ConfigError, match="not key=value"):
        entry("e-stop", ["5s"])


def test_where_no_line_runs_the_remedy_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upset", str(tmp_path), "e-stop", "for=1s"]) == 2
    assert "sorter emulate --out" in capsys.readouterr().err
    Running(tmp_path)
    with pytest.raises(StoreError, match="no line runs there"):
        ask(tmp_path, CALM, wait_s=0.1)
    assert main(["upset"]) == 0
    assert "plc-reboot" in capsys.readouterr().out
