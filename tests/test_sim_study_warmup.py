from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.warmup import mser5


def test_a_known_transient_is_cut_where_it_ends() -> None:
    # 40 bins fall to the steady 10, which then wobbles by 0.1: the cut is at bin 40, give or take a batch.
    steady = 10 + 0.1 * np.random.default_rng(1).normal(size=200)
    steady[:40] += np.linspace(20, 1, 40)
    found = mser5(steady.tolist())
    assert abs(found.cut - 40) <= 5
    assert found.settled
    assert min(found.statistic) == found.statistic[found.cut // 5]


@given(st.integers(0, 8), st.integers(10, 30), st.floats(-1e3, 1e3), st.floats(1, 1e3))
def test_a_step_in_an_otherwise_constant_series_is_cut_exactly(
    before: int, after: int, level: float, step: float
) -> None:
    found = mser5([level + step] * (5 * before) + [level] * (5 * after))
    assert found.cut == 5 * before
    assert found.settled


def test_the_statistic_is_the_squared_standard_error_of_what_is_left() -> None:
    bins = np.random.default_rng(3).normal(size=60)
    batches = bins.reshape(12, 5).mean(axis=1)
    expected = [float(batches[cut:].var() / (12 - cut)) for cut in range(7)]
    assert mser5(bins.tolist()).statistic == pytest.approx(expected, rel=1e-9)


def test_a_series_that_never_settles_says_so() -> None:
    assert not mser5(list(range(100))).settled


@pytest.mark.parametrize("bins", [0, 1, 9])
def test_too_few_bins_to_judge_cut_nothing(bins: int) -> None:
    found = mser5([1.0] * bins)
    assert (found.cut, found.statistic, found.settled) == (0, (), False)
