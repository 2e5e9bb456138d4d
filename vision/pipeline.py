"""Decoders in processes of their own: a crash or a hang costs the picture in hand, never the line.

The workers share the frames of one ring (`vision.claims`) and send what they read. The parent never waits: it
looks whether words have come, whether each worker lives and how long it has been busy, and answers itself
for every frame that nobody could read: a picture without an answer would keep its parcel waiting. A worker
that dies again and again without having read anything is started after longer and longer pauses.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.context import SpawnContext
from pathlib import Path

from sorter.flow import FrameRead, FrameTag, Us
from vision.answer import Answer
from vision.claims import Claims, claims_path
from vision.worker import FrameReader, Job, belt_reader, work

DEADLINE_S = 3.0
"""No frame takes so long, even on a busy machine: the ladder ends by its own budget long before."""

PATIENCE_S = 5.0
"""As long a late read still serves: a parcel is decided on as long as one of its diverters lies ahead."""

SERVES_S = 1.6
"""So long after its picture an answer is in time for the first decision: the default hub's."""

SPARE_S, LADDER_SHARE = 0.2, 2 / 3
"""Kept of that, and of a frame's deadline, for the rung under way and the way to the control loop."""

WAITING = 8
RESTART_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
WARM_S = 300.0
LATENCIES_KEPT = 4096
MOST_WORKERS = 4
DIED, HUNG = "decoder-died", "decoder-hung"


def usual_workers() -> int:
    """Two, so that one hung frame does not stop all reading; on more than three cores all but one core."""
    cores = len(os.sched_getaffinity(0))
    return max(min(2, cores), min(MOST_WORKERS, cores - 1))


class Decoders:
    """Workers on one ring; a `sorter.ports.Reads`. The ring may appear later than the workers.

    make         builds a worker's reader, in the worker: importable by name
    deadline_s   a frame that takes a worker longer is given up and the worker replaced
    patience_s   a frame that has waited longer for a worker is dropped
    serves_s     so long after a frame's arrival its answer serves: the ladder goes on nearly till then,
                 unless other frames wait (`vision.budget`)
    waiting      frames that may wait (at most as many as the ring holds); of more the oldest are dropped
    handled      frames answered, failures among them; restarts = workers replaced
    trouble      why the last worker was replaced; "" = none was
    latencies_us from a frame's arrival in the ring until its answer was polled, the last 4096
    """

    def __init__(
        self,
        ring: Path,
        make: Callable[[], FrameReader] = belt_reader,
        deadline_s: float = DEADLINE_S,
        workers: int | None = None,
        waiting: int = WAITING,
        patience_s: float = PATIENCE_S,
        serves_s: float = SERVES_S,
    ) -> None:
        self.handled = self.restarts = 0
        self.trouble = ""
        self.latencies_us: deque[Us] = deque(maxlen=LATENCIES_KEPT)
        self._deadline_s = deadline_s
        self._drops_told = 0
        number = workers or usual_workers()
        table = claims_path(ring)
        Claims.create(table, number)
        self._claims = Claims(table, waiting, patience_s)
        context = multiprocessing.get_context("spawn")
        times = patience_s, max(0.0, serves_s - SPARE_S), deadline_s * LADDER_SHARE
        jobs = (Job(n, ring, table, waiting, *times, make, os.getpid()) for n in range(number))
        self._workers = [_Worker(job, context) for job in jobs]

    @property
    def dropped(self) -> int:
        """Frames that nobody read because there was no time for them."""
        return self._claims.dropped

    @property
    def well(self) -> bool:
        """At least one worker lives, looks for frames and has attached to the ring."""
        return any(self._claims.attached(n) and not self._failure(n) for n in range(len(self._workers)))

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers of the moment."""
        return [worker.pid for worker in self._workers]

    @property
    def in_hand(self) -> list[FrameTag]:
        """The frames that are being read."""
        hands = (self._claims.in_hand(number) for number in range(len(self._workers)))
        return [hand.tag for hand in hands if hand is not None]

    def warm(self, timeout_s: float) -> bool:
        """Whether every worker's reader is ready, which the first time after a change takes a minute to
        compile; waits at most timeout_s for it.
        """
        return self._wait(self._claims.is_warm, timeout_s)

    def ready(self, timeout_s: float) -> bool:
        """Whether every worker has attached to the ring; waits for warm readers, then at most timeout_s."""
        return self.warm(WARM_S) and self._wait(self._claims.attached, timeout_s)

    def _wait(self, stage: Callable[[int], bool], timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        while not (there := all(map(stage, range(len(self._workers))))):
            if time.monotonic() > end or not all(worker.alive for worker in self._workers):
                break
            time.sleep(0.01)
        return there

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """Answers that have come since the last call, stamped now_us; replaces dead and hung workers."""
        numbers = range(len(self._workers))
        answers = [answer for number in numbers for answer in self._of_worker(number, now_us)]
        first, self._drops_told = self._drops_told, self._claims.dropped
        for tag, reason in self._claims.drops(first, self._drops_told):
            answers.append(FrameRead(now_us, tag, (), reason))
        self.handled += len(answers)
        return answers

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()
        self._claims.close()
        self._claims.path.unlink(missing_ok=True)

    def _of_worker(self, number: int, now_us: Us) -> Iterator[FrameRead]:
        worker, failed = self._workers[number], self._failure(number)  # before its last words are heard
        for word in worker.words():
            self.latencies_us.append(time.monotonic_ns() // 1000 - word.written_us)
            reads, unread, judged, failure = word.sight
            yield FrameRead(now_us, word.tag, reads, failure, unread, judged)
        if failed and (failure := self._failure(number)):
            yield from self._replace(number, now_us, failure)

    def _failure(self, number: int) -> str:
        worker, hand = self._workers[number], self._claims.in_hand(number)
        if not worker.alive:
            return DIED
        if hand is None:
            since_ns = self._claims.looked_ns(number) or time.monotonic_ns()
        elif hand.tag != worker.answered:
            since_ns = hand.since_ns
        else:
            return ""
        return HUNG if time.monotonic_ns() - since_ns > self._deadline_s * 1e9 else ""

    def _replace(self, number: int, now_us: Us, failure: str) -> Iterator[FrameRead]:
        """Put a new worker in its place, after a pause when it died idle; answer for the failed frame."""
        worker, hand = self._workers[number], self._claims.in_hand(number)
        lost = hand is not None and hand.tag != worker.answered
        if not lost and time.monotonic() - worker.started_s < worker.pause_s:
            return
        self.trouble = f"{failure}: {worker.end()}"
        self._claims.clear(number)
        self.restarts += 1
        self._workers[number] = worker.again()
        if lost and hand is not None:
            yield FrameRead(now_us, hand.tag, (), failure)


class _Worker:
    """One worker's process and what it says.

    answered  the frame of its last word
    pause_s   after its start so long passes before another one is started in its place, when it dies idle
    """

    def __init__(self, job: Job, context: SpawnContext, pause_s: float = RESTART_PAUSE_S) -> None:
        self.answered: FrameTag | None = None
        self.pause_s = pause_s
        self.started_s = time.monotonic()
        self._job = job
        self._context = context
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, job), daemon=True)
        self._process.start()
        theirs.close()

    def again(self) -> _Worker:
        """Another one for the same work; more patient when this one never read anything."""
        pause_s = RESTART_PAUSE_S if self.answered else min(2 * self.pause_s, LONGEST_PAUSE_S)
        return _Worker(self._job, self._context, pause_s)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def words(self) -> Iterator[Answer]:
        """What it has said since the last call; a worker may end in the middle of a word."""
        try:
            while self._connection.poll():
                word = self._connection.recv()
                assert isinstance(word, Answer)
                self.answered = word.tag
                yield word
        except (EOFError, OSError):
            return

    def end(self) -> str:
        """Kill it if it lives; says how it ended."""
        said = ended(self._process.exitcode)
        self._process.kill()
        self._process.join()
        self._process.close()
        self._connection.close()
        return said


def ended(code: int | None) -> str:
    """An exit code in words; None = it still ran."""
    if code is None:
        return "killed by us"
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
