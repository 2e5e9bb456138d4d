"""The link against programs that are not ours: libmodbus, mbpoll, npm's modbus-serial, tshark."""

from __future__ import annotations

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

import pytest

from plc.modbus import ModbusMachine
from plc.registers import C, CommandBlock, K, P, S, Status, version_boot
from sorter.app.plc_doctor import examine_plc
from sorter.flow import (
    Answered,
    Assign,
    Command,
    Event,
    Inducted,
    Left,
    LinkDown,
    PackCommand,
    PackState,
    Result,
    StateChanged,
    Verdict,
)
from sorter.layout import Link
from tests.hubs import hub
from tests.peers import HERE, NODE_MODULES, libmodbus_slave, modbus_serial, tool
from tests.shared import ROOT
from tests.socket_plc import LINE, SocketPlc, monotonic_us

LINZI = ROOT / "configs" / "linzi"
PARCELS = 150


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
