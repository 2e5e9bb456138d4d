"""From replications to what a study says: intervals, bands, comparisons, verdicts, the digest."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.study.results import Band, Interval, Paired, PointResult, Replication, Verdict
from sim.study.statistics import interval, paired, t_quantile
from sim.study.warmup import mser5

Bound = Literal["least", "most"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A demand on a figure: at least or at most `limit`. point = "" demands it of every point."""

    figure: str
    bound: Bound
    limit: float
    point: str = ""


def figure_names(replications: Iterable[Replication]) -> tuple[str, ...]:
    """Every figure that any of them measured, in the order of first appearance."""
    return tuple(dict.fromkeys(name for one in replications for name in one.figures))


def intervals(replications: Sequence[Replication], level: float) -> dict[str, Interval]:
    """Figure -> interval over the replications that measured it."""
    return {
        name: interval([one.figures[name] for one in replications if name in one.figures], level)
        for name in figure_names(replications)
    }


def bands(replications: Sequence[Replication], level: float) -> dict[str, Band]:
    """Series -> its band over the replications that have it, as long as the shortest of them."""
    names = dict.fromkeys(name for one in replications for name in one.series)
    return {
        name: _band([one.series[name] for one in replications if name in one.series], level) for name in names
    }


def _band(series: Sequence[Sequence[float]], level: float) -> Band:
    bins = min(len(one) for one in series)
    table = np.array([one[:bins] for one in series], dtype=float)
    mean = table.mean(axis=0)
    half = np.full(bins, np.inf)
    if len(series) > 1:
        half = t_quantile((1 + level) / 2, len(series) - 1) * table.std(axis=0, ddof=1) / len(series) ** 0.5
    return Band(tuple(mean.tolist()), tuple(half.tolist()), mser5(mean.tolist()).cut)


def compared(base: PointResult, other: PointResult, level: float) -> list[Paired]:
    """Differences other - base of every figure, over the replications in which both measured it."""
    found = []
    for name in base.figures:
        pairs = figure_pairs(base, other, name)
        if pairs:
            difference = paired([a for a, _ in pairs], [b for _, b in pairs], level)
            found.append(Paired(base.name, other.name, name, difference))
    return found


def figure_pairs(base: PointResult, other: PointResult, figure: str) -> list[tuple[float, float]]:
    """The figure in replication 0, 1, ... of both points, where both have it."""
    return [
        (a.figures[figure], b.figures[figure])
        for a, b in zip(base.replications, other.replications, strict=False)
        if figure in a.figures and figure in b.figures
    ]


def verdicts(
    points: Sequence[PointResult], thresholds: Iterable[Threshold], drawn: bool = True
) -> tuple[Verdict, ...]:
    """Each threshold at each point that it speaks of, in that order; drawn as in Study."""
    return tuple(
        _verdict(point, threshold, drawn)
        for threshold in thresholds
        for point in points
        if threshold.point in ("", point.name)
    )


def _verdict(point: PointResult, threshold: Threshold, drawn: bool) -> Verdict:
    measured = point.figures.get(threshold.figure)
    half = measured.half if measured is not None and drawn else 0.0
    if measured is None:
        holds = False
    elif threshold.bound == "least":
        holds = measured.mean - half >= threshold.limit
    else:
        holds = measured.mean + half <= threshold.limit
    return Verdict(point.name, threshold.figure, threshold.bound, threshold.limit, measured, holds)


def study_digest(points: Iterable[PointResult]) -> str:
    """SHA-256, hex, over all figures, names and exact bits, in (point, replication, name) order."""
    digest = hashlib.sha256()
    for point in points:
        digest.update(_text(point.name) + struct.pack("<q", len(point.replications)))
        for replication in point.replications:
            digest.update(struct.pack("<q", len(replication.figures)))
            for name, value in sorted(replication.figures.items()):
                digest.update(_text(name) + struct.pack("<d", value))
    return digest.hexdigest()


def _text(text: str) -> bytes:
    """With its length before it: no two lists of names look alike."""
    data = text.encode()
    return struct.pack("<q", len(data)) + data
