from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorter.chutes import ChuteBoard, Pick
from sorter.flow import REJECT, Why
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


@given(st.integers(1, 60))
def test_balanced_chutes_differ_by_one_parcel_at_most(count: int) -> None:
    board = ChuteBoard(LAYOUT)
    sent = {0: 0, 2: 0, 9: 0}
    for _ in range(count):
        chute = board.pick([0, 2, 9], balance=True).chute
        board.sent(chute)
        sent[chute] += 1
    assert max(sent.values()) - min(sent.values()) <= 1
