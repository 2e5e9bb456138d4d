"""What comes: flows with shares of their own, and trips that come late by a time drawn for each day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from sim.hubline.engine import Engine
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.traffic import SERVICES, Flow, Traffic, of_day
from sorter.flow import Direction
from tests.hubs import ON_DATE, hub

HUB = hub()
MINUTE = 60_000_000
TRUCK = Flow(0, 4 * MINUTE, 4000.0, {"jt": 1.0})
BUS = Flow(MINUTE, 5 * MINUTE, 2000.0, {"sf": 1.0}, {SERVICES[1]: 0.9, SERVICES[2]: 0.1})
LATE = replace(TRUCK, late_us=(MINUTE, 3 * MINUTE))


def day(*flows: Flow, engine: str = "plain", lines: int = 1) -> HubDay:
    until = max(flow.to_us + flow.late_us[1] for flow in flows)
    made = Scenario("day", "", "", HUB, ON_DATE, Traffic(flows), until, lines=lines, engine=Engine(engine))
    return HubDay(made)


def test_a_bus_brings_what_it_says_beside_a_truck_that_brings_the_ordinary() -> None:
    brought = Counter((one.truth.courier, one.truth.direction) for one in day(TRUCK, BUS).parcels(0, 0))
    by_bus = {direction for courier, direction in brought if courier == "sf"}
    assert by_bus == {Direction.UP, Direction.RETURN}
    assert brought["sf", Direction.UP] > 5 * brought["sf", Direction.RETURN]
    ordinary = brought["jt", Direction.DOWN]
    assert ordinary > 0.9 * sum(count for (courier, _), count in brought.items() if courier == "jt")


def test_shares_that_all_flows_have_alike_draw_the_very_same_parcels() -> None:
    traffic = Traffic((TRUCK,))
    plain = HubDay(replace(day(TRUCK).scenario, traffic=traffic)).run(0)
    again = day(replace(TRUCK, services={})).run(0)
    assert plain == again


def test_recursion_and_closed_loop_agree_where_flows_differ_and_come_late() -> None:
    few = [replace(flow, per_hour=flow.per_hour / 8) for flow in (LATE, BUS)]
    for replication in range(2):
        assert day(*few).run(replication) == day(*few, engine="line").run(replication)


def test_lateness_is_of_the_day_and_the_same_on_all_its_lines() -> None:
    drawn = [of_day(Traffic((LATE, BUS)), 1, number * 64).flows for number in range(200)]
    late = [flows[0].from_us for flows in drawn]
    assert all(MINUTE <= late_us <= 3 * MINUTE for late_us in late)
    assert all(flows[0].to_us - flows[0].from_us == 4 * MINUTE and flows[1] == BUS for flows in drawn)
    assert abs(sum(late) / len(late) / MINUTE - 2) < 4 * (2 / 12**0.5) / 200**0.5
    two = day(LATE, lines=2)
    first = [min(one.parcel.arr_us for one in two.parcels(3, line)) for line in range(2)]
    [flow] = of_day(Traffic((LATE,)), 1, 3 * 64).flows
    assert all(0 <= arr_us - flow.from_us < MINUTE // 4 for arr_us in first)


def test_the_time_to_each_chute_makes_up_the_time_of_all() -> None:
    figures = day(TRUCK, BUS).run(0).figures
    parts = [
        (figures[f"chute:{chute.key}"], figures[f"dwell:{chute.key}"])
        for chute in HUB.layout.chutes if f"dwell:{chute.key}" in figures
    ]  # fmt: skip
    to_chutes = sum(share * dwell for share, dwell in parts) / 100
    ends = 1 - sum(share for share, _ in parts) / 100
    # What remains rides to the exception end, the longest way.
    rest = (figures["dwell_mean_s"] - to_chutes) / ends
    assert rest > max(dwell for _, dwell in parts)
