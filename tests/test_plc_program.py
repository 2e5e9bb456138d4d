from __future__ import annotations

import pytest

from sim.faults import Scripted
from sim.line import TAKEN_OFF
from sorter.flow import (
    REJECT,
    Answered,
    Assign,
    Inducted,
    PackCommand,
    PackState,
    Result,
    Triggered,
    Verdict,
)
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
    stream = parcels((0, 300), (0, 300), (0, 550), (0, 300))
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
    rig.plant.line.chutes.full = 0b10001
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


@pytest.mark.parametrize("at_us", range(3 * S, 11 * S, 400_000))
def test_a_parcel_called_back_rides_to_the_end_or_it_was_too_late_and_is_sorted(at_us: int) -> None:
    rig = Rig(LAYOUT, parcels((0, 300)), {0: (5, REJECT)}).run(at_us)
    if rig.left():
        return
    rig.order(Assign(0x01000001, REJECT, REJECT, 0))
    rig.run(30 * S)
    answer = [event for event in rig.events if isinstance(event, Answered)][-1]
    in_time = answer.verdict is Verdict.TAKEN
    assert in_time or answer.verdict is Verdict.TOO_LATE
    assert rig.physical() == {0: REJECT if in_time else 5}
    assert [(one.chute, one.result) for one in rig.left()] == [(rig.physical()[0], Result.OK)]


@pytest.mark.parametrize(
    ("order", "verdict"),
    [
        (Assign(0x01000001, 5, REJECT, 0), Verdict.SAME_AGAIN),
        (Assign(0x01000001, 4, REJECT, 0), Verdict.CONFLICTING),
        (Assign(0x01000001, REJECT, REJECT, 0), Verdict.TAKEN),
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
