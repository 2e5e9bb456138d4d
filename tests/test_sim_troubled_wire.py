"""What the emulator's PLC and its wire do wrong on request, seen from the other end."""

from __future__ import annotations

from pathlib import Path

import pytest

from plc.adu import parse_answer
from plc.registers import C, S, Status
from sim.bad_answers import spoilt
from sim.emulator import Emulator
from sim.faultplan import ANSWER_CAUSES, Cause, Fault, FaultPlan, Kind
from sim.modbus_server import MapRegisters, answer
from sim.planned import Planned
from sim.troubled_wire import INTRUDER_SESSION, TroubledWire
from sorter.flow import PackState, Us
from tests.hubs import hub
from tests.tiny_plc import TinyPlc

HUB = hub()
SECOND: Us = 1_000_000
READ = bytes((0, 9, 0, 0, 0, 6, 1, 3, *S.base.to_bytes(2, "big"), 0, S.words))
WRITE = bytes((0, 9, 0, 0, 0, 187, 1, 16, *C.base.to_bytes(2, "big"), 0, 90, 180, *bytes(180)))


def refused(request: bytes, reply: bytes) -> bool:
    """The link would not use this answer."""
    try:
        got = parse_answer(request, reply)
    except ValueError:
        return True
    return got is None or got.exception > 0 or (got.words != () and Status.unpack(got.words).torn)


@pytest.mark.parametrize("cause", ANSWER_CAUSES)
def test_every_bad_answer_is_one_that_the_link_refuses(cause: Cause) -> None:
    plc = TinyPlc(HUB.layout)
    plc.scan()
    registers = MapRegisters(plc.mailbox)
    right = {request: answer(request, registers) for request in (READ, WRITE)}
    spoiling = [request for request, reply in right.items() if spoilt(cause, reply) != reply]
    assert spoiling and not any(refused(request, reply) for request, reply in right.items())
    assert all(refused(request, spoilt(cause, right[request])) for request in spoiling)


def wire(fault: Fault) -> tuple[TroubledWire, TinyPlc, list[Us]]:
    """A wire on a clock that a test may turn."""
    now: list[Us] = [0]
    plc = TinyPlc(HUB.layout)
    plc.scan()
    return TroubledWire(Planned(FaultPlan("one", (fault,)), 1), lambda: now[0]), plc, now


def test_a_frozen_plc_shows_what_it_showed_and_takes_nothing_until_it_thaws() -> None:
    troubled, plc, now = wire(Fault(Kind.PLC_FROZEN, spans=((SECOND, 2 * SECOND),)))
    registers = MapRegisters(plc.mailbox)
    shown = []
    for now[0] in (0, SECOND, SECOND + 1, 2 * SECOND):
        plc.scan()
        shown.append(troubled(READ, registers, 1))
        assert troubled(WRITE, registers, 1) is not None
    assert shown[0] != shown[1] == shown[2] != shown[3]
    assert plc.status.session_echo == 0


@pytest.mark.parametrize(("kind", "sent"), [(Kind.PLC_SILENCE, b""), (Kind.LINK_CUT, None)])
def test_a_silent_plc_sends_nothing_and_a_cut_link_is_reset(kind: Kind, sent: bytes | None) -> None:
    troubled, plc, now = wire(Fault(kind, spans=((SECOND, 2 * SECOND),)))
    assert troubled(READ, MapRegisters(plc.mailbox), 1)
    now[0] = SECOND
    assert troubled(READ, MapRegisters(plc.mailbox), 1) == sent


def test_a_slow_plc_says_how_late_it_answers() -> None:
    troubled, _, now = wire(Fault(Kind.SLOW_PLC, spans=((SECOND, 2 * SECOND),), delay_us=(5000, 5000)))
    assert troubled.late_us() == 0
    now[0] = SECOND
    assert troubled.late_us() == 5000


def line(folder: Path, *faults: Fault) -> Emulator:
    return Emulator(HUB, [], 1, None, folder, faults=Planned(FaultPlan("some", faults), 1))


def status(emulator: Emulator) -> Status:
    words = emulator.registers.read(S.base, S.words)
    assert isinstance(words, list)
    return Status.unpack(words)


def test_a_plc_that_had_no_power_has_another_boot_number_and_stands(tmp_path: Path) -> None:
    emulator = line(tmp_path, Fault(Kind.PLC_REBOOT, spans=((SECOND, 2 * SECOND),)))
    emulator.advance(1_500_000)
    dead = status(emulator).hb_plc
    emulator.advance(1_900_000)
    assert (status(emulator).boot_id, status(emulator).hb_plc) == (1, dead)
    emulator.advance(3 * SECOND)
    assert (status(emulator).boot_id, status(emulator).state) == (2, PackState.STOPPED)


def test_an_emergency_stop_opens_the_chain_for_its_time(tmp_path: Path) -> None:
    emulator = line(tmp_path, Fault(Kind.E_STOP, spans=((SECOND, 2 * SECOND),)))
    seen = []
    for at_us in (900_000, 1_500_000, 2_500_000):
        emulator.advance(at_us)
        seen.append((status(emulator).chain_closed, status(emulator).state is PackState.ABORTED))
    assert seen == [(True, False), (False, True), (True, True)]


def test_a_second_master_is_seen_by_the_plc(tmp_path: Path) -> None:
    emulator = line(tmp_path, Fault(Kind.SECOND_MASTER, spans=((SECOND, 2 * SECOND),)))
    emulator.advance(1_500_000)
    assert status(emulator).session_echo == INTRUDER_SESSION
    emulator.advance(3 * SECOND)
    # When it has gone, the PLC misses it.
    assert not status(emulator).safety >> 4 & 1 and status(emulator).ev_head == 2
