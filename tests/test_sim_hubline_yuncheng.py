"""A village sort of 242 chutes: the hub's files, and its line in the closed loop and as a recursion."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plc.registers import CHUTES
from sim.hubline.build import WHYS
from sorter.app.check import check
from sorter.app.config import load_hub
from sorter.app.scenario_file import load_plan
from sorter.flow import Direction, Service, Why
from sorter.hub import Hub
from sorter.layout import Diverter
from sorter.plan import Item
from tests.hubs import hub
from tests.shared import ROOT
from tests.worlds import by_recursion, in_the_loop, traffic_at

FOLDER = ROOT / "configs" / "yuncheng"
YUNCHENG = load_hub(FOLDER)
LONGEST = YUNCHENG.layout.infeed.longest_mm


def test_the_village_hub_is_clean_and_its_chutes_fit_the_register_map() -> None:
    report = check(FOLDER)
    assert (report.problems, report.warnings) == ((), ())
    assert (len(YUNCHENG.layout.diverters), len(YUNCHENG.layout.chutes)) == (121, 242)
    assert len(YUNCHENG.layout.chutes) <= CHUTES


def test_every_village_has_a_station_of_its_own_or_shares_one_with_a_single_neighbour() -> None:
    stations: dict[tuple[int, ...], int] = {}
    for town in YUNCHENG.network.towns:
        for village in YUNCHENG.network.villages(town.code):
            item = Item("jt", Direction.DOWN, Service.STANDARD, town.code, village.code)
            rule = YUNCHENG.plan.ruling(item)
            assert rule
            assert YUNCHENG.layout.chutes[rule.chutes[0]].name_zh.startswith(town.name)
            stations[rule.chutes] = stations.get(rule.chutes, 0) + 1
    assert (len(stations), set(stations.values())) == (220, {1, 2})
    assert sum(len(chutes) == 2 for chutes in stations) == 8


def test_no_place_but_the_county_can_be_taken_for_a_real_one() -> None:
    assert all(place.code.startswith("YC") for place in YUNCHENG.network.places)
    assert "INVENTED" in YUNCHENG.files["network.yaml"]


def test_one_line_carries_12500_an_hour_within_four_fifths_of_its_nameplate() -> None:
    day = load_plan(ROOT / "configs" / "scenarios" / "yuncheng.yaml").scenario
    layout = day.hub.layout
    assert (day.parcels, day.lines, day.traffic.flows[0].per_hour) == (50_000, 1, 12_500)
    assert day.traffic.flows[0].per_hour < 0.8 * layout.belt.speed_mm_s * 3600 / layout.infeed.min_pitch_mm


@pytest.mark.parametrize(("capacity", "per_hour", "seed"), [(60, 12_500, 1), (1, 17_000, 2)])
def test_every_parcel_fares_as_in_the_closed_loop(capacity: int, per_hour: int, seed: int) -> None:
    chutes = tuple(replace(chute, capacity=capacity) for chute in YUNCHENG.layout.chutes)
    village_sort = replace(YUNCHENG, layout=replace(YUNCHENG.layout, chutes=chutes))
    traffic = traffic_at(per_hour, 70, LONGEST)
    rows = by_recursion(village_sort, traffic, seed, 70, "plain")
    assert rows == in_the_loop(village_sort, traffic, seed, 70)
    full = {Why.CHUTE_FULL, Why.ROUTED_ALTERNATE}
    assert (capacity == 1) == any(WHYS[row[-1]] in full for row in rows)


def of_profile(profile: str, diverters: int) -> Hub:
    """The test hub on a line of wheel diverters, as at Linzi, or of narrow belts, as at Yuncheng."""
    wheels = hub(towns=2 * diverters - 8, diverters=diverters, capacity=2)
    if profile == "wheel":
        return wheels
    narrow = YUNCHENG.layout
    rows = tuple(Diverter(n, 4520 + 800 * n, 4000 + 800 * n, 120_000) for n in range(diverters))
    layout = replace(narrow, diverters=rows, chutes=wheels.layout.chutes, end_mm=rows[-1].pivot_mm + 1200)
    return replace(wheels, layout=layout)


@pytest.mark.parametrize("profile", ["wheel", "narrow-belt"])
@pytest.mark.parametrize("diverters", [12, 121])
def test_lines_of_both_profiles_agree_from_24_to_242_chutes(profile: str, diverters: int) -> None:
    line = of_profile(profile, diverters)
    traffic = traffic_at(8000, 40, LONGEST)
    rows = by_recursion(line, traffic, diverters, 40, "plain")
    assert rows == in_the_loop(line, traffic, diverters, 40)
    assert max(row[-2] for row in rows) > diverters
