"""The decoder in a process of its own: a crash or a hang costs the picture in hand, never the line.

The worker takes frames out of the shared-memory ring, says which one it begins, and sends what it read. The
parent never waits: it looks whether words have come, whether the worker lives and how long it has been busy.
A new worker goes on behind the picture that the old one had in hand.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import cv2

from sorter.flow import CodeRead, FrameRead, FrameTag, Us
from vision.belt import BeltReader
from vision.frame import Gray
from vision.ring import RingError, RingReader

DEADLINE_S = 1.0
IDLE_S = 0.002
RESTART_PAUSE_S = 0.2
LATENCIES_KEPT = 4096
_PR_SET_PDEATHSIG = 1
DIED, HUNG = "decoder-died", "decoder-hung"


class FrameReader(Protocol):
    """What reads one frame in the worker."""

    def read(self, gray: Gray) -> list[CodeRead]:
        """Every code in uint8[H, W]."""
        ...


@dataclass(frozen=True, slots=True)
class _Began:
    """The worker is alive and begins a frame (tag None: it has attached and waits for the first)."""

    tag: FrameTag | None
    position: int
    dropped: int


@dataclass(frozen=True, slots=True)
class _Answered:
    """The worker has read a frame that arrived in the ring at written_us."""

    tag: FrameTag
    reads: tuple[CodeRead, ...]
    written_us: Us


class DecoderProcess:
    """One worker on one ring; a `sorter.ports.Reads`. The ring may appear later than the worker.

    make         builds the worker's reader, in the worker: importable by name
    deadline_s   a frame that takes longer is given up and the worker replaced
    handled      frames answered, failures among them; restarts = workers replaced
    latencies_us from a frame's arrival in the ring until its answer was polled, the last 4096
    """

    def __init__(
        self, ring: Path, make: Callable[[], FrameReader] = BeltReader, deadline_s: float = DEADLINE_S
    ) -> None:
        self.handled = self.restarts = 0
        self.latencies_us: deque[Us] = deque(maxlen=LATENCIES_KEPT)
        self._ring = ring
        self._make = make
        self._deadline_s = deadline_s
        self._context = multiprocessing.get_context("spawn")
        self._dropped_before = self._dropped = 0
        self._position: int | None = None
        self._in_hand: FrameTag | None = None
        self._since_s = 0.0
        self._start()

    @property
    def dropped(self) -> int:
        """Frames overwritten in the ring before a worker took them."""
        return self._dropped_before + self._dropped

    @property
    def well(self) -> bool:
        """The worker of the moment lives and has attached to the ring."""
        return self._attached and self._process.is_alive()

    @property
    def worker(self) -> int:
        """Process id of the worker of the moment."""
        assert self._process.pid is not None
        return self._process.pid

    def ready(self, timeout_s: float) -> bool:
        """Whether the worker has attached to the ring; waits at most timeout_s for it."""
        end = time.monotonic() + timeout_s
        while not self._attached and time.monotonic() < end and self._process.is_alive():
            if self._connection.poll(0.05):
                self._hear(0)
        return self._attached

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """Answers that have come since the last call, stamped now_us; replaces a dead or hung worker."""
        answers = []
        while self._connection.poll() and (answer := self._hear(now_us)) is not _NOTHING:
            answers.append(answer)
        failure = self._failure()
        if failure:
            answers.append(self._replace(now_us, failure))
        return [answer for answer in answers if answer is not None]

    def close(self) -> None:
        """End the worker."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._connection.close()

    # ------------------------------------------------------------ the worker's words

    def _hear(self, now_us: Us) -> FrameRead | None:
        """Take one word; _NOTHING when the worker is gone in the middle of it."""
        try:
            word = self._connection.recv()
        except (EOFError, OSError):
            return _NOTHING
        self._since_s = time.monotonic()
        if isinstance(word, _Began):
            self._attached, self._in_hand = True, word.tag
            self._position, self._dropped = word.position, word.dropped
            return None
        assert isinstance(word, _Answered)
        self._in_hand = None
        self.handled += 1
        self.latencies_us.append(time.monotonic_ns() // 1000 - word.written_us)
        return FrameRead(now_us, word.tag, word.reads)

    def _failure(self) -> str:
        if not self._process.is_alive():
            return DIED
        busy_s = time.monotonic() - self._since_s
        return HUNG if self._in_hand is not None and busy_s > self._deadline_s else ""

    # ------------------------------------------------------------ its life

    def _start(self) -> None:
        self._connection, theirs = self._context.Pipe()
        self._process = self._context.Process(
            target=_work, args=(theirs, self._ring, self._position, self._make, os.getpid()), daemon=True
        )  # fmt: skip
        self._process.start()
        self._attached = False
        self._since_s = time.monotonic()
        theirs.close()

    def _replace(self, now_us: Us, failure: str) -> FrameRead | None:
        """Put a new worker in its place, after a pause when it died idle; answers for the failed frame."""
        tag, self._in_hand = self._in_hand, None
        if tag is None and time.monotonic() - self._since_s < RESTART_PAUSE_S:
            return None
        self.close()
        self.restarts += 1
        self._dropped_before, self._dropped = self.dropped, 0
        self._start()
        if tag is None:
            return None
        self.handled += 1
        return FrameRead(now_us, tag, (), failure)


_NOTHING = FrameRead(-1, FrameTag(-1, -1, -1), ())


def _work(
    parent: Connection, ring: Path, start: int | None, make: Callable[[], FrameReader], parent_pid: int
) -> None:
    """The worker's life: until it is killed or its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    cv2.setNumThreads(1)
    reader = make()
    frames = _attached(ring, start, parent_pid)
    parent.send(_Began(None, frames.position, frames.dropped))
    while os.getppid() == parent_pid:
        frame = frames.take()
        if frame is None:
            time.sleep(IDLE_S)
            if frames.replaced:
                frames.close()
                frames = _attached(ring, 0, parent_pid)
            continue
        parent.send(_Began(frame.tag, frames.position, frames.dropped))
        reads = tuple(reader.read(frame.pixels))
        parent.send(_Answered(frame.tag, reads, frames.written_us))


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent is gone, even in the middle of a native call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _attached(ring: Path, start: int | None, parent_pid: int) -> RingReader:
    """The ring, as soon as its camera has made it."""
    while os.getppid() == parent_pid:
        try:
            return RingReader.attach(ring, start)
        except RingError:
            time.sleep(0.1)
    raise SystemExit
