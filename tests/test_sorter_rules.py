"""A rule's chutes, and what the rulings say of a waybill when they are asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sorter.planning import PlanBoard
from sorter.rulings import Rulings
from tests.hubs import ON_DATE
from tests.test_sorter_controller import ADVICE, WAYBILL
from tests.test_sorter_plan import ANY
from tests.test_sorter_planning import HUB, NOW


@pytest.mark.parametrize(
    ("balance", "shares", "filled"), [(False, 0, (1,)), (True, 0, (1, 2, 3)), (True, 2, (1, 2))]
)
def test_a_rule_fills_its_preferred_chute_or_those_that_share(
    balance: bool, shares: int, filled: tuple[int, ...]
) -> None:
    assert replace(ANY, chutes=(1, 2, 3), balance=balance, shares=shares).sharing == filled


def test_a_plan_that_waits_for_a_wave_is_shown_with_it() -> None:
    board = PlanBoard(HUB.plan, HUB.layout)
    board.handle(replace(NOW, wave="noon"))
    assert [(wave, plan.data) for wave, plan in board.waiting.items()] == [("noon", NOW.plan)]


def test_the_rulings_know_the_plan_in_force_and_what_was_announced() -> None:
    rulings = Rulings(HUB, ON_DATE)
    assert (rulings.plan, rulings.version, rulings.advised(WAYBILL)) == (HUB.plan, HUB.plan.version, False)
    rulings.told(ADVICE)
    assert rulings.advised(WAYBILL)
