"""A hub's day as a model: what it measures, and laws that hold whatever the traffic."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.hubline.build import Closures, legs_of
from sim.hubline.engine import Engine
from sim.hubline.figures import CATALOGUE
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.tables import AT, LEG, X
from sim.hubline.traffic import Flow, Traffic, slots
from sorter.app.config import load_hub
from tests.hubs import ON_DATE
from tests.shared import ROOT

HUB = load_hub(ROOT / "configs" / "linzi")
MINUTE = 60_000_000


def a_day(per_hour: float = 6000, minutes: int = 10, **changes: object) -> Scenario:
    until = minutes * MINUTE
    traffic = Traffic((Flow(0, until, per_hour),))
    day = Scenario("day", "", "", HUB, ON_DATE, traffic, until, engine=Engine("plain"))
    return replace(day, **changes)  # type: ignore[arg-type]


def figures(day: Scenario) -> dict[str, float]:
    return dict(HubDay(day).run(0).figures)


@settings(max_examples=8, deadline=None)
@given(
    per_hour=st.integers(500, 30_000),
    lines=st.integers(1, 3),
    failing=st.sampled_from([0.0, 0.1]),
    return_mm=st.sampled_from([0, 12_000]),
)
def test_losses_and_what_is_achieved_make_the_nameplate(
    per_hour: int, lines: int, failing: float, return_mm: int
) -> None:
    day = a_day(per_hour, 2, lines=lines, return_mm=return_mm, laps=3)
    found = figures(replace(day, traffic=replace(day.traffic, failing=failing)))
    parts = [value for key, value in found.items() if key.startswith("loss_") or key == "achieved"]
    assert sum(parts) == pytest.approx(100.0)
    # A pitch is between centres, a slot between noses: the last one may be short by half a length.
    assert all(part > -0.3 for part in parts)


def test_a_saturated_infeed_loses_nothing_to_starving_and_reaches_no_more_than_nameplate() -> None:
    found = figures(a_day(30_000, 5))
    assert found["loss_starved"] < 0.5
    # 600 mm at 1600 mm/s is 375 ms: 9,600 an hour.
    assert 6500 < found["throughput_per_h"] < 9600


def test_lines_share_the_traffic() -> None:
    one, three = figures(a_day(12_000)), figures(a_day(12_000, lines=3))
    assert three["wait_mean_s"] < one["wait_mean_s"] / 5
    assert abs(three["parcels"] - one["parcels"]) < 5 * one["parcels"] ** 0.5


def test_the_same_replication_is_the_same_day_and_another_one_is_not() -> None:
    model = HubDay(a_day())
    assert model.run(3) == model.run(3)
    assert model.run(3) != model.run(4)


def test_scenarios_that_differ_see_the_same_parcels() -> None:
    day = a_day()
    slow = replace(day, change_us=60_000_000)
    assert figures(day)["parcels"] == figures(slow)["parcels"]
    assert figures(day)["no_read_share"] == figures(slow)["no_read_share"]


def test_the_key_tells_days_apart_but_not_their_names_or_engines() -> None:
    day = a_day()
    assert HubDay(day).key == HubDay(replace(day, name="other", zh="别的", engine=Engine("batch"))).key
    for other in (replace(day, seed=2), replace(day, lines=2), replace(day, laps=2)):
        assert HubDay(other).key != HubDay(day).key


def test_every_figure_of_a_day_stands_in_the_catalogue() -> None:
    known = {figure.key for figure in CATALOGUE}
    assert {key for key in figures(a_day()) if not key.startswith(("chute:", "dwell:"))} == known


def test_a_day_without_parcels_has_no_shares() -> None:
    assert figures(a_day(0)) == {"parcels": 0.0}


def test_a_chute_that_is_out_of_order_gets_nothing() -> None:
    chute = next(chute for chute in HUB.layout.chutes if chute.key == "jinshan")
    found = figures(a_day(closures=Closures(broken={chute.id: [(0, 1 << 60)]})))
    assert found["chute:jinshan"] == 0.0
    assert found["failed_share"] > 3.0


def test_misread_parcels_are_the_only_ones_sorted_wrong() -> None:
    day = a_day()
    wrong = replace(day, traffic=replace(day.traffic, flaws={"misread": 0.02}))
    assert figures(day)["missorts"] == 0
    assert 0 < figures(wrong)["missorts"] < 0.04 * figures(wrong)["parcels"]


def test_a_parcel_that_comes_round_again_is_sorted_in_the_end() -> None:
    failing = replace(a_day().traffic, failing=0.0)
    full = Closures(full={chute.id: [(0, 5 * MINUTE)] for chute in HUB.layout.chutes})
    stuck = figures(a_day(1000, traffic=replace(failing, flows=(Flow(0, 10 * MINUTE, 1000),)), closures=full))
    round_again = figures(
        a_day(1000, traffic=replace(failing, flows=(Flow(0, 10 * MINUTE, 1000),)), closures=full,
              return_mm=12_000, laps=50)
    )  # fmt: skip
    assert stuck["laps"] == 1.0
    assert stuck["sorted_share"] <= round_again["sorted_share"]


def test_the_belt_stands_in_a_stop_and_has_lost_its_way_afterwards() -> None:
    legs = legs_of(HUB.layout.belt, 0, [(10_000_000, 20_000_000)])
    rows = [legs[at : at + LEG] for at in range(0, len(legs), LEG)]
    ways = [row[X] for row in rows]
    assert [row[AT] for row in rows] == [0, 2_000_000, 10_000_000, 12_000_000, 20_000_000, 22_000_000]
    # Ramps of 2 s at 800 mm/s2 are 1600 mm each; 8 s at 1600 mm/s are 12,800 mm.
    assert [way // 1_000_000 for way in ways] == [0, 1600, 14_400, 16_000, 16_000, 17_600]


def test_parcels_wait_while_the_belt_stands() -> None:
    day = a_day()
    stopped = figures(replace(day, stops=((2 * MINUTE, 4 * MINUTE),)))
    assert stopped["wait_mean_s"] > 10 * figures(day)["wait_mean_s"]
    assert stopped["loss_stopped"] > 15


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20))
def test_slots_are_dealt_in_proportion(weights: list[float]) -> None:
    dealt = slots(weights)
    assert len(dealt) == 65_536
    for index, weight in enumerate(weights):
        assert abs(dealt.count(index) - 65_536 * weight / sum(weights)) <= 1
