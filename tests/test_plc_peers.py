"""The link against programs that are not ours: libmodbus, mbpoll, npm's modbus-serial, tshark."""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from plc.modbus import ModbusMachine
from plc.registers import C, CommandBlock, K, P, S, Status, version_boot
from sorter.app.cli import main
from sorter.app.cmd_demo import emulator
from sorter.app.config import load_hub
from sorter.app.plc_doctor import examine_plc
from sorter.app.recorded import RecordedReads
from sorter.app.stage import stage
from sorter.app.tally import Tally
from sorter.flow import (
    Answered,
    Assign,
    Command,
    Event,
    Inducted,
    Left,
    LinkDown,
    Operated,
    PackCommand,
    PackState,
    Result,
    StateChanged,
    Verdict,
)
from sorter.layout import Link
from tests.hubs import ON_DATE, hub
from tests.peers import HERE, NODE_MODULES, libmodbus_slave, modbus_serial, tool
from tests.shared import ROOT
from tests.socket_plc import LINE, SocketPlc, monotonic_us

LINZI = ROOT / "configs" / "linzi"
PARCELS = 150
WARNING = 0x600000
"""tshark's severity from which a remark on a frame counts."""


@pytest.fixture
def plc() -> Iterator[SocketPlc]:
    with SocketPlc() as plc:
        yield plc


# ------------------------------------------------------------ our controller, their PLC: libmodbus


@contextmanager
def slave(folder: Path, parcels: int, interval_ms: int) -> Iterator[tuple[Link, subprocess.Popen[str]]]:
    """The C slave of LINE, listening."""
    program = libmodbus_slave(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [port, parcels, interval_ms, LINE.belt.counts_per_m, LINE.min_lead_mm, *LINE.decision_counts]
    process = subprocess.Popen([str(program), *map(str, words)], stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield Link("127.0.0.1", port, 1, 20_000, 500_000), process
        finally:
            process.kill()


class Sorter:
    """The least controller: every parcel gets chute pid % 5, of which 4 does not exist."""

    def __init__(self, machine: ModbusMachine) -> None:
        self.machine = machine
        self.events: list[Event] = []
        machine.mailbox.ready = True

    def cycle(self) -> None:
        polled = self.machine.poll()
        self.events += polled
        orders: list[Assign | Command] = []
        for event in polled:
            if isinstance(event, Inducted):
                orders.append(Assign(event.pid, event.pid % 5, 65535, 0))
            if isinstance(event, StateChanged) and event.state is PackState.IDLE:
                orders.append(Command(PackCommand.START))
        self.machine.send(orders, True)
        sleep(0.0 if self.machine.more else 0.02)

    def until(self, done: Callable[[], bool], wait_s: float = 40.0) -> None:
        end = monotonic() + wait_s
        while not done():
            assert monotonic() < end, (self.machine.trouble, self.events[-5:])
            self.cycle()

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def said(process: subprocess.Popen[str]) -> dict[str, int]:
    assert process.stdout is not None
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", process.stdout.read())}


def test_every_parcel_of_a_libmodbus_slave_is_ordered_and_told_once(tmp_path: Path) -> None:
    with slave(tmp_path, PARCELS, 20) as (link, process):
        with closing(ModbusMachine(link, LINE, 77, monotonic_us)) as machine:
            sorter = Sorter(machine)
            machine.send([], True)
            sorter.until(lambda: machine.status is not None and machine.status.session_echo == 77)
            machine.send([Command(PackCommand.RESET)], True)
            sorter.until(lambda: len(sorter.of(Left)) == PARCELS)
            machine.send([Command(PackCommand.STOP)], True)
            sorter.until(lambda: process.poll() is not None or bool(sorter.of(LinkDown)))
        counted = said(process)
    pids = [event.pid for event in sorter.events if isinstance(event, Inducted)]
    left = {event.pid: event for event in sorter.events if isinstance(event, Left)}
    verdicts = Counter(event.verdict for event in sorter.events if isinstance(event, Answered))
    assert len(set(pids)) == len(pids) == PARCELS and sorted(left) == sorted(pids)
    none_such = sum(pid % 5 == 4 for pid in pids)
    assert verdicts == {Verdict.TAKEN: PARCELS - none_such, Verdict.NO_SUCH_CHUTE: none_such}
    told = {pid: (Result.OK, pid % 5) if pid % 5 < 4 else (Result.UNASSIGNED, 65535) for pid in pids}
    assert {pid: (event.result, event.chute) for pid, event in left.items()} == told
    assert (counted["inducted"], counted["sorted"], counted["lost"], counted["torn"]) == (
        PARCELS, PARCELS - none_such, 0, 0,
    )  # fmt: skip


def test_a_libmodbus_slave_suspends_without_a_pc_and_a_restarted_pc_goes_on(tmp_path: Path) -> None:
    with slave(tmp_path, 60, 20) as (link, process):
        first = Sorter(ModbusMachine(link, LINE, 77, monotonic_us))
        first.until(lambda: first.machine.status is not None and first.machine.status.session_echo == 77)
        first.machine.send([Command(PackCommand.RESET)], True)
        first.until(lambda: len(first.of(Inducted)) >= 10)
        first.machine.close()
        with closing(ModbusMachine(link, LINE, 78, monotonic_us)) as machine:
            second = Sorter(machine)
            second.until(lambda: machine.status is not None and machine.status.session_echo == 78)
            assert machine.status is not None and machine.status.state == PackState.SUSPENDED
            machine.send([Command(PackCommand.UNSUSPEND)], True)
            seen = {event.pid for event in first.events if isinstance(event, Left)}
            second.until(lambda: len(seen | {e.pid for e in second.events if isinstance(e, Left)}) == 60)
        assert process.poll() is None
    # What the first had taken and not yet acknowledged comes once more: acknowledged, it never does.
    pids = {e.pid for one in (first, second) for e in one.events if isinstance(e, Inducted)}
    assert len(pids) == 60


def test_the_doctor_finds_a_libmodbus_slave_in_order(tmp_path: Path) -> None:
    with slave(tmp_path, 1, 20) as (link, _):
        found = examine_plc(replace(hub(), layout=LINE), replace(link, poll_us=100_000))
    assert [str(one.detail) for one in found if not one.ok] == []


# ------------------------------------------------------------ their master, our PLC


def mbpoll(plc: SocketPlc, *words: object) -> str:
    program = tool("mbpoll", "mbpoll")
    line = [program, "-m", "tcp", "-p", str(plc.port), "-a", "1", "-0", "-1", "-t", "4:hex", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def polled(plc: SocketPlc, base: int, count: int) -> list[int]:
    shown = mbpoll(plc, "-r", base, "-c", count, "127.0.0.1")
    rows = re.findall(r"^\[(\d+)\]:\s+0x([0-9A-F]+)", shown, re.MULTILINE)
    assert [int(at) for at, _ in rows] == list(range(base, base + count))
    return [int(word, 16) for _, word in rows]


def test_mbpoll_reads_every_block_of_the_emulated_plc(plc: SocketPlc) -> None:
    plc.plc.encoder = 0xDEADBEEF
    status = Status.unpack(polled(plc, S.base, S.words))
    assert (status.magic, status.encoder, status.torn) == (0x534F, 0xDEADBEEF, False)
    assert polled(plc, K.base, K.words) == plc.plc.mailbox.echo_words
    assert polled(plc, P.base, 8) == plc.plc.mailbox.position_words[:8]


def test_a_command_block_written_by_mbpoll_is_obeyed(plc: SocketPlc) -> None:
    plc.plc.scan()
    empty = ((0,) * 8,) * 10
    for heartbeat, command in ((1, 0), (2, 0), (3, PackCommand.RESET)):
        block = CommandBlock(heartbeat, 55, command, heartbeat, 0, 0, 1, version_boot(1), 0, empty, heartbeat)
        mbpoll(plc, "-r", C.base, "127.0.0.1", "--", *block.pack())
        plc.plc.scan()
    assert (plc.plc.status.session_echo, plc.plc.status.hb_pc_echo) == (55, 3)
    assert plc.plc.commands == [PackCommand.RESET]


def test_modbus_serial_gets_three_right_answers_to_three_requests_in_flight(plc: SocketPlc) -> None:
    node = modbus_serial()
    environment = {**os.environ, "NODE_PATH": str(NODE_MODULES)}
    line = [node, str(HERE / "pipelined.js"), str(plc.port), "50"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    mailbox = plc.plc.mailbox
    right = [[0x534F, 0x0100, 1], mailbox.echo_words[:5], mailbox.position_words[:4]]
    assert json.loads(done.stdout) == [right] * 50


# ------------------------------------------------------------ the wire as tshark sees it


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


def test_tshark_finds_no_malformed_frame_in_a_run(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
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
