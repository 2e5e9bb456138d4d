"""Which engine computes a scenario: the fastest that can say it exactly, and reasons where one cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.hubline.build import Closures
from sim.hubline.engine import Engine
from sim.hubline.recorded import Recorded
from sim.hubline.scenario import HubDay, Scenario
from sim.hubline.spec import (
    HEAP,
    LATE,
    LINE,
    METHODS,
    MISREAD,
    OVERTAKING,
    PICTURES,
    RECURSION,
    RIGID,
    ROUNDS,
    SHARED_CREW,
    STOPS,
    LineSpec,
    spec_of,
)
from sim.hubline.traffic import Flow, Traffic
from sorter.app.config import load_hub
from sorter.hub import Hub
from tests.hubs import ON_DATE, hub
from tests.shared import ROOT

LINZI = load_hub(ROOT / "configs" / "linzi")
MINUTE = 60_000_000
TRAFFIC = Traffic((Flow(0, 30_000_000, 7000),))


def a_day(at: Hub = LINZI, **changes: object) -> Scenario:
    day = Scenario("day", "", "", at, ON_DATE, TRAFFIC, MINUTE)
    return replace(day, **changes)  # type: ignore[arg-type]


def vision(least_ms: int, most_ms: int) -> Traffic:
    return replace(TRAFFIC, vision_us=(least_ms * 1000, most_ms * 1000))


def two_looks() -> Hub:
    camera = replace(LINZI.layout.cameras[0], looks_mm=(-100, 100))
    return replace(LINZI, layout=replace(LINZI.layout, cameras=(camera,)))


@pytest.mark.parametrize(
    ("day", "method", "because"),
    [
        (a_day(), RECURSION, RIGID),
        (a_day(crews=2), HEAP, SHARED_CREW),
        (a_day(traffic=vision(60, 500)), HEAP, OVERTAKING),
        (a_day(hub(), traffic=vision(60, 500)), RECURSION, RIGID),  # nothing shares its load there
        (a_day(traffic=vision(1700, 1900)), LINE, LATE),
        (a_day(two_looks()), LINE, PICTURES),
        (a_day(stops=((10_000_000, 20_000_000),)), RECURSION, RIGID),
        (a_day(return_mm=9000, laps=3), RECURSION, RIGID),
        (a_day(recorded=(Recorded(0, 300, (), None, latency_us=2_000_000),)), LINE, LATE),
    ],
)
def test_the_fastest_engine_that_can_say_a_day_is_taken_and_says_why(
    day: Scenario, method: str, because: object
) -> None:
    spec = spec_of(day)
    assert spec.able()[0] == method
    assert because in spec.because(spec.engine(day.parcels))


def test_what_the_closed_loop_and_the_events_cannot_say_has_a_name() -> None:
    spec = LineSpec(crews=1, rounds=True, stops=True, misread=True)
    assert spec.refusals(LINE) == (ROUNDS, STOPS, MISREAD)
    assert spec.refusals(HEAP) == (ROUNDS,)
    assert spec.able() == ()
    misread = replace(TRAFFIC, flaws={"misread": 0.01})
    assert spec_of(a_day(traffic=misread)).misread


@given(
    st.builds(
        LineSpec,
        crews=st.integers(0, 3), pictures=st.integers(1, 3), overtaking=st.booleans(), late=st.booleans(),
        rounds=st.booleans(), stops=st.booleans(), misread=st.booleans(),
    ),
    st.integers(0, 10**9),
)  # fmt: skip
def test_an_engine_is_chosen_only_if_it_refuses_nothing_and_every_other_faster_one_says_why(
    spec: LineSpec, parcels: int
) -> None:
    for method in spec.able():
        engine = spec.engine(parcels, method)
        assert engine.name == spec.engine(parcels, method).name
        assert not spec.refusals(method)
    if spec.able():
        faster = METHODS[: METHODS.index(spec.able()[0])]
        assert all(spec.refusals(method) for method in faster)
        assert spec.because(spec.engine(parcels))


def test_many_parcels_are_compiled() -> None:
    assert [LineSpec().engine(n).name for n in (10, 10**7)] == ["plain", "batch"]
    assert [LineSpec(crews=1).engine(n).name for n in (10, 10**7)] == ["plain-heap", "heap"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"closures": Closures({3: [(0, MINUTE)]}, {4: [(0, 20_000_000)]}, {6: [(10_000_000, 25_000_000)]})},
        {"crews": 1, "change_us": 30_000_000, "lines": 2, "failing": 0.03},
        {"flaws": {"unread": 0.2, "held": 0.1}},
    ],
)
def test_a_day_has_the_same_figures_by_every_engine_that_can_say_it(changes: dict[str, object]) -> None:
    chutes = tuple(replace(chute, capacity=3) for chute in LINZI.layout.chutes)
    small = replace(LINZI, layout=replace(LINZI.layout, chutes=chutes))
    drawn = {key: changes[key] for key in changes.keys() & {"failing", "flaws"}}
    day = a_day(small, **{key: changes[key] for key in changes.keys() - drawn.keys()})
    day = replace(day, traffic=replace(TRAFFIC, **drawn))  # type: ignore[arg-type]
    plain = {"recursion": "plain", "heap": "plain-heap", "line": "line"}
    able = spec_of(day).able()
    told = [HubDay(replace(day, engine=Engine(plain[method]))).run(0) for method in able]
    assert len(told) == (2 if day.crews else 3)
    assert all(one == told[0] for one in told)
    assert told[0].figures["full_share"] > 0


def test_recorded_parcels_have_the_same_figures_by_every_engine() -> None:
    parcels = tuple(Recorded(400_000 * n, 300, (), None) for n in range(50))
    day = a_day(recorded=parcels, lines=2, until_us=MINUTE)
    told = [HubDay(replace(day, engine=Engine(name))).run(1) for name in ("plain", "plain-heap", "line")]
    assert told[0] == told[1] == told[2]
    assert told[0].figures["no_read_share"] == 100


def test_decisions_that_come_too_late_are_told_by_the_closed_loop() -> None:
    slow = a_day(traffic=vision(1000, 4000))
    figures = HubDay(slow).run(0).figures
    assert figures["late_share"] > 20
    assert figures["missorts"] == 0
