"""MSER-5: where the start of a run ends and its steady part begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BATCH = 5
"""Bins averaged before the search: single bins are too uneven to judge."""


@dataclass(frozen=True, slots=True)
class Warmup:
    """The cut that MSER-5 advises.

    cut        bins to leave out at the start, a multiple of BATCH
    statistic  what was minimised, for a cut of 0, 1, 2, ... batches: the plot that shows the choice
    settled    False: the last cut tried was the best, the run is too short to tell
    """

    cut: int
    statistic: tuple[float, ...]
    settled: bool


def mser5(series: Sequence[float]) -> Warmup:
    """The cut that leaves the steadiest mean: least squared standard error of what remains.

    series = the average over the replications in equal time bins; up to half of it may be cut, bins that do
    not fill a batch at the end are not used. Of equally good cuts the shortest.
    Source: K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five steady-state truncation heuristics".
    """
    batches = len(series) // BATCH
    if batches < 2:
        return Warmup(0, (), settled=False)
    means = np.asarray(series[: batches * BATCH], dtype=float).reshape(batches, BATCH).mean(axis=1)
    # Against the last batch, not the mean: a tail without any change then has exactly nothing left.
    tail = (means - means[-1])[::-1]
    left = np.arange(1, batches + 1)
    squares = np.maximum(np.cumsum(tail**2) - np.cumsum(tail) ** 2 / left, 0.0)
    statistic = (squares / left.astype(float) ** 2)[::-1][: batches // 2 + 1]
    best = int(np.argmin(statistic))
    settled = best < len(statistic) - 1
    return Warmup(best * BATCH, tuple(statistic.tolist()), settled)
