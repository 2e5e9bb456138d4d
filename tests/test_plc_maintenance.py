"""Maintenance mode: when it is entered, what it tells, and that a jog ends by itself."""

from __future__ import annotations

import pytest

from plc.maintenance import JOG_MS, Maintenance
from plc.modes import NOT_PERMITTED, OK
from plc.registers import MAINTENANCE, OUTLET, PRODUCTION, Status
from plc.signals import FromPc, Inputs, Outputs
from sorter.flow import Command, EyeSeen, PackCommand, PackState
from tests.hubs import layout
from tests.pairs import Pair, joined

LINE = layout(2)
STRAIGHT = (0, 0)


class Bench:
    """Maintenance around a program that does nothing; 10 ms a scan."""

    def __init__(self) -> None:
        self.maintenance = Maintenance(LINE)
        self.at_ms = 0
        self.state = PackState.STOPPED
        self.safe = self.alive = True
        self.left: tuple[int, ...] = STRAIGHT

    def scan(self, mode: int = 0, jog: int = -1, eyes: int = 0, outlets: int = 0, ms: int = 10) -> Outputs:
        self.at_ms = (self.at_ms + ms) % (1 << 32)
        pc = FromPc(self.alive, True, False, (), PackCommand.NONE, mode, jog)
        inputs = Inputs(self.at_ms, 4711, eyes, outlets, 0, 0, self.safe, False, pc)
        outputs = Outputs(self.state, False, False, self.left, (), (), False, True, 0, 0)
        return self.maintenance.after(inputs, outputs)


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.scan(mode=MAINTENANCE)
    return made


@pytest.mark.parametrize("state", PackState)
def test_the_mode_changes_in_stopped_and_idle_only(state: PackState) -> None:
    bench = Bench()
    bench.state = state
    bench.scan(mode=MAINTENANCE)
    assert bench.maintenance.on is (state in (PackState.STOPPED, PackState.IDLE))


def test_the_mode_is_left_by_wish_and_stays_without_one(bench: Bench) -> None:
    bench.scan()
    assert bench.maintenance.on
    bench.state = PackState.EXECUTE
    bench.scan(mode=PRODUCTION)
    assert bench.maintenance.on
    bench.state = PackState.IDLE
    bench.scan(mode=PRODUCTION)
    assert not bench.maintenance.on


def test_every_edge_of_every_eye_is_told_in_maintenance_mode_only(bench: Bench) -> None:
    seen = bench.scan(eyes=0b101, outlets=0b10).events
    assert seen == (
        EyeSeen(20_000, 0, True, 4711),
        EyeSeen(20_000, 2, True, 4711),
        EyeSeen(20_000, OUTLET + 1, True, 4711),
    )  # fmt: skip
    assert bench.scan(eyes=0b101, outlets=0b10).events == ()
    assert bench.scan(eyes=0b100).events == (
        EyeSeen(40_000, 0, False, 4711), EyeSeen(40_000, OUTLET + 1, False, 4711)
    )  # fmt: skip
    bench.scan(mode=PRODUCTION)
    assert bench.scan(eyes=0b111).events == ()


def test_a_jog_turns_the_diverter_to_the_chutes_side_and_ends_by_itself(bench: Bench) -> None:
    first = bench.scan(jog=3)
    assert (first.command, first.wheels) == (OK, (0, 1))
    turned = [bench.scan().wheels for _ in range(JOG_MS // 10 + 5)]
    assert turned == [(0, 1)] * (JOG_MS // 10 - 1) + [STRAIGHT] * 6


def test_a_jog_moves_no_other_wheel_not_even_one_that_stood_turned_at_the_stop(bench: Bench) -> None:
    bench.left = (0, 1)
    assert bench.scan(jog=0).wheels == (-1, 1)
    turned = [bench.scan().wheels for _ in range(JOG_MS // 10 + 5)]
    assert turned == [(-1, 1)] * (JOG_MS // 10 - 1) + [(0, 1)] * 6


def test_a_jog_that_is_refused_prolongs_none(bench: Bench) -> None:
    bench.scan(jog=0)
    assert bench.scan(jog=4, ms=JOG_MS - 10).command == NOT_PERMITTED
    assert bench.scan().wheels == STRAIGHT


def test_a_jog_spans_the_wrap_of_the_clock(bench: Bench) -> None:
    bench.at_ms = (1 << 32) - 100
    bench.scan(jog=0)
    assert bench.scan(ms=JOG_MS - 10).wheels == (-1, 0)
    assert bench.scan().wheels == STRAIGHT


@pytest.mark.parametrize("spoil", ["production", "running", "chain", "lost", "no such chute"])
def test_a_jog_is_refused_where_it_could_harm(bench: Bench, spoil: str) -> None:
    if spoil == "production":
        bench.scan(mode=PRODUCTION)
    bench.state = PackState.EXECUTE if spoil == "running" else bench.state
    bench.safe, bench.alive = spoil != "chain", spoil != "lost"
    answer = bench.scan(jog=4 if spoil == "no such chute" else 0)
    assert (answer.command, answer.wheels) == (NOT_PERMITTED, STRAIGHT)


@pytest.mark.parametrize("what", ["safe", "alive"])
def test_a_jog_ends_with_the_chain_and_with_the_pc_and_does_not_come_back(bench: Bench, what: str) -> None:
    bench.scan(jog=0)
    setattr(bench, what, False)
    assert bench.scan().wheels == STRAIGHT
    setattr(bench, what, True)
    assert bench.scan().wheels == STRAIGHT


# ------------------------------------------------------------ through the mailbox


def wheels(pair: Pair) -> list[tuple[int, ...]]:
    return [outputs.wheels for outputs in pair.plc.outputs]


def status(pair: Pair) -> Status:
    return pair.plc.status


def test_mode_and_jog_travel_through_the_mailbox() -> None:
    pair = joined()
    pair.pc.mode_wish = MAINTENANCE
    pair.cycle()
    pair.cycle()
    assert status(pair).mode == MAINTENANCE
    pair.pc.jog(2)
    while pair.pc.commanding:
        pair.cycle()
    assert (status(pair).cmd_result, wheels(pair).count((0, -1)) > 0, pair.plc.commands) == (OK, True, [])


def test_a_jog_in_production_is_answered_not_permitted() -> None:
    pair = joined()
    pair.pc.jog(2)
    while pair.pc.commanding:
        pair.cycle()
    assert status(pair).cmd_result == NOT_PERMITTED


def test_while_the_safety_chain_is_open_no_jog_goes_out_and_a_waiting_one_is_dropped() -> None:
    pair = joined()
    pair.pc.offer([Command(PackCommand.CLEAR)])
    pair.pc.jog(1)
    pair.plc.safe = False
    pair.plc.scan()
    for _ in range(5):
        pair.cycle()
    pair.pc.jog(1)
    assert pair.pc.refused == 1
    pair.plc.safe = True
    for _ in range(5):
        pair.cycle()
    assert set(wheels(pair)) == {STRAIGHT}, "no wheel was ever commanded"
