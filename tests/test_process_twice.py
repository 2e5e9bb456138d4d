"""Everything started twice by mistake, and clocks that jump: the first goes on, the second says why not."""

from __future__ import annotations

import subprocess
import sys
import time
from copy import copy
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path

import pytest

from plc.records import PlcEvent
from sorter.app.journal import read
from sorter.codec import Started
from sorter.flow import ClockTold, LinkUp, Notice, Operated, PackCommand
from tests.console_site import free_port
from tests.lines import Emulated, Process, controller, ended_in_order, journalled, until
from tests.linzi import FOLDER as LINZI
from tests.shared import ROOT
from tests.taped import Noted, life, tape
from tests.test_process_stops import goes_on, nothing_lost

FAR_EAST = {"TZ": "Pacific/Kiritimati"}
"""Where it is tomorrow already."""


def test_a_second_controller_emulator_or_console_says_why_not_and_the_first_goes_on(tmp_path: Path) -> None:
    with Emulated(tmp_path, 600) as line:
        first = controller(line)
        assert goes_on(line)
        second = controller(line)
        assert f"process {first.pid} is writing this journal\n  stop it first" in second.shut()
        assert second.returncode == 2
        elsewhere = copy(line)
        elsewhere.run = tmp_path / "elsewhere"
        third = controller(elsewhere)
        said = third.shut()
        assert "另一个控制程序正在控制此线 / another controller runs this line" in said
        assert third.returncode == 3, "the other one may go away"
        assert not any(isinstance(value, PlcEvent) for value in journalled(elsewhere)), "it took nothing"
        assert goes_on(line)
        assert not told_of_another(line), "and wrote nothing"
        words = ["emulate", str(LINZI), "--port", str(line.port), "--out", str(tmp_path / "x")]
        again = Process(tmp_path / "again.log", *words)
        assert "--port 0" in again.shut() and again.returncode == 3
        assert goes_on(line)
        first.killed()
        ended_in_order(resumed(line))
    nothing_lost(line)
    assert len([value for value in journalled(line) if isinstance(value, Started)]) == 1, "it is the same run"


def waiting(line: Emulated) -> tuple[Emulated, Process]:
    """Another PC's controller, kept alive, that has found the line in other hands."""
    elsewhere = copy(line)
    elsewhere.folder, elsewhere.run = line.folder / "two", line.folder / "elsewhere"
    elsewhere.folder.mkdir()
    waits = controller(elsewhere, "--keep-alive")
    assert until(lambda: waits.log.read_text(encoding="utf-8").count("exit 3") >= 2), "it asks again"
    return elsewhere, waits


def test_a_line_that_was_stopped_in_order_is_not_started_by_the_controller_that_waited(
    tmp_path: Path,
) -> None:
    with Emulated(tmp_path, 600) as line:
        first = controller(line)
        assert goes_on(line)
        elsewhere, waits = waiting(line)
        ended_in_order(first)
        assert until(lambda: any(isinstance(value, LinkUp) for value in journalled(elsewhere))), "it took it"
        time.sleep(1.0)
        assert PackCommand.START not in [v.command for v in journalled(elsewhere) if isinstance(v, Operated)]
        ended_in_order(waits)


def test_a_controller_kept_alive_waits_for_a_line_that_another_runs_and_then_takes_it(tmp_path: Path) -> None:
    with Emulated(tmp_path, 600) as line:
        first = controller(line)
        assert goes_on(line)
        elsewhere, waits = waiting(line)
        assert not any(isinstance(value, PlcEvent) for value in journalled(elsewhere)), "it took nothing"
        assert goes_on(line) and not told_of_another(line)
        first.killed()
        assert until(lambda: any(isinstance(value, LinkUp) for value in journalled(elsewhere))), "it took it"
        ended_in_order(waits)


def resumed(line: Emulated) -> Process:
    """The next controller, in another time zone, once it has brought the line back."""
    process = controller(line, environ=FAR_EAST)
    assert goes_on(line)
    return process


def told_of_another(line: Emulated) -> bool:
    return any(isinstance(value, Notice) and value.key == "comm-4" for value in journalled(line))


def test_of_two_consoles_on_one_port_the_second_says_so_and_the_first_goes_on(tmp_path: Path) -> None:
    number = str(free_port())
    words = ["serve", str(LINZI), "--out", str(tmp_path), "--port", number]
    words += ["--people", str(tmp_path / "people.db")]
    first = Process(tmp_path / "first.log", *words)
    assert first.stdout is not None and first.stdout.readline()
    second = Process(tmp_path / "second.log", *words)
    assert "choose another port" in second.shut() and second.returncode == 2
    assert first.poll() is None
    first.terminate()
    assert "Traceback" not in first.shut()


def test_a_wall_clock_that_jumps_changes_nothing_but_the_time_it_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tape()
    for name in ("calm", "jumps"):
        (tmp_path / name).mkdir()
    life(tmp_path / "calm", outside, Noted(), len(outside.events))
    real, jumps_s, asked = time.time_ns, cycle((3600, -86_400, 7, 86_400, -7, 0)), count()
    monkeypatch.setattr(time, "time_ns", lambda: real() + next(jumps_s) * 10**9 + 0 * next(asked))
    monkeypatch.setattr(time, "time", lambda: time.time_ns() / 1e9)
    life(tmp_path / "jumps", outside, Noted(), len(outside.events))
    assert next(asked) > 10, "the clock was asked, and jumped"
    jumped, calm = (list(read(tmp_path / name / "journal")) for name in ("jumps", "calm"))
    assert [told_apart(value) for value in jumped] == [told_apart(value) for value in calm]
    assert jumped != calm, "what the clock told is kept"


def told_apart(value: object) -> object:
    return replace(value, unix_us=0) if isinstance(value, ClockTold) else value


def test_a_caretaker_whose_controller_was_killed_before_it_came_to_itself_ends(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    words = [sys.executable, "-m", "sorter.app.caretaker", str(tmp_path), str(gone.pid)]
    assert subprocess.run(words, cwd=ROOT, timeout=60, check=False).returncode == 0
