from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

import pytest

from sim.study.experiment import Point, Study, UnknownFigureError, run_study
from sim.study.jobs import Done, Task
from sim.study.pool import Serial
from sim.study.results import Model, StudyResult
from sim.study.stopping import Sampling, fixed
from sim.study.summary import Threshold
from sorter.errors import SorterError
from tests.study_models import Queue, Scripted


def points(*models: Model) -> tuple[Point, ...]:
    return tuple(Point(f"p{place}", {"place": place}, model) for place, model in enumerate(models))


def one(values: tuple[float, ...], *thresholds: Threshold, sampling: Sampling | None = None) -> StudyResult:
    sampling = sampling or fixed(len(values))
    return run_study(Study("one", points(Scripted(values)), sampling, thresholds=thresholds), Serial())


class Backwards(Serial):
    """Does everything last first, as no honest pool would."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        return iter(list(super().run(tasks))[::-1])


class Interrupted(Serial):
    """A person presses Ctrl-C after so many replications."""

    def __init__(self, after: int) -> None:
        self.after = after

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        for count, done in enumerate(super().run(tasks)):
            if count == self.after:
                raise KeyboardInterrupt
            yield done


def test_the_digest_knows_no_order_of_work() -> None:
    study = Study("queues", points(Queue(0.5), Queue(0.8)), fixed(20))
    forwards, backwards = run_study(study, Serial()), run_study(study, Backwards())
    assert forwards == backwards
    assert len(forwards.digest) == 64


def test_the_digest_changes_with_every_bit_order_and_name() -> None:
    digests = {one(values).digest for values in permutations((1.0, 2.0, 3.0))}
    digests |= {one((1.0, 2.0, 3.0 + 5e-16)).digest, one((1.0, 2.0)).digest, one((0.0,)).digest}
    digests |= {one((-0.0,)).digest}
    renamed = Study("one", points(Scripted((1.0, 2.0), name="y")), fixed(2))
    digests |= {run_study(renamed, Serial()).digest}
    assert len(digests) == 11


def test_common_random_numbers_narrow_a_comparison() -> None:
    study = Study("queues", points(Queue(0.70), Queue(0.72)), fixed(100), base="p0")
    other = Study("queues", points(Queue(0.70), Queue(0.72, seed=2)), fixed(100), base="p0")
    common, apart = (run_study(each, Serial()).comparisons[0] for each in (study, other))
    assert (common.base, common.other, common.figure) == ("p0", "p1", "wait_s")
    expected = Queue(0.72).mean_wait_s - Queue(0.70).mean_wait_s
    assert abs(common.difference.mean - expected) < 2 * common.difference.half
    assert common.difference.half < apart.difference.half / 4


def test_every_other_point_is_compared_and_without_a_base_none_is() -> None:
    models = points(Queue(0.5), Queue(0.6), Queue(0.7))
    found = run_study(Study("three", models, fixed(3), base="p1"), Serial()).comparisons
    assert [(pair.other, pair.figure) for pair in found] == [
        ("p0", "wait_s"), ("p0", "longest_s"), ("p2", "wait_s"), ("p2", "longest_s"),
    ]  # fmt: skip
    assert run_study(Study("three", models, fixed(3)), Serial()).comparisons == ()


def test_a_threshold_holds_only_if_the_whole_interval_does() -> None:
    # Mean 10, half = 12.706 * 0.1 = 1.27.
    least, most = ([Threshold("x", "least", limit) for limit in (8.7, 8.8)],
                   [Threshold("x", "most", limit) for limit in (11.2, 11.3)])  # fmt: skip
    found = one((9.9, 10.1), *least, *most).verdicts
    assert [(verdict.bound, verdict.limit, verdict.holds) for verdict in found] == [
        ("least", 8.7, True), ("least", 8.8, False), ("most", 11.2, False), ("most", 11.3, True),
    ]  # fmt: skip
    assert [verdict.point for verdict in found] == ["p0"] * 4


def test_one_replication_is_no_proof() -> None:
    assert [verdict.holds for verdict in one((10.0,), Threshold("x", "least", 1.0)).verdicts] == [False]


def test_a_threshold_can_speak_of_one_point_only() -> None:
    wanted = (Threshold("wait_s", "most", 1e9, point="p1"), Threshold("wait_s", "most", 1e9))
    study = Study("two", points(Queue(0.5), Queue(0.6)), fixed(2), thresholds=wanted)
    assert [verdict.point for verdict in run_study(study, Serial()).verdicts] == ["p1", "p0", "p1"]


def test_a_misspelt_figure_is_refused_naming_its_neighbours() -> None:
    study = Study("q", points(Queue(0.5)), fixed(3), thresholds=(Threshold("wait", "most", 1.0),))
    with pytest.raises(UnknownFigureError, match=r"'wait'\n  did you mean wait_s\?") as caught:
        run_study(study, Serial())
    assert caught.value.near == ("wait_s",)


def test_a_precision_of_a_figure_that_is_not_there_is_refused_after_the_first_round() -> None:
    study = Study("q", points(Queue(0.5)), Sampling(3, 10**9, 0.01, ("throughput",)))
    with pytest.raises(UnknownFigureError, match="throughput"):
        run_study(study, Serial())


@pytest.mark.parametrize("base", ["p9", ""])
def test_a_point_that_is_not_there_is_refused_before_anything_runs(base: str) -> None:
    demands = () if base else (Threshold("wait_s", "most", 1.0, point="p9"),)
    with pytest.raises(SorterError, match=r"no point 'p9' in the study q\n  there is: p0"):
        Study("q", points(Queue(0.5)), fixed(3), base, demands)


def test_sequential_sampling_stops_when_precise_and_says_what_each_figure_took() -> None:
    sampling = Sampling(5, 5000, 0.05, ("wait_s",))
    found = run_study(Study("q", points(Queue(0.3), Queue(0.7)), sampling), Serial())
    for point in found.points:
        wait = point.figures["wait_s"]
        assert wait.half <= 0.05 * wait.mean
        assert wait.n == len(point.replications) == point.needed["wait_s"]
    calm, busy = (len(point.replications) for point in found.points)
    assert 5 < calm < busy < 5000


def test_sequential_sampling_does_not_depend_on_the_order_of_work() -> None:
    study = Study("q", points(Queue(0.3), Queue(0.7)), Sampling(5, 300, 0.05, ("wait_s",)))
    assert run_study(study, Serial()) == run_study(study, Backwards())


def test_figures_that_were_not_asked_for_say_what_they_would_have_taken() -> None:
    study = Study("q", points(Queue(0.5)), Sampling(5, 2000, 0.05, ("wait_s",)))
    needed = run_study(study, Serial()).points[0].needed
    assert set(needed) == {"wait_s", "longest_s"}


def test_ctrl_c_keeps_what_is_finished() -> None:
    study = Study("q", points(Queue(0.5), Queue(0.6), Queue(0.7)), fixed(10), base="p0")
    whole, part = run_study(study, Serial()), run_study(study, Interrupted(after=14))
    assert whole.finished
    assert not part.finished
    assert [len(point.replications) for point in part.points] == [10, 4, 0]
    assert part.points[0] == whole.points[0]
    assert part.points[1].replications == whole.points[1].replications[:4]
    assert {pair.difference.n for pair in part.comparisons} == {4}


def test_what_was_finished_beyond_a_hole_is_not_counted() -> None:
    class Holes(Interrupted):
        def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
            return (done for done in super().run(tasks) if done.number != 2)

    study = Study("q", points(Queue(0.5)), fixed(10))
    assert len(run_study(study, Holes(after=8)).points[0].replications) == 2


def test_progress_counts_up_to_the_total_and_knows_when_it_ends() -> None:
    told: list[tuple[int, int, float | None]] = []
    study = Study("q", points(Queue(0.5), Queue(0.6)), fixed(3))
    run_study(study, Serial(), progress=lambda *words: told.append(words))
    assert [(done, total) for done, total, _ in told] == [(done, 6) for done in range(1, 7)]
    assert all(left is not None and left >= 0 for _, _, left in told)
    assert told[-1][2] == 0
