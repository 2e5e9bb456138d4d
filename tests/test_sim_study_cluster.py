from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sim.study.cluster import Cluster
from sim.study.experiment import Point, Study, run_study
from sim.study.pool import Serial
from sim.study.stopping import fixed
from sim.study.sweep import grid
from sorter.errors import SorterError
from tests.dask_site import Site
from tests.shared import ROOT
from tests.study_models import Failing, Queue

pytest.importorskip("distributed", reason="dask.distributed is not installed (extra cluster)")

SWEEP = Study("sweep", grid({"load": [0.3, 0.7]}, lambda values: Queue(float(values["load"]))), fixed(20))
SLOW = Study("slow", (Point("p", {}, Queue(0.5, pause_s=0.1)),), fixed(100))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[[int, Path], Site]]:
    with ExitStack() as stack:
        yield lambda workers, home: Site(tmp_path, workers, stack, home)


def test_a_cluster_gives_the_digest_of_one_process_and_passes_on_a_refusal(
    site: Callable[[int, Path], Site],
) -> None:
    with Cluster(site(1, ROOT).address) as cluster:
        assert run_study(SWEEP, cluster) == run_study(SWEEP, Serial())
        with pytest.raises(SorterError, match="no chutes"):
            run_study(Study("f", (Point("p", {}, Failing(True)),), fixed(1)), cluster)


@pytest.mark.full
def test_a_scheduler_that_dies_ends_the_study_with_a_word(site: Callable[[int, Path], Site]) -> None:
    there = site(1, ROOT)

    def told(done: int, total: int, left_s: float | None) -> None:
        there.scheduler.kill()

    with Cluster(there.address) as cluster, pytest.raises(SorterError, match="was lost"):
        run_study(SLOW, cluster, progress=told)


def test_a_cluster_without_workers_is_given_up_with_a_word(site: Callable[[int, Path], Site]) -> None:
    with (
        Cluster(site(0, ROOT).address, patience_s=1) as cluster,
        pytest.raises(SorterError, match=r"has no workers\n  start some with `dask worker tcp://"),
    ):
        run_study(SWEEP, cluster)


@pytest.mark.full
def test_a_cluster_without_this_project_is_told_to_install_it(
    site: Callable[[int, Path], Site], tmp_path: Path
) -> None:
    # Where the project is installed nothing can be missing: other sources stand before it on the path.
    (tmp_path / "sim.py").touch()
    with (
        Cluster(site(1, tmp_path).address) as cluster,
        pytest.raises(SorterError, match=r"cannot run this study: .*sim.*\n  install this project"),
    ):
        run_study(SWEEP, cluster)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "tcp://", "foo://1:2"])
def test_an_address_where_nobody_answers_is_refused(address: str) -> None:
    with pytest.raises(SorterError, match=r"no dask scheduler answers at .*\n  start one with"):
        Cluster(address, patience_s=0.5)


def test_without_the_library_the_extra_is_named() -> None:
    script = (
        "import sys; sys.modules['distributed'] = None\n"
        "from sim.study.cluster import Cluster\n"
        "try: Cluster('tcp://127.0.0.1:1')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    assert done.stdout.startswith("SorterError a cluster needs dask.distributed")
    assert "extra `cluster`" in done.stdout
