"""The control loop's place in the queue of processes, and when it tidies its memory.

Source of the figures: benchmarks/lateness.py, loop lateness beside four busy processes.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path

FIFO_PRIORITY = 10
NICE = -15
FULL_S = 600.0
"""Time between two full collections: only connections and their errors leave rings of objects behind."""


class Claim(Enum):
    """What a process was given; the text is what start-up says."""

    FIFO = "实时调度 SCHED_FIFO / real-time class SCHED_FIFO"
    NICE = f"优先级 nice {NICE}，未获实时调度 / nice {NICE}, the real-time class was refused"
    NEITHER = (
        "普通优先级：未获实时调度，也不能提高优先级（见 docs/operations.md） / "
        "usual priority: neither the real-time class nor a higher priority was granted (docs/operations.md)"
    )


def claim() -> Claim:
    """Put every thread of this process, the journal's among them, before others; the best that is granted.

    Child processes do not inherit the real-time class. Ask when all threads are there.
    """
    for granted, ask in ((Claim.FIFO, _fifo), (Claim.NICE, _nice)):
        with suppress(OSError):
            for thread in _threads():
                ask(thread)
            return granted
    return Claim.NEITHER


def _threads() -> list[int]:
    """Kernel ids of this process's threads, the main one first."""
    try:
        return sorted(int(entry.name) for entry in Path("/proc/self/task").iterdir())
    except FileNotFoundError:  # no Linux: the main thread at least
        return [0]


def _fifo(thread: int) -> None:
    if not hasattr(os, "SCHED_FIFO"):
        raise OSError("this system has no real-time class")
    policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
    os.sched_setscheduler(thread, policy, os.sched_param(FIFO_PRIORITY))


def _nice(thread: int) -> None:
    os.setpriority(os.PRIO_PROCESS, thread, NICE)


@contextmanager
def untidied() -> Iterator[None]:
    """No garbage is looked for while much is made that stays: a third of what a recovery would take."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Tidying:
    """Garbage is collected in the pauses of a loop, never in the middle of a decision.

    What is there at the start stays for ever and is looked at no more. `pause` collects the young, which
    takes some 50 us, and every FULL_S everything made since the start.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_s = clock()

    def __enter__(self) -> Tidying:
        gc.collect()
        gc.freeze()
        gc.disable()
        self._full_s = self._clock()
        return self

    def __exit__(self, *exc: object) -> None:
        gc.enable()
        gc.unfreeze()

    def pause(self) -> None:
        """There is time now."""
        full = self._clock() - self._full_s >= FULL_S
        gc.collect(2 if full else 1)
        if full:
            self._full_s = self._clock()
