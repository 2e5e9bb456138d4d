"""What a study takes and gives: models, replications, figures with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Replication:
    """What one replication measured.

    figures  key -> value; a figure that this replication cannot know (nothing was sorted) is absent
    series   key -> values in equal time bins, for plots and the warm-up (e.g. "sorted_per_h")
    """

    figures: Mapping[str, float]
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


class Model(Protocol):
    """One parameter point of a study: picklable, and the same figures for a replication wherever it runs.

    Replication r draws its random numbers from (seed, stream, r) and not from the parameters, so that two
    models see the same parcels (common random numbers).
    """

    @property
    def key(self) -> str:
        """Hex digest of everything that decides the figures: configuration, seed, code."""
        ...

    def run(self, replication: int) -> Replication:
        """Replication number 0, 1, ..."""
        ...


@dataclass(frozen=True)
class Interval:
    """A mean of n replications and half the width of its t interval; half is inf when n < 2."""

    mean: float
    half: float
    n: int
    level: float = 0.95


@dataclass(frozen=True)
class Band:
    """A series over the replications, bin by bin: means and half widths. warmup = bins cut by MSER-5."""

    mean: tuple[float, ...]
    half: tuple[float, ...]
    warmup: int = 0


@dataclass(frozen=True)
class PointResult:
    """One parameter point: name, what was set, and its figures.

    needed  figure -> replications after which it first was as precise as asked, None = never
    """

    name: str
    values: Mapping[str, str | int | float]
    replications: tuple[Replication, ...]
    figures: Mapping[str, Interval]
    series: Mapping[str, Band]
    needed: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Paired:
    """The difference other - base of one figure over paired replications (common random numbers)."""

    base: str
    other: str
    figure: str
    difference: Interval


@dataclass(frozen=True)
class Verdict:
    """One threshold: figure, wanted bound ("least" or "most"), limit, what was measured, does it hold.

    It holds only if the whole interval lies on the right side of the limit.
    """

    point: str
    figure: str
    bound: str
    limit: float
    measured: Interval | None
    holds: bool


@dataclass(frozen=True)
class StudyResult:
    """Everything a report needs. finished = False when a person stopped it early: what was done is here."""

    name: str
    points: tuple[PointResult, ...]
    comparisons: tuple[Paired, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    finished: bool = True
    digest: str = ""
