from __future__ import annotations

from dataclasses import replace

from sorter.flow import (
    REJECT,
    Answered,
    Assign,
    ChuteLocked,
    DockChanged,
    InterceptSet,
    Left,
    Notice,
    PlanOrdered,
    PlanRolledBack,
    Restarted,
    Result,
    Verdict,
    WaveBegan,
    Why,
)
from sorter.plan import Plan
from sorter.planning import PlanBoard
from tests.hubs import hub
from tests.test_sorter_controller import ADVICE, CHUTE, WAYBILL, Told, answer, code, inducted, picture

HUB = hub()
OTHER = Plan("other@00000002", HUB.plan.rules[::-1], HUB.plan.exceptions)
THIRD = Plan("third@00000003", HUB.plan.rules[1:], {})
NOW = PlanOrdered(5, OTHER.data)


def heard(board: PlanBoard, *events: PlanOrdered | PlanRolledBack | WaveBegan) -> list[str]:
    return [notice.key for event in events for notice in board.handle(event)]


def board() -> PlanBoard:
    return PlanBoard(HUB.plan, HUB.layout)


def test_a_plan_travels_as_values_and_comes_back_equal() -> None:
    assert Plan.of(OTHER.data) == OTHER


def test_an_ordered_plan_is_in_force_at_once_and_rolled_back_to_the_one_before() -> None:
    plans = board()
    assert heard(plans, NOW, PlanOrdered(6, THIRD.data)) == ["plan-in-force"] * 2
    assert (plans.plan, plans.earlier) == (THIRD, (OTHER, HUB.plan))
    assert heard(plans, PlanRolledBack(7, THIRD.version)) == ["plan-rolled-back"]
    assert heard(plans, PlanRolledBack(8, OTHER.version)) == ["plan-rolled-back"]
    assert heard(plans, PlanRolledBack(9, HUB.plan.version)) == ["plan-no-earlier"]
    assert plans.plan == HUB.plan


def test_the_same_order_told_twice_is_told_once() -> None:
    plans = board()
    heard(plans, NOW, NOW, PlanOrdered(6, THIRD.data))
    back = PlanRolledBack(7, THIRD.version)
    assert heard(plans, back, back) == ["plan-rolled-back", "plan-no-earlier"]
    assert plans.plan == OTHER
    heard(plans, PlanRolledBack(8, OTHER.version))
    assert plans.plan == HUB.plan


def test_a_plan_for_a_wave_waits_for_it_and_may_be_taken_back_until_then() -> None:
    plans = board()
    later = PlanOrdered(5, OTHER.data, wave="noon")
    assert heard(plans, later, WaveBegan(6, "morning")) == ["plan-waits", "wave"]
    assert plans.plan == HUB.plan
    assert heard(plans, WaveBegan(7, "noon")) == ["wave", "plan-in-force"]
    assert plans.plan == OTHER
    assert heard(plans, PlanOrdered(8, THIRD.data, wave="noon")) == ["plan-in-force"]
    heard(plans, PlanOrdered(9, HUB.plan.data, wave="night"))
    assert heard(plans, PlanRolledBack(9, HUB.plan.version), WaveBegan(9, "night")) == [
        "plan-not-awaited", "wave",
    ]  # fmt: skip
    assert plans.plan == THIRD


def test_a_plan_that_names_a_chute_of_another_line_is_refused_and_the_old_one_stays() -> None:
    far = Plan("far@00000004", HUB.plan.rules, {Why.INTERCEPTED: len(HUB.layout.chutes)})
    plans = board()
    assert heard(plans, PlanOrdered(5, far.data)) == ["plan-refused"]
    assert plans.plan == HUB.plan


def test_so_many_plans_can_be_returned_to_and_no_more() -> None:
    plans = board()
    for n in range(100):
        heard(plans, PlanOrdered(n, Plan(f"p@{n:08}", (), {}).data))
    assert len(plans.earlier) == 32


def test_the_next_parcel_is_decided_by_the_new_plan_and_the_one_before_keeps_its_own() -> None:
    told = Told(ADVICE, inducted(), picture(), answer(code()), NOW)
    far = 50_000 + 4000
    told.tell(inducted(2, far), picture(2, far), answer(code("SF9876543210987"), frame=2, place=far))
    assert [decision.plan_version for decision in told.decisions] == [HUB.plan.version, OTHER.version]


# ---------------------------------------------------------------- an intercept after the decision

HELD = InterceptSet(1_800_000, WAYBILL, held=True)
TAKEN = Answered(1_850_000, 1, Verdict.TAKEN, CHUTE, 60_000)


def sent() -> Told:
    told = Told(ADVICE, inducted(), picture(), answer(code()), TAKEN)
    told.effects.clear()
    return told


def recall(verdict: Verdict) -> Answered:
    return Answered(1_900_000, 1, verdict, REJECT, 61_000)


def left(chute: int, result: Result = Result.OK) -> Left:
    return Left(9_000_000, 1, result, chute, 99_000)


def test_a_parcel_on_its_way_is_called_back_when_its_waybill_is_held() -> None:
    told = sent().tell(HELD)
    assert told.orders == [Assign(1, REJECT, REJECT, 0)]
    told.tell(recall(Verdict.TAKEN), left(REJECT))
    [decision], [record] = told.decisions, told.records
    assert (decision.chute, decision.why) == (REJECT, Why.INTERCEPTED)
    assert decision.plan_version == HUB.plan.version
    assert (record.why, record.told, record.left) == (Why.INTERCEPTED, REJECT, REJECT)


def test_a_machine_that_does_not_obey_sorts_it_and_people_are_told_which_bag_it_is_in() -> None:
    for verdict in (Verdict.CONFLICTING, Verdict.TOO_LATE):
        told = sent().tell(HELD, recall(verdict), left(CHUTE))
        assert [(r.why, r.left) for r in told.records] == [(Why.ROUTED, CHUTE)]
        assert [e for e in told.effects if isinstance(e, Notice)] == [
            Notice(9_000_000, "intercept-late", f"{WAYBILL} {CHUTE}")
        ]


def test_nothing_is_called_back_that_is_not_on_its_way_to_a_chute() -> None:
    assert sent().tell(InterceptSet(0, "SF0000000000000", True)).orders == []
    assert sent().tell(InterceptSet(0, WAYBILL, False)).orders == []
    assert sent().tell(left(CHUTE), HELD).orders == []
    unadvised = Told(inducted(), picture(), answer(code()))
    unadvised.effects.clear()
    assert unadvised.tell(HELD).orders == []


# ---------------------------------------------------------------- a lock after the decision

LOCKED = ChuteLocked(1_800_000, CHUTE, locked=True)


def test_a_parcel_on_its_way_to_a_chute_is_called_back_when_somebody_locks_it() -> None:
    told = sent().tell(LOCKED)
    assert told.orders == [Assign(1, REJECT, REJECT, 0)]
    told.tell(recall(Verdict.TAKEN), left(REJECT))
    [decision], [record] = told.decisions, told.records
    assert (decision.chute, decision.why, decision.waybill) == (REJECT, Why.CHUTE_LOCKED, WAYBILL)
    assert (record.why, record.told, record.left) == (Why.CHUTE_LOCKED, REJECT, REJECT)


def test_who_is_held_and_whose_chute_is_locked_is_called_held() -> None:
    told = sent().tell(LOCKED, HELD, recall(Verdict.TAKEN), recall(Verdict.SAME_AGAIN), left(REJECT))
    assert told.orders == [Assign(1, REJECT, REJECT, 0)] * 2
    assert [one.why for one in told.decisions] == [record.why for record in told.records]
    assert told.records[0].why is Why.INTERCEPTED


def test_a_parcel_whose_alternate_is_locked_is_called_back_too_for_it_may_come_out_there() -> None:
    told = sent()
    parcel = told.controller._parcels[1]
    assert parcel.decision is not None
    parcel.decision = replace(parcel.decision, alternate=CHUTE + 2)
    assert told.tell(replace(LOCKED, chute=CHUTE + 2)).orders == [Assign(1, REJECT, REJECT, 0)]


def test_a_lock_calls_nobody_back_who_goes_elsewhere_has_left_or_is_older_than_this_start() -> None:
    assert sent().tell(replace(LOCKED, chute=CHUTE + 1)).orders == []
    assert sent().tell(replace(LOCKED, locked=False)).orders == []
    assert sent().tell(left(CHUTE), LOCKED).orders == []
    assert sent().tell(Restarted(1_700_000), LOCKED).orders == []
    assert Told(ADVICE, inducted(), LOCKED).orders == []


# ---------------------------------------------------------------- the dock


def test_the_dock_decides_between_couriers_where_the_manifest_says_nothing() -> None:
    both = "431234567890123"
    for dock, courier in (("sto", "sto"), ("yunda", "yunda"), ("sf", ""), ("", "")):
        told = Told(DockChanged(0, dock), inducted(), picture(), answer(code(both)))
        [decision] = told.decisions
        assert decision.courier == courier
        assert (decision.why is Why.AMBIGUOUS_COURIER) == (courier == "")
