"""The exact parts of the reader of bars: characters to text, likelihoods of modules, search over symbols."""

from __future__ import annotations

import math
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.compiled import compiled
from vision.linear_fit import Pose, Profile, edges_of, fit
from vision.linear_guess import bits
from vision.linear_model import blur_tables, module_sums
from vision.linear_search import FIRST_START, STOP, likeliest, prepare, search
from vision.linear_text import text_of
from vision.symbols import code128, code128_values

ASCII = "".join(map(chr, range(128)))


@given(st.text(ASCII, min_size=1, max_size=24))
def test_the_text_of_a_symbol_is_the_one_that_was_written(text: str) -> None:
    assert text_of(code128_values(text)) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((105, 102, 12, 34, 0, 106), "1234"),  # FNC1 first: a GS1 symbol
        ((105, 12, 102, 34, 0, 106), "12\x1d34"),
        ((104, 33, 98, 64, 34, 0, 106), "A\x00B"),  # one character of the other set
        ((104, 33, 100, 34, 0, 106), ""),  # FNC4 in set B
        ((104, 33, 96, 34, 0, 106), ""),  # FNC3
        ((104, 33, 98, 0, 106), ""),  # a shift at the end
    ],
)
def test_functions_and_shifts_are_read_by_the_standard(values: tuple[int, ...], text: str) -> None:
    assert text_of(values) == text


def modules_of(values: tuple[int, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.concatenate([bits()[value][: 13 if value == STOP else 11] for value in values]).astype(float)


@given(st.integers(0, 2**32), st.floats(0.8, 2.5), st.floats(0.3, 1.5))
@settings(max_examples=20, deadline=None)
def test_sums_over_modules_give_the_likelihood_of_any_symbol(seed: int, module: float, sigma: float) -> None:
    rng = np.random.default_rng(seed)
    place = np.sort(rng.uniform(-10, 60 * module, 400))
    ink, weight = rng.uniform(-0.2, 1.2, 400), rng.uniform(0, 3, 400)
    step = np.ascontiguousarray(compiled(blur_tables)(sigma, 0.0, 0.8, 0.6)[0])
    toward, among = compiled(module_sums)(place, ink, weight, 0.0, module, 46, step)
    row = rng.integers(0, 2, 46).astype(float)
    by_sums = toward @ row - 0.5 * sum(
        (1 if j == 0 else 2) * among[i, j] * row[i] * row[i + j]
        for i in range(46)
        for j in range(min(12, 46 - i))
    )
    grid = (np.arange(len(step)) - len(step) // 2) / 16
    seen = sum(
        row[i] * (np.interp(place - i * module, grid, step) - np.interp(place - (i + 1) * module, grid, step))
        for i in range(46)
    )
    directly = -0.5 * (weight * (ink - seen) ** 2).sum() + 0.5 * (weight * ink**2).sum()
    assert by_sums == pytest.approx(directly, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_search_finds_the_two_best_valid_symbols_of_all(seed: int) -> None:
    """One data character: 3 x 103 symbols are valid, and all of them are scored one by one."""
    rng = np.random.default_rng(seed)
    toward, among = rng.normal(0, 1, 46), np.zeros((46, 12))
    among[:, 0], among[:, 1:6] = rng.uniform(0.5, 1.5, 46), rng.normal(0, 0.2, (46, 5))
    scores = {}
    for start in range(FIRST_START, STOP):
        for value in range(FIRST_START):
            symbol = (start, value, (start + value) % 103, STOP)
            row = modules_of(symbol)
            couplings = sum(
                among[i, j] * row[i] * row[i + j] for i in range(46) for j in range(1, 6) if i + j < 46
            )
            scores[symbol] = float(toward @ row - 0.5 * among[:, 0] @ row - couplings)
    best, second = sorted(scores, key=lambda symbol: -scores[symbol])[:2]
    onward, after, pairs = compiled(prepare)(bits(), toward, among)
    found, reached, done = compiled(search)(onward, after, pairs, 100.0, 100_000)
    assert done
    assert [tuple(row) for row in found.tolist()] == [best, second]
    assert reached[0] - reached[1] == pytest.approx(scores[best] - scores[second], abs=1e-3)
    top = tuple(compiled(likeliest)(onward, pairs).tolist())
    assert onward[0, top[0]] == pytest.approx(onward[0, FIRST_START:STOP].max())
    assert reached[0] <= 1e-3


def test_a_fit_finds_the_pose_that_made_a_profile() -> None:
    edges = edges_of(code128_values("SF1234567890123"))
    true = Pose(int(edges[-1]), -110.0, 107.0, 0.3, 0.8, 3.0, 0.1, 210.0, 10.0, 160.0, -8.0)
    place = np.arange(-130, 130, 0.125)
    blank = Profile(place, np.zeros_like(place), np.full_like(place, 5.0), 1.0, 8.0, 1.0, 0.0)
    made = fit(blank, edges, true, 0).fitted
    profile = Profile(place, made, blank.count, 1.0, 8.0, 1.0, 0.0)
    near = Pose(int(edges[-1]), -109.7, 106.6, 0.0, 0.9, 2.5, 0.0, 205.0, 0.0, 150.0, 0.0)
    found = fit(profile, edges, near, 30).pose
    for got, wanted in ((found.start, true.start), (found.end, true.end), (found.bend, true.bend)):
        assert got == pytest.approx(wanted, abs=0.02)
    assert math.hypot(found.sigma - 0.8, found.blur - 3.0) < 0.1
    assert found.depth + found.depth_slope / 2 == pytest.approx(156.0, abs=1.0)


def test_bars_as_bright_as_paper_are_fitted_without_a_word_of_numpy() -> None:
    edges = edges_of(code128_values("SF1234567890123"))
    place = np.arange(-130, 130, 0.125)
    bright = Profile(place, np.full_like(place, 200.0), np.full_like(place, 5.0), 1.0, 8.0, 1.0, 0.0)
    none = Pose(int(edges[-1]), -110.0, 107.0, 0.0, 0.8, 3.0, 0.0, 150.0, 0.0, 0.0, 0.0)
    found = fit(bright, edges, none, 10)
    assert abs(found.pose.depth) < 1 and np.isfinite(found.fitted).all()


def test_every_symbol_has_its_modules() -> None:
    text = string.ascii_uppercase
    assert edges_of(code128_values(text))[-1] == sum(code128(text)) == len(modules_of(code128_values(text)))
