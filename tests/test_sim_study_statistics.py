from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.statistics import interval, paired, quantile, ratio, t_quantile

LEVELS = st.floats(1e-4, 1 - 1e-4)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


@pytest.mark.parametrize(
    ("p", "df", "value"),
    [
        (0.975, 1, 12.706204736174694),
        (0.975, 2, 4.302652729749464),
        (0.975, 5, 2.5705818356363146),
        (0.975, 9, 2.262157162798205),
        (0.95, 10, 1.8124611228116754),
        (0.995, 30, 2.7499956535672234),
        (0.975, 100, 1.9839715185235527),
        (0.975, 1000, 1.9623390808264074),
    ],
)
def test_quantiles_of_t_are_those_of_the_tables(p: float, df: int, value: float) -> None:
    assert t_quantile(p, df) == pytest.approx(value, rel=1e-11)


@given(LEVELS)
def test_one_two_and_four_degrees_of_freedom_agree_with_their_closed_forms(p: float) -> None:
    assert t_quantile(p, 1) == pytest.approx(math.tan(math.pi * (p - 0.5)), rel=1e-9, abs=1e-12)
    u = 4 * p * (1 - p)
    assert t_quantile(p, 2) == pytest.approx((2 * p - 1) * math.sqrt(2 / u), rel=1e-9, abs=1e-12)
    q = math.cos(math.acos(math.sqrt(u)) / 3) / math.sqrt(u)
    four = math.copysign(2 * math.sqrt(max(q - 1, 0)), p - 0.5)
    assert t_quantile(p, 4) == pytest.approx(four, rel=1e-7, abs=1e-7)  # q - 1 cancels around the middle


@given(LEVELS, st.integers(3, 300))
def test_the_density_up_to_the_quantile_integrates_to_the_probability(p: float, df: int) -> None:
    t = t_quantile(p, df)
    x = t / 2 * (NODES + 1)
    logs = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(df * math.pi) / 2
    area = t / 2 * float((WEIGHTS * np.exp(logs - (df + 1) / 2 * np.log1p(x * x / df))).sum())
    assert area == pytest.approx(p - 0.5, abs=1e-10)


@given(LEVELS.filter(lambda p: p != 0.5), st.integers(1, 3000))
def test_t_shrinks_towards_the_normal_as_it_learns_more(p: float, df: int) -> None:
    further, nearer, normal = t_quantile(p, df), t_quantile(p, df + 1), NormalDist().inv_cdf(p)
    assert abs(further) >= abs(nearer) >= abs(normal)
    assert t_quantile(1 - p, df) == pytest.approx(-further, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("p", [0.6, 0.9, 0.975, 0.995, 0.9999])
def test_the_expansion_takes_over_without_a_step(p: float) -> None:
    last, first, next_one = (t_quantile(p, df) for df in (1000, 1001, 1002))
    # t falls like 1 / df: two neighbouring steps differ by a five-hundredth of one.
    assert last - first == pytest.approx(first - next_one, rel=0.003, abs=1e-13)


def test_the_interval_of_four_values() -> None:
    # Mean 5, variance 20 / 3, t(0.975, 3) = 3.1824463052842638; half = t sqrt(20 / 12).
    found = interval([2, 4, 6, 8])
    assert (found.mean, found.n, found.level) == (5, 4, 0.95)
    assert found.half == pytest.approx(3.1824463052842638 * math.sqrt(20 / 12), rel=1e-12)


def test_a_single_value_says_nothing_of_its_precision() -> None:
    assert interval([3.5]).half == math.inf


@given(VALUES, st.randoms(use_true_random=False), st.floats(-1e3, 1e3))
def test_an_interval_knows_no_order_and_moves_with_its_values(
    values: list[float], random: np.random.Generator, shift: float
) -> None:
    found = interval(values)
    shuffled = list(values)
    random.shuffle(shuffled)
    assert interval(shuffled) == found
    moved = interval([value + shift for value in values])
    assert moved.mean == pytest.approx(found.mean + shift, abs=1e-6)
    assert moved.half == pytest.approx(found.half, abs=1e-6)


@given(VALUES)
def test_a_higher_level_gives_a_wider_interval(values: list[float]) -> None:
    assert interval(values, 0.8).half <= interval(values, 0.95).half <= interval(values, 0.99).half


def test_what_both_saw_alike_cancels_in_a_paired_difference() -> None:
    random = np.random.default_rng(7)
    days = random.normal(100, 20, size=30)
    base, other = days + random.normal(0, 1, 30), days + 3 + random.normal(0, 1, 30)
    together, apart = paired(base.tolist(), other.tolist()), interval(other.tolist())
    assert abs(together.mean - 3) < together.half < apart.half / 8


@given(st.lists(st.floats(1, 1e3), min_size=2, max_size=20), st.floats(-5, 5))
def test_the_ratio_of_what_is_proportional_is_exact(below: list[float], factor: float) -> None:
    found = ratio([factor * value for value in below], below)
    assert found is not None
    assert found.mean == pytest.approx(factor, abs=1e-9)
    assert found.half == pytest.approx(0, abs=1e-9)


def test_nothing_is_divided_by_a_mean_of_zero() -> None:
    assert ratio([1, 2], [-1, 1]) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values: list[float], q: float) -> None:
    assert quantile(values, q) == pytest.approx(float(np.quantile(values, q)), rel=1e-9, abs=1e-9)
