"""A decoder's life in a process of its own: claim a frame, read it, answer, until the parent is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vision.answer import DARK, STILL, Answer, Sight
from vision.claims import Claims

if TYPE_CHECKING:  # the control process imports this module, and nothing that computes may be in it
    from vision.budget import Budget
    from vision.frame import Gray
    from vision.ring import RingReader

IDLE_S = 0.002
_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


class FrameReader(Protocol):
    """What reads one frame in the worker."""

    def look(self, gray: Gray, budget: Budget) -> Sight:
        """Everything in uint8[H, W] that there is time for."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to know; it is sent to its process, so everything in it can be pickled.

    serves_s   so long after its arrival in the ring a frame's answer serves
    longest_s  so long a frame may be looked at on a machine too busy for it
    make       builds the reader, in the worker: importable by name
    """

    number: int
    ring: Path
    claims: Path
    waiting: int
    patience_s: float
    serves_s: float
    longest_s: float
    make: Callable[[], FrameReader]
    parent_pid: int


def belt_reader() -> FrameReader:
    """The line's look at a frame, made where it is used."""
    from vision.sight import BeltSight

    return BeltSight()


def work(parent: Connection, job: Job) -> None:
    """Until it is killed or its parent is gone."""
    import cv2

    become_child()
    _keep_memory()
    cv2.setNumThreads(1)
    reader = job.make()
    claims = Claims(job.claims, job.waiting, job.patience_s)
    claims.warm(job.number)
    frames = _attached(job, claims)
    while os.getppid() == job.parent_pid:
        claims.beat(job.number)
        frame = claims.take(job.number, frames)
        if frame is None:
            time.sleep(IDLE_S)
            if frames.replaced:
                frames.close()
                frames = _attached(job, claims)
            continue
        still = frame.doubt == STILL
        sight = Sight(()) if still else reader.look(frame.pixels, _budget(job, claims, frames))
        if still or (frame.doubt == DARK and not sight.reads):
            sight = Sight((), failure=frame.doubt)
        parent.send(Answer(frame.tag, sight, frames.written_us))
        claims.done(job.number)


def _budget(job: Job, claims: Claims, frames: RingReader) -> Budget:
    """The time of the frame just taken: while its answer serves, and all of it only while no other waits."""
    from vision.budget import Budget

    end_s = frames.written_us / 1e6 + job.serves_s
    return Budget(end_s, time.monotonic() + job.longest_s, lambda: claims.waits(frames))


def become_child() -> None:
    """A process beside the control process: it ends with it, and has no share in its place in the queue."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    if os.getpriority(os.PRIO_PROCESS, 0) < 0:
        os.setpriority(os.PRIO_PROCESS, 0, 0)


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent is gone, even in the middle of a native call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _keep_memory() -> None:
    """Have the C library keep what one frame's arrays give back for the next one's.

    Given back to the kernel whenever a worker waits, and fetched again, it cost 600 page faults a frame, and
    two workers got in each other's way there. Source: mallopt(3); other C libraries do without.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1 << 25)
        mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def _attached(job: Job, claims: Claims) -> RingReader:
    """The ring, as soon as its camera has made it."""
    from vision.ring import RingError, RingReader

    while os.getppid() == job.parent_pid:
        try:
            ring = RingReader.attach(job.ring)
        except RingError:
            claims.beat(job.number)
            time.sleep(0.1)
            continue
        claims.attach(job.number, ring)
        return ring
    raise SystemExit
