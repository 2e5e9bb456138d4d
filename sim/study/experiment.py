"""Runs a study: points times replications, in rounds until each point has enough, and sums it up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import takewhile

from sim.study.cache import Cache
from sim.study.jobs import Task, Workers
from sim.study.results import Model, PointResult, Replication, StudyResult
from sim.study.stopping import Sampling, enough, next_goal, replications_needed
from sim.study.summary import Threshold, bands, compared, figure_names, intervals, study_digest, verdicts
from sorter.errors import SorterError

Progress = Callable[[int, int, float | None], None]
"""Told after every replication: how many are done, of how many, seconds left (None = not known yet)."""


class UnknownFigureError(SorterError):
    """A threshold or a precision is asked of a figure that no replication measured."""

    def __init__(self, figure: str, near: Sequence[str]) -> None:
        self.figure, self.near = figure, tuple(near)
        meant = f"did you mean {', '.join(near)}?" if near else "its name is not like any figure's"
        super().__init__(f"no replication measured a figure {figure!r}\n  {meant}")


@dataclass(frozen=True, slots=True)
class Point:
    """One parameter point before it is run: name, what is set, and the model that has it."""

    name: str
    values: Mapping[str, str | int | float]
    model: Model


@dataclass(frozen=True, slots=True)
class Study:
    """What is asked.

    points      their names differ
    base        name of the point that all others are compared with, "" = no comparison
    thresholds  demands that decide the study's outcome
    drawn       False: every replication is the same, so that one of them says all
    level       of every interval
    """

    name: str
    points: tuple[Point, ...]
    sampling: Sampling
    base: str = ""
    thresholds: tuple[Threshold, ...] = ()
    level: float = 0.95
    drawn: bool = True

    def __post_init__(self) -> None:
        """Raises SorterError for a point that is named but not there."""
        names = [point.name for point in self.points]
        assert names and len(set(names)) == len(names), names
        for name in [self.base, *(threshold.point for threshold in self.thresholds)]:
            if name and name not in names:
                near = ", ".join(get_close_matches(name, names) or names)
                raise SorterError(f"there is no point {name!r} in the study {self.name}\n  there is: {near}")


@dataclass
class _Gathered:
    """Replications that are finished, by point and number, and how many are wanted."""

    found: list[dict[int, Replication]]
    wanted: list[int]
    started_s: float = field(default_factory=time.monotonic)
    computed: int = 0

    def sequence(self, point: int) -> list[Replication]:
        """Replications 0, 1, ... up to the first hole: those that happened to be quick prove nothing."""
        found = self.found[point]
        return [found[number] for number in takewhile(found.__contains__, range(len(found)))]

    def progress(self) -> tuple[int, int, float | None]:
        done, total = sum(map(len, self.found)), sum(self.wanted)
        each_s = (time.monotonic() - self.started_s) / self.computed if self.computed else None
        return done, total, None if each_s is None else each_s * (total - done)


def run_study(
    study: Study, workers: Workers, cache: Cache | None = None, progress: Progress | None = None
) -> StudyResult:
    """Runs the study. Its result, and the digest in it, depend neither on the workers nor on the cache.

    KeyboardInterrupt ends it early: what is finished is summed up (finished=False).
    Raises UnknownFigureError after the first round, and what workers.run raises.
    """
    gathered = _Gathered([{} for _ in study.points], [study.sampling.least] * len(study.points))
    finished = True
    try:
        for tasks in _rounds(study, gathered):
            _do(study, tasks, gathered, workers, cache, progress)
    except KeyboardInterrupt:
        finished = False
    if cache is not None:
        cache.trim()
    return _summed_up(study, gathered, finished)


def _rounds(study: Study, gathered: _Gathered) -> Iterator[list[Task]]:
    """What is still to be done, until every point has enough."""
    while True:
        tasks = []
        for place, point in enumerate(study.points):
            replications = gathered.sequence(place)
            if enough(replications, study.sampling, study.level) is None:
                goal = next_goal(replications, study.sampling, study.level)
                gathered.wanted[place] = goal
                tasks.append(Task(place, point.model, len(replications), goal))
        if not tasks:
            return
        yield tasks
        _check_names(study, gathered)


def _do(
    study: Study,
    tasks: Sequence[Task],
    gathered: _Gathered,
    workers: Workers,
    cache: Cache | None,
    progress: Progress | None,
) -> None:
    missing = tasks if cache is None else list(_not_kept(tasks, gathered, cache))
    if progress and cache is not None:
        progress(*gathered.progress())
    for point, number, replication in workers.run(missing):
        assert all(map(math.isfinite, replication.figures.values())), replication.figures
        gathered.found[point][number] = replication
        gathered.computed += 1
        if cache is not None:
            cache.put(study.points[point].model.key, number, replication)
        if progress:
            progress(*gathered.progress())


def _not_kept(tasks: Sequence[Task], gathered: _Gathered, cache: Cache) -> Iterator[Task]:
    """Takes what the cache has; yields the rest, hole by hole."""
    for task in tasks:
        key = task.model.key
        first = task.first
        for number in range(task.first, task.stop):
            kept = cache.get(key, number)
            if kept is not None:
                gathered.found[task.point][number] = kept
                if first < number:
                    yield Task(task.point, task.model, first, number)
                first = number + 1
        if first < task.stop:
            yield Task(task.point, task.model, first, task.stop)


def _check_names(study: Study, gathered: _Gathered) -> None:
    names = figure_names(one for found in gathered.found for one in found.values())
    for figure in [*(threshold.figure for threshold in study.thresholds), *study.sampling.figures]:
        if figure not in names:
            raise UnknownFigureError(figure, get_close_matches(figure, names, n=5))


def _summed_up(study: Study, gathered: _Gathered, finished: bool) -> StudyResult:
    points = tuple(_point_result(study, place, gathered) for place in range(len(study.points)))
    base = next((point for point in points if point.name == study.base), points[0])
    others = [point for point in points if point is not base] if study.base else []
    return StudyResult(
        name=study.name,
        points=points,
        comparisons=tuple(pair for other in others for pair in compared(base, other, study.level)),
        verdicts=verdicts(points, study.thresholds, study.drawn),
        finished=finished,
        digest=study_digest(points),
    )


def _point_result(study: Study, place: int, gathered: _Gathered) -> PointResult:
    point, sampling, level = study.points[place], study.sampling, study.level
    replications = gathered.sequence(place)
    kept = tuple(replications[: enough(replications, sampling, level)])
    asked = figure_names(kept) if sampling.relative else ()
    needed = {name: replications_needed(kept, name, sampling, level) for name in asked}
    figures, series = intervals(kept, level), bands(kept, level)
    return PointResult(point.name, point.values, kept, figures, series, needed)
