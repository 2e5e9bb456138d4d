from __future__ import annotations

import math

import pytest

from sim.study.results import PointResult, Replication
from sim.study.statistics import interval
from sim.study.summary import bands, compared, intervals


def point(name: str, *replications: Replication) -> PointResult:
    return PointResult(name, {}, replications, intervals(replications, 0.95), bands(replications, 0.95))


def test_a_figure_is_summed_up_over_the_replications_that_know_it() -> None:
    found = intervals([Replication({"a": 1}), Replication({"a": 3, "b": 7}), Replication({"b": 9})], 0.9)
    assert found == {"a": interval([1, 3], 0.9), "b": interval([7, 9], 0.9)}


def test_a_band_is_an_interval_in_every_bin() -> None:
    series = [(1.0, 5.0, 2.0), (2.0, 5.0, 8.0), (6.0, 5.0, 2.0)]
    band = bands([Replication({}, {"per_h": one}) for one in series], 0.95)["per_h"]
    expected = [interval(column) for column in zip(*series, strict=True)]
    assert band.mean == pytest.approx([one.mean for one in expected], rel=1e-12)
    assert band.half == pytest.approx([one.half for one in expected], rel=1e-12)


def test_a_band_is_as_long_as_the_shortest_run_and_one_run_has_no_width() -> None:
    runs = [Replication({}, {"per_h": (1.0, 2.0, 3.0)}), Replication({}, {"per_h": (3.0, 4.0)})]
    assert bands(runs, 0.95)["per_h"].mean == (2.0, 3.0)
    assert bands(runs[:1], 0.95)["per_h"].half == (math.inf,) * 3


def test_the_warm_up_is_found_on_the_average_of_the_runs() -> None:
    # Neither run is steady alone: what one has too much the other has too little, but for the first 10 bins.
    swing = [50.0 if bin_ // 5 % 2 else -50.0 for bin_ in range(60)]
    start = [400.0] * 10 + [0.0] * 50
    both = list(zip(swing, start, strict=True))
    runs = [Replication({}, {"per_h": tuple(100 + sign * a + b for a, b in both)}) for sign in (1, -1)]
    assert bands(runs, 0.95)["per_h"].warmup == 10


def test_only_replications_in_which_both_measured_a_figure_are_compared() -> None:
    base = point("a", Replication({"x": 1}), Replication({}), Replication({"x": 3}), Replication({"x": 9}))
    other = point("b", Replication({"x": 2}), Replication({"x": 5}), Replication({"x": 5}))
    (pair,) = compared(base, other, 0.95)
    assert pair.difference == interval([1, 2])
