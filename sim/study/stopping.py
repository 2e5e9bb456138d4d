"""How many replications a point takes: a fixed number, or until its figures are precise enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.study.results import Replication
from sim.study.statistics import half_width, interval


@dataclass(frozen=True, slots=True)
class Sampling:
    """At least `least` and at most `most` replications; in between, until every one of `figures` is precise.

    relative  half the interval over the mean that is precise enough, e.g. 0.01; 0 = only the number counts
    """

    least: int
    most: int
    relative: float = 0.0
    figures: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """A range of replications says what ends it."""
        assert 1 <= self.least <= self.most, self
        assert self.least == self.most or (self.relative > 0 and self.figures), self


def fixed(count: int) -> Sampling:
    """Exactly `count` replications."""
    return Sampling(count, count)


def replications_needed(
    replications: Sequence[Replication], figure: str, sampling: Sampling, level: float
) -> int | None:
    """The replications, sampling.least at least, after which the figure was first precise; None = never.

    A replication without the figure counts as one, but adds nothing to its precision.
    """
    n, mean, squares = 0, 0.0, 0.0
    for count, replication in enumerate(replications, start=1):
        value = replication.figures.get(figure)
        if value is not None:
            n += 1
            away = value - mean
            mean += away / n
            squares += away * (value - mean)
        judged = n >= 2 and count >= sampling.least
        if judged and half_width(squares, n, level) <= sampling.relative * abs(mean):
            return count
    return None


def enough(replications: Sequence[Replication], sampling: Sampling, level: float) -> int | None:
    """The number of replications with which the point is done; None = these are not enough.

    The first number that will do, however many there are: so the answer knows nothing of batches and workers.
    """
    if len(replications) >= sampling.least and sampling.least < sampling.most:
        needed = [replications_needed(replications, name, sampling, level) for name in sampling.figures]
        counts = [count for count in needed if count is not None]
        if len(counts) == len(needed):
            return max(counts)
    return sampling.most if len(replications) >= sampling.most else None


def next_goal(replications: Sequence[Replication], sampling: Sampling, level: float) -> int:
    """How many replications to have before looking again, when these are not enough.

    As many as the variance so far asks for, but a tenth more than now at least, and twice as many at most.
    """
    n = len(replications)
    if n < sampling.least:
        return sampling.least
    asked = max(_asked_for(replications, name, sampling, level) for name in sampling.figures)
    return min(sampling.most, max(n + math.ceil(n / 10), min(asked, 2 * n)))


def _asked_for(replications: Sequence[Replication], figure: str, sampling: Sampling, level: float) -> int:
    n = len(replications)
    values = [one.figures[figure] for one in replications if figure in one.figures]
    found = interval(values, level) if len(values) > 1 else None
    if found is None or found.mean == 0:
        return 2 * n
    excess = found.half / (sampling.relative * abs(found.mean))
    return math.ceil(n * min(excess * excess, 2.0))
