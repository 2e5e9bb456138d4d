"""Counted random numbers: the same for everybody, and random enough to be drawn from."""

from __future__ import annotations

from collections import Counter
from math import exp, log

from hypothesis import given
from hypothesis import strategies as st

from sim.draws import MASK, below, exponential, key, logarithms, mix, trailing_ones, unit, word, wrapped

LOGS = logarithms()
WORDS = st.integers(0, MASK)


@given(WORDS, WORDS, WORDS)
def test_a_wrapped_product_is_the_product_modulo_two_to_the_63(a: int, b: int, c: int) -> None:
    assert wrapped(a, b, c) == (a * b + c) % 2**63


@given(st.integers(0, 63), st.integers(0, MASK))
def test_trailing_ones_are_counted_to_the_first_zero(ones: int, above: int) -> None:
    bits = (above << ones + 1 | (1 << ones) - 1) & MASK
    assert trailing_ones(bits) == min(ones, 63)


@given(st.sets(WORDS, min_size=2, max_size=50))
def test_different_words_are_mixed_to_different_words(words: set[int]) -> None:
    assert len({mix(one) for one in words}) == len(words)


@given(WORDS, st.integers(1, 2**31 - 1))
def test_below_stays_below(bits: int, limit: int) -> None:
    assert 0 <= below(bits, limit) < limit


@given(WORDS)
def test_a_unit_number_lies_in_the_unit_interval(bits: int) -> None:
    assert 0.0 <= unit(bits) < 1.0


def test_flipping_one_bit_changes_about_half_of_all_bits() -> None:
    flips = [bin(mix(n << 20) ^ mix(n << 20 ^ 1 << bit)).count("1") for n in range(200) for bit in range(63)]
    assert 31.2 < sum(flips) / len(flips) < 31.8


def test_numbers_of_a_stream_fill_the_unit_interval_evenly() -> None:
    stream, count = key(3, 1), 100_000
    bins = Counter(int(unit(word(stream, n)) * 100) for n in range(count))
    chi_square = sum((bins[n] - count / 100) ** 2 / (count / 100) for n in range(100))
    assert 55 < chi_square < 160  # 99 degrees of freedom: the middle 99.9 %


def test_neighbouring_streams_and_seeds_do_not_resemble_each_other() -> None:
    for other in (key(3, 2), key(4, 1)):
        pairs = [(unit(word(key(3, 1), n)), unit(word(other, n))) for n in range(20_000)]
        covariance = sum((a - 0.5) * (b - 0.5) for a, b in pairs) / len(pairs)
        assert abs(covariance) < 4 * (1 / 12) / len(pairs) ** 0.5


def test_exponential_numbers_have_the_tail_of_the_exponential_distribution() -> None:
    stream, count = key(9, 0), 100_000
    drawn = [exponential(word(stream, n), LOGS) for n in range(count)]
    assert abs(sum(drawn) / count - 1) < 4 / count**0.5
    for limit in (0.1, 1.0, 3.0, 5.0):
        share = exp(-limit)
        seen = sum(one > limit for one in drawn)
        assert abs(seen - count * share) < 4 * (count * share * (1 - share)) ** 0.5


def test_an_exponential_number_is_minus_the_logarithm_of_the_number_it_is_made_from() -> None:
    # One trailing zero: one halving; the upper 32 bits are the fraction.
    for fraction in (0, 1, 1 << 31, (1 << 32) - 1):
        wanted = -log((1 + fraction / 2**32) / 2)
        assert abs(exponential(fraction << 31, LOGS) - wanted) < 1e-11
