"""Laws of plans on the running line, under any sequence of orders, intercepts, locks and full chutes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.arrivals import advice, draw
from sim.virtual import Run, VirtualLine
from sorter.app.stage import started
from sorter.codec import Value
from sorter.controller import Controller
from sorter.flow import (
    REJECT,
    Answered,
    ChuteChanged,
    ChuteLocked,
    Decision,
    Event,
    Inducted,
    InterceptSet,
    ParcelRecord,
    PlanOrdered,
    PlanRolledBack,
    Us,
    Verdict,
    WaveBegan,
    Why,
)
from sorter.plan import Plan
from sorter.replay import replay
from tests.hubs import ON_DATE, hub

HUB = hub(towns=6)
CHUTES = len(HUB.layout.chutes)
DRAWN = draw(HUB, seed=5, count=24, per_hour=7000)
WAYBILLS = sorted({one.truth.waybill for one in DRAWN if one.truth.waybill})
END_US = 30_000_000


def shifted(version: str, by: int) -> Plan:
    """The hub's plan with every rule's chutes moved on: no two versions send a parcel the same way."""
    rules = tuple(replace(rule, chutes=tuple((c + by) % 12 for c in rule.chutes)) for rule in HUB.plan.rules)
    return Plan(version, rules, {Why.INTERCEPTED: 12 + by, Why.NO_ADVICE: 20 + by})


PLANS = {plan.version: plan for plan in (HUB.plan, *(shifted(f"p@0000000{n}", n) for n in range(2, 5)))}

orders = st.sampled_from([plan for version, plan in PLANS.items() if version != HUB.plan.version])
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda plan, wave: PlanOrdered(0, plan.data, wave, "x"), orders, st.sampled_from(["", "am"])),
    st.builds(lambda version: PlanRolledBack(0, version), st.sampled_from(list(PLANS))),
    st.builds(lambda wave: WaveBegan(0, wave), st.sampled_from(["", "am", "pm"])),
    st.builds(lambda waybill, held: InterceptSet(0, waybill, held), st.sampled_from(WAYBILLS), st.booleans()),
    st.builds(lambda chute, locked: ChuteLocked(0, chute, locked), st.integers(0, CHUTES - 1), st.booleans()),
    st.builds(lambda chute, full: ChuteChanged(0, chute, full), st.integers(0, CHUTES - 1), st.booleans()),
)
later = st.lists(st.tuples(st.integers(0, END_US), events), max_size=25)


@dataclass
class Recorded:
    """A run with everything it kept."""

    values: list[Value]
    run: Run


def run_with(happening: list[tuple[Us, Event]]) -> Recorded:
    values: list[Value] = [started(HUB, ON_DATE)]
    line = VirtualLine(HUB, ON_DATE, [one.parcel for one in DRAWN], 3, values.append)
    return Recorded(values, line.run(advice(one.truth for one in DRAWN), happening))


@given(later)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_every_parcel_has_one_version_goes_where_it_allows_and_ends_once(
    happening: list[tuple[Us, Event]],
) -> None:
    found = run_with(happening)
    model = Model()
    decided: dict[int, Decision] = {}
    records: dict[int, ParcelRecord] = {}
    for value in found.values:
        model.hear(value)
        if isinstance(value, Decision):
            first = decided.setdefault(value.pid, value)
            assert value.plan_version == first.plan_version
            if first is value:
                assert value.plan_version == model.version
                held = bool(value.waybill) and value.waybill in model.held
                assert held == (value.why is Why.INTERCEPTED)
            assert value.chute in allowed(value)
        elif isinstance(value, ParcelRecord) and value.pid:
            assert value.pid not in records
            records[value.pid] = value
    assert records.keys() == {value.pid for value in found.values if isinstance(value, Inducted)}
    for pid, record in records.items():
        assert record.plan_version == decided[pid].plan_version
        assert record.left in allowed(decided[pid])
    assert Counter(found.run.left.values()) == Counter(record.left for record in records.values())
    assert list(replay(found.values, lambda start: Controller(HUB, start.on_date))) == []


class Model:
    """What is in force and held, read off the events in the simplest way."""

    def __init__(self) -> None:
        self.versions = [HUB.plan.version]
        self.waiting: dict[str, str] = {}
        self.wave = ""
        self.held: set[str] = set()

    @property
    def version(self) -> str:
        return self.versions[-1]

    def hear(self, value: Value) -> None:
        if isinstance(value, PlanOrdered) and value.wave not in ("", self.wave):
            self.waiting[value.wave] = value.plan.version
        elif isinstance(value, PlanOrdered):
            self._put(value.plan.version)
        elif isinstance(value, WaveBegan):
            self.wave = value.wave
            self._put(self.waiting.pop(value.wave, self.version))
        elif isinstance(value, PlanRolledBack) and value.version in self.waiting.values():
            self.waiting = {wave: one for wave, one in self.waiting.items() if one != value.version}
        elif isinstance(value, PlanRolledBack) and value.version == self.version and len(self.versions) > 1:
            self.versions.pop()
        elif isinstance(value, InterceptSet):
            (self.held.add if value.held else self.held.discard)(value.waybill)

    def _put(self, version: str) -> None:
        if version != self.version:
            self.versions.append(version)


def allowed(decision: Decision) -> set[int]:
    """Chutes that the decision's own plan version allows for it; the exception end always."""
    plan = PLANS[decision.plan_version]
    by_rule = {chute for rule in plan.rules if rule.id == decision.rule for chute in rule.chutes}
    return by_rule | {REJECT, plan.exceptions.get(decision.why, REJECT)}


@given(st.sampled_from(WAYBILLS), st.integers(0, END_US))
@settings(max_examples=20)
def test_an_intercept_set_while_the_plc_can_still_obey_keeps_the_parcel_out_of_its_chute(
    waybill: str, at_us: Us
) -> None:
    found = run_with([(at_us, InterceptSet(0, waybill, held=True))])
    for record in found.run.records:
        if record.waybill != waybill:
            continue
        answers = [v for v in found.values if isinstance(v, Answered) and v.pid == record.pid]
        recalls = [one for one in answers[1:] if one.chute == REJECT]
        in_time = record.decided_us > at_us + 50_000 or any(one.verdict is Verdict.TAKEN for one in recalls)
        if in_time:
            assert (record.why, record.left) in ((Why.INTERCEPTED, REJECT), (Why.INTERCEPTED, record.told))
