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
from typing import Protocol

import cv2

from sorter.flow import FrameTag, Us
from vision.claims import Claims
from vision.frame import Gray
from vision.ring import RingError, RingReader
from vision.sight import Sight

IDLE_S = 0.002
_PR_SET_PDEATHSIG = 1


class FrameReader(Protocol):
    """What reads one frame in the worker."""

    def look(self, gray: Gray) -> Sight:
        """Everything in uint8[H, W]."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The worker has read frame `tag`, which arrived in the ring at written_us (monotonic)."""

    tag: FrameTag
    sight: Sight
    written_us: Us


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to know; it is sent to its process, so everything in it can be pickled.

    make  builds the reader, in the worker: importable by name
    """

    number: int
    ring: Path
    claims: Path
    waiting: int
    patience_s: float
    make: Callable[[], FrameReader]
    parent_pid: int


def work(parent: Connection, job: Job) -> None:
    """Until it is killed or its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    cv2.setNumThreads(1)
    reader = job.make()
    claims = Claims(job.claims, job.waiting, job.patience_s)
    claims.warm(job.number)
    frames = _attached(job, claims)
    while os.getppid() == job.parent_pid:
        frame = claims.take(job.number, frames)
        if frame is None:
            time.sleep(IDLE_S)
            if frames.replaced:
                frames.close()
                frames = _attached(job, claims)
            continue
        sight = reader.look(frame.pixels)
        parent.send(Answer(frame.tag, sight, frames.written_us))
        claims.done(job.number)


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent is gone, even in the middle of a native call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _attached(job: Job, claims: Claims) -> RingReader:
    """The ring, as soon as its camera has made it."""
    while os.getppid() == job.parent_pid:
        try:
            ring = RingReader.attach(job.ring)
        except RingError:
            time.sleep(0.1)
            continue
        claims.attach(job.number, ring)
        return ring
    raise SystemExit
