"""`./run demo` as a user runs it: parcels at line pace over Modbus TCP, every frame read, then judged.

One run serves all tests of this file; 120 of the demo's 200 parcels, since it runs on the wall clock.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from sorter.app.journal import read
from sorter.app.store import Store
from sorter.flow import Decision, Inducted, ParcelRecord, Why
from tests.shared import ROOT

PARCELS = 120


def sorter(*words: str, cwd: Path, timeout_s: int = 60) -> subprocess.CompletedProcess[str]:
    """A command as the README gives it: by ./run inside its own .venv, else by this Python."""
    own = Path(sys.prefix) == ROOT / ".venv"
    start = [str(ROOT / "run")] if own else [sys.executable, "-m", "sorter"]
    env = {**os.environ, "PYTHONPATH": "" if own else str(ROOT)}
    line = [*start, *words]
    return subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout_s)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def demo(desk: Path) -> dict[str, Any]:
    """The figures of the run; its exit code was 0. `seen`: most parcels that its console showed at once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    seen = [0]
    ended = threading.Event()
    browser = threading.Thread(target=look, args=(port, seen, ended))
    browser.start()
    done = sorter("demo", "--json", "--parcels", str(PARCELS), "--console", port, cwd=desk, timeout_s=280)
    ended.set()
    browser.join()
    assert done.returncode == 0, done.stderr + done.stdout
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**answer, "seen": seen[0]}


def look(port: str, seen: list[int], ended: threading.Event) -> None:
    """Ask the console for its frame twice a second and keep the most parcels it showed on a live belt."""
    while not ended.wait(0.5):
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/api/frame", timeout=5) as answer:
            frame = json.load(answer)
            seen[0] = max(seen[0], len(frame["parcels"]) if frame["live"] and frame["connected"] else 0)


@pytest.fixture(scope="module")
def journal(desk: Path, demo: dict[str, Any]) -> Path:
    return desk / Path(demo["report"]).parent / "journal"


def amount(demo: dict[str, Any], key: str) -> int:
    return int(demo["figures"][key]["amount"])


def test_the_console_shows_the_parcels_on_the_running_belt(demo: dict[str, Any]) -> None:
    assert demo["seen"] >= 5


def test_every_parcel_is_inducted_and_ends_in_one_outcome(demo: dict[str, Any], journal: Path) -> None:
    records = [value for value in read(journal) if isinstance(value, ParcelRecord)]
    pids = [value.pid for value in read(journal) if isinstance(value, Inducted)]
    assert amount(demo, "inducted") == len(pids) == PARCELS
    assert sorted(record.pid for record in records) == sorted(pids)


def test_no_parcel_is_missorted_and_nine_of_ten_are_sorted(
    demo: dict[str, Any], report_line: Callable[[str], None]
) -> None:
    report_line(f"demo: {amount(demo, 'mis-sorts')} mis-sorts, {amount(demo, 'sorted')} of {PARCELS} sorted")
    assert amount(demo, "mis-sorts") == 0
    assert amount(demo, "sorted") >= 0.9 * PARCELS


def test_every_label_that_is_readable_by_truth_is_read(demo: dict[str, Any]) -> None:
    readable = demo["figures"]["readable-read"]
    assert readable["amount"] == readable["of"] > 0.9 * PARCELS


def test_every_frame_is_answered_in_time(demo: dict[str, Any], journal: Path) -> None:
    silent = {Why.VISION_SILENT, Why.VISION_FAILED, Why.LATE_DECISION, Why.LATE_DELIVERY}
    records = [value for value in read(journal) if isinstance(value, ParcelRecord)]
    assert not [record for record in records if record.why in silent]
    assert amount(demo, "picture-decision-p99-us") < 1_875_000


def test_the_page_of_the_run_is_there_and_whole(desk: Path, demo: dict[str, Any]) -> None:
    page = (desk / demo["report"]).read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_parcels_story_is_told_from_the_newest_run(desk: Path, journal: Path) -> None:
    decisions = [value for value in read(journal) if isinstance(value, Decision)]
    decision = next(decision for decision in decisions if decision.why is Why.ROUTED)
    told = sorter("trace", decision.waybill, cwd=desk)
    assert told.returncode == 0, told.stderr
    for word in (decision.waybill, decision.rule, decision.plan_version):
        assert word in told.stdout


def test_replaying_the_journal_of_the_run_gives_no_difference(desk: Path, journal: Path) -> None:
    again = sorter("replay", str(journal), cwd=desk)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "0 differences / 差异 0 处")


def test_the_store_is_caught_up_from_the_journal(tmp_path: Path, journal: Path) -> None:
    with Store(tmp_path / "parcels.db") as store:
        assert store.catch_up(journal) == PARCELS
        assert store.catch_up(journal) == 0
        assert sum(store.counts().values()) == PARCELS
