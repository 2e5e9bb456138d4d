from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from plc.modbus import ModbusMachine
from sim.modbus_server import ModbusError
from sorter.flow import Answered, Assign, Command, Inducted, LinkUp, PackCommand, PackState, Verdict
from sorter.layout import Layout
from tests.hubs import layout
from tests.socket_plc import (
    LINE,
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

READ, WRITE = 3, 16


@pytest.fixture
def plc() -> Iterator[SocketPlc]:
    with SocketPlc() as plc:
        yield plc


@pytest.fixture
def machine(plc: SocketPlc) -> Iterator[ModbusMachine]:
    machine = plc.machine()
    yield machine
    machine.close()


# ------------------------------------------------------------ a sound link


def test_the_first_poll_brings_the_link_up(plc: SocketPlc, machine: ModbusMachine) -> None:
    plc.plc.encoder = 4_000_000_000
    events = until(machine, is_up)
    assert events == [LinkUp(events[0].at_us, 1, 77, PackState.STOPPED)]
    assert (machine.encoder, machine.trouble) == (4_000_000_000, "")


def test_every_order_gets_its_verdict(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    orders = [Assign(pid, pid % 4, 65535, 0) for pid in range(1, 31)]
    machine.send(orders, True)
    events = until(machine, lambda seen: sum(isinstance(e, Answered) for e in seen) == 30)
    answers = [event for event in events if isinstance(event, Answered)]
    assert [(a.pid, a.verdict, a.chute) for a in answers] == [(o.pid, Verdict.TAKEN, o.chute) for o in orders]
    assert plc.plc.taken == orders


def test_a_command_reaches_the_program_once(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    machine.send([Command(PackCommand.RESET)], True)
    for _ in range(5):
        cycle(machine)
    assert plc.plc.commands == [PackCommand.RESET]


def test_the_plc_forgets_an_event_only_when_it_is_stored(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    for _ in range(3):
        cycle(machine)
    tail = plc.plc.status.ev_tail_echo
    plc.plc.events = [inducted(1)]
    assert induct_pids([e for _ in range(4) for e in cycle(machine, stored=False)]) == [1]
    assert plc.plc.status.ev_tail_echo == tail
    assert induct_pids([e for _ in range(3) for e in cycle(machine, stored=True)]) == []
    assert plc.plc.status.ev_tail_echo == tail + 1


def test_a_burst_is_read_without_waiting_for_the_next_cycle(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    plc.plc.events = [inducted(pid) for pid in range(100)]
    time.sleep(0.02)
    events = list(machine.poll())
    cycles = 1
    while machine.more:
        machine.send((), True)
        events += machine.poll()
        cycles += 1
    assert induct_pids(events) == list(range(100))
    # 100 events, 8 a window; the PLC scans whenever block S is read.
    assert cycles <= 15


def test_events_are_stamped_on_the_line_clock(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    plc.plc.events = [Inducted(plc.plc.at_ms * 1000, 1, 300, 0)]
    stamped_us = plc.plc.at_ms * 1000
    events = until(machine, induct_pids)
    assert next(e.at_us for e in events if isinstance(e, Inducted)) == stamped_us
    assert stamped_us <= machine.line_us() < stamped_us + 2_000_000


def test_positions_are_read_in_several_requests_where_one_is_too_small() -> None:
    line = layout(40)
    with SocketPlc(line) as plc:
        machine = plc.machine(line)
        until(machine, is_up)
        machine.close()


# ------------------------------------------------------------ a PLC that does not fit


def shifted(line: Layout) -> Layout:
    """The same line with its last eye 10 mm further down."""
    last = line.diverters[-1]
    return replace(line, diverters=(*line.diverters[:-1], replace(last, eye_mm=last.eye_mm + 10)))


def with_lead(line: Layout) -> Layout:
    return replace(line, diverters=tuple(replace(d, pivot_mm=d.pivot_mm + 5) for d in line.diverters))


def swap_order(request: bytes, reply: bytes) -> bytes:
    """The PLC sends the low word of 32-bit values first."""
    at = 9 + 2 * 6
    return reply[:at] + reply[at + 2 : at + 4] + reply[at : at + 2] + reply[at + 4 :]


def put(word: int, value: int) -> Callable[[bytes, bytes], bytes]:
    """Replace one word of what is read from address 0."""

    def spoil(request: bytes, reply: bytes) -> bytes:
        at = 9 + 2 * word
        hit = request[7] == READ and request[8:10] == b"\0\0"
        return reply[:at] + value.to_bytes(2, "big") + reply[at + 2 :] if hit else reply

    return spoil


@pytest.mark.parametrize(
    ("change", "spoil", "named"),
    [
        (with_lead, None, ("K.7 ", "min_lead_mm", "0x0352, expected 0x0357", "K.0-1 ", "crc")),
        (shifted, None, ("P.4-5 ", "address 516", "chute 2", "10400, expected 10420", "same line file")),
        (None, swap_order, ("S.6-7 ", "order_probe", "0x03040102, expected 0x01020304", "high word")),
        (None, put(0, 0x1234), ("S.0 ", "magic", "0x1234, expected 0x534F")),
        (None, put(1, 0x0200), ("S.1 ", "map_version", "0x0200, expected 0x0100")),
        (None, put(5, 40), ("S.5 ", "state", "0x0028")),
    ],
)
def test_a_plc_that_does_not_fit_is_refused_naming_the_word(
    plc: SocketPlc,
    change: Callable[[Layout], Layout] | None,
    spoil: Callable[[bytes, bytes], bytes] | None,
    named: tuple[str, ...],
) -> None:
    plc.spoil = spoil
    machine = plc.machine(change(LINE) if change else LINE)
    events = until(machine, is_down)
    for _ in range(20):
        events += cycle(machine)
    machine.close()
    (reason,) = reasons(events)
    assert reason.startswith("map-mismatch: ") and all(text in reason for text in named), reason
    assert not is_up(events) and plc.plc.status.session_echo == 0


def test_a_wrong_unit_id_is_named(plc: SocketPlc) -> None:
    machine = plc.machine(unit=9)
    assert "exception 11" in reasons(until(machine, is_down))[0]
    machine.close()


# ------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("code", "word"),
    [(1, "config-error"), (2, "config-error"), (3, "config-error"), (4, "device-fault"), (10, "device-fault"),
     (11, "device-fault"), (0, "device-fault")],
)  # fmt: skip
def test_an_exception_takes_the_link_down_with_its_kind(
    plc: SocketPlc, machine: ModbusMachine, code: int, word: str
) -> None:
    until(machine, is_up)
    plc.spoil = lambda request, reply: request[:4] + bytes((0, 3, 1, request[7] | 0x80, code))
    assert reasons(until(machine, is_down))[0].startswith(word)
    plc.spoil = None
    until(machine, is_up)


@pytest.mark.parametrize("code", [5, 6])
def test_a_busy_plc_is_asked_again_next_cycle(plc: SocketPlc, machine: ModbusMachine, code: int) -> None:
    until(machine, adopted)
    plc.spoil = lambda request, reply: request[:4] + bytes((0, 3, 1, request[7] | 0x80, code))
    machine.send([Assign(1, 1, 65535, 0)], True)
    events = cycle(machine) + cycle(machine)
    plc.spoil = None
    events += until(machine, lambda seen: any(isinstance(event, Answered) for event in seen))
    assert not is_down(events)
    plc.spoil = lambda request, reply: request[:4] + bytes((0, 3, 1, request[7] | 0x80, code))
    assert reasons(until(machine, is_down))[0].startswith("plc-busy")


def test_a_command_block_that_is_refused_is_a_config_error(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, is_up)
    plc.spoil = lambda request, reply: (
        request[:4] + bytes((0, 3, 1, 0x90, ModbusError.ILLEGAL_ADDRESS)) if request[7] == WRITE else reply
    )
    assert "FC16 of 90 words at 1024" in reasons(until(machine, is_down))[0]


def test_a_torn_status_is_discarded(plc: SocketPlc, machine: ModbusMachine) -> None:
    until(machine, adopted)
    plc.plc.encoder = 5
    cycle(machine)
    plc.plc.encoder = 6
    plc.spoil = put(56, 0xBEEF)
    assert cycle(machine) == [] and machine.encoder == 5
    plc.spoil = None
    assert not is_down(cycle(machine)) and machine.encoder == 6
