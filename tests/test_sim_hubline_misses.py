"""Chutes that miss three in a row are out of service until a person unlocks them: by every engine alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from sim.hubline.build import BAGGED_WHY, WHYS, Closures
from sim.hubline.scenario import Scenario
from sim.hubline.spec import HEAP, LINE, RECURSION, LineSpec, spec_of
from sorter.app.config import load_hub
from sorter.flow import Why
from tests.hubs import ON_DATE
from tests.shared import ROOT
from tests.worlds import by_events, by_recursion, by_the_loop, traffic_at

LINZI = load_hub(ROOT / "configs" / "linzi")
MINUTE = 60_000_000
PLAIN = Closures()
UNLOCKED = Closures(locked={chute: [(2 * MINUTE + 5_000, 3 * MINUTE)] for chute in (0, 4, 8)})
BREAKING = Closures(broken={chute: [(2 * MINUTE, 4 * MINUTE), (6 * MINUTE, 7 * MINUTE)] for chute in (0, 5)})


@pytest.mark.parametrize(
    ("failing", "closures"),
    [(0.3, PLAIN), (0.5, UNLOCKED), (0.02, BREAKING)],
    ids=["many fail", "unlocked again", "a diverter out of order"],
)
def test_every_parcel_fares_as_in_the_closed_loop(failing: float, closures: Closures) -> None:
    traffic = replace(traffic_at(6500, 700), failing=failing)
    loop = by_the_loop(LINZI, traffic, 3, 700, closures)
    assert by_recursion(LINZI, traffic, 3, 700, "plain", closures) == loop
    assert by_events(LINZI, traffic, 3, 700, "plain-heap", 0, closures) == loop
    out = [row for row in loop if WHYS[row[-1]] is Why.DIVERTER_FAULT]
    assert out, "no chute was taken out of service, and nothing was compared"


def test_whose_fault_a_full_chute_is_every_engine_says_alike() -> None:
    chutes = tuple(replace(chute, capacity=3) for chute in LINZI.layout.chutes)
    hub = replace(LINZI, layout=replace(LINZI.layout, chutes=chutes))
    shut = {chute: [(0, MINUTE), (3 * MINUTE, 4 * MINUTE)] for chute in (0, 2, 4, 9)}
    closures = Closures(UNLOCKED.locked, BREAKING.broken, shut)
    traffic = replace(traffic_at(6500, 500), failing=0.2)
    loop = by_the_loop(hub, traffic, 3, 500, closures, plainly=False)
    assert by_recursion(hub, traffic, 3, 500, "plain", closures, plainly=False) == loop
    assert by_events(hub, traffic, 3, 500, "plain-heap", 0, closures, plainly=False) == loop
    reasons = Counter(row[-1] for row in loop)
    assert reasons[BAGGED_WHY] > 20 and reasons[WHYS.index(Why.CHUTE_FULL)] > 5, reasons


@pytest.mark.full
@pytest.mark.parametrize("seed", range(6))
def test_thousands_of_parcels_fare_as_in_the_closed_loop(
    seed: int, report_line: Callable[[str], None]
) -> None:
    traffic = replace(traffic_at(5000 + 700 * seed, 1200), failing=0.05 * (seed + 1))
    closures = (PLAIN, UNLOCKED, BREAKING)[seed % 3]
    loop = by_the_loop(LINZI, traffic, seed, 1200, closures)
    assert by_recursion(LINZI, traffic, seed, 1200, "batch", closures) == loop
    assert by_events(LINZI, traffic, seed, 1200, "heap", 0, closures) == loop
    report_line("chutes out of service: 1,200 parcels equal in every instant, chute and reason")


def test_a_chute_out_of_service_gets_nothing_more() -> None:
    # Every divert fails: of each town's parcels the first few ride to the end, the others are not even told.
    traffic = replace(traffic_at(6000, 900), failing=1.0)
    rows = by_recursion(LINZI, traffic, 1, 900, "plain")
    told = [row for row in rows if row[-3] >= 0]
    assert all(row[-2] == -1 for row in rows)
    assert len(told) < len(rows) / 3
    assert any(WHYS[row[-1]] is Why.DIVERTER_FAULT for row in rows)


def test_answers_that_overtake_each_other_are_left_to_the_events() -> None:
    spec = LineSpec(overtaking=True)
    assert spec.able()[0] == HEAP
    assert RECURSION not in spec.able()
    assert LINE in spec.able()


def test_only_where_diverts_can_fail_does_it_matter_whose_answer_comes_first() -> None:
    rules = tuple(replace(rule, balance=False) for rule in LINZI.plan.rules)
    hub = replace(LINZI, plan=replace(LINZI.plan, rules=rules))
    slow = replace(traffic_at(6000, 100), vision_us=(60_000, 900_000))
    day = Scenario("day", "日", "day", hub, ON_DATE, slow, MINUTE)
    assert not day.misses
    assert spec_of(day).able()[0] == RECURSION
    failing = replace(day, traffic=replace(slow, failing=0.1))
    assert failing.misses
    assert spec_of(failing).able()[0] == HEAP
