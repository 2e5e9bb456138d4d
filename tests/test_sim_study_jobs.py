from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.jobs import JOB_S, MOST_LOSSES, Done, Job, Outcome, Task, run_job, share_out
from sorter.errors import SorterError
from tests.study_models import Failing, Scripted

MODEL = Scripted((1.0,))


class Crew:
    """Hands in this process that lose the jobs they are told to lose and answer in any order."""

    def __init__(self, count: int, seconds_each: float = 0.0, lost: set[int] | None = None) -> None:
        self.count, self._seconds_each, self._lost = count, seconds_each, lost or set()
        self.jobs: list[Job] = []
        self._given: list[Job] = []

    @property
    def room(self) -> int:
        return self.count - len(self._given)

    def give(self, job: Job) -> None:
        assert self.room > 0
        self._given.append(job)
        self.jobs.append(job)

    def take(self) -> list[tuple[Job, Outcome | None]]:
        job = self._given.pop()
        if len(self.jobs) - 1 in self._lost:
            return [(job, None)]
        outcome = run_job(job)
        return [(job, Outcome(outcome.done, self._seconds_each * len(outcome.done), outcome.failure))]


@given(
    st.lists(st.integers(1, 40), max_size=8),
    st.integers(1, 5),
    st.floats(0, 0.5),
    st.sets(st.integers(0, 20), max_size=3),
)
def test_every_replication_is_done_exactly_once_whoever_is_lost(
    sizes: list[int], workers: int, seconds_each: float, lost: set[int]
) -> None:
    tasks = [Task(point, MODEL, 3, 3 + size) for point, size in enumerate(sizes)]
    done = list(share_out(tasks, Crew(workers, seconds_each, lost)))
    expected = [(task.point, number) for task in tasks for number in range(task.first, task.stop)]
    assert sorted((one.point, one.number) for one in done) == expected


def test_quick_replications_share_a_job_and_slow_ones_have_their_own() -> None:
    tasks = [Task(point, MODEL, 0, 50) for point in range(20)]
    quick, slow = Crew(2, JOB_S / 100), Crew(2, JOB_S)
    list(share_out(tasks, quick))
    list(share_out(tasks, slow))
    sizes = [sum(task.stop - task.first for task in job.tasks) for job in quick.jobs]
    assert max(sizes) == 100
    assert any(len(job.tasks) > 1 for job in quick.jobs)
    assert sizes[-2:] == [1, 1], "nobody may be left alone with a long job at the end"
    assert len(slow.jobs) == 1000


def test_a_job_that_costs_every_worker_its_life_is_given_up() -> None:
    crew = Crew(1, lost=set(range(100)))
    with pytest.raises(SorterError, match=f"{MOST_LOSSES} worker processes were lost.*\n.*memory"):
        list(share_out([Task(0, MODEL, 0, 1)], crew))
    assert len(crew.jobs) == MOST_LOSSES


def test_a_model_that_refuses_speaks_to_the_user_and_a_bug_keeps_its_traceback() -> None:
    refused, failed = (run_job(Job((Task(0, Failing(refuses), 0, 1),))) for refuses in (True, False))
    assert (refused.failure, refused.expected) == ("this line has no chutes", True)
    assert "in run" in failed.failure
    assert "ZeroDivisionError: a bug" in failed.failure
    assert not failed.expected


def test_a_job_gives_its_replications_their_places() -> None:
    job = Job((Task(4, Scripted((0.5, 1.5, 2.5)), 1, 3), Task(7, MODEL, 0, 1)))
    done = run_job(job).done
    assert [(one.point, one.number) for one in done] == [(4, 1), (4, 2), (7, 0)]
    assert isinstance(done[0], Done)
    assert done[1].replication.figures == {"x": 2.5}
