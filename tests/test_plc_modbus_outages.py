from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from plc.modbus import ModbusMachine
from sorter.flow import Assign, Event, Inducted, LinkDown, LinkUp, Rebooted
from tests.socket_plc import (
    POLL_US,
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
