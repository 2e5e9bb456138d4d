"""How late the control loop turns beside four busy processes: by its place in the queue, all in one run.

    python -m benchmarks.lateness --seconds 60

Each contestant is a process with the real loop and the real journal, which takes one value a turn: every turn
waits for a sync. They run at the same time, so that each meets the same load. Late = time between the
beginnings of two turns, less the period.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sorter.app import realtime
from sorter.app.args import default_config
from sorter.app.config import load_hub
from sorter.app.journal import JournalWriter
from sorter.app.realtime import Tidying
from sorter.app.runner import Runner
from sorter.app.tally import percentile
from sorter.controller import Controller
from sorter.flow import Assign, ChuteLocked, Command, Event, FrameRead, Us

PERIOD_US = 10_000
BUSY = 4
USUAL, NICE, FIFO = "usual", "nice -15", "SCHED_FIFO"
ASKS: dict[str, Callable[[int], None]] = {
    USUAL: lambda thread: None,
    NICE: realtime._nice,
    FIFO: realtime._fifo,
}


class Turning:
    """A machine on which nothing happens but that a chute is locked or unlocked in every turn."""

    more = False
    encoder = 0

    def __init__(self) -> None:
        self.begun: list[int] = []

    def poll(self) -> Sequence[Event]:
        """Notes when a turn begins."""
        self.begun.append(time.monotonic_ns())
        return (ChuteLocked(self.line_us(), len(self.begun) % 24, bool(len(self.begun) & 1)),)

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        """Nobody hears."""

    def hold(self, infeed: bool) -> None:
        """There is no infeed."""

    def serve(self, maintenance: bool, chute: int) -> None:
        """Nobody asks."""

    def line_us(self) -> Us:
        """The time of day will do."""
        return time.monotonic_ns() // 1000


class Blind:
    """No pictures."""

    well = True

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """None."""
        return ()


def contestant(name: str, seconds: float) -> dict[str, object]:
    """One loop in this process: its lateness, us, and how often the disk was late; or that it may not."""
    hub, machine = load_hub(default_config()), Turning()
    with TemporaryDirectory() as folder, closing(JournalWriter(Path(folder) / "journal")) as journal:
        loop = Runner(Controller(hub, "2026-11-28"), machine, Blind(), journal, lambda value: None)
        try:
            for thread in realtime._threads():
                ASKS[name](thread)
        except OSError:
            return {"refused": True}
        with Tidying() as tidying:
            end = time.monotonic() + seconds
            loop.run(PERIOD_US, lambda: time.monotonic() > end, tidying.pause)
    turns = zip(machine.begun, machine.begun[1:], strict=False)
    late = [max(0, (after - before) // 1000 - PERIOD_US) for before, after in turns]
    return {"late_us": late, "late_commits": loop.late_commits}


@contextmanager
def busy() -> Iterator[None]:
    """Processes that compute all the time."""
    start = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(start) for _ in range(BUSY)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def measure(seconds: float) -> dict[str, dict[str, object]]:
    """All contestants at once beside the busy processes."""
    words = [sys.executable, "-m", "benchmarks.lateness", "--seconds", str(seconds), "--only"]
    with busy():
        running = {name: subprocess.Popen([*words, name], stdout=subprocess.PIPE, text=True) for name in ASKS}
        return {name: json.loads(process.communicate()[0]) for name, process in running.items()}


def table(found: dict[str, dict[str, object]]) -> dict[str, float]:
    """Print it; the ratios of p99.9 to that of the usual class."""
    ratios: dict[str, float] = {}
    base = 0
    print(f"{BUSY} busy processes on {len(os.sched_getaffinity(0))} cores; period {PERIOD_US // 1000} ms; us")
    heads = "".join(f"{head:>9}" for head in ("turns", "p50", "p99", "p99.9", "longest"))
    print(f"{'class':12}{heads} {'late commits':>13}  p99.9 / usual")
    for name, one in found.items():
        late = one.get("late_us")
        if not isinstance(late, list) or not late:
            print(f"{name:12} refused on this machine")
            continue
        p50, p99, p999 = (percentile(late, share) for share in (0.5, 0.99, 0.999))
        base = base or max(1, p999)
        ratios[name] = p999 / base
        row = "".join(f"{value:9}" for value in (len(late), p50, p99, p999, max(late)))
        print(f"{name:12}{row} {one['late_commits']!s:>13}  {ratios[name]:.3f}")
    return ratios


def main() -> None:
    """Measure and print, or be one contestant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", choices=list(ASKS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        print(json.dumps(contestant(args.only, args.seconds)))
    else:
        table(measure(args.seconds))


if __name__ == "__main__":
    main()
