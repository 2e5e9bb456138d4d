"""The decoder process: answers, a crash, a hang, an end, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from sorter.flow import CodeRead, FrameRead, FrameTag
from tests.shared import ROOT
from vision.answer import Sight
from vision.budget import Budget
from vision.claims import DROPPED, TOO_OLD
from vision.frame import Frame, Gray
from vision.pipeline import DIED, HUNG, SERVES_S, Decoders
from vision.ring import RingWriter
from vision.worker import FrameReader

SHAPE = (40, 60)
PATIENCE_S = 20.0
CRASH, HANG, SLOW = 66, 77, 88
"""Greys that make the scripted reader below misbehave."""


class ScriptedReader:
    """Runs in the worker: reads a frame's first pixel as a code, or dies, hangs or dawdles over it."""

    def look(self, gray: Gray, budget: Budget) -> Sight:
        grey = int(gray[0, 0])
        if grey == CRASH:
            os.kill(os.getpid(), signal.SIGSEGV)
        if grey == HANG:
            time.sleep(3600)
        if grey == SLOW:
            time.sleep(0.4)
        return Sight((CodeRead(str(grey), "QR", ((0, 0), (1, 0), (1, 1), (0, 1)), "script"),))


class HungryReader(ScriptedReader):
    """Works on arrays larger than the frame, as the real one does."""

    def look(self, gray: Gray, budget: Budget) -> Sight:
        wide, more = np.repeat(gray, 2, axis=1), gray.copy()
        return super().look(np.minimum(wide[:1], more[0, 0]), budget)


def never_made() -> ScriptedReader:
    os._exit(3)


@contextmanager
def line(
    tmp_path: Path,
    slots: int = 8,
    deadline_s: float = 1.0,
    workers: int = 1,
    waiting: int = 8,
    patience_s: float = PATIENCE_S,
    make: Callable[[], FrameReader] = ScriptedReader,
    serves_s: float = SERVES_S,
) -> Iterator[tuple[RingWriter, Decoders]]:
    writer = RingWriter.create(tmp_path / "ring", slots, SHAPE)
    vision = Decoders(writer.path, make, deadline_s, workers, waiting, patience_s, serves_s)
    try:
        assert vision.ready(PATIENCE_S)
        yield writer, vision
    finally:
        vision.close()
        writer.close()


def put(writer: RingWriter, *greys: int, still: bool = False) -> None:
    """Frames of one grey each; their noise, the number at an edge, makes each another view unless still."""
    for number, grey in enumerate(greys):
        pixels = np.full(SHAPE, grey, np.uint8)
        pixels[:, -1] = 0 if still else number
        writer.put(Frame(FrameTag(1, number, 500 + number), pixels))


def answers(vision: Decoders, count: int) -> list[FrameRead]:
    """The next `count` answers, as a control loop would gather them."""
    got: list[FrameRead] = []
    end = time.monotonic() + PATIENCE_S
    while len(got) < count and time.monotonic() < end:
        got += vision.poll(7)
        time.sleep(0.002)
    return got


def page_faults(pid: int) -> int:
    """Pages that the kernel has had to fetch for it. Source: proc(5), stat, field 10."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[7])


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def told(reads: list[FrameRead]) -> list[tuple[int, str, str]]:
    return [(read.tag.frame, "".join(code.text for code in read.reads), read.failure) for read in reads]


def test_every_frame_is_answered_once_in_order_with_its_tag_and_stamp(tmp_path: Path) -> None:
    with line(tmp_path) as (writer, vision):
        put(writer, 10, 11, 12)
        got = answers(vision, 3)
        assert told(got) == [(0, "10", ""), (1, "11", ""), (2, "12", "")]
        assert got[0].tag == FrameTag(1, 0, 500) and got[0].at_us == 7
        assert (vision.handled, vision.restarts, vision.dropped) == (3, 0, 0)
        assert len(vision.latencies_us) == 3 and all(0 < us < 5_000_000 for us in vision.latencies_us)
        assert vision.poll(8) == []


@pytest.mark.parametrize(("grey", "failure"), [(CRASH, DIED), (HANG, HUNG)])
def test_a_frame_that_kills_or_stops_the_decoder_costs_itself_only(
    tmp_path: Path, grey: int, failure: str
) -> None:
    with line(tmp_path, deadline_s=0.3) as (writer, vision):
        put(writer, 10, grey, 12)
        assert told(answers(vision, 3)) == [(0, "10", ""), (1, "", failure), (2, "12", "")]
        assert (vision.handled, vision.restarts, vision.dropped) == (3, 1, 0)


def test_a_slow_frame_within_the_deadline_is_waited_for(tmp_path: Path) -> None:
    with line(tmp_path, deadline_s=5.0) as (writer, vision):
        put(writer, SLOW)
        assert told(answers(vision, 1)) == [(0, str(SLOW), "")]
        assert vision.restarts == 0


def test_polling_never_waits_for_a_busy_decoder(tmp_path: Path) -> None:
    with line(tmp_path, deadline_s=5.0) as (writer, vision):
        put(writer, SLOW)
        began = time.monotonic()
        for _ in range(100):
            vision.poll(1)
        # The frame takes 400 ms; 100 polls that waited for it would take as long.
        assert time.monotonic() - began < 0.2


@pytest.mark.parametrize(("slots", "waiting"), [(2, 8), (8, 2)])
def test_of_too_many_frames_waiting_the_oldest_are_dropped_with_a_reason(
    tmp_path: Path, slots: int, waiting: int
) -> None:
    with line(tmp_path, slots, deadline_s=5.0, waiting=waiting) as (writer, vision):
        put(writer, SLOW)
        assert wait_for(lambda: not vision.poll(1) and vision.in_hand != [])
        put(writer, 10, 11, 12, 13)
        got = told(answers(vision, 5))
        assert sorted(got[1:]) == [(0, "", DROPPED), (1, "", DROPPED), (2, "12", ""), (3, "13", "")]
        assert (vision.dropped, vision.handled, vision.restarts) == (2, 5, 0)


def test_a_frame_that_waited_too_long_is_not_read_any_more(tmp_path: Path) -> None:
    with line(tmp_path, deadline_s=5.0, patience_s=0.3) as (writer, vision):
        put(writer, SLOW, 12)  # the first takes 0.4 s, so the second waits longer than it may
        assert told(answers(vision, 2))[1] == (1, "", TOO_OLD)


def test_another_worker_reads_on_while_one_hangs(tmp_path: Path) -> None:
    with line(tmp_path, deadline_s=2.0, workers=2) as (writer, vision):
        put(writer, HANG, 11, 12, 13)
        got = told(answers(vision, 4))
        assert got == [(1, "11", ""), (2, "12", ""), (3, "13", ""), (0, "", HUNG)]
        assert (vision.handled, vision.restarts, vision.dropped) == (4, 1, 0)
        put(writer, 20, 21, 22)
        assert len(answers(vision, 3)) == 3


def test_workers_that_keep_dying_lose_no_frame_without_an_answer(tmp_path: Path) -> None:
    with line(tmp_path, slots=32, deadline_s=20.0, workers=2, waiting=32) as (writer, vision):
        put(writer, *([CRASH, 10, 11] * 3))
        got = told(answers(vision, 9))
        assert sorted(got) == sorted(
            (n, "", DIED) if n % 3 == 0 else (n, str(9 + n % 3), "") for n in range(9)
        )
        assert (vision.restarts, vision.handled) == (3, 9)


def test_a_ring_made_anew_is_read_from_its_first_frame(tmp_path: Path) -> None:
    with line(tmp_path, workers=2) as (writer, vision):
        put(writer, 10, 11)
        answers(vision, 2)
        writer.close()
        again = RingWriter.create(tmp_path / "ring", 8, SHAPE)
        put(again, 20)
        assert told(answers(vision, 1)) == [(0, "20", "")]
        again.close()


def test_a_decoder_that_dies_idle_is_replaced(tmp_path: Path) -> None:
    with line(tmp_path) as (writer, vision):
        (first,) = vision.workers
        os.kill(first, signal.SIGKILL)
        assert wait_for(lambda: not vision.poll(1) and vision.restarts == 1)
        put(writer, 10)
        assert told(answers(vision, 1)) == [(0, "10", "")]
        assert vision.workers != [first] and not alive(first)


def test_a_decoder_that_stands_still_with_nothing_in_hand_is_replaced(tmp_path: Path) -> None:
    with line(tmp_path) as (writer, vision):
        (first,) = vision.workers
        assert wait_for(lambda: vision.well)
        os.kill(first, signal.SIGSTOP)
        assert wait_for(lambda: not vision.poll(1) and vision.restarts == 1)
        assert vision.trouble == f"{HUNG}: killed by us"
        put(writer, 10)
        assert told(answers(vision, 1)) == [(0, "10", "")]


def test_a_decoder_that_never_starts_is_tried_after_longer_and_longer_pauses(tmp_path: Path) -> None:
    vision = Decoders(tmp_path / "ring", never_made, workers=1)
    began = time.monotonic()
    assert wait_for(lambda: not vision.poll(1) and vision.restarts == 3)
    assert time.monotonic() - began > 0.2 + 0.4 + 0.8
    assert vision.trouble == f"{DIED}: exit 3"
    vision.close()


def test_a_decoder_is_ready_only_once_the_ring_is_there(tmp_path: Path) -> None:
    vision = Decoders(tmp_path / "ring", ScriptedReader, workers=1)
    assert not vision.ready(0.2)
    writer = RingWriter.create(tmp_path / "ring", 4, SHAPE)
    assert vision.ready(PATIENCE_S)
    vision.close()
    writer.close()


def test_closing_leaves_no_process_behind_even_in_the_middle_of_a_hang(tmp_path: Path) -> None:
    with line(tmp_path, deadline_s=60.0) as (writer, vision):
        put(writer, HANG)
        assert wait_for(lambda: not vision.poll(1) and vision.in_hand != [])
        (pid,) = vision.workers
    assert not alive(pid)


ORPHAN = """
import os, sys, time
from pathlib import Path
from tests.test_vision_pipeline import SHAPE, ScriptedReader
from vision.pipeline import Decoders
if __name__ == "__main__":
    vision = Decoders(Path(sys.argv[1]), ScriptedReader, workers=1)
    assert vision.ready(20)
    print(vision.workers[0], flush=True)
    time.sleep(60)
"""


def test_the_decoder_ends_quietly_when_its_parent_is_killed(tmp_path: Path) -> None:
    writer = RingWriter.create(tmp_path / "ring", 4, SHAPE)
    script = tmp_path / "parent.py"
    script.write_text(ORPHAN, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script), str(writer.path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with parent:
        assert parent.stdout is not None and parent.stderr is not None
        worker = int(parent.stdout.readline())
        parent.kill()
        assert wait_for(lambda: not alive(worker))
        assert parent.stderr.read() == ""
    writer.close()


def test_a_worker_that_waits_between_frames_keeps_the_memory_it_reads_them_in(tmp_path: Path) -> None:
    shape, slots = (2448, 2448), 2
    writer = RingWriter.create(tmp_path / "ring", slots, shape)
    with closing(writer), closing(Decoders(writer.path, HungryReader, workers=1)) as vision:
        assert vision.ready(PATIENCE_S)
        after = list[int]()
        for number in range(12):
            writer.put(Frame(FrameTag(1, number, 500), np.full(shape, 5, np.uint8)))
            assert len(answers(vision, 1)) == 1
            time.sleep(0.02)
            after.append(page_faults(vision.workers[0]))
        pages_of_a_frame = shape[0] * shape[1] // 4096
        assert after[-1] - after[slots] < pages_of_a_frame, "nine frames"
