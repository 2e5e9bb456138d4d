from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.study.experiment import Point, Study, run_study
from sim.study.jobs import Task
from sim.study.pool import Processes, Serial
from sim.study.stopping import Sampling, fixed
from sim.study.sweep import grid
from sorter.errors import SorterError
from tests.shared import ROOT
from tests.study_models import Deadly, Failing, Queue

LOADS = grid({"load": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}, lambda values: Queue(float(values["load"])))
SWEEP = Study("sweep", LOADS, fixed(40))
STOPPED_BY_HAND = """
import sys
from sim.study.experiment import Study, run_study
from sim.study.pool import Processes
from sim.study.stopping import fixed
from sim.study.sweep import grid
from tests.study_models import Queue

def told(done, total, left):
    print(done, flush=True)

if __name__ == "__main__":
    study = Study("s", grid({"load": [0.5]}, lambda values: Queue(values["load"], pause_s=0.05)), fixed(1000))
    with Processes(2) as pool:
        result = run_study(study, pool, progress=told)
    print("kept", len(result.points[0].replications), result.finished, flush=True)
"""


def test_two_processes_give_the_digest_of_one() -> None:
    with Processes(2) as pool:
        assert run_study(SWEEP, pool) == run_study(SWEEP, Serial())


def test_a_pool_lives_through_the_rounds_of_a_study_and_from_study_to_study() -> None:
    study = Study("q", SWEEP.points[:2], Sampling(4, 200, 0.1, ("wait_s",)))
    with Processes(2) as pool:
        first = run_study(study, pool)
        pids = set(pool.pids)
        assert run_study(study, pool) == first == run_study(study, Serial())
        assert set(pool.pids) == pids
    assert not any(alive(pid) for pid in pids)


def test_a_worker_killed_half_way_costs_nothing() -> None:
    killed: list[int] = []

    def kill_half_way(pool: Processes) -> Callable[[int, int, float | None], None]:
        def told(done: int, total: int, left_s: float | None) -> None:
            if done >= total * (1 + len(killed)) // 3 and len(killed) < 2:
                killed.append(pool.pids[0])
                os.kill(pool.pids[0], signal.SIGKILL)

        return told

    with Processes(2) as pool:
        found = run_study(SWEEP, pool, progress=kill_half_way(pool))
        assert len(killed) == 2
        assert not set(killed) & set(pool.pids)
    assert found == run_study(SWEEP, Serial())


def test_a_worker_that_dies_over_a_replication_is_replaced_and_the_replication_done_again(
    tmp_path: Path,
) -> None:
    with Processes(2) as pool:
        done = sorted(one.number for one in pool.run([Task(0, Deadly(tmp_path), 0, 6)]))
    assert done == [0, 1, 2, 3, 4, 5]
    assert (tmp_path / "died").exists()


def test_workers_that_die_over_and_over_end_the_study_with_a_word() -> None:
    with Processes(1) as pool, pytest.raises(SorterError, match="run out of memory"):
        list(pool.run([Task(0, Deadly(), 0, 1)]))


@pytest.mark.parametrize(("refuses", "error"), [(True, SorterError), (False, RuntimeError)])
def test_a_model_that_fails_ends_the_study_with_its_own_words(refuses: bool, error: type[Exception]) -> None:
    with Processes(1) as pool, pytest.raises(error, match=r"no chutes|ZeroDivisionError: a bug"):
        run_study(Study("f", (Point("p", {}, Failing(refuses)),), fixed(1)), pool)


@pytest.mark.parametrize("whole_terminal", [True, False])
def test_ctrl_c_ends_the_workers_silently_and_keeps_what_is_finished(
    whole_terminal: bool, tmp_path: Path
) -> None:
    script = tmp_path / "stopped_by_hand.py"
    script.write_text(STOPPED_BY_HAND)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout
        for _ in range(10):
            process.stdout.readline()
        pressed = time.monotonic()
        (os.killpg if whole_terminal else os.kill)(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert errors == ""
    assert process.returncode == 0
    last = output.splitlines()[-1].split()
    assert (last[0], last[2]) == ("kept", "False")
    assert 1 <= int(last[1]) < 1000
    assert time.monotonic() - pressed < 5


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
