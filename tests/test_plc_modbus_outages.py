from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from plc.adu import LinkTroubleError
from plc.modbus import ModbusMachine
from plc.registers import S
from plc.wire import Wire
from sorter.flow import Assign, Event, Inducted, LinkDown, LinkUp, Rebooted
from sorter.layout import Link
from tests.shared import ROOT
from tests.socket_plc import (
    POLL_US,
    TIMEOUT_US,
    SocketPlc,
    adopted,
    cycle,
    induct_pids,
    inducted,
    is_down,
    is_up,
    reasons,
    until,
)

SCHEDULING_US = 50_000
"""What a busy machine may add to a sleep or a wake-up."""


@pytest.fixture
def plc() -> Iterator[SocketPlc]:
    with SocketPlc() as plc:
        yield plc


@pytest.fixture
def machine(plc: SocketPlc) -> Iterator[ModbusMachine]:
    machine = plc.machine()
    yield machine
    machine.close()


def test_a_reset_while_a_request_waits_is_known_long_before_the_timeout(plc: SocketPlc) -> None:
    machine = plc.machine(timeout_us=3_000_000)
    until(machine, is_up)

    def cut(request: bytes, reply: bytes) -> bytes:
        plc.cut()
        return b""

    plc.spoil = cut
    started = time.monotonic()
    assert reasons(list(machine.poll())) == ["connection-lost: the PLC closed or reset the connection"]
    assert time.monotonic() - started < 0.3
    machine.close()


def test_a_plc_that_does_not_answer_costs_one_timeout_and_is_told_once(plc: SocketPlc) -> None:
    machine = plc.machine(timeout_us=150_000)
    until(machine, is_up)
    plc.spoil = lambda request, reply: b""
    longest, events = 0.0, list[Event]()
    for _ in range(8):
        started = time.monotonic()
        events += machine.poll()
        longest = max(longest, time.monotonic() - started)
    assert len(events) == 1 and reasons(events)[0].startswith("timeout: no answer to FC3 of 121 words at 0")
    assert machine.status is None and longest < 0.25
    plc.spoil = None
    until(machine, is_up)
    machine.close()


def test_a_late_answer_is_never_taken_for_another_request(plc: SocketPlc) -> None:
    machine = plc.machine(timeout_us=100_000)
    until(machine, is_up)
    plc.plc.encoder = 11

    def late(request: bytes, reply: bytes) -> bytes:
        plc.spoil = None
        time.sleep(0.15)
        return reply

    plc.spoil = late
    assert reasons(until(machine, is_down))[0].startswith("timeout")
    plc.plc.encoder = 12
    until(machine, is_up)
    assert machine.encoder == 12
    machine.close()


def test_a_frozen_plc_is_down_after_three_polls_and_up_when_it_scans(
    plc: SocketPlc, machine: ModbusMachine
) -> None:
    until(machine, adopted)
    plc.scanning = False
    started = time.monotonic()
    events = until(machine, is_down)
    assert reasons(events)[0].startswith("plc-frozen") and time.monotonic() - started < 10 * POLL_US / 1e6
    for _ in range(30):
        events += cycle(machine)
    assert not is_up(events) and len(reasons(events)) == 1
    plc.scanning = True
    until(machine, is_up)


def test_a_server_killed_and_back_is_one_outage(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    plc.plc.events = [inducted(1)]
    plc.stop()
    events = until(machine, is_down)
    for _ in range(40):
        events += cycle(machine)
    plc.start()
    events += until(machine, lambda seen: is_up(seen) and induct_pids(seen))
    kinds = [type(event) for event in events if isinstance(event, LinkUp | LinkDown | Inducted)]
    assert kinds == [LinkDown, LinkUp, Inducted]


def test_a_plc_boot_is_told_and_the_line_clock_goes_on(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    time.sleep(0.3)
    before_us = machine.line_us()
    machine.send([Assign(1, 1, 65535, 0)], True)
    old = plc.plc
    plc.boot()
    events = until(machine, adopted)
    up = next(event for event in events if isinstance(event, LinkUp))
    booted = next(event for event in events if isinstance(event, Rebooted))
    assert (up.boot_id, up.session, booted.boot_id) == (2, 78, 2)
    assert plc.plc.taken == [] and len(old.taken) <= 1
    assert before_us <= booted.at_us <= machine.line_us()


def test_nothing_listening_is_told_once_and_polls_stay_short() -> None:
    with SocketPlc() as plc:
        plc.stop()
        machine = plc.machine()
        started = time.monotonic()
        events = [event for _ in range(30) for event in cycle(machine)]
        assert len(events) == 1 and reasons(events)[0].startswith("unreachable: 127.0.0.1:")
        assert time.monotonic() - started < 2
        machine.close()


def noticed(machine: ModbusMachine, trouble: Callable[[], None]) -> float:
    """Seconds from a trouble in mid-run to its LinkDown, polled at the link's period."""
    until(machine, is_up)
    for _ in range(3):
        cycle(machine)
    trouble()
    began = due = time.monotonic()
    while not is_down(list(machine.poll())):
        machine.send((), True)
        due += POLL_US / 1e6
        time.sleep(max(0.0, due - time.monotonic()))
    return time.monotonic() - began


def test_a_peer_that_freezes_is_noticed_within_the_timeout_and_two_polls(plc: SocketPlc) -> None:
    timeout_us = 200_000
    with closing(plc.machine(timeout_us=timeout_us)) as machine:
        took = noticed(machine, lambda: setattr(plc, "spoil", lambda request, reply: b""))
    assert took * 1e6 <= timeout_us + 2 * POLL_US + SCHEDULING_US


def test_a_plc_that_answers_and_does_not_scan_is_noticed_within_three_polls_and_the_timeout(
    plc: SocketPlc, machine: ModbusMachine
) -> None:
    took = noticed(machine, lambda: setattr(plc, "scanning", False))
    assert took * 1e6 <= 3 * POLL_US + TIMEOUT_US


def test_a_slow_plc_is_waited_for_and_nothing_is_lost(plc: SocketPlc) -> None:
    timeout_us = 300_000

    def slow(request: bytes, reply: bytes) -> bytes:
        time.sleep(0.6 * timeout_us / 1e6)
        return reply

    with closing(plc.machine(timeout_us=timeout_us)) as machine:
        until(machine, adopted)
        plc.spoil = slow
        plc.plc.events = [inducted(pid) for pid in range(3)]
        events = cycle(machine) + cycle(machine)
        assert induct_pids(events) == [0, 1, 2] and not is_down(events)


def test_the_link_asks_no_wall_clock() -> None:
    # A step of the wall clock by an hour can then change nothing: every wait is by the monotonic clock.
    asked = [
        path.name
        for path in [*(ROOT / "plc").glob("*.py"), ROOT / "sorter" / "app" / "runner.py"]
        if re.search(r"\btime\.(time|time_ns|localtime|gmtime)\(|datetime", path.read_text(encoding="utf-8"))
    ]
    assert asked == []


def test_an_answer_in_the_instant_of_its_timeout_is_late_and_no_crash() -> None:
    """Found by SIGSTOP: the answer lay there when the process went on, and so did the timer."""
    let_go = threading.Event()

    def stand_still() -> None:
        let_go.set()
        time.sleep(0.1)  # the answer arrives now, behind the timer

    async def asked(port: int) -> None:
        wire = Wire(Link("127.0.0.1", port, 1, POLL_US, 200_000))
        await wire.open()
        loop = asyncio.get_running_loop()
        loop.call_later(0.15, time.sleep, 0.1)
        loop.call_later(0.21, stand_still)
        try:
            await wire.read(S.base, S.words)
        finally:
            wire.close()
            await asyncio.sleep(0)

    with SocketPlc() as plc:
        plc.spoil = lambda request, reply: reply if let_go.wait(5) else b""
        with pytest.raises(LinkTroubleError, match="timeout: no answer"):
            asyncio.run(asked(plc.port))
