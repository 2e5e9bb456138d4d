from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sorter.chutes import ChuteBoard, Pick
from sorter.flow import REJECT, Answered, ChuteBroken, Decision, Left, Notice, Result, Verdict, Why
from tests.hubs import layout

LAYOUT = layout()


def test_the_first_chute_is_preferred_and_the_next_one_downstream_is_its_alternate() -> None:
    assert ChuteBoard(LAYOUT).pick([4, 8], balance=False) == Pick(4, 8, Why.ROUTED)


def test_an_alternate_must_lie_downstream() -> None:
    # Chutes 4 and 5 share a diverter; 2 lies upstream.
    assert ChuteBoard(LAYOUT).pick([4, 5, 2], balance=False).alternate == REJECT


def test_a_full_or_locked_chute_is_passed_over() -> None:
    board = ChuteBoard(LAYOUT)
    board.full.add(4)
    assert board.pick([4, 8], balance=False).chute == 8
    board.locked.add(8)
    assert board.pick([4, 8], balance=False) == Pick(REJECT, REJECT, Why.CHUTE_FULL)
    assert board.pick([8], balance=False).why is Why.CHUTE_LOCKED


def left(result: Result, chute: int = REJECT) -> Left:
    return Left(0, 1, result, chute, 0)


def told(chute: int, alternate: int = REJECT) -> Decision:
    return Decision(1, 0, chute, alternate, Why.ROUTED, "", "", "", "", "")


FAILED = left(Result.DIVERTER_FAULT)


def test_a_chute_that_misses_three_in_a_row_is_out_of_service_until_a_person_unlocks_it() -> None:
    board = ChuteBoard(LAYOUT)
    said = [board.left(event, told(4)) for event in (FAILED, left(Result.LOST, 4), FAILED, FAILED)]
    assert said == [[], [], [Notice(0, "chute-out", "4")], []]
    assert board.pick([4, 8], balance=False) == Pick(8, REJECT, Why.ROUTED)
    assert board.pick([4], balance=False) == Pick(REJECT, REJECT, Why.DIVERTER_FAULT)
    board.unlock(4)
    assert board.pick([4], balance=False).chute == 4
    assert [board.left(FAILED, told(4)) for _ in range(2)] == [[], []]


def test_a_parcel_that_comes_to_a_chute_shows_that_it_works() -> None:
    board = ChuteBoard(LAYOUT)
    for event in (FAILED, FAILED, left(Result.OK, 4), FAILED, FAILED):
        assert board.left(event, told(4)) == []


def test_a_miss_is_laid_on_no_chute_when_two_were_told_or_the_parcel_was_taken_off() -> None:
    board = ChuteBoard(LAYOUT)
    for _ in range(5):
        assert board.left(FAILED, told(4, alternate=8)) == board.left(left(Result.LOST), told(4)) == []
        assert board.left(left(Result.DIVERTER_FAULT, 6), told(4)) == []


def test_a_chute_that_the_machine_calls_broken_is_passed_over_until_it_says_that_it_works() -> None:
    board = ChuteBoard(LAYOUT)
    assert board.told(ChuteBroken(0, 4, True)) == [Notice(0, "chute-broken", "4")]
    assert board.pick([4, 8], balance=True) == Pick(8, REJECT, Why.ROUTED)
    assert board.pick([4], balance=False) == Pick(REJECT, REJECT, Why.DIVERTER_FAULT)
    assert board.answered(refusal(4)) == [] == board.left(FAILED, told(4))  # the machine has said so
    board.unlock(4)
    assert board.pick([4], balance=False).chute == REJECT
    assert board.told(ChuteBroken(0, 4, False)) == [Notice(0, "chute-works", "4")]
    assert board.pick([4], balance=False).chute == 4


def test_a_chute_that_the_machine_refuses_without_a_word_is_out_of_service_until_it_is_unlocked() -> None:
    board = ChuteBoard(LAYOUT)
    assert [board.answered(refusal(4)) for _ in range(2)] == [[Notice(0, "chute-out", "4")], []]
    assert board.answered(replace(refusal(8), verdict=Verdict.TOO_LATE)) == []
    assert board.pick([4, 8], balance=False) == Pick(8, REJECT, Why.ROUTED)
    board.unlock(4)
    assert board.pick([4, 8], balance=False).chute == 4


def test_after_a_restart_the_machine_says_what_is_broken_and_a_person_hears_again_what_waits_for_one() -> (
    None
):
    board = ChuteBoard(LAYOUT)
    board.told(ChuteBroken(0, 4, True))
    board.answered(refusal(8))
    assert board.restarted(7) == [Notice(7, "chute-works", "4"), Notice(7, "chute-out", "8")]
    assert board.pick([4, 8], balance=False).chute == 4 and board.pick([8], balance=False).chute == REJECT


def refusal(chute: int) -> Answered:
    return Answered(0, 1, Verdict.CHUTE_DISABLED, chute, 0)


@given(st.integers(1, 60))
def test_balanced_chutes_differ_by_one_parcel_at_most(count: int) -> None:
    board = ChuteBoard(LAYOUT)
    sent = {0: 0, 2: 0, 9: 0}
    for _ in range(count):
        chute = board.pick([0, 2, 9], balance=True).chute
        board.sent(chute)
        sent[chute] += 1
    assert max(sent.values()) - min(sent.values()) <= 1
