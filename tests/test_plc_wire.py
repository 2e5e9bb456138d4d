"""Every byte between controller and emulator, as tshark sees it."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from sorter.app.cli import main
from sorter.app.cmd_demo import emulator
from sorter.app.config import load_hub
from sorter.app.recorded import RecordedReads
from sorter.app.stage import stage
from sorter.app.tally import Tally
from sorter.flow import Operated, PackCommand
from tests.hubs import ON_DATE
from tests.peers import tool
from tests.shared import ROOT

LINZI = ROOT / "configs" / "linzi"
WARNING = 0x600000
"""tshark's severity from which a remark on a frame counts."""


@contextmanager
def captured(port: int, file: Path) -> Iterator[None]:
    """Everything on a loopback port goes into the file; skips where nothing may be captured."""
    program = tool("tshark", "tshark")
    line = [program, "-i", "lo", "-f", f"tcp port {port}", "-w", str(file)]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for said in process.stderr:
            if "Capturing on" in said:
                break
        else:
            pytest.skip("tshark may not capture on loopback here")
        try:
            sleep(0.5)
            yield
            sleep(0.5)
        finally:
            process.terminate()


def dissected(file: Path, port: int) -> list[list[str]]:
    """Function code, exception code, worst expert severity and `1` when malformed, of every Modbus frame."""
    fields = ("modbus.func_code", "modbus.exception_code", "_ws.expert.severity", "_ws.malformed")
    line = [tool("tshark", "tshark"), "-r", str(file), "-o", f"mbtcp.tcp.port:{port}"]
    line += ["-Y", "mbtcp || _ws.malformed", "-T", "fields"]
    line += [word for name in fields for word in ("-e", name)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=True)
    return [row.split("\t") for row in done.stdout.splitlines()]


def ill(frames: list[list[str]]) -> list[list[str]]:
    """Exceptions, malformed frames, and those that tshark remarks on."""
    return [frame for frame in frames if frame[1] or frame[3] or (frame[2] and int(frame[2]) >= WARNING)]


def test_tshark_finds_no_malformed_frame_in_a_run(tmp_path: Path, report_line: Callable[[str], None]) -> None:
    tool("tshark", "tshark")
    made = load_hub(LINZI)
    tally, file = Tally(made.layout), tmp_path / "wire.pcapng"
    words = argparse.Namespace(config=LINZI, parcels=6, rate=6000, seed=3, more=["--lock-step"])
    with emulator(words, tmp_path / "line") as ready, captured(ready["port"], file):
        port, link = ready["port"], replace(made.link, host=ready["host"], port=ready["port"])
        with stage(made, link, RecordedReads([]), tmp_path, ON_DATE, tally.note) as on:
            on.machine.mailbox.in_step = True
            on.runner.post(lambda at_us: Operated(at_us, PackCommand.START))
            end = monotonic() + 60
            on.runner.run(0, lambda: (tally.inducted >= 6 and not tally.open) or monotonic() > end)
    frames = dissected(file, port)
    functions = Counter(function for function, *_ in frames)
    bad = ill(frames)
    report_line(f"{len(frames)} Modbus frames, {len(bad)} malformed: {dict(functions)}")
    assert tally.inducted == 6 and len(frames) > 500
    assert set(functions) == {"3", "16"} and bad == []


@pytest.mark.full
@pytest.mark.timeout(600)
def test_tshark_finds_no_malformed_frame_in_a_whole_demo(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    report_line: Callable[[str], None],
) -> None:
    tool("tshark", "tshark")
    file, ports = tmp_path / "wire.pcapng", list[int]()

    @contextmanager
    def watched(words: argparse.Namespace, out: Path) -> Iterator[dict[str, Any]]:
        with emulator(words, out) as ready, captured(ready["port"], file):
            ports.append(ready["port"])
            yield ready

    monkeypatch.setattr("sorter.app.cmd_demo.emulator", watched)
    main(["demo", "--json", "--out", str(tmp_path / "demo")])  # what it must keep: test_app_demo.py
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])["figures"]
    frames = dissected(file, ports[0])
    functions, bad = Counter(function for function, *_ in frames), ill(frames)
    parcels = figures["inducted"]["amount"]
    report_line(f"demo of {parcels} parcels: {len(frames)} Modbus frames, {len(bad)} malformed")
    assert set(functions) == {"3", "16"} and bad == []
    assert len(frames) > 200 * 4
