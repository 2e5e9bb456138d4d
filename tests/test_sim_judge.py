"""The judge's plan: swaps, waves and lengths as they were when each parcel was decided."""

from __future__ import annotations

from dataclasses import replace

from sim.arrivals import Drawn, advice, draw
from sim.judge import Judgement, judge
from sim.rightful import Rightful
from sim.virtual import Run, VirtualLine
from sorter.flow import Event, PlanOrdered, Us, WaveBegan
from sorter.hub import Hub
from sorter.plan import Plan
from tests import hubs

PLAIN = hubs.hub()
SWAPPED_US: Us = 40_000_000


def with_rules(hub: Hub, plan: Plan) -> Hub:
    return replace(hub, plan=plan)


def swapped(plan: Plan, version: str = "swapped@00000001") -> Plan:
    """Towns 0 and 1 change their chutes."""
    other = {0: 1, 1: 0}
    rules = tuple(
        replace(rule, chutes=tuple(other.get(chute, chute) for chute in rule.chutes)) for rule in plan.rules
    )
    return replace(plan, version=version, rules=rules)


def sized() -> Hub:
    """What is longer than 300 mm of town 0's goes to chute 26, which nobody else uses."""
    plan, [town] = PLAIN.plan, [rule for rule in PLAIN.plan.rules if rule.chutes == (0,)]
    long = replace(town, id="long", chutes=(26,), sizes=frozenset({"long"}))
    sizes = (("short", 300), ("long", 600))
    return with_rules(PLAIN, replace(plan, version="sized@00000001", rules=(long, *plan.rules), sizes=sizes))


def run(hub: Hub, drawn: list[Drawn], *later: tuple[Us, Event]) -> Run:
    line = VirtualLine(hub, hubs.ON_DATE, [one.parcel for one in drawn], 1)
    return line.run(advice(one.truth for one in drawn), later)


def judged(hub: Hub, drawn: list[Drawn], done: Run, *happened: PlanOrdered | WaveBegan) -> Judgement:
    truths = [one.truth for one in drawn]
    return judge(hub, truths, done.left, done.records, on_date=hubs.ON_DATE, happened=happened)


def test_a_plan_that_is_swapped_in_a_run_is_right_from_then_on() -> None:
    drawn = draw(PLAIN, 2, 160, 6000)
    order = PlanOrdered(SWAPPED_US, swapped(PLAIN.plan).data)
    done = run(PLAIN, drawn, (SWAPPED_US, order))
    assert judged(PLAIN, drawn, done, order).missorts == ()
    # By the first plan alone they are wrong; and by the second alone those before it are.
    assert {missort.chute for missort in judged(PLAIN, drawn, done).missorts} == {0, 1}
    second = with_rules(PLAIN, swapped(PLAIN.plan))
    assert {missort.chute for missort in judged(second, drawn, done).missorts} == {0, 1}


def test_a_plan_that_waits_for_a_wave_is_right_when_that_begins() -> None:
    drawn = draw(PLAIN, 2, 160, 6000)
    order = PlanOrdered(1_000, swapped(PLAIN.plan).data, wave="noon")
    noon = WaveBegan(SWAPPED_US, "noon")
    done = run(PLAIN, drawn, (1_000, order), (SWAPPED_US, noon))
    assert judged(PLAIN, drawn, done, order, noon).missorts == ()
    assert judged(PLAIN, drawn, done, order).missorts


def test_long_parcels_are_judged_by_their_length() -> None:
    hub = sized()
    drawn = draw(hub, 3, 200, 6000)
    done = run(hub, drawn)
    assert set(done.left.values()) >= {0, 26}
    assert judged(hub, drawn, done).missorts == ()
    # Were they other lengths, they would be wrong.
    turned = [replace(one, truth=replace(one.truth, length_mm=700 - one.truth.length_mm)) for one in drawn]
    assert judged(hub, turned, done).missorts


def test_a_length_beside_a_limit_may_be_measured_into_either_class() -> None:
    hub = sized()
    truth = next(
        one.truth for one in draw(hub, 3, 60, 6000) if Rightful(hub).chutes(one.truth) in ((0,), (26,))
    )
    right = Rightful(hub, hubs.ON_DATE)
    assert right.chutes(replace(truth, length_mm=200)) == (0,)
    assert set(right.chutes(replace(truth, length_mm=295))) == {0, 26}
    assert right.chutes(replace(truth, length_mm=400)) == (26,)


def test_what_nobody_saw_decided_may_be_right_by_any_plan_of_the_run() -> None:
    order = PlanOrdered(SWAPPED_US, swapped(PLAIN.plan).data)
    right = Rightful(PLAIN, hubs.ON_DATE, [order])
    truth = next(one.truth for one in draw(PLAIN, 2, 60, 6000) if right.chutes(one.truth) == (0, 1))
    assert right.chutes(truth, [SWAPPED_US - 1]) == (0,)
    assert right.chutes(truth, [SWAPPED_US + 1_000_000]) == (1,)
    # The order was given now and is obeyed at the next poll: either plan may have decided.
    assert right.chutes(truth, [SWAPPED_US + 50_000]) == (0, 1)
