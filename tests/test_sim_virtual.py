from __future__ import annotations

from dataclasses import replace
from random import Random

from sim.arrivals import Drawn, advice, draw, draw_traffic
from sim.hubline.traffic import ORDINARY_FLAWS, Flow, Traffic
from sim.judge import Judgement, judge
from sim.virtual import VISION_US, Run, VirtualLine, drawn_latency
from sorter.flow import (
    REJECT,
    ChuteLocked,
    Decision,
    Effect,
    Event,
    FrameRead,
    Outcome,
    ParcelRecord,
    Triggered,
    Why,
)
from sorter.hub import Hub
from tests.hubs import ON_DATE, hub

HUB = hub()


def run(
    drawn: list[Drawn], *before: Event, at: Hub = HUB, first_count: int = 0
) -> tuple[Run, list[Event | Effect]]:
    """One run, and everything a journal would hold of it."""
    kept: list[Event | Effect] = []
    line = VirtualLine(
        at, ON_DATE, [one.parcel for one in drawn], 1, kept.append, first_count=first_count
    )  # fmt: skip
    return line.run([*advice(one.truth for one in drawn), *before]), kept


def judged(drawn: list[Drawn], done: Run, at: Hub = HUB) -> Judgement:
    return judge(at, [one.truth for one in drawn], done.left, done.records)


def test_a_faultless_line_sorts_every_readable_parcel_right() -> None:
    drawn = draw(HUB, seed=3, count=600, per_hour=6000)
    done, _ = run(drawn)
    verdict = judged(drawn, done)
    assert verdict.conserved
    assert (verdict.missorts, verdict.invented, verdict.untrue) == ((), (), ())
    assert verdict.read == verdict.readable
    assert verdict.sorted >= 0.9 * verdict.inducted, "rejecting everything is no proof"


def test_the_same_seed_gives_the_same_run() -> None:
    drawn = draw(HUB, seed=4, count=120, per_hour=6000)
    assert run(drawn)[1] == run(drawn)[1]


def test_no_decision_depends_on_the_truth() -> None:
    drawn = draw(HUB, seed=5, count=120, per_hour=6000)
    truths = [one.truth for one in drawn]
    Random(0).shuffle(truths)
    shuffled = [
        replace(one, truth=replace(truth, n=one.parcel.n)) for one, truth in zip(drawn, truths, strict=True)
    ]
    words = advice(one.truth for one in drawn)
    lines = [VirtualLine(HUB, ON_DATE, [one.parcel for one in some], 1) for some in (drawn, shuffled)]
    honest, blind = (line.run(words) for line in lines)
    assert honest == blind
    assert judged(drawn, honest).missorts == ()
    assert len(judged(shuffled, blind).missorts) > 50, "the judge does look at the truth"


def test_flawed_parcels_end_with_their_own_reason() -> None:
    flaws = {flaw: 6 * share for flaw, share in ORDINARY_FLAWS.items()}
    drawn = draw_traffic(HUB, Traffic((Flow(0, 3600 * 1_000_000, 6000),), flaws=flaws), 6, 0, 300)
    done, _ = run(drawn)
    by_waybill = {record.waybill: record for record in done.records}
    expected = {"not-advised": Why.NO_ADVICE, "held": Why.INTERCEPTED}
    checked = 0
    for one in drawn:
        why = expected.get(one.truth.flaw)
        # An ambiguous number (Yunda or STO) that nobody announced stays ambiguous.
        if why and not one.truth.waybill.startswith("43"):
            assert by_waybill[one.truth.waybill].why is why
            checked += 1
    assert checked > 10
    reasons = {record.why for record in done.records}
    assert {Why.NO_CODE, Why.SEVERAL_WAYBILLS, Why.AMBIGUOUS_COURIER} <= reasons


def test_a_locked_chute_gets_nothing_and_its_parcels_say_why() -> None:
    drawn = draw(HUB, seed=7, count=120, per_hour=6000)
    done, _ = run(drawn, ChuteLocked(0, 0, True))
    assert 0 not in done.left.values()
    locked = [record for record in done.records if record.outcome is Outcome.CHUTE_LOCKED]
    assert locked
    assert all(record.left == REJECT and record.rule == "town-0" for record in locked)


def test_a_full_chute_is_not_fed_until_its_bag_is_changed() -> None:
    small = hub(capacity=3)
    drawn = draw(small, seed=8, count=200, per_hour=6000)
    done, _ = run(drawn, at=small)
    assert judged(drawn, done, small).missorts == ()
    full = [record for record in done.records if record.outcome is Outcome.CHUTE_FULL]
    assert full
    assert all(record.left == REJECT for record in full)


def test_every_decision_names_its_plan_version_and_every_route_its_rule() -> None:
    _, kept = run(draw(HUB, seed=9, count=60, per_hour=6000))
    decisions = [value for value in kept if isinstance(value, Decision)]
    assert {decision.plan_version for decision in decisions} == {HUB.plan.version}
    assert all(decision.rule for decision in decisions if decision.why is Why.ROUTED)


def test_vision_takes_as_long_as_it_is_told_to() -> None:
    drawn = draw(HUB, seed=9, count=30, per_hour=6000)
    kept: list[Event | Effect] = []
    parcels = [one.parcel for one in drawn]
    VirtualLine(HUB, ON_DATE, parcels, 1, kept.append, latency_us=lambda *picture: 123_456).run()
    taken = {value.frame: value.at_us for value in kept if isinstance(value, Triggered)}
    answered = {value.tag.frame: value.at_us for value in kept if isinstance(value, FrameRead)}
    assert {answered[frame] - at_us for frame, at_us in taken.items()} == {123_456}


def test_latencies_are_drawn_evenly_from_end_to_end_and_again_for_the_same_picture() -> None:
    drawn = [drawn_latency(3)(0, frame, 1000 * frame) for frame in range(4000)]
    least, most = VISION_US
    assert least <= min(drawn) < least + 500 < most - 500 < max(drawn) <= most
    assert abs(sum(drawn) / len(drawn) - (least + most) / 2) < 2000
    assert drawn == [drawn_latency(3)(0, frame, 1000 * frame) for frame in range(4000)]


def test_the_encoder_may_wrap_in_mid_run() -> None:
    drawn = draw(HUB, seed=10, count=60, per_hour=6000)
    plain, wrapped = run(drawn)[0], run(drawn, first_count=(1 << 32) - 50_000)[0]
    assert [told(record) for record in plain.records] == [told(record) for record in wrapped.records]


def told(record: ParcelRecord) -> tuple[str, int, int, Why]:
    return record.waybill, record.told, record.left, record.why
