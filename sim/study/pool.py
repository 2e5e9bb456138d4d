"""Workers on this machine: the process itself, or several processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Self

from sim.study.jobs import Done, Job, Outcome, Task, run_job, share_out


class Serial:
    """Everything in this process, one replication after the other."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Every replication of the tasks, in order."""
        for task in tasks:
            for number in range(task.first, task.stop):
                yield Done(task.point, number, task.model.run(number))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Processes:
    """`count` processes that live as long as the pool (default: one per core that this process may use).

    Each has a pipe of its own and shares nothing, no lock and no queue: one that is killed, at whatever
    instant, costs its own job and nothing else (an executor of the standard library is broken as a whole).
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or _cores()
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, tuple[_Worker, Job]] = {}

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Every replication of the tasks, in any order. Raises SorterError when workers die over and over."""
        return share_out(tasks, self)

    @property
    def room(self) -> int:
        """Jobs that may be given now."""
        return self.count - len(self._busy)

    @property
    def pids(self) -> list[int]:
        """The processes that live now, those at work first."""
        return [worker.pid for worker in [*(worker for worker, _ in self._busy.values()), *self._idle]]

    def give(self, job: Job) -> None:
        """To a process that has nothing to do; one is started when all are busy."""
        worker = self._idle.pop() if self._idle else _Worker()
        worker.send(job)
        self._busy[worker.pipe] = (worker, job)

    def take(self) -> list[tuple[Job, Outcome | None]]:
        """Waits for a process to finish its job or to die over it."""
        ended: list[tuple[Job, Outcome | None]] = []
        for pipe in wait(self._busy):
            assert isinstance(pipe, Connection)
            worker, job = self._busy.pop(pipe)
            outcome = worker.outcome()
            if outcome is None:
                worker.stop()
            else:
                self._idle.append(worker)
            ended.append((job, outcome))
        return ended

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in [*self._idle, *(worker for worker, _ in self._busy.values())]:
            worker.stop()
        self._idle.clear()
        self._busy.clear()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(far_end,), daemon=True)
        # Ctrl-C reaches every process of a terminal. The child keeps the mask and so never hears it: the
        # study decides what becomes of its workers. The start of multiprocessing's own helper would lift it.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        far_end.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def send(self, job: Job) -> None:
        """To a dead process too: that it is dead shows when its outcome is asked for."""
        with suppress(ConnectionError):
            self.pipe.send(job)

    def outcome(self) -> Outcome | None:
        """What the process sent; None when it died, even half-way through sending."""
        try:
            outcome = self.pipe.recv()
        except (EOFError, OSError):
            return None
        assert isinstance(outcome, Outcome)
        return outcome

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


def _serve(pipe: Connection) -> None:
    """A worker's life: jobs until the other end is closed."""
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        pipe.send(run_job(job))


def _cores() -> int:
    """Cores that this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
