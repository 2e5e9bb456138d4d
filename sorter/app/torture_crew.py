"""Seeds of the torture shared out among processes, and how far they are."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import get_context, resource_tracker

from sim.torture.trial import Trial, run_many
from sorter.app.torture_bench import begin
from sorter.app.torture_worker import begun_by
from sorter.errors import SorterError

PIECE = 20
"""Seeds that a process takes at a time."""

PER_PROCESS = 2
"""Pieces given to each process: one under way, one in hand."""

QUIET_S = 60
"""Where nobody watches, progress is told once in so many seconds."""

Seeds = Sequence[int]


def shared_out(seeds: Seeds, mix: str | None, processes: int) -> Iterator[list[Trial]]:
    """The trials of these seeds, a piece at a time, in any order.

    SorterError when a process is killed: what was in hand is not done, what was given out before is.
    """
    pieces = [seeds[at : at + PIECE] for at in range(0, len(seeds), PIECE)]
    work = partial(run_many, mix=mix, begin=begin)
    if processes == 1 or len(pieces) <= 1:
        yield from map(work, pieces)
        return
    with ProcessPoolExecutor(min(processes, len(pieces)), get_context("spawn"), begun_by) as pool:
        try:
            yield from _in_turn(partial(pool.submit, work), pieces, processes * PER_PROCESS)
        except BrokenProcessPool:
            raise SorterError(
                "一个工作进程被终止 / a process was killed\n  with --record the same command goes on"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _in_turn(
    give: Callable[[Seeds], Future[list[Trial]]], pieces: Sequence[Seeds], most: int
) -> Iterator[list[Trial]]:
    """No more than `most` are given at once, so that their results do not pile up."""
    rest, given = iter(pieces), set[Future[list[Trial]]]()
    while True:
        with _unheard():
            given |= {give(piece) for piece in islice(rest, most - len(given))}
        if not given:
            return
        done, given = wait(given, return_when=FIRST_COMPLETED)
        for one in done:
            yield one.result()


@contextmanager
def _unheard() -> Iterator[None]:
    """Processes started in here never hear Ctrl-C, which reaches every process of a terminal."""
    resource_tracker.ensure_running()  # multiprocessing's own helper, whose start would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Progress:
    """Tells how far it is on stderr: in place for a person, a line a minute for a file."""

    def __init__(self, done: int, of: int) -> None:
        self._before, self._of = done, of
        self._began_s = self._told_s = time.monotonic()
        self._watched = sys.stderr.isatty()

    def tell(self, done: int, failed: int) -> None:
        """Done  all that is behind us, those of earlier times too"""
        now = time.monotonic()
        if not self._watched and now - self._told_s < QUIET_S and done < self._of:
            return
        self._told_s = now
        left_s = (now - self._began_s) / (done - self._before) * (self._of - done)
        text = f"{done}/{self._of} seeds, {failed} failed, {_time(left_s)} left"
        print(f"\r{text}   " if self._watched else text, end="" if self._watched else "\n", file=sys.stderr,
              flush=True)  # fmt: skip

    def end(self) -> None:
        """The line is free again."""
        if self._watched:
            print(file=sys.stderr)


def _time(s: float) -> str:
    """Hours and minutes, or seconds when there are few."""
    return f"{s:.0f} s" if s < 120 else f"{s // 3600:.0f} h {s % 3600 // 60:02.0f} min"
