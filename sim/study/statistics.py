"""What a study says of its replications: t intervals, paired differences, ratios, quantiles.

Sums are exact (math.fsum), so that no figure depends on the order in which replications came back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

from sim.study.results import Interval

_MANY_DF = 1000
"""Above, four correction terms to the normal quantile are exact to 1e-11 and cost less than df / 2 terms."""


@lru_cache(maxsize=65536)
def t_quantile(p: float, df: int) -> float:
    """The value that Student's t with `df` >= 1 degrees of freedom stays below with probability p, 0 < p < 1.

    Good to a relative 1e-9 for 1e-4 <= p <= 1 - 1e-4.
    """
    assert 0 < p < 1 and df >= 1, (p, df)
    if p < 0.5:
        return -t_quantile(1 - p, df)
    z = NormalDist().inv_cdf(p)
    if df > _MANY_DF:
        return _near_normal(z, df)
    # The distribution function is concave above 0 and z lies left of the root: Newton comes up from the
    # left without ever passing it, so that nothing has to guard the steps.
    t = z
    for _ in range(100):
        step = (2 * p - 1 - _within(t, df)) / (2 * _density(t, df))
        t += step
        if abs(step) <= 1e-13 * t:
            break
    return t


def interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """Mean and t interval of independent values, at least one; half is inf for a single value."""
    n = len(values)
    mean = math.fsum(values) / n
    if n < 2:
        return Interval(mean, math.inf, n, level)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return Interval(mean, half_width(squares, n, level), n, level)


def half_width(squares: float, n: int, level: float) -> float:
    """Half the t interval of a mean of n >= 2 values; squares = their squared distances from it, summed."""
    return t_quantile((1 + level) / 2, n - 1) * math.sqrt(squares / (n - 1) / n)


def paired(base: Sequence[float], other: Sequence[float], level: float = 0.95) -> Interval:
    """The difference other - base, replication by replication; both have one value per replication.

    With common random numbers what both saw alike cancels, and the interval is the narrower for it.
    """
    return interval([b - a for a, b in zip(base, other, strict=True)], level)


def ratio(numerators: Sequence[float], denominators: Sequence[float], level: float = 0.95) -> Interval | None:
    """Ratio of the two means with the interval of the classical ratio estimator; None when dividing by 0.

    One pair per replication: how the two vary together counts, a single denominator may well be 0.
    """
    below = math.fsum(denominators) / len(denominators)
    if below == 0:
        return None
    share = math.fsum(numerators) / len(numerators) / below
    rest = interval([a - share * b for a, b in zip(numerators, denominators, strict=True)], level)
    return Interval(share, rest.half / abs(below), rest.n, level)


def quantile(values: Sequence[float], q: float) -> float:
    """The q quantile, 0 <= q <= 1, of at least one value, linear between the two nearest order statistics."""
    assert 0 <= q <= 1, q
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _within(t: float, df: int) -> float:
    """P(|T| < t) for t >= 0: the finite series in the angle atan(t / sqrt(df)); all terms are > 0."""
    angle = math.atan(t / math.sqrt(df))
    square = math.cos(angle) ** 2
    odd = df % 2
    term = math.cos(angle) if odd else 1.0
    total = term if df > 1 else 0.0
    for k in range(2 + odd, df, 2):
        term *= square * (k - 1) / k
        total += term
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total


def _density(t: float, df: int) -> float:
    scale = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)
    return scale * math.exp(-(df + 1) / 2 * math.log1p(t * t / df))


def _near_normal(z: float, df: int) -> float:
    """Student's t from the normal quantile z by powers of 1 / df. Source: Abramowitz and Stegun, 26.7.5."""
    z2 = z * z
    g1 = (z2 + 1) * z / 4
    g2 = ((5 * z2 + 16) * z2 + 3) * z / 96
    g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) * z / 384
    g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) * z / 92160
    return z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df
