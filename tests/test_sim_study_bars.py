"""The long bars of the experiments: one digest however a sweep is run, and intervals that keep their word."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from sim.study.cluster import Cluster
from sim.study.experiment import Point, Progress, Study, run_study
from sim.study.pool import Processes, Serial
from sim.study.stopping import fixed
from sim.study.sweep import grid
from tests.dask_site import Site
from tests.study_models import Queue

LOADS = [round(0.05 + 0.09 * step, 2) for step in range(10)]
SWEEP = Study(
    "50 x 100",
    grid(
        {"load": LOADS, "seed": [1, 2, 3, 4, 5]},
        lambda values: Queue(float(values["load"]), 1000, int(values["seed"]), pause_s=0.001),
    ),
    fixed(100),
)
EXPERIMENTS = 400


def killing(pid: Callable[[], int], killed: list[int]) -> Progress:
    """Kills one worker when half of the work is done."""

    def told(done: int, total: int, left_s: float | None) -> None:
        if not killed and done >= total // 2:
            killed.append(pid())
            os.kill(killed[0], signal.SIGKILL)

    return told


@pytest.mark.full
def test_a_sweep_has_one_digest_whoever_runs_it_and_whoever_is_killed(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    pytest.importorskip("distributed", reason="dask.distributed is not installed (extra cluster)")
    killed: dict[str, list[int]] = {"2 processes": [], "dask": []}
    took_s: list[float] = []
    digests: list[str] = []
    with ExitStack() as stack:
        site = Site(tmp_path, 2, stack)
        pool, cluster = stack.enter_context(Processes(2)), stack.enter_context(Cluster(site.address))
        for workers, told in (
            (Serial(), None),
            (pool, killing(lambda: pool.pids[0], killed["2 processes"])),
            (cluster, killing(lambda: site.workers[0].pid, killed["dask"])),
        ):
            started_s = time.monotonic()
            found = run_study(SWEEP, workers, progress=told)
            took_s.append(time.monotonic() - started_s)
            digests.append(found.digest)
            assert sum(len(point.replications) for point in found.points) == 5000
    assert all(killed.values())
    assert len(set(digests)) == 1, digests
    report_line(
        f"50 points x 100 replications: one digest, {digests[0][:16]}, for serial {took_s[0]:.1f} s, 2 "
        f"processes {took_s[1]:.1f} s and dask {took_s[2]:.1f} s, a worker killed half-way in either"
    )


@pytest.mark.full
def test_the_95_percent_interval_covers_the_mean_wait_of_an_m_d_1_queue(
    report_line: Callable[[str], None],
) -> None:
    queues = [Queue(0.5, customers=2000, seed=seed) for seed in range(EXPERIMENTS)]
    study = Study("M/D/1", tuple(Point(f"experiment {queue.seed}", {}, queue) for queue in queues), fixed(20))
    found = run_study(study, Serial())
    waits = [point.figures["wait_s"] for point in found.points]
    # rho D / (2 (1 - rho)) = 0.5 * 2 / (2 * 0.5) = 1 s.
    covered = sum(abs(wait.mean - 1.0) <= wait.half for wait in waits) / EXPERIMENTS
    report_line(f"coverage of the 95 % interval on M/D/1, 20 replications: {covered:.4f} of {EXPERIMENTS}")
    assert abs(covered - 0.95) <= 0.03
