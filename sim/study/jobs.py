"""Work that is handed to workers: tasks cut into jobs of a fraction of a second, lost ones done again."""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, Self

from sim.study.results import Model, Replication
from sorter.errors import SorterError

JOB_S = 0.25
"""What a job should take: long beside handing it over, short beside a person's patience."""

MOST_LOSSES = 5
"""A job that was lost with its worker this often is not given to another."""


@dataclass(frozen=True, slots=True)
class Task:
    """Replications first .. stop - 1 of one point; point is its place in the study."""

    point: int
    model: Model
    first: int
    stop: int


class Done(NamedTuple):
    """One replication that is finished; `number` is its own."""

    point: int
    number: int
    replication: Replication


@dataclass(frozen=True, slots=True)
class Job:
    """What one worker does in one go; losses = how often a worker was lost over it."""

    tasks: tuple[Task, ...]
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: everything and the seconds it took, or why the model failed.

    expected  the failure is a SorterError, whose text is for the user; otherwise it is a traceback
    """

    done: tuple[Done, ...] = ()
    seconds: float = 0.0
    failure: str = ""
    expected: bool = False


class Workers(Protocol):
    """Who runs a study's tasks. Leaving the context stops what still runs."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Every replication of the tasks, in any order. Raises SorterError when they cannot be done."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Hands(Protocol):
    """Several workers, each doing one job at a time, and any of whom may be lost."""

    @property
    def count(self) -> int:
        """How many jobs are done at the same time, at least 1."""
        ...

    @property
    def room(self) -> int:
        """How many jobs may be given now."""
        ...

    def give(self, job: Job) -> None:
        """Starts a job; only when there is room."""
        ...

    def take(self) -> list[tuple[Job, Outcome | None]]:
        """Waits for at least one of the jobs given; None = its worker was lost."""
        ...


def run_job(job: Job) -> Outcome:
    """Does a job, in the worker. A failing model is an outcome: not every exception survives the way back."""
    started = time.perf_counter()
    try:
        done = tuple(
            Done(task.point, number, task.model.run(number))
            for task in job.tasks
            for number in range(task.first, task.stop)
        )
    except SorterError as error:
        return Outcome(failure=str(error), expected=True)
    except Exception:
        return Outcome(failure=traceback.format_exc())
    return Outcome(done, time.perf_counter() - started)


def share_out(tasks: Iterable[Task], hands: Hands) -> Iterator[Done]:
    """All replications of the tasks, done by the hands; what a lost worker had is done again."""
    queue = _Queue(tasks)
    given = 0
    while queue or given:
        while queue and hands.room > 0:
            hands.give(queue.take(hands.count))
            given += 1
        for job, outcome in hands.take():
            given -= 1
            if outcome is None:
                queue.put_back(job)
            else:
                yield from queue.accept(outcome)


class _Queue:
    """Replications not yet given to a worker, and how long one took lately."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks = deque(tasks)
        self._lost: deque[Job] = deque()
        self._waiting = sum(task.stop - task.first for task in self._tasks)
        self._seconds_each = JOB_S

    def __bool__(self) -> bool:
        return bool(self._tasks or self._lost)

    def take(self, workers: int) -> Job:
        """A job of about JOB_S, but small enough that nobody works alone at the end."""
        if self._lost:
            return self._lost.popleft()
        fitting = JOB_S / max(self._seconds_each, 1e-6)
        size = max(1, int(min(fitting, self._waiting / (2 * workers))))
        self._waiting -= size
        return Job(tuple(self._cut(size)))

    def _cut(self, size: int) -> Iterator[Task]:
        while size > 0:
            task = self._tasks.popleft()
            stop = min(task.stop, task.first + size)
            size -= stop - task.first
            if stop < task.stop:
                self._tasks.appendleft(replace(task, first=stop))
            yield replace(task, stop=stop)

    def put_back(self, job: Job) -> None:
        """Raises SorterError when the job seems to be what its workers die of."""
        if job.losses + 1 >= MOST_LOSSES:
            raise SorterError(
                f"{MOST_LOSSES} worker processes were lost, one after the other, over the same work\n"
                "  they may run out of memory: take fewer workers, or none, to see what happens"
            )
        self._lost.append(replace(job, losses=job.losses + 1))

    def accept(self, outcome: Outcome) -> tuple[Done, ...]:
        """What was done. Raises SorterError for a model that refused, RuntimeError for one that failed."""
        if outcome.failure:
            raise (SorterError if outcome.expected else RuntimeError)(outcome.failure)
        self._seconds_each = outcome.seconds / len(outcome.done)
        return outcome.done
