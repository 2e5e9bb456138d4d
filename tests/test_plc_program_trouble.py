"""The PLC program in trouble: lost PC, e-stop, jams, mergers, wheels and eyes that do not do their duty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plc.program import LineProgram
from plc.signals import FromPc, Inputs
from sim.faults import Scripted
from sorter.flow import (
    REJECT,
    EncoderTrouble,
    Inducted,
    Jammed,
    PackCommand,
    PackState,
    Result,
    StateChanged,
)
from sorter.layout import Layout
from tests.rig import Rig, parcels
from tests.test_plc_program import FAR, LAYOUT, S, results


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
    rig.plant.line.chutes.outlets |= 1 << 5
    rig.plant.request_scan()
    rig.run(31 * S)
    assert results(rig)[-1] == (-1, Result.STRAY, 5)


def test_what_falls_after_a_stop_is_nobody_who_had_passed_that_diverter_before_it() -> None:
    for before_mm in (750, 700, 650, 600):
        rig = held_before(LAYOUT.diverters[LAYOUT.chutes[7].diverter].pivot_mm - before_mm)
        rig.command(PackCommand.UNHOLD)
        rig.run(rig.env.now_us + S // 10)
        rig.plant.line.chutes.outlets |= 1 << 7
        rig.plant.request_scan()
        rig.run(rig.env.now_us + S)
        assert results(rig) == [(-1, Result.STRAY, 7)] and rig.state() is PackState.EXECUTE
        rig.run(rig.env.now_us + 30 * S)
        assert results(rig)[1:] == [(0, Result.UNASSIGNED, REJECT)]


def held_before(place_mm: int) -> Rig:
    """A line held as its only parcel came to this place; the belt has coasted to rest."""
    rig = Rig(LAYOUT, FAR[:1], {}).run(3 * S)
    (inducted,) = [event for event in rig.events if isinstance(event, Inducted)]
    way_mm = place_mm - inducted.length_mm // 2
    rig.run(inducted.at_us + way_mm * S // LAYOUT.belt.speed_mm_s)
    rig.command(PackCommand.HOLD)
    return rig.run(rig.env.now_us + 6 * S)


def test_a_fired_parcel_that_nobody_sees_any_more_is_lost_where_it_was_fired() -> None:
    rig = Rig(LAYOUT, FAR[:1], {0: (2, REJECT)}, DeafOutlets()).run(30 * S)
    assert results(rig) == [(0, Result.LOST, 2)]


def test_a_standing_encoder_aborts_the_line() -> None:
    rig = Rig(LAYOUT, FAR, {}).run(4 * S)
    stuck = rig.plant.line.encoder()
    rig.plant.line.belt.encoder = lambda at_us: stuck  # type: ignore[method-assign]
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
    line, obey, held = rig.plant.line, rig.plant.line.obey, wheels
    obey(True, True, wheels)

    def stuck(belt_run: bool, infeed: bool, wheels: tuple[int, ...]) -> None:
        obey(belt_run, infeed, held)

    line.obey = stuck  # type: ignore[method-assign]


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


def test_an_eye_that_a_parcel_backs_out_of_has_seen_nothing() -> None:
    program = LineProgram(LAYOUT, boot_id=1)
    pc = FromPc(alive=True, ready=True, hold_infeed=False, orders=(), command=PackCommand.NONE)
    for at_ms, encoder, eyes in ((0, 1000, 0), (10, 1010, 1), (20, 970, 0)):
        outputs = program.scan(Inputs(at_ms, encoder, eyes, 0, 0, 0, safe=True, ring_high=False, pc=pc))
    assert outputs.events == ()


def test_a_jam_that_nobody_cleared_is_found_again_after_unhold() -> None:
    rig = Rig(LAYOUT, [], {}).run(3 * S)
    rig.plant.line.eyes |= 1 << 3
    rig.plant.request_scan()
    rig.run(8 * S)
    rig.command(PackCommand.UNHOLD)
    rig.run(14 * S)
    assert rig.state() is PackState.HELD
    assert sum(isinstance(event, Jammed) for event in rig.events) == 2


def test_an_abort_straightens_every_wheel_at_once() -> None:
    rig = Rig(LAYOUT, parcels((0, 300)), {0: (0, REJECT)}).run(3 * S)
    while not any(rig.scans[-1][1].wheels):
        rig.run(rig.env.now_us + 10_000)
    rig.plant.safe = False
    rig.plant.request_scan()
    rig.run(rig.env.now_us + 20_000)
    assert rig.scans[-1][1].wheels == (0, 0, 0, 0)


def test_clear_while_a_parcel_slides_down_its_chute_harms_nobody() -> None:
    rig = Rig(LAYOUT, parcels((0, 300)), {0: (0, REJECT)}).run(5 * S)
    while not rig.physical():
        rig.run(rig.env.now_us + 10_000)
    for safe, command in ((False, PackCommand.NONE), (True, PackCommand.CLEAR)):
        rig.plant.safe = safe
        rig.unconditional = command
        rig.plant.request_scan()
        rig.run(rig.env.now_us + 50_000)
    rig.run(rig.env.now_us + 2 * S)
    assert {result for _, result, _ in results(rig)} <= {Result.PURGED, Result.STRAY, Result.OK}


def test_a_divert_that_fails_at_the_last_diverter_is_found_at_the_exception_end() -> None:
    rig = Rig(LAYOUT, FAR[:1], {0: (7, REJECT)}, Scripted(dead=frozenset({(0, 3)}))).run(30 * S)
    assert results(rig) == [(0, Result.DIVERTER_FAULT, REJECT)]


def test_an_unknown_object_that_is_taken_off_is_forgotten() -> None:
    gone = Scripted(blind=frozenset({(0, 0)}), taken=frozenset({(0, 2)}))
    rig = Rig(LAYOUT, FAR[:1], {}, gone).run(30 * S)
    assert (results(rig), rig.plant.program.next_due()[0]) == ([], None)


@pytest.mark.parametrize(
    ("unseen", "ends"),
    [
        ({(1, 0)}, [(0, Result.MERGED, REJECT)]),
        ({(0, 0)}, [(0, Result.MERGED, REJECT)]),
        ({(0, 0), (1, 0)}, [(-1, Result.STRAY, REJECT)]),
    ],
)
def test_unknown_objects_merge_too(unseen: set[tuple[int, int]], ends: list[tuple[int, Result, int]]) -> None:
    slide = SlidingTogether(blind=frozenset(unseen))
    rig = Rig(close_layout(gap_mm=210), parcels((0, 300), (0, 300)), {0: (6, REJECT)}, slide).run(40 * S)
    assert results(rig) == ends


def test_a_parcel_close_behind_one_that_was_purged_is_left_on_the_belt() -> None:
    rig = Rig(close_layout(gap_mm=150), parcels((0, 500), (0, 500)), {1: (4, REJECT)})
    while not any(isinstance(event, Inducted) for event in rig.events):
        rig.run(rig.env.now_us + 10_000)
    rig.plant.safe = False
    rig.plant.request_scan()
    rig.run(rig.env.now_us + 20_000)
    rig.plant.safe = True
    for command in (PackCommand.CLEAR, PackCommand.RESET, PackCommand.START):
        rig.command(command)
    rig.run(60 * S)
    purged, stray, close = results(rig)
    assert purged == (0, Result.PURGED, REJECT)
    assert {stray, close} == {(-1, Result.STRAY, REJECT), (1, Result.GAP_TOO_SMALL, REJECT)}
