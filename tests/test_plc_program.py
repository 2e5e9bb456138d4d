from __future__ import annotations

from dataclasses import replace

import pytest

from sim.faults import Scripted
from sim.line import TAKEN_OFF
from sorter.flow import (
    REJECT,
    Answered,
    Assign,
    EncoderTrouble,
    Inducted,
    PackCommand,
    PackState,
    Result,
    StateChanged,
    Triggered,
    Verdict,
)
from sorter.layout import Layout
from tests.hubs import layout
from tests.rig import Rig, parcels

S = 1_000_000
LAYOUT = layout(diverters=4)
FAR = parcels((0, 300), (2 * S, 300), (4 * S, 300))


def results(rig: Rig) -> list[tuple[int, Result, int]]:
    """(parcel number as inducted, result, chute) in the order told; -1 = without identity."""
    pids = [event.pid for event in rig.events if isinstance(event, Inducted)]
    return [(pids.index(left.pid) if left.pid else -1, left.result, left.chute) for left in rig.left()]


def test_each_parcel_leaves_by_the_chute_it_was_told() -> None:
    rig = Rig(LAYOUT, FAR, {0: (5, REJECT), 1: (0, REJECT), 2: (7, REJECT)}).run(30 * S)
    assert sorted(results(rig)) == [(0, Result.OK, 5), (1, Result.OK, 0), (2, Result.OK, 7)]
    assert rig.physical() == {0: 5, 1: 0, 2: 7}


def test_a_parcel_without_an_order_rides_to_the_exception_end() -> None:
    rig = Rig(LAYOUT, FAR, {0: (5, REJECT), 2: (REJECT, REJECT)}).run(30 * S)
    assert (1, Result.UNASSIGNED, REJECT) in results(rig)
    assert (2, Result.OK, REJECT) in results(rig)


def test_length_and_place_of_a_parcel_are_measured() -> None:
    rig = Rig(LAYOUT, FAR, {}).run(20 * S)
    lengths = [event.length_mm for event in rig.events if isinstance(event, Inducted)]
    # A scan is 10 ms = 16 mm at 1.6 m/s; both edges are late by up to that.
    assert lengths == [pytest.approx(300, abs=16)] * 3


def test_one_picture_is_taken_when_the_centre_is_under_the_camera() -> None:
    rig = Rig(LAYOUT, FAR, {}).run(20 * S)
    inducted = [event for event in rig.events if isinstance(event, Inducted)]
    pictures = [event for event in rig.events if isinstance(event, Triggered)]
    ways = [LAYOUT.mm(p.encoder - i.encoder) for i, p in zip(inducted, pictures, strict=True)]
    assert ways == [pytest.approx(1000, abs=17)] * 3
    assert [picture.frame for picture in pictures] == [1, 2, 3]


def test_neighbours_at_the_smallest_pitch_go_opposite_ways_at_one_diverter() -> None:
    stream = parcels(*[(0, 100)] * 8)
    orders = {n: (2 + n % 2, REJECT) for n in range(8)}
    rig = Rig(LAYOUT, stream, orders).run(30 * S)
    assert rig.physical() == {n: 2 + n % 2 for n in range(8)}


def test_a_parcel_that_the_wheels_did_not_take_is_found_at_the_next_eye_and_keeps_its_name() -> None:
    stream = parcels(*[(0, 300)] * 4)
    rig = Rig(LAYOUT, stream, dict.fromkeys(range(4), (0, REJECT)), Scripted(dead=frozenset({(1, 0)})))
    rig.run(30 * S)
    assert rig.physical() == {0: 0, 1: REJECT, 2: 0, 3: 0}
    assert sorted(results(rig)) == [
        (0, Result.OK, 0), (1, Result.DIVERTER_FAULT, REJECT), (2, Result.OK, 0), (3, Result.OK, 0),
    ]  # fmt: skip


def test_a_parcel_taken_off_is_lost_and_hands_its_command_to_nobody() -> None:
    stream = parcels(*[(0, 300)] * 4)
    orders = {0: (2, REJECT), 1: (4, REJECT), 3: (6, REJECT)}
    rig = Rig(LAYOUT, stream, orders, Scripted(taken=frozenset({(1, 1)}))).run(30 * S)
    assert rig.physical() == {0: 2, 1: TAKEN_OFF, 2: REJECT, 3: 6}
    assert sorted(results(rig)) == [
        (0, Result.OK, 2), (1, Result.LOST, REJECT), (2, Result.UNASSIGNED, REJECT), (3, Result.OK, 6),
    ]  # fmt: skip


def test_one_eye_that_misses_a_parcel_does_not_lose_it() -> None:
    rig = Rig(LAYOUT, FAR, {0: (6, REJECT)}, Scripted(blind=frozenset({(0, 2)}))).run(30 * S)
    assert (0, Result.OK, 6) in results(rig)


def test_nothing_is_fired_for_a_parcel_that_the_eye_before_its_diverter_missed() -> None:
    rig = Rig(LAYOUT, FAR, {0: (2, REJECT)}, Scripted(blind=frozenset({(0, 2)}))).run(30 * S)
    assert (0, Result.DIVERTER_FAULT, REJECT) in results(rig)
    assert rig.physical()[0] == REJECT


def test_an_object_nobody_inducted_is_tracked_as_unknown_and_rides_to_the_end() -> None:
    rig = Rig(LAYOUT, FAR, {1: (2, REJECT)}, Scripted(blind=frozenset({(0, 0)})))
    rig.run(30 * S)
    # Parcel 0 was never inducted, so the orders shift by one: the second inducted gets chute 2.
    assert (-1, Result.STRAY, REJECT) in results(rig)
    assert rig.physical() == {0: REJECT, 1: REJECT, 2: 2}


def test_a_full_chute_sends_to_the_alternate_downstream_and_else_to_the_end() -> None:
    rig = Rig(LAYOUT, FAR, {0: (0, 3), 1: (0, REJECT), 2: (4, 1)})
    rig.plant.line.full = 0b10001
    rig.run(30 * S)
    assert sorted(results(rig)) == [
        (0, Result.FULL_ALTERNATE, 3), (1, Result.FULL_REJECT, REJECT), (2, Result.FULL_REJECT, REJECT),
    ]  # fmt: skip


def test_a_slipping_parcel_is_followed_from_eye_to_eye() -> None:
    # 2 mm at each of some 12 marks a section of 1200 mm adds up to more than the window over the line.
    slip = Scripted(slip_nm={0: 2_000_000})
    rig = Rig(layout(diverters=14), FAR, {0: (27, REJECT)}, slip).run(40 * S)
    assert rig.physical()[0] == 27


def test_the_encoder_may_wrap_while_parcels_are_on_the_belt() -> None:
    orders = {0: (5, REJECT), 1: (0, REJECT), 2: (7, REJECT)}
    rig = Rig(LAYOUT, FAR, orders, first_count=(1 << 32) - 12_000).run(30 * S)
    assert rig.physical() == {0: 5, 1: 0, 2: 7}


def test_stop_and_start_with_parcels_on_the_belt_sorts_them_all() -> None:
    orders = {0: (5, REJECT), 1: (0, REJECT), 2: (7, REJECT)}
    rig = Rig(LAYOUT, FAR, orders).run(6 * S)
    rig.command(PackCommand.STOP)
    rig.run(12 * S)
    assert rig.state() is PackState.STOPPED
    rig.command(PackCommand.RESET)
    rig.command(PackCommand.START)
    rig.run(40 * S)
    assert rig.physical() == {0: 5, 1: 0, 2: 7}


@pytest.mark.parametrize(
    ("order", "verdict"),
    [
        (Assign(0x01000001, 5, REJECT, 0), Verdict.SAME_AGAIN),
        (Assign(0x01000001, 4, REJECT, 0), Verdict.CONFLICTING),
        (Assign(0x01000099, 4, REJECT, 0), Verdict.UNKNOWN_ID),
        (Assign(0x01000002, 99, REJECT, 0), Verdict.NO_SUCH_CHUTE),
        (Assign(0x01000002, 0, REJECT, 1), Verdict.TOO_LATE),
        (Assign(0x01000002, 2, REJECT, 0), Verdict.CHUTE_DISABLED),
        (Assign(0x01000002, 6, REJECT, 0), Verdict.TAKEN),
    ],
)
def test_every_order_gets_its_verdict(order: Assign, verdict: Verdict) -> None:
    rig = Rig(LAYOUT, parcels((0, 300), (0, 300)), {0: (5, REJECT)}).run(4 * S)
    rig.plant.line.faults = 0b10
    rig.order(order)
    rig.run(5 * S)
    answers = [event for event in rig.events if isinstance(event, Answered)]
    assert (answers[-1].pid, answers[-1].verdict) == (order.pid, verdict)


def test_a_lost_pc_stops_the_infeed_and_parcels_with_a_chute_are_still_sorted() -> None:
    rig = Rig(LAYOUT, FAR, {0: (5, REJECT)}).run(3 * S)
    rig.alive = False
    rig.plant.request_scan()
    rig.run(30 * S)
    assert rig.state() is PackState.SUSPENDED
    assert (0, Result.OK, 5) in results(rig)
    assert 2 not in rig.physical(), "the third parcel waits at the infeed"


def test_the_e_stop_aborts_and_only_clear_reset_start_lead_out_of_it() -> None:
    rig = Rig(LAYOUT, FAR, {0: (5, REJECT)}).run(3 * S)
    rig.plant.safe = False
    rig.plant.request_scan()
    rig.run(4 * S)
    assert rig.state() is PackState.ABORTED
    rig.plant.safe = True
    rig.plant.request_scan()
    rig.run(8 * S)
    assert rig.state() is PackState.ABORTED
    for command in (PackCommand.CLEAR, PackCommand.RESET, PackCommand.START):
        rig.command(command)
    rig.run(40 * S)
    assert rig.state() is PackState.EXECUTE
    assert (0, Result.PURGED, REJECT) in results(rig)
    assert rig.physical()[0] == REJECT, "what lay on the belt is not trusted any more"


def test_an_eye_covered_for_too_long_is_a_jam_and_holds_the_line() -> None:
    rig = Rig(LAYOUT, FAR, {}).run(3 * S)
    rig.plant.line.eyes |= 1 << 3
    rig.plant.request_scan()
    rig.run(6 * S)
    states = [event.state for event in rig.events if isinstance(event, StateChanged)]
    assert states[-1] is PackState.HELD


def test_a_parcel_that_ends_before_it_was_fired_leaves_no_command_behind() -> None:
    rig = Rig(LAYOUT, parcels(*[(0, 300)] * 3), {0: (2, REJECT), 1: (2, REJECT), 2: (3, REJECT)})
    rig.run(4 * S)
    rig.plant.safe = False
    rig.plant.request_scan()
    rig.run(5 * S)
    rig.plant.safe = True
    for command in (PackCommand.CLEAR, PackCommand.RESET, PackCommand.START):
        rig.command(command)
    rig.run(60 * S)
    purged = [left for left in rig.left() if left.result is Result.PURGED]
    assert purged
    assert {outputs.wheels for inputs, outputs in rig.scans if inputs.at_ms > 6000} == {(0, 0, 0, 0)}
    assert set(rig.physical().values()) == {REJECT}


def test_neighbours_with_almost_no_gap_are_both_left_on_the_belt() -> None:
    rig = Rig(close_layout(gap_mm=150), parcels((0, 500), (0, 500)), {0: (2, REJECT), 1: (4, REJECT)})
    rig.run(30 * S)
    assert sorted(results(rig)) == [(0, Result.GAP_TOO_SMALL, REJECT), (1, Result.GAP_TOO_SMALL, REJECT)]


def test_neighbours_too_close_for_one_diverter_are_both_left_on_the_belt() -> None:
    rig = Rig(close_layout(gap_mm=300), parcels((0, 100), (0, 100)), {0: (2, REJECT), 1: (3, REJECT)})
    rig.run(30 * S)
    assert sorted(results(rig)) == [(0, Result.GAP_TOO_SMALL, REJECT), (1, Result.GAP_TOO_SMALL, REJECT)]


def test_an_object_longer_than_any_parcel_is_two_that_touch() -> None:
    rig = Rig(LAYOUT, parcels((0, 900)), {0: (2, REJECT)}).run(30 * S)
    assert results(rig) == [(0, Result.MERGED, REJECT)]


def test_two_parcels_that_slide_together_end_as_merged_both() -> None:
    orders = {0: (6, REJECT), 1: (7, REJECT)}
    rig = Rig(close_layout(gap_mm=210), parcels((0, 300), (0, 300)), orders, SlidingTogether()).run(40 * S)
    assert sorted(results(rig)) == [(0, Result.MERGED, REJECT), (1, Result.MERGED, REJECT)]
    assert set(rig.physical().values()) == {REJECT}


def test_a_parcel_thrown_out_by_stuck_wheels_is_told_by_the_chute_it_came_out_of() -> None:
    rig = Rig(LAYOUT, FAR, {0: (6, REJECT)}).run(3 * S)
    hold_wheels(rig, (0, -1, 0, 0))
    rig.run(30 * S)
    assert results(rig)[0] == (0, Result.DIVERTER_FAULT, 2)


def test_an_unknown_object_thrown_into_a_chute_is_a_stray_there() -> None:
    rig = Rig(LAYOUT, FAR[:1], {}, Scripted(blind=frozenset({(0, 0)}))).run(3 * S)
    hold_wheels(rig, (0, -1, 0, 0))
    rig.run(30 * S)
    assert results(rig) == [(-1, Result.STRAY, 2)]


def test_what_comes_out_of_a_chute_from_nowhere_is_a_stray() -> None:
    rig = Rig(LAYOUT, FAR[:1], {}).run(30 * S)
    rig.plant.line.outlets |= 1 << 5
    rig.plant.request_scan()
    rig.run(31 * S)
    assert results(rig)[-1] == (-1, Result.STRAY, 5)


def test_a_fired_parcel_that_nobody_sees_any_more_is_lost_where_it_was_fired() -> None:
    rig = Rig(LAYOUT, FAR[:1], {0: (2, REJECT)}, DeafOutlets()).run(30 * S)
    assert results(rig) == [(0, Result.LOST, 2)]


def test_a_standing_encoder_aborts_the_line() -> None:
    rig = Rig(LAYOUT, FAR, {}).run(4 * S)
    stuck = rig.plant.line.encoder()
    rig.plant.line.encoder = lambda: stuck  # type: ignore[method-assign]
    rig.run(8 * S)
    assert rig.state() is PackState.ABORTED
    assert any(isinstance(event, EncoderTrouble) for event in rig.events)


def test_a_command_that_does_not_fit_the_state_is_refused() -> None:
    rig = Rig(LAYOUT, [], {}).run(S)
    assert command_result(rig, PackCommand.UNHOLD) == 1


def test_a_line_is_not_started_without_a_controller_that_is_ready() -> None:
    rig = Rig(LAYOUT, FAR, {})
    rig.ready = False
    rig.run(2 * S)
    assert rig.state() is PackState.IDLE


def close_layout(gap_mm: int) -> Layout:
    """A line whose infeed keeps too little distance."""
    infeed = replace(LAYOUT.infeed, min_gap_mm=gap_mm, min_pitch_mm=0)
    return replace(LAYOUT, infeed=infeed)


def hold_wheels(rig: Rig, wheels: tuple[int, ...]) -> None:
    """Wheels stuck in a direction, whatever the PLC commands."""
    line, obey = rig.plant.line, rig.plant.line.obey
    obey(True, True, wheels)
    line.obey = lambda belt_run, infeed, wheels_: obey(belt_run, infeed, wheels)  # type: ignore[method-assign]


def command_result(rig: Rig, command: PackCommand) -> int:
    rig.unconditional = command
    rig.plant.request_scan()
    rig.run(rig.env.now_us + 100_000)
    return next(outputs.command for inputs, outputs in reversed(rig.scans) if inputs.pc.command is command)


class SlidingTogether(Scripted):
    """The first parcel slides back by 75 mm in each section, until the second one touches it."""

    def slid_nm(self, parcel: int, mark: int) -> int:
        return 0 if parcel else min(3, mark // 3) * 75_000_000


class DeafOutlets(Scripted):
    """Chutes whose eyes see nothing: the parcel falls in and nobody tells."""

    def outlet_blind(self, parcel: int, chute: int) -> bool:
        return True
