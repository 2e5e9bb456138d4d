"""Workers on several machines: a dask.distributed cluster that somebody has started (extra `cluster`)."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from itertools import count as numbers
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import Any, Self

from sim.compiled import source_digest
from sim.study.jobs import Done, Job, Outcome, Task, run_job, share_out
from sorter.errors import SorterError

_LOOK_S = 0.5
"""Between two looks at whether any worker is left while none has finished anything."""


class Cluster:
    """The workers of the dask scheduler at `address`, e.g. "tcp://10.0.0.5:8786".

    patience_s  how long the scheduler may take to answer, and how long a cluster may be without any worker

    Workers may come, go and be killed: what they had is done by others. The scheduler and each worker must
    have this project installed, at the same version; that is checked job by job.
    Raises SorterError when dask.distributed is not installed and when nobody answers.
    """

    def __init__(self, address: str, patience_s: float = 20.0) -> None:
        self._dask = _distributed()
        self._address, self._patience_s = address, patience_s
        try:
            # A dask client that finds nobody cannot be closed and may block the next one: knock first.
            door = self._dask.comm.get_address_host_port(address)
            socket.create_connection(door, patience_s).close()
            self._client: Any = self._dask.Client(address, timeout=patience_s, set_as_default=False)
        except (OSError, ValueError) as error:
            raise SorterError(
                f"no dask scheduler answers at {address} ({error})\n"
                "  start one with `dask scheduler`, and workers with `dask worker ADDRESS`"
            ) from error
        self._given: dict[Any, Job] = {}
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._names = numbers()
        self.count = 1

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Every replication of the tasks, in any order. Raises SorterError when the cluster is lost."""
        self.count = max(1, self._threads())
        return share_out(tasks, self)

    @property
    def room(self) -> int:
        """Jobs that may be given now: each thread has one more waiting, for the way takes time."""
        return 2 * self.count - len(self._given)

    def give(self, job: Job) -> None:
        """To the scheduler, who chooses the worker."""
        name = f"study-{id(self)}-{next(self._names)}"
        future = self._client.submit(_run_checked, job, source_digest(), key=name, retries=0)
        self._given[future] = job
        future.add_done_callback(self._ended.put)

    def take(self) -> list[tuple[Job, Outcome | None]]:
        """Waits for a job to be done, or to be given up by the scheduler because workers died over it."""
        future = self._first_ended()
        outcome = self._outcome(future)
        self.count = max(1, self._threads())
        return [(self._given.pop(future), outcome)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._given:
            future.release()
        self._given.clear()
        self._client.close(timeout=5)

    def _first_ended(self) -> Any:
        """Raises SorterError when the cluster has been without workers for too long."""
        alone_since_s = time.monotonic()
        while True:
            with suppress(Empty):
                return self._ended.get(timeout=_LOOK_S)
            if self._threads():
                alone_since_s = time.monotonic()
            elif time.monotonic() - alone_since_s > self._patience_s:
                raise SorterError(
                    f"the dask scheduler at {self._address} has no workers\n"
                    f"  start some with `dask worker {self._address}`"
                )

    def _outcome(self, future: Any) -> Outcome | None:
        try:
            outcome = future.result()
        except self._dask.scheduler.KilledWorker:
            return None
        except (CancelledError, OSError) as error:
            raise self._lost() from error
        except Exception as error:
            # What the model does wrong is an outcome: this is the way to the worker, or the worker itself.
            why = error.__cause__ or error
            raise SorterError(f"the dask cluster cannot run this study: {why}\n{_SAME}") from error
        assert isinstance(outcome, Outcome)
        return outcome

    def _threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> SorterError:
        return SorterError(
            f"the dask scheduler at {self._address} was lost\n"
            "  start it again, and the study; results that were kept are not computed again"
        )


_SAME = "  install this project where the scheduler and each worker run, at the version that runs the study"


def _run_checked(job: Job, sources: str) -> Outcome:
    """In the worker: other sources could give other figures, and nobody would know."""
    if source_digest() != sources:
        return Outcome(failure=f"a dask worker has other sources of the simulation\n{_SAME}", expected=True)
    return run_job(job)


def _distributed() -> ModuleType:
    try:
        import distributed
    except ImportError as error:
        raise SorterError(
            "a cluster needs dask.distributed, which is not installed\n"
            "  install this project with its extra `cluster`, for example `pip install '.[cluster]'`"
        ) from error
    # It writes tracebacks when a scheduler goes; what a person should know of that is our error.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    return distributed
