"""What the PLC program does in the scan between two others, and what stands behind another defence."""

from __future__ import annotations

from plc.mailbox import HOLD_MS, PlcMailbox
from plc.registers import Status
from plc.signals import FromPc, Inputs, Outputs
from sorter.flow import (
    REJECT,
    Answered,
    Assign,
    EncoderTrouble,
    Inducted,
    Left,
    PackCommand,
    PackState,
    Result,
    Verdict,
)
from tests.pairs import joined
from tests.rig import Rig
from tests.test_plc_program import FAR, LAYOUT, S, results
from tests.test_plc_program_trouble import DeafOutlets, close_layout
from tests.walked import Object, Walked

EYE_BEHIND = 3
"""The eye behind diverter 1, whose pivot is at 6050 mm."""


def ends(walked: Walked) -> list[tuple[Result, int]]:
    return [(event.result, event.chute) for event in walked.events if isinstance(event, Left)]


def test_what_the_last_diverter_threw_and_no_eye_saw_is_lost_in_its_chute() -> None:
    # The end eye is so far behind the last pivot that the chute's eye should have spoken before it.
    rig = Rig(LAYOUT, FAR[:1], {0: (7, REJECT)}, DeafOutlets()).run(30 * S)
    assert results(rig) == [(0, Result.LOST, 7)]


def test_a_parcel_thrown_as_the_encoder_jumps_is_purged_and_never_called_sorted() -> None:
    walked = Walked(LAYOUT, [Object(1000)], {0: (2, REJECT)})
    while not any(walked.said.wheels):
        walked.scan()
    walked.stuck_eyes = 1 << EYE_BEHIND
    walked.scan()
    # The next eye seems to have been passed by its centre before the pivot was reached.
    walked.stuck_eyes, walked.jumped = 0, 2 * LAYOUT.counts(512 + 350)
    assert walked.scan().wheels == (0, 0, 0, 0)
    assert any(isinstance(event, EncoderTrouble) for event in walked.events)
    for command in (PackCommand.NONE, PackCommand.CLEAR):
        walked.scan(command)
    assert ends(walked) == [(Result.PURGED, REJECT)]


def test_wheels_turned_for_the_next_parcel_are_not_straightened_for_the_one_before_it() -> None:
    # Both 100 mm long; the second slides 60 mm towards the first before it is seen at the diverter's eye.
    second = Object(1600, 100, lambda at_mm: 60 if at_mm > 4500 else 0)
    walked = Walked(LAYOUT, [Object(1000, 100), second], {0: (2, REJECT), 1: (3, REJECT)})
    walked.until(7030)
    walked.scan(PackCommand.HOLD)
    for _ in range(30):
        walked.scan()
    walked.outlets, walked.objects[0].there = 1 << 2, False  # thrown as the belt stopped
    walked.scan()
    walked.outlets = 0
    assert ends(walked) == [(Result.OK, 2)]
    walked.scan(PackCommand.UNHOLD)
    turned = [(walked.scan().wheels[1], walked.way_mm) for _ in range(20)]
    # Fired at 1540 + 6050 - 512 = 7078 mm, a scan later at most; the first would have let go at 7090.
    assert {side for side, way_mm in turned if way_mm >= 7078 + 32} == {1}


def held_before_it_fires() -> Walked:
    """A line that stands, with a parcel for chute 2 just before the place where its wheel is turned."""
    walked = Walked(LAYOUT, [Object(1000, 400)], {0: (2, REJECT)})
    walked.until(1000 + 6050 - 512 - 40)
    walked.scan(PackCommand.HOLD)
    for _ in range(300):
        walked.scan()
    return walked


def test_no_wheel_begins_to_turn_on_a_belt_that_stands_and_it_does_when_the_belt_is_driven_again() -> None:
    walked = held_before_it_fires()
    walked.way_mm += 80  # somebody moves the belt by hand
    assert [walked.scan().wheels for _ in range(50)] == [(0, 0, 0, 0)] * 50
    walked.scan(PackCommand.UNHOLD)
    assert [walked.scan().wheels for _ in range(3)][-1] == (0, -1, 0, 0)


def test_a_parcel_that_was_pushed_to_the_wheels_by_hand_is_not_diverted() -> None:
    walked = held_before_it_fires()
    for _ in range(60):
        walked.way_mm += 8
        assert walked.scan().wheels == (0, 0, 0, 0)
    walked.scan(PackCommand.UNHOLD)
    assert {walked.scan().wheels for _ in range(300)} == {(0, 0, 0, 0)}
    assert ends(walked) == [(Result.DIVERTER_FAULT, REJECT)]


def test_a_wheel_turns_back_behind_its_parcel_though_the_belt_moves_without_a_drive() -> None:
    walked = Walked(LAYOUT, [Object(1000)], {0: (2, REJECT)})
    while not any(walked.said.wheels):
        walked.scan()
    walked.scan(PackCommand.HOLD)
    for _ in range(300):
        walked.scan()
    assert walked.said.wheels == (0, -1, 0, 0)
    walked.objects[0].there = False
    for _ in range(90):
        walked.way_mm += 8
        walked.scan()
    assert walked.said.wheels == (0, 0, 0, 0)


def test_a_parcel_that_must_ride_to_the_end_says_why_whatever_else_is_in_its_way() -> None:
    neighbours = [Object(1000, 500), Object(1650, 500)]
    close = Walked(close_layout(150), neighbours, {0: (2, REJECT), 1: (4, REJECT)})
    close.full = 0b11111111
    close.until(14_000)
    assert ends(close) == [(Result.GAP_TOO_SMALL, REJECT)] * 2


def test_the_infeed_is_closed_without_a_pc_even_in_the_scan_in_which_the_line_starts() -> None:
    walked = Walked(LAYOUT, [], {})
    walked.scan(PackCommand.HOLD)
    walked.scan()
    walked.scan(PackCommand.UNHOLD)
    assert walked.said.state is PackState.UNHOLDING
    walked.alive = False
    walked.scan()
    assert (walked.said.state, walked.said.infeed) == (PackState.EXECUTE, False)


def test_the_infeed_is_closed_while_the_event_ring_is_nearly_full_and_the_belt_runs_on() -> None:
    walked = Walked(LAYOUT, [], {})
    assert walked.said.infeed
    walked.ring_high = True
    assert (walked.scan().infeed, walked.said.belt_run) == (False, True)
    walked.ring_high = False
    assert walked.scan().infeed


def test_an_order_that_comes_behind_the_decision_position_is_too_late() -> None:
    walked = Walked(LAYOUT, [Object(1000)], {})
    pid = next(event.pid for event in walked.until(1500) and walked.events if isinstance(event, Inducted))
    walked.until(1000 + 5200 + 16)
    walked.order(Assign(pid, 2, REJECT, 0))
    walked.until(12_000)
    assert [event.verdict for event in walked.events if isinstance(event, Answered)] == [Verdict.TOO_LATE]
    assert ends(walked) == [(Result.UNASSIGNED, REJECT)]


def test_a_jam_and_a_broken_diverter_show_for_two_seconds_after_their_end() -> None:
    plc, at_ms = PlcMailbox(LAYOUT, boot_id=1), 0
    pc = FromPc(False, False, False, (), PackCommand.NONE)

    def diag(jammed: bool, faults: int, later_ms: int) -> tuple[int, int]:
        nonlocal at_ms
        at_ms += later_ms
        outputs = Outputs(PackState.HELD, False, False, (0,) * 4, (), (), jammed, True, 0, 0)
        plc.begin_scan(at_ms, PackState.HELD, maintenance=False)
        plc.end_scan(outputs, Inputs(at_ms, 0, 0, 0, 0, faults, True, False, pc), 0)
        status = Status.unpack(plc.status_words())
        return status.diag >> 3 & 0b11, status.chute_fault

    # Bit 3 is the diverter, bit 4 the jam; diverter 1 has chutes 2 and 3.
    assert diag(True, 0b10, 10) == (0b11, 0b1100)
    assert diag(False, 0, HOLD_MS - 1) == (0b11, 0)
    assert diag(False, 0, 1) == (0, 0)


def test_in_lock_step_the_plc_waits_for_the_block_that_answers_to_what_it_shows() -> None:
    pair, waits = joined(), []
    pair.pc.in_step = True
    for _ in range(2):
        waits.append(not pair.plc.mailbox.echoed)
        pair.pc.take(pair.plc.status)
        pair.plc.mailbox.receive(pair.pc.block(True))
        waits.append(not pair.plc.mailbox.echoed)
        pair.plc.scan()
    assert waits == [True, False, True, False]
