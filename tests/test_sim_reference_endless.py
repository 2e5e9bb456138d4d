"""The reference line from drawn arrivals to statistics: nothing is kept, and nothing differs for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.traffic import counted, line
from sim.reference.endless import EndlessEngine, count_drawn, drawn
from sim.reference.engines import simulate
from sim.reference.spec import NO_READ, LineSpec, Parcels
from sim.reference.stream import Traffic
from sim.reference.tally import LAPS, LAST_OUT_US, PARCELS, TRANSIT_US, WAIT_BIN_US, WAIT_BINS, WAIT_US, Tally

HURRIED = Traffic(  # parcels wait, come late, meet busy blades and full bags
    gap_us=120_000, length_mm=(150, 400), no_reads=0.05, weights=(5.0, 1.0, 1.0), latency_us=900_000,
    spread=0.9,
)  # fmt: skip
SMALL = replace(line(3), bag_parcels=20, stops=((20_000_000, 3_000_000), (90_000_000, 1)))


def of_table(spec: LineSpec, parcels: Parcels) -> list[list[int]]:
    """The tally of a run of which every outcome is kept."""
    out = simulate(spec, parcels, "plain")
    wait_us = out.t_in_us - parcels.arr_us
    bins = np.minimum(wait_us // WAIT_BIN_US, WAIT_BINS - 1)
    totals = {
        PARCELS: len(parcels), LAPS: out.laps.sum(), WAIT_US: wait_us.sum(),
        TRANSIT_US: (out.t_out_us - out.t_in_us).sum(), LAST_OUT_US: out.t_out_us.max(initial=0),
    }  # fmt: skip
    by_chute = np.bincount(out.chute, minlength=spec.diverters + 2)
    columns = ([totals[n] for n in range(len(totals))], by_chute, np.bincount(bins, minlength=WAIT_BINS))
    return [[int(count) for count in column] for column in (*columns, out.misses)]


def listed(tally: Tally) -> list[list[int]]:
    columns: Any = tally
    return [[int(count) for count in column] for column in columns]


@pytest.mark.parametrize("engine", ["plain", "batch"])
@pytest.mark.parametrize("block", [1, 7, 1024])
def test_counting_block_by_block_is_counting_the_outcomes_of_the_whole_table(
    engine: EndlessEngine, block: int
) -> None:
    whole = of_table(SMALL, drawn(HURRIED, 3, 2500))
    assert listed(count_drawn(SMALL, HURRIED, 3, 2500, engine, block)) == whole
    assert all(whole[3]) and all(whole[1]), "every kind of miss and every outlet occurs"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**31 - 1), st.integers(0, 400), st.integers(1, 300), st.integers(1, 4),
    st.sampled_from([20_000, 150_000, 600_000]),
)  # fmt: skip
def test_it_is_so_for_any_seed_number_block_laps_and_load(
    seed: int, parcels: int, block: int, max_laps: int, gap_us: int
) -> None:
    spec, traffic = replace(SMALL, max_laps=max_laps), replace(HURRIED, gap_us=gap_us)
    whole = of_table(spec, drawn(traffic, seed, parcels))
    assert listed(count_drawn(spec, traffic, seed, parcels, "batch", block)) == whole


def test_parcels_are_drawn_as_the_traffic_says() -> None:
    traffic, count = counted(line(4)), 40_000
    parcels = drawn(traffic, 5, count)
    gaps = np.diff(parcels.arr_us, prepend=0)
    assert (gaps >= 0).all() and abs(gaps.mean() / traffic.gap_us - 1) < 4 / count**0.5
    assert (parcels.length_mm.min(), parcels.length_mm.max()) == traffic.length_mm
    assert abs((parcels.code == NO_READ).mean() - traffic.no_reads) < 4 * (0.02 / count) ** 0.5
    shares = np.bincount(parcels.code[parcels.code >= 0]) / (parcels.code >= 0).sum()
    assert np.abs(shares - np.array(traffic.weights) / sum(traffic.weights)).max() < 4 * (0.25 / count) ** 0.5
    assert abs(np.median(parcels.latency_us) / traffic.latency_us - 1) < 0.02
    assert abs(np.log(parcels.latency_us).std() - traffic.spread) < 0.02


def test_the_first_parcels_are_the_same_however_many_are_drawn() -> None:
    few, many = drawn(HURRIED, 1, 10), drawn(HURRIED, 1, 50)
    for name in Parcels.__slots__:
        assert (getattr(few, name) == getattr(many, name)[:10]).all()


def test_parcels_too_long_for_the_way_back_are_refused() -> None:
    with pytest.raises(AssertionError, match="too long"):
        count_drawn(replace(SMALL, return_mm=100), HURRIED, 1, 10, "plain")
