"""The recursion of the hub's line against the closed loop: SimPy line, PLC program and real controller."""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from sim.faults import Faults
from sim.hubline import build
from sim.hubline.build import WHYS, Closures, rulings_of
from sim.hubline.traffic import villages
from sorter.app.config import load_hub
from sorter.flow import ChuteLocked, Us, Why
from sorter.hub import Hub
from sorter.network import Particulars
from tests.hubs import ON_DATE
from tests.shared import ROOT
from tests.worlds import FOREVER, Row, by_recursion, by_the_loop, in_the_loop, traffic_at

LINZI = load_hub(ROOT / "configs" / "linzi")


def hub_with(capacity: int) -> Hub:
    chutes = tuple(replace(chute, capacity=capacity) for chute in LINZI.layout.chutes)
    return replace(LINZI, layout=replace(LINZI.layout, chutes=chutes))


def digest(rows: list[Row]) -> str:
    return hashlib.sha256(b"".join(struct.pack("<7q", *row) for row in rows)).hexdigest()


@pytest.mark.parametrize("per_hour", [4000, 6500, 9000])
@pytest.mark.parametrize("capacity", [120, 8, 3])
def test_every_parcel_fares_as_in_the_closed_loop(
    capacity: int, per_hour: int, report_line: Callable[[str], None]
) -> None:
    hub, traffic, reasons = hub_with(capacity), traffic_at(per_hour, 80), Counter[str]()
    for seed in range(3):
        looped = in_the_loop(hub, traffic, seed, 80)
        assert digest(by_recursion(hub, traffic, seed, 80, "plain")) == digest(looped)
        reasons.update(WHYS[row[-1]].value for row in looped)
    report_line(f"capacity {capacity}, {per_hour}/h, 3 seeds: all equal; {dict(reasons)}")


@pytest.mark.full
@pytest.mark.parametrize("capacity", [120, 30, 8, 3])
def test_thousands_of_parcels_fare_as_in_the_closed_loop(
    capacity: int, report_line: Callable[[str], None]
) -> None:
    hub = hub_with(capacity)
    for seed in range(100, 109):
        traffic = traffic_at(5000 + 500 * (seed % 9), 1500)
        assert by_recursion(hub, traffic, seed, 1500, "batch") == in_the_loop(hub, traffic, seed, 1500)
    report_line(f"capacity {capacity}: 9 seeds x 1,500 parcels equal in every instant, chute and reason")


@pytest.mark.parametrize("locked", [0, LINZI.plan.exception_chute(Why.INTERCEPTED)])
def test_a_locked_chute_is_avoided_alike_and_what_is_held_stays_told_as_held(locked: int) -> None:
    traffic = traffic_at(6000, 150)
    closures = Closures(locked={locked: [(0, FOREVER)]})
    events = (ChuteLocked(0, locked, locked=True),)
    rows = by_recursion(LINZI, traffic, 5, 150, "plain", closures)
    assert rows == in_the_loop(LINZI, traffic, 5, 150, events)
    assert not any(row[-2] == locked for row in rows)
    assert any(row[-1] == WHYS.index(Why.INTERCEPTED) for row in rows)


def test_an_overflow_behind_chutes_that_share_a_load_is_used_alike() -> None:
    # 凤凰镇's two chutes share, a spare one takes what they cannot; both are shut for a while.
    rules = tuple(
        replace(rule, chutes=(0, 2, 26), shares=2) if rule.id == "fenghuang" else rule
        for rule in LINZI.plan.rules
    )
    hub, traffic = replace(hub_with(8), plan=replace(LINZI.plan, rules=rules)), traffic_at(6000, 400)
    closures = Closures(locked={0: [(60_000_000, 180_000_000)], 2: [(0, 120_000_000)]})
    rows = by_recursion(hub, traffic, 5, 400, "plain", closures)
    assert rows == by_the_loop(hub, traffic, 5, 400, closures)
    assert {row[-2] for row in rows} >= {0, 2, 26}


def test_villages_are_grouped_as_the_plan_sees_them_on_the_day() -> None:
    # 凤凰镇's villages 1 and 2 are another operator's, 2 only from next year on; 3 is no village any more.
    town = next(town.code for town in LINZI.network.towns if town.name == "凤凰镇")
    codes = [village.code for village in LINZI.network.villages(town)]
    about = {
        codes[1]: Particulars(operator="east", operator_from="2020-01-01"),
        codes[2]: Particulars(operator="east", operator_from="2027-01-01"),
        codes[3]: Particulars(valid_to="2025-12-31"),
    }
    hub = replace(LINZI, network=replace(LINZI.network, particulars=about))
    groups = dict(zip(villages(hub), rulings_of(hub, ON_DATE).group_of, strict=True))
    assert groups[codes[0]] == groups[codes[2]] == groups[codes[4]]
    assert len({groups[codes[n]] for n in (0, 1, 3)}) == 3


class NoGrip(Faults):
    """Turned wheels take nothing: every divert fails."""

    def wheel_dead(self, parcel: int, diverter: int, at_us: Us) -> bool:
        return True


def test_parcels_that_wheels_do_not_take_ride_to_the_end_alike() -> None:
    # So few that no chute misses three in a row: the controller would send it nothing more.
    traffic = replace(traffic_at(6000, 30), failing=1.0)
    rows = by_recursion(LINZI, traffic, 6, 30, "plain")
    assert rows == in_the_loop(LINZI, traffic, 6, 30, faults=NoGrip())
    assert {row[-2] for row in rows} == {-1}


def test_compiled_and_plain_agree_in_every_figure_and_parcel() -> None:
    hub, traffic = hub_with(6), replace(traffic_at(9000, 2500), failing=0.01, flaws={"misread": 0.02})
    plain, batch = (by_recursion(hub, traffic, 7, 2500, engine) for engine in ("plain", "batch"))
    assert plain == batch
    assert len(plain) == 2500


def test_the_comparison_can_fail() -> None:
    hub, traffic = hub_with(3), traffic_at(9000, 120)
    assert by_recursion(hub_with(4), traffic, 1, 120, "plain") != in_the_loop(hub, traffic, 1, 120)


def test_kinds_of_parcels_that_are_said_to_be_ruled_alike_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = rulings_of(LINZI, ON_DATE)
    monkeypatch.setattr(build, "_asks_where", lambda service, flaw: True)
    assert rulings_of(LINZI, ON_DATE) == asked
