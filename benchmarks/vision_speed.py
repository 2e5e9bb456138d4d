"""The decoder pipeline alone: frames an hour through the ring with one and with two workers."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.vision_cases import HUB
from sorter.flow import FrameTag
from vision.frame import Frame, Gray
from vision.pipeline import Decoders
from vision.render import render
from vision.render_scene import Knobs, staged
from vision.ring import RingWriter

SLOTS = 8
FRAMES, ROUNDS = 400, 5
IN_FLIGHT = SLOTS
"""Frames with the workers, read or waiting: as many as the ring holds and may wait, so that none idles."""

POLL_S = 0.02
"""As often as the line asks: every time costs the workers' cores 0.2 ms."""

MOST_S = 300.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Frames an hour by the wall clock, which other programs slow down; workers' and line's CPU ms each."""

    per_h: float
    cpu_ms: float
    line_ms: float


def workers_gain(count: int = FRAMES) -> tuple[Pace, Pace]:
    """One worker and two on the same frames, in turns: the round of the median gain, for the pace wavers."""
    frames = [render(HUB, staged(HUB, Knobs(), seed).boxes, seed) for seed in range(SLOTS)]
    rounds = [(pace(frames, 1, count), pace(frames, 2, count)) for _ in range(ROUNDS)]
    return sorted(rounds, key=lambda paces: paces[1].per_h / paces[0].per_h)[ROUNDS // 2]


def pace(frames: Sequence[Gray], workers: int, count: int) -> Pace:
    """How many frames so many workers answer when the camera never keeps them waiting."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        writer = RingWriter.create(Path(folder) / "ring", len(frames), frames[0].shape)
        for number, pixels in enumerate(frames):
            writer.put(Frame(FrameTag(0, number, 0), pixels))
        with closing(writer), closing(Decoders(writer.path, deadline_s=60.0, workers=workers)) as vision:
            assert vision.ready(MOST_S), "the decoders did not start"
            before_s, here_s = _cpu_s(vision.workers), time.process_time()
            took_s, answered = _through(writer, vision, count)
            used_s, here_s = _cpu_s(vision.workers) - before_s, time.process_time() - here_s
    assert answered == count and not vision.restarts, (answered, vision.restarts)
    return Pace(3600 * count / took_s, 1000 * used_s / count, 1000 * here_s / count)


def _cpu_s(pids: Sequence[int]) -> float:
    """CPU time that these processes have used. Source: proc(5), stat, fields 14 and 15."""
    stats = (Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split() for pid in pids)
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _through(writer: RingWriter, vision: Decoders, count: int) -> tuple[float, int]:
    """Keep a few frames waiting, never so many that one is dropped.

    The camera writes into the ring itself: what lies there since the last turn is the next picture, but for
    its number in every eighth row, as noise makes each exposure another view.
    """
    began, sent, answered = time.monotonic(), 0, 0
    while answered < count and time.monotonic() - began < MOST_S:
        while sent < count and sent - answered < IN_FLIGHT:
            writer.room()[::8, :8] = np.frombuffer(sent.to_bytes(8, "little"), np.uint8)
            writer.give(FrameTag(0, sent, sent))
            sent += 1
        answered += len([answer for answer in vision.poll(0) if not answer.failure])
        time.sleep(POLL_S)
    return time.monotonic() - began, answered


def _memory() -> str | None:
    """Where a ring is memory, not disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
