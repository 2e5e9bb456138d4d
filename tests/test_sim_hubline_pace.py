"""A belt that keeps its speed: the short way through the recursion is the long way, whatever the block."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.compiled import brief_quotient, compiled
from sim.hubline.build import Start, plant_of, right_of, rulings_of
from sim.hubline.engine import Engine
from sim.hubline.pace import LONGEST_MM, Pace, pace_of
from sim.hubline.recursion import run_block
from sim.hubline.tables import END, NEVER, OFFER, RULING, Plant, Table
from sim.hubline.traffic import Flow, Traffic, stream_of
from sorter.flow import Us
from sorter.hub import Hub
from tests.hubs import ON_DATE, hub

HUB = hub(capacity=5)
RULINGS = rulings_of(HUB, ON_DATE)
START = Start(belt_us=60_000, open_us=70_000)
Stops = tuple[tuple[Us, Us], ...]
STOPS: Stops = ((20_000_003, 31_000_007),)


def plant(speed_mm_s: int = 1600, stops: Stops = (), return_mm: int = 0, made: Hub = HUB) -> Plant:
    belt = replace(made.layout.belt, speed_mm_s=speed_mm_s)
    faster = replace(made, layout=replace(made.layout, belt=belt))
    return plant_of(faster, RULINGS, START, 5_000_000, stops=stops, return_mm=return_mm, laps=2, misses=False)


def run(made: Plant, pace: Pace, offered: Table) -> tuple[Table, ...]:
    """Rows of what has ended, and the plant's tables afterwards."""
    ended = [0] * (len(offered) // OFFER * END)
    rows = run_block(made, pace, offered, 0, len(offered) // OFFER, ended)
    return ended[: rows * END], made.chutes, made.sent, made.changes, made.cursor


LAST_RULING = len(RULINGS.rows) // RULING - 1
PARCELS = st.lists(
    st.tuples(
        st.integers(0, 900_000), st.integers(50, LONGEST_MM + 300), st.integers(0, LAST_RULING),
        st.integers(0, 3_000_000), st.integers(0, 1),
    ),
    max_size=80,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PARCELS, st.sampled_from([50, 1000, 1600, 1650]), st.sampled_from([(), STOPS]))
@example([(100_000, 300, 5, 60_000, 0)] * 300, 1600, STOPS)
def test_the_short_way_is_the_long_way_for_any_parcels(
    parcels: list[tuple[int, ...]], speed_mm_s: int, stops: Stops
) -> None:
    offered: Table = []
    arr_us = 0
    for gap_us, length_mm, ruling, latency_us, fails in parcels:
        arr_us += gap_us
        offered += [arr_us, length_mm, ruling, ruling, latency_us, fails, 0]
    pace = pace_of(plant(speed_mm_s, stops))
    assert pace.from_nm < NEVER
    short = run(plant(speed_mm_s, stops), pace, offered)
    assert short == run(plant(speed_mm_s, stops), pace._replace(from_nm=NEVER), offered)


@pytest.mark.parametrize(
    "made", [plant(speed_mm_s=1601), plant(return_mm=3000)], ids=["scans between steps", "parcels return"]
)
def test_there_is_no_short_way_where_it_would_not_be_exact(made: Plant) -> None:
    assert pace_of(made).from_nm == NEVER


def test_there_is_no_short_way_before_the_last_stop_is_over() -> None:
    before, after = pace_of(plant()).from_nm, pace_of(plant(stops=STOPS)).from_nm
    assert 0 < before < after


@pytest.mark.parametrize("engine", ["plain", "batch"])
def test_a_run_does_not_depend_on_its_blocks(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    traffic = Traffic((Flow(0, 300_000_000, 8000),))
    stream, right = stream_of(HUB, traffic, RULINGS, 3, 0), right_of(HUB, RULINGS)
    tallies = []
    for block in (1, 37, 512):
        monkeypatch.setattr("sim.hubline.engine.BLOCK", block)
        tally = Engine(engine).run(plant(), stream, right, 300_000_000)
        tallies.append([np.array(column).tolist() for column in tally])
    assert tallies[0] == tallies[1] == tallies[2]
    assert tallies[0][1][0] > 500


def divide(number: int, divisor: int) -> int:
    return brief_quotient(number, divisor)


DIVIDE = compiled(divide)


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 2**50 - 1), st.integers(1, 2**40), st.integers(-1, 1))
def test_a_brief_quotient_is_the_quotient(number: int, divisor: int, beside: int) -> None:
    multiple = max(0, number // divisor * divisor + beside)  # where a rounding error would show
    for one in (number, multiple):
        assert DIVIDE(one, divisor) == one // divisor == brief_quotient(one, divisor)
