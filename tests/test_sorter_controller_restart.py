"""The controller over restarts, reboots, stops and other configurations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sorter.controller import Controller
from sorter.flow import (
    REJECT,
    ChuteChanged,
    CommChanged,
    ConfigChanged,
    EncoderTrouble,
    Event,
    EventsLost,
    FrameRead,
    FrameTag,
    Jammed,
    Left,
    LinkDown,
    LinkUp,
    NoRead,
    Operated,
    PackCommand,
    PackState,
    Rebooted,
    Restarted,
    Result,
    StateChanged,
    Triggered,
    Why,
    Woken,
)
from tests.hubs import ON_DATE
from tests.test_sorter_controller import (
    ADVICE,
    BOOTED,
    CAMERA,
    CHUTE,
    HUB,
    LAYOUT,
    Told,
    answer,
    code,
    inducted,
    picture,
)  # fmt: skip
from vision.answer import TIME_OVER


@pytest.mark.parametrize(
    ("event", "why"),
    [(Rebooted(9, 2), Why.REBOOTED), (EventsLost(9, 3), Why.EVENTS_LOST)],
)
def test_what_the_machine_forgot_ends_as_unknown(event: Event, why: Why) -> None:
    told = Told(BOOTED, ADVICE, inducted(1), inducted(2, 52_000), event)
    assert [record.why for record in told.records] == [why, why]
    assert told.controller.open_parcels == 0


def test_a_new_boot_begins_a_new_epoch() -> None:
    told = Told(BOOTED, inducted(), Rebooted(9, 2), inducted(), Left(9, 1, Result.UNASSIGNED, REJECT, 1))
    assert [record.epoch for record in told.records] == [1, 2]


def test_after_a_restart_older_parcels_get_no_command_and_end_as_the_machine_says() -> None:
    told = Told(ADVICE, inducted(1), picture(1), answer(code()), inducted(2, 52_000), picture(2, 52_000))
    orders = len(told.orders)
    told.tell(Restarted(5), answer(code("YT1234567890123"), frame=2, place=52_000), Woken(10**9, 50_001))
    assert len(told.orders) == orders
    told.tell(Left(6, 1, Result.OK, CHUTE, 1), Left(7, 2, Result.UNASSIGNED, REJECT, 1))
    assert [record.why for record in told.records] == [Why.ROUTED, Why.RESTARTED]


def test_a_full_chute_is_not_told_until_it_is_clear_again() -> None:
    told = Told(ADVICE, ChuteChanged(0, CHUTE, True), inducted(), picture(), answer(code()))
    assert told.decisions[0].why is Why.CHUTE_FULL
    told.tell(ChuteChanged(0, CHUTE, False), inducted(2, 60_000), picture(2, 60_000))
    told.tell(answer(code(), frame=2, place=60_000))
    assert told.orders[-1].chute == CHUTE


def test_start_leads_through_reset_to_execute_and_a_lost_pc_is_left_by_unsuspend() -> None:
    told = Told(LinkUp(0, 1, 5, PackState.STOPPED), Operated(0, PackCommand.START))
    told.tell(StateChanged(1, PackState.IDLE), StateChanged(2, PackState.EXECUTE))
    told.tell(StateChanged(3, PackState.SUSPENDED))
    assert told.commands == [PackCommand.RESET, PackCommand.START, PackCommand.UNSUSPEND]


@pytest.mark.parametrize("state", [PackState.ABORTED, PackState.HELD])
def test_an_aborted_or_held_line_waits_for_a_person(state: PackState) -> None:
    told = Told(Operated(0, PackCommand.START), StateChanged(1, PackState.EXECUTE), StateChanged(2, state))
    told.tell(StateChanged(3, PackState.STOPPED))
    assert told.commands == [PackCommand.RESET]


def test_after_a_persons_stop_nothing_starts_by_itself() -> None:
    told = Told(Operated(0, PackCommand.START), Operated(1, PackCommand.STOP))
    told.tell(StateChanged(2, PackState.STOPPED), LinkUp(3, 1, 5, PackState.SUSPENDED))
    assert told.commands == [PackCommand.RESET, PackCommand.STOP]


def test_machine_trouble_is_told_in_notices() -> None:
    told = Told(LinkDown(1, "plc-frozen"), Jammed(2, 3), EncoderTrouble(3, 1))
    told.tell(CommChanged(4, 1, 9), LinkUp(5, 1, 1, PackState.IDLE))
    assert told.notices == ["link-down", "jam", "encoder", "comm-1", "link-up"]


def test_a_reboot_that_happened_while_the_link_was_down_is_found_at_the_next_link_up() -> None:
    told = Told(BOOTED, inducted(), Restarted(2), LinkUp(3, 2, 6, PackState.STOPPED), Rebooted(3, 2))
    assert [record.why for record in told.records] == [Why.REBOOTED]
    told.tell(inducted(), Left(9, 1, Result.UNASSIGNED, REJECT, 1))
    assert [record.epoch for record in told.records] == [1, 2], "one boot is one epoch"


def test_a_rebooted_plc_is_started_by_a_person() -> None:
    told = Told(LinkUp(0, 1, 5, PackState.STOPPED), Operated(0, PackCommand.START))
    told.tell(LinkUp(1, 2, 6, PackState.STOPPED))
    assert told.commands == [PackCommand.RESET]


def test_a_line_that_ran_and_was_stopped_at_the_panel_stays_stopped() -> None:
    told = Told(Operated(0, PackCommand.START), StateChanged(1, PackState.EXECUTE), LinkDown(2, "timeout"))
    told.tell(LinkUp(3, 1, 5, PackState.STOPPED))
    assert told.commands == [PackCommand.RESET]


def test_a_stop_among_lost_events_is_obeyed_and_the_next_start_leads_through_reset_again() -> None:
    # Torture seed 181: START was sent to a stopped line for ever, whose stop the ring had dropped.
    told = Told(Operated(0, PackCommand.START), StateChanged(1, PackState.EXECUTE))
    told.tell(EventsLost(2, 14, int(PackState.STOPPED)), StateChanged(3, PackState.IDLE))
    assert told.commands == [PackCommand.RESET]
    told.tell(StateChanged(4, PackState.STOPPED), Operated(5, PackCommand.START))
    assert told.commands == [PackCommand.RESET, PackCommand.RESET]


@pytest.mark.parametrize("state", [0, int(PackState.SUSPENDED)])
def test_a_line_that_runs_or_of_which_nothing_is_told_is_still_to_run_after_lost_events(state: int) -> None:
    told = Told(Operated(0, PackCommand.START), StateChanged(1, PackState.EXECUTE))
    told.tell(EventsLost(2, 14, state), StateChanged(3, PackState.SUSPENDED))
    assert told.commands == [PackCommand.RESET, PackCommand.UNSUSPEND]


def test_a_line_that_was_started_among_lost_events_is_to_run() -> None:
    told = Told(EventsLost(2, 14, int(PackState.EXECUTE)), StateChanged(3, PackState.SUSPENDED))
    assert told.commands == [PackCommand.UNSUSPEND]


def test_a_start_that_an_aborted_line_refuses_is_not_remembered() -> None:
    told = Told(StateChanged(0, PackState.ABORTED), Operated(1, PackCommand.START))
    told.tell(StateChanged(2, PackState.CLEARING), StateChanged(3, PackState.STOPPED))
    assert told.commands == [PackCommand.START]


def test_a_persons_unsuspend_is_a_wish_to_run() -> None:
    told = Told(StateChanged(0, PackState.SUSPENDED), Operated(1, PackCommand.UNSUSPEND))
    told.tell(StateChanged(2, PackState.EXECUTE), StateChanged(3, PackState.SUSPENDED))
    assert told.commands == [PackCommand.UNSUSPEND, PackCommand.UNSUSPEND]


def test_a_chute_that_was_full_before_a_reboot_is_used_again() -> None:
    told = Told(BOOTED, ADVICE, ChuteChanged(0, CHUTE, True), Rebooted(1, 2))
    told.tell(inducted(), picture(), answer(code()))
    assert told.orders[0].chute == CHUTE


def test_a_trigger_of_a_camera_that_is_not_configured_is_told() -> None:
    assert Told(Triggered(1, 7, 1, 1)).notices == ["unknown-camera"]


def test_with_two_looks_a_parcel_waits_for_the_second_picture() -> None:
    cameras = (replace(LAYOUT.cameras[0], looks_mm=(-150, 150)),)
    two = replace(HUB, layout=replace(LAYOUT, cameras=cameras))
    told = Told()
    told.controller = Controller(two, ON_DATE)
    early, late = CAMERA - LAYOUT.counts(150), CAMERA + LAYOUT.counts(150)
    told.tell(ADVICE, inducted(), Triggered(1, 0, 1, 50_000 + early))
    told.tell(FrameRead(2, FrameTag(0, 1, 50_000 + early), ()))
    assert told.decisions == []
    told.tell(Triggered(3, 0, 2, 50_000 + late))
    told.tell(FrameRead(4, FrameTag(0, 2, 50_000 + late), (code(row=612),)))
    assert told.orders[0].chute == CHUTE


@pytest.mark.parametrize("failed", [1, 2], ids=["first", "second"])
def test_with_one_of_two_looks_failed_nobody_says_that_there_was_no_label(failed: int) -> None:
    told = Told(ADVICE, inducted(), picture(1), picture(2))
    for frame in (1, 2):
        word = answer(frame=frame, failure=TIME_OVER if frame == failed else "")
        told.tell(replace(word, judged=frame != failed))
    told.tell(Woken(told.controller.next_wake_us() or 0, 50_000 + 7000))
    told.tell(Left(9_000_000, 1, Result.UNASSIGNED, REJECT, 90_000))
    assert [(record.why, record.cause) for record in told.records] == [(Why.VISION_FAILED, NoRead.NONE)]


def test_another_configuration_ends_what_was_on_the_belt() -> None:
    told = Told(inducted(), ConfigChanged(5))
    assert [record.why for record in told.records] == [Why.RESTARTED]
