"""Disks that fail: every call once, and a real one that runs full."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from struct import pack
from typing import Any
from zlib import crc32

import pytest

from sorter.app import cli
from sorter.app.desk import inbox_of
from sorter.app.inbox import put
from sorter.app.journal import JournalWriter
from sorter.errors import StoreError
from sorter.flow import Effect, Event, Notice
from tests.console_site import free_port
from tests.disk_calls import ORDER, complaints
from tests.lines import Process, ended_in_order, recorded, until
from tests.linzi import FOLDER as LINZI
from tests.shared import ROOT
from tests.taped import Noted, alive, life, tape


def swept(points: int, timeout_s: int) -> dict[str, Any]:
    """The sweep's account; skips where strace is missing or may not trace."""
    if shutil.which("strace") is None:
        pytest.skip("no strace: apt-get install strace")
    may = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False)
    if may.returncode:
        pytest.skip("strace may not trace here (ptrace is refused)")
    done = subprocess.run(
        [sys.executable, "-m", "tests.disk_calls", str(points)],
        cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    account: dict[str, Any] = json.loads(done.stdout)
    return account


def test_a_disk_call_that_fails_loses_doubles_and_falsely_acknowledges_nothing(
    report_line: Callable[[str], None],
) -> None:
    account = swept(120, 280)
    struck, by_kind = account["struck"], account["by_kind"]
    report_line(f"disk calls failed one by one: {struck} of {account['points']}, {by_kind}")
    assert account["complaints"] == []
    assert account["points"] == account["struck"] == 120


def test_an_order_that_goes_out_before_its_intent_is_durable_is_seen_whatever_the_disk_keeps_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted, outside, commit = Noted(), tape(), JournalWriter.commit
    life(tmp_path / "right", outside, noted, len(outside.events))
    assert len(noted.sent) >= 5 and list(complaints(tmp_path / "right", outside, noted, 0)) == []

    def hasty(journal: JournalWriter, wait_s: float) -> bool:
        return commit(journal, 0.0) or True

    noted.clear()
    with monkeypatch.context() as patch:
        patch.setattr(JournalWriter, "commit", hasty)
        life(tmp_path / "hasty", outside, noted, len(outside.events))
    [found] = complaints(tmp_path / "hasty", outside, noted, 0)
    assert re.fullmatch(r"\d+ orders were sent before they were durable", found)


def test_an_order_without_an_intent_is_seen_before_the_next_life_decides_again(tmp_path: Path) -> None:
    noted, outside = Noted(), tape()
    life(tmp_path, outside, noted, len(outside.events) // 2)
    pid, chute = noted.sent[-1]
    noted.note(sent=[(pid, chute + 1)])
    [found] = complaints(tmp_path, outside, noted, 0)
    assert f"without a durable intent (pid, chute): {{({pid}, {chute + 1})}}" in found


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_disk_call_fails_in_every_way(report_line: Callable[[str], None]) -> None:
    account = swept(0, 3500)
    report_line(f"every disk call x EIO, ENOSPC, KILL: {account['struck']} of {account['points']} struck")
    assert account["complaints"] == []
    assert account["points"] == account["struck"] > 1000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 400 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=400k", "sorter-test", str(folder)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("a file system may not be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def filled(folder: Path) -> Path:
    """A file that takes what is free."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))
    return ballast


def test_on_a_full_disk_nothing_is_diverted_or_acknowledged_and_room_heals_it(small_disk: Path) -> None:
    noted, outside, watched = Noted(), tape(), list[Event | Effect]()
    with alive(small_disk, outside, noted, watched.append) as (runner, machine):
        while machine.at < 16:
            runner.cycle()
        ballast = filled(small_disk)
        with pytest.raises(StoreError, match="No space left on device\n  "):
            put(inbox_of(small_disk), ORDER)  # a person's order is not confirmed
        while not runner.late_commits:  # the segment's last page still takes some
            runner.cycle()
        acked, sent, at = noted.acked, noted.sent, machine.at
        for _ in range(60):
            runner.cycle()
        assert machine.at == len(outside.events) > at, "the PLC went on telling"
        assert (noted.acked, noted.sent) == (acked, sent)
        alarms = [value for value in watched if isinstance(value, Notice) and value.key == "journal-failed"]
        assert alarms and "No space left on device" in alarms[0].about
        ballast.unlink()
        for _ in range(60):
            runner.cycle()
        assert noted.acked == len(outside.events)
    assert list(complaints(small_disk, outside, noted, 0)) == []


def test_a_start_on_a_full_disk_may_be_tried_again_and_one_on_a_newer_journal_may_not(
    small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", str(LINZI), "--reads", str(recorded(10)), "--out", str(small_disk / "run")]
    ballast = filled(small_disk)
    assert cli.main(words) == 3, "--keep-alive tries again"
    assert "No space left on device" in capsys.readouterr().err
    ballast.unlink()
    newer(small_disk / "run")
    assert cli.main(words) == 2, "--keep-alive gives up"
    assert "format 99 is newer than" in capsys.readouterr().err


def newer(run: Path) -> None:
    """The run's journal is one of a program to come."""
    header = pack(">8sIII", b"PSLJRNL\n", 99, 1, 0)
    (run / "journal").mkdir(parents=True, exist_ok=True)
    (run / "journal" / "000001.journal").write_bytes(header + crc32(header).to_bytes(4, "big"))


@pytest.mark.full
def test_a_line_kept_alive_on_a_full_disk_comes_back_by_itself_when_there_is_room(small_disk: Path) -> None:
    log = small_disk.with_name("log")
    words = ["run", str(LINZI), "--keep-alive", "--reads", str(recorded(10)), "--port", str(free_port()),
             "--out", str(small_disk / "run")]  # fmt: skip
    ballast = filled(small_disk)
    kept = Process(log, *words)
    assert until(lambda: b"exit 3" in log.read_bytes()), log.read_text(encoding="utf-8")
    ballast.unlink()
    assert until(lambda: b"control loop" in log.read_bytes()), log.read_text(encoding="utf-8")
    assert "Traceback" not in ended_in_order(kept)
