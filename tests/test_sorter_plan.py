from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.flow import REJECT, Advised, Direction, Service, Why
from sorter.network import Network, Particulars, Place
from sorter.plan import IDENTITY_CERTAIN, Around, Item, Plan, Rule, Ruled, decide
from sorter.waybill import Choice

ANY = Rule("any", frozenset(), frozenset(), frozenset(), frozenset(), frozenset(), (9,), balance=False)
NETWORK = Network(
    (
        Place("D", "district", "district", ""),
        Place("T1", "town 1", "town", "T1"),
        Place("V1", "village 1", "village", "T1"),
        Place("T2", "town 2", "town", "T2"),
    )
)
TO_T1 = replace(ANY, id="t1", towns=frozenset({"T1"}), chutes=(1, 2), balance=True)
RETURNS = replace(ANY, id="returns", directions=frozenset({Direction.RETURN}), chutes=(3,))
PLAN = Plan("p@00000000", (RETURNS, TO_T1), {Why.INTERCEPTED: 7, Why.NO_ADVICE: 8})
CHOICE = Choice(Why.ROUTED, "W1", "jt")
ADVISED = Advised(0, "W1", "jt", "V1")


def ruled(
    choice: Choice = CHOICE, advised: Advised | None = ADVISED, held: bool = False, plan: Plan = PLAN
) -> Ruled:
    return decide(choice, advised, held, plan, NETWORK)


def some(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


rules = st.lists(
    st.builds(
        Rule,
        st.uuids().map(str),
        some(["jt", "sto", "sf"]),
        st.frozensets(st.sampled_from(Direction), max_size=2),
        st.frozensets(st.sampled_from(Service), max_size=2),
        some(["T1", "T2"]),
        some(["V1", "V2", "V3"]),
        st.just((0,)),
        st.booleans(),
        st.just(0),
        some(["small", "large"]),
        st.frozensets(st.booleans(), max_size=1),
        some(["morning", "noon"]),
        some(["north", "south"]),
        some(["S1", "S2"]),
    ),
    max_size=12,
)
items = st.builds(
    Item,
    st.sampled_from(["jt", "sto", "sf", "unknown"]),
    st.sampled_from(Direction),
    st.sampled_from(Service),
    st.sampled_from(["T1", "T2", "T3", ""]),
    st.sampled_from(["V1", "V2", "V3", "V4", ""]),
    st.sampled_from(["small", "large", ""]),
    st.booleans(),
    st.sampled_from(["morning", "noon", ""]),
    st.sampled_from(["north", "other", ""]),
    st.sampled_from(["S1", "S3", ""]),
)


def first_match(plan: list[Rule], item: Item) -> Rule | None:
    for rule in plan:
        if (
            (not rule.couriers or item.courier in rule.couriers)
            and (not rule.directions or item.direction in rule.directions)
            and (not rule.services or item.service in rule.services)
            and (not rule.towns or item.town in rule.towns)
            and (not rule.villages or item.village in rule.villages)
            and (not rule.sizes or item.size in rule.sizes)
            and (not rule.inspected or item.inspected in rule.inspected)
            and (not rule.waves or item.wave in rule.waves)
            and (not rule.operators or item.operator in rule.operators)
            and (not rule.stations or item.station in rule.stations)
        ):
            return rule
    return None


@given(rules, st.lists(items, min_size=1, max_size=20))
def test_the_compiled_plan_agrees_with_a_scan_for_the_first_match(
    plan: list[Rule], asked: list[Item]
) -> None:
    compiled = Plan("x", tuple(plan), {})
    for item in asked:
        assert compiled.ruling(item) == first_match(plan, item)


@given(rules, items)
def test_a_rule_matches_an_item_when_it_wins_alone(plan: list[Rule], item: Item) -> None:
    for rule in plan:
        assert rule.matches(item) == (first_match([rule], item) is rule)


def test_a_parcel_goes_to_the_chutes_of_the_first_rule_with_the_plans_authority() -> None:
    assert ruled() == Ruled(Why.ROUTED, "W1", "jt", "V1", "t1", (1, 2), balance=True)


def test_a_place_may_be_a_town() -> None:
    assert ruled(advised=replace(ADVISED, place="T1")).rule_id == "t1"


def test_a_parcel_without_a_certain_waybill_keeps_that_reason_and_rides_to_the_end() -> None:
    for why in (Why.NO_CODE, Why.NO_WAYBILL, Why.SEVERAL_WAYBILLS, Why.READ_AMBIGUOUS):
        found = ruled(Choice(why, "", ""), None, held=True)
        assert (found.why, found.chutes) == (why, ())


@given(rules, st.sampled_from(["V1", "T2", "D", "nowhere", ""]), st.sampled_from(Direction))
def test_an_intercept_wins_over_every_rule(plan: list[Rule], place: str, direction: Direction) -> None:
    advised = replace(ADVISED, place=place, direction=direction)
    found = ruled(advised=advised, held=True, plan=Plan("x", tuple(plan), {Why.INTERCEPTED: 7}))
    assert (found.why, found.chutes, found.rule_id) == (Why.INTERCEPTED, (7,), "")


def test_advice_without_a_clear_place_is_an_ambiguous_address_though_a_rule_takes_everything() -> None:
    unclear = replace(ADVISED, place="", unclear=True)
    found = ruled(advised=unclear, plan=replace(PLAN, rules=(ANY,)))
    assert (found.why, found.chutes) == (Why.AMBIGUOUS_ADDRESS, ())


def test_an_intercepted_waybill_of_an_unclear_courier_is_still_intercepted() -> None:
    found = ruled(Choice(Why.AMBIGUOUS_COURIER, "W1", ""), held=True)
    assert (found.why, found.chutes) == (Why.INTERCEPTED, (7,))
    assert ruled(Choice(Why.AMBIGUOUS_COURIER, "W1", "")).why is Why.AMBIGUOUS_COURIER


def test_a_waybill_without_advice_goes_to_the_chute_for_that() -> None:
    assert ruled(advised=None) == Ruled(Why.NO_ADVICE, "W1", "jt", "", "", (8,), balance=False)


def test_an_exception_that_the_plan_names_no_chute_for_rides_to_the_end() -> None:
    assert PLAN.exception_chute(Why.NO_RULE) == REJECT
    assert ruled(advised=replace(ADVISED, place="T2")).chutes == ()


@pytest.mark.parametrize("place", ["nowhere", "", "D", "T2"])
def test_a_look_up_that_fails_is_an_exception_and_never_a_default_chute(place: str) -> None:
    found = ruled(advised=replace(ADVISED, place=place))
    assert (found.why, found.rule_id, found.chutes) == (Why.NO_RULE, "", ())


def test_a_return_needs_no_place_of_this_network() -> None:
    found = ruled(advised=replace(ADVISED, place="elsewhere", direction=Direction.RETURN))
    assert (found.why, found.chutes) == (Why.ROUTED, (3,))


def test_a_manifest_of_another_courier_than_the_label_makes_the_courier_ambiguous() -> None:
    found = ruled(advised=replace(ADVISED, courier="sto"))
    assert (found.why, found.chutes) == (Why.AMBIGUOUS_COURIER, ())


SIZED = Plan(
    "p@00000001",
    (
        replace(ANY, id="uninspected", inspected=frozenset({False}), chutes=(1,)),
        replace(ANY, id="locker", stations=frozenset({"L1"}), chutes=(2,)),
        replace(ANY, id="north", operators=frozenset({"north"}), chutes=(3,)),
        replace(ANY, id="noon", waves=frozenset({"noon"}), sizes=frozenset({"small"}), chutes=(4,)),
        replace(ANY, id="large", sizes=frozenset({"large"}), chutes=(5,)),
    ),
    {},
    sizes=(("small", 250), ("large", 600)),
)
PLACES = Network(
    (*NETWORK.places, Place("V2", "village 2", "village", "T1"), Place("L1", "locker", "locker", "T1")),
    {
        "V2": Particulars(operator="north", operator_from="2026-06-01", valid_to="2026-12-31"),
        "L1": Particulars(village="V1"),
    },
)


@pytest.mark.parametrize(
    ("advised", "around", "rule"),
    [
        (replace(ADVISED, inspected=False), Around(), "uninspected"),
        (replace(ADVISED, place="L1"), Around(length_mm=700), "locker"),
        (replace(ADVISED, place="V2"), Around("2026-06-01"), "north"),
        (replace(ADVISED, place="V2"), Around("2026-05-31", length_mm=300), "large"),
        (ADVISED, Around(wave="noon", length_mm=250), "noon"),
        (ADVISED, Around(wave="noon", length_mm=251), "large"),
        (ADVISED, Around(wave="morning", length_mm=250), ""),
        (ADVISED, Around(length_mm=601), ""),
        (replace(ADVISED, place="V2"), Around("2027-01-01", length_mm=300), ""),
    ],
)
def test_a_rule_may_ask_for_size_inspection_wave_operator_and_station(
    advised: Advised, around: Around, rule: str
) -> None:
    inspected = replace(advised, inspected=rule != "uninspected")
    found = decide(CHOICE, inspected, False, SIZED, PLACES, around)
    assert (found.rule_id, found.why is Why.ROUTED) == (rule, rule != "")


def test_a_plan_refuses_a_chute_for_parcels_of_unknown_identity() -> None:
    for why in set(Why) - IDENTITY_CERTAIN:
        with pytest.raises(AssertionError, match="no chute"):
            Plan("x", (ANY,), {why: 1})


def test_a_plan_without_rules_rules_nothing() -> None:
    assert Plan("x", (), {}).ruling(Item("jt", Direction.DOWN, Service.STANDARD, "T1", "V1")) is None
