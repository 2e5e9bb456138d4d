"""A controller with eyes that is killed under its keeper, and a link that is cut: nothing lost or doubled.

Kills at every stage, on lines side by side: test_process_kills.py.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from plc.records import PlcEvent
from sim.judge import judge
from sim.truthfile import read_left, read_truths
from sorter.app.cmd_demo import emulator
from sorter.app.config import load_hub
from sorter.app.journal import read
from sorter.codec import decode
from sorter.flow import CommChanged, Inducted, Outcome, ParcelRecord
from tests.shared import ROOT

LINZI = ROOT / "configs" / "linzi"


def run_and_kill(folder: Path, parcels: int, kills: int, cut_s: float) -> None:
    """A whole line in processes; its controller dies `kills` times while `parcels` are sorted."""
    random = Random(5)
    words = argparse.Namespace(
        config=LINZI, parcels=parcels, rate=6000, seed=5, more=["--cut", str(cut_s)] if cut_s else []
    )
    with emulator(words, folder / "line") as ready:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "sorter", "run", str(LINZI), "--keep-alive", "--port", str(ready["port"]),
             "--ring", ready["ring"], "--out", str(folder), "--manifest", f"{folder}/line/manifest.csv",
             "--intercepts", f"{folder}/line/intercepts.csv"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert keeper.stderr is not None
            for _ in range(kills):
                pid = next_controller(keeper)
                time.sleep(random.uniform(4, 9))
                subprocess.run(["kill", "-9", str(pid)], check=True)
            wait_until_empty(folder / "line" / "left.csv", parcels)
        finally:
            keeper.send_signal(signal.SIGTERM)
            keeper.wait(timeout=30)
            if keeper.stderr is not None:
                keeper.stderr.close()


def next_controller(keeper: subprocess.Popen[str]) -> int:
    """Process id of the controller that the keeper says it has started."""
    assert keeper.stderr is not None
    for line in keeper.stderr:
        if "controller: pid" in line:
            return int(line.split()[-1])
    raise AssertionError("the keeper ended")


def wait_until_empty(left: Path, parcels: int) -> None:
    end = time.monotonic() + 240
    while len(read_left(left)) < parcels and time.monotonic() < end:
        time.sleep(0.5)
    time.sleep(2)


CASES = [
    pytest.param(60, 0, 3.0, id="cut links"),
    pytest.param(250, 20, 0.0, id="20 kills", marks=[pytest.mark.full, pytest.mark.timeout(900)]),
    pytest.param(150, 0, 4.0, id="20 cut links", marks=[pytest.mark.full, pytest.mark.timeout(900)]),
]


@pytest.mark.parametrize(("parcels", "kills", "cut_s"), CASES)
def test_nothing_is_lost_doubled_or_missorted_and_the_line_resumes(
    tmp_path: Path, parcels: int, kills: int, cut_s: float, report_line: Callable[[str], None]
) -> None:
    run_and_kill(tmp_path, parcels, kills, cut_s)
    values = list(read(tmp_path / "journal"))
    records = [value for value in values if isinstance(value, ParcelRecord)]
    lines = (tmp_path / "line" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    told = [decode(json.loads(line)) for line in lines]
    heard = [v for v in values if isinstance(v, PlcEvent) and not isinstance(v, CommChanged)]

    assert [str(event) for event in heard] == [str(event) for event in told], "each event once, in order"
    inducted = [event.pid for event in told if isinstance(event, Inducted)]
    assert sorted(record.pid for record in records if record.pid) == sorted(inducted)
    assert len(inducted) == parcels, "the line resumed each time"

    truths = read_truths(tmp_path / "line" / "truth.csv")
    verdict = judge(load_hub(LINZI), truths, read_left(tmp_path / "line" / "left.csv"), records)
    ends = Counter(record.outcome.value for record in records)
    report_line(f"{kills} kills, links cut every {cut_s} s: {len(verdict.missorts)} mis-sorts, {dict(ends)}")
    assert verdict.missorts == ()
    assert ends[Outcome.SORTED.value] >= 0.6 * parcels
