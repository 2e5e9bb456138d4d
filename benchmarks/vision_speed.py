"""The decoder pipeline alone: frames an hour through the ring with one and with two workers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.vision_cases import HUB
from sorter.flow import FrameTag
from vision.frame import Frame, Gray
from vision.pipeline import Decoders
from vision.render import render
from vision.render_scene import Knobs, staged
from vision.ring import RingWriter

SLOTS = 8
FRAMES = 60
MOST_S = 300.0


def workers_gain(count: int = FRAMES) -> tuple[float, float]:
    """Frames an hour with one worker and with two, on the same frames; both measured twice, in turn."""
    frames = [render(HUB, staged(HUB, Knobs(), seed).boxes, seed) for seed in range(SLOTS)]
    rates = {1: 0.0, 2: 0.0}
    for _ in range(2):
        for workers in rates:
            rates[workers] += frames_per_h(frames, workers, count) / 2
    return rates[1], rates[2]


def frames_per_h(frames: Sequence[Gray], workers: int, count: int) -> float:
    """Frames that so many workers answer in an hour when the camera never keeps them waiting."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        writer = RingWriter.create(Path(folder) / "ring", SLOTS, frames[0].shape)
        with closing(writer), closing(Decoders(writer.path, deadline_s=60.0, workers=workers)) as vision:
            assert vision.ready(MOST_S), "the decoders did not start"
            took_s, answered = _through(writer, vision, frames, count)
    assert answered == count and not vision.restarts, (answered, vision.restarts)
    return 3600 * count / took_s


def _through(writer: RingWriter, vision: Decoders, frames: Sequence[Gray], count: int) -> tuple[float, int]:
    """Keep a few frames waiting, never so many that one is dropped."""
    began, sent, answered = time.monotonic(), 0, 0
    while answered < count and time.monotonic() - began < MOST_S:
        while sent < count and sent - answered < SLOTS // 2:
            writer.put(Frame(FrameTag(0, sent, sent), frames[sent % len(frames)]))
            sent += 1
        answered += len([answer for answer in vision.poll(0) if not answer.failure])
        time.sleep(0.001)
    return time.monotonic() - began, answered


def _memory() -> str | None:
    """Where a ring is memory, not disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
