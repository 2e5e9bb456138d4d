from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from sim.judge import Judgement, Missort
from sim.truth import Truth
from sorter.app.figures import Figure, as_dict, percent, run_figures, share
from sorter.app.tally import Tally
from sorter.flow import (
    REJECT,
    Direction,
    FrameRead,
    FrameTag,
    Inducted,
    Outcome,
    ParcelRecord,
    Service,
    Triggered,
    Why,
)
from tests.hubs import hub
from tests.runs_made import record, simulated, tally_of

OUTCOMES = {outcome.value for outcome in Outcome}


def by_key(tally: Tally, judgement: Judgement | None = None) -> dict[str, Figure]:
    return {one.key: one for one in run_figures(tally, judgement, hub())}


def judged(records: list[ParcelRecord], *wrong: str) -> Judgement:
    """What the judge says of these records when the parcels with these waybills came off wrongly."""
    missorts = tuple(Missort(truth(waybill), 0, (1,)) for waybill in wrong)
    return Judgement(len(records), len(records), {}, len(records), len(records), missorts, (), ())


def truth(waybill: str) -> Truth:
    return Truth(
        0, waybill, "jt", "", Direction.DOWN, Service.STANDARD, True, True, False, (waybill,), ""
    )  # fmt: skip


def test_the_inducted_of_a_run_are_the_sum_of_its_outcomes() -> None:
    _, tally, judgement = simulated()
    figures = by_key(tally, judgement)
    assert (
        sum(figures[key].amount or 0 for key in figures.keys() & OUTCOMES) == figures["inducted"].amount == 60
    )
    assert figures["conserved"].amount == 1
    assert figures["conserved"].value == "是 yes: 60 = 60"


@given(st.lists(st.sampled_from([why for why in Why if why is not Why.STRAY]), max_size=60))
def test_every_outcome_is_told_and_its_reasons_add_up_to_it(whys: list[Why]) -> None:
    figures = by_key(tally_of(record(n, why) for n, why in enumerate(whys, start=1)))
    assert sum(figures[key].amount or 0 for key in figures.keys() & OUTCOMES) == len(whys)
    for key in {one.key.partition("/")[0] for one in figures.values() if one.is_part} - {"sorted"}:
        parts = sum(one.amount or 0 for one in figures.values() if one.key.startswith(f"{key}/"))
        assert parts == figures[key].amount


def test_a_parcel_still_on_the_belt_is_missing_from_the_sum_and_named() -> None:
    tally = tally_of([record(1)])
    tally.note(Inducted(2_000_000, 2, 300, 0))
    conserved = by_key(tally)["conserved"]
    assert (conserved.amount, conserved.value) == (0, "否 no: 2 ≠ 1")
    assert conserved.base == "仍在线 still on the belt: 1"


def test_a_stray_is_counted_apart_from_the_inducted() -> None:
    stray = record(0, Why.STRAY, seen_us=-1, told=REJECT)
    figures = by_key(tally_of([record(1), stray]))
    assert figures["strays"].amount == 1
    assert figures["inducted"].amount == 1
    assert figures["conserved"].amount == 1
    assert "stray" not in figures


def test_every_share_prints_its_denominator() -> None:
    _, tally, judgement = simulated()
    shares = [one for one in run_figures(tally, judgement, hub()) if one.of is not None]
    assert {"sorted", "read", "readable-read", "accuracy", "mis-sorts"} <= {one.key for one in shares}
    assert [one.key for one in shares if not one.base.startswith(f"{one.of:,} ")] == []


def test_a_share_is_rounded_down_so_that_only_all_is_100_percent() -> None:
    assert percent(99_999, 100_000) == "99.99 %"
    assert percent(3, 3) == "100.00 %"
    assert share(193, 200) == "193 (96.50 %)"
    assert share(0, 0) == "0"


def test_accuracy_leaves_out_no_reads_and_counts_a_held_parcel_in_the_security_chute() -> None:
    # 6 sorted + 1 held in the chute it was told = 7 right; 10 inducted - 1 no-read = 9.
    ways = [*[Why.ROUTED] * 6, Why.NO_CODE, Why.INTERCEPTED, Why.DIVERT_FAILED, Why.DIVERT_FAILED]
    records = [record(n, why) for n, why in enumerate(ways, start=1)]
    records[7] = record(8, Why.INTERCEPTED, told=17, left=17)
    accuracy = by_key(tally_of(records), judged(records))["accuracy"]
    assert (accuracy.amount, accuracy.of, accuracy.value) == (7, 9, "7 (77.77 %)")
    assert accuracy.base == "9 = 10 上件 inducted - 1 无码 no-read - 0 取走 removed"


def test_a_mis_sort_lowers_the_accuracy_once() -> None:
    records = [record(1), record(2), record(3, Why.MISDIVERTED, left=4)]
    figures = by_key(tally_of(records), judged(records, records[0].waybill, records[2].waybill))
    assert figures["mis-sorts"].amount == 2
    assert figures["misdiverted"].amount == 1
    assert (figures["accuracy"].amount, figures["accuracy"].of) == (1, 3)


def test_without_truth_nothing_is_claimed_about_mis_sorts() -> None:
    figures = by_key(tally_of([record(1)]))
    assert (figures["mis-sorts"].value, figures["mis-sorts"].amount) == ("—", None)
    assert "no truth here" in figures["mis-sorts"].base
    assert "readable-read" not in figures
    assert "not judged" in figures["accuracy"].en


def test_several_waybills_on_a_parcel_are_a_read_and_no_code_is_none() -> None:
    records = [
        record(1),
        record(2, Why.SEVERAL_WAYBILLS, waybill=""),
        record(3, Why.NO_CODE, waybill=""),
        record(4, Why.LOST, waybill=""),
    ]
    assert by_key(tally_of(records))["read"].value == "2 (50.00 %)"


def test_delays_are_rounded_up_to_milliseconds_and_stand_beside_the_deadline() -> None:
    tally = Tally(hub().layout)
    tally.note(Triggered(1_000_000, 0, 7, 2000))
    tally.note(FrameRead(1_120_001, FrameTag(0, 7, 2000), ()))
    figures = by_key(tally)
    assert figures["picture-answer-p99-us"].value == "121 ms"
    assert figures["picture-answer-p99-us"].amount == 120_001
    assert figures["picture-decision-p99-us"].value == "—"
    # Camera at 1000 mm, first decision at 4000 mm, 1600 mm/s: 1875 ms.
    assert "1,875 ms" in figures["picture-decision-p99-us"].base


def test_the_smallest_margin_is_rounded_down_to_milliseconds() -> None:
    # Chute 0 is decided 4000 mm after the induct eye: 2500 ms at 1600 mm/s.
    # Parcel 1, inducted at 1 s, is due at 3.5 s; parcel 2 has half a second more.
    tally = tally_of([record(1, answered_us=2_000_001), record(2, answered_us=2_500_000)])
    assert by_key(tally)["least-margin-us"].value == "1,499 ms"


def test_throughput_is_from_the_first_induction_to_the_last_record() -> None:
    # Inducted at 1 s and 2 s, gone at 6 s and 7 s: 2 parcels in 6 s.
    figures = by_key(tally_of([record(1), record(2)]))
    assert figures["throughput-per-h"].amount == 1200


def test_an_empty_run_has_figures_without_shares() -> None:
    figures = by_key(Tally(hub().layout))
    assert figures["sorted"].value == "0"
    assert figures["throughput-per-h"].value == "—"
    assert figures["conserved"].amount == 1


def test_the_figures_are_one_json_object_with_a_key_each() -> None:
    _, tally, judgement = simulated()
    figures = run_figures(tally, judgement, hub())
    told = json.loads(json.dumps(as_dict(figures)))
    assert len(told) == len(figures)
    assert told["sorted"]["amount"] == tally.outcomes[Outcome.SORTED]
    assert told["sorted"]["of"] == 60
