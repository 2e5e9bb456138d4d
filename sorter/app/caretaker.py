"""A process beside the control loop that cares for what the loop writes: snapshots, and what may go.

It only reads the journal, so nothing that happens to it touches the line: without it a restart takes longer
and old records stay. One at a time for each run; it ends with the process that started it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sorter.app.retention import prune
from sorter.app.segments import disk_errors
from sorter.app.shadow import Shadow
from sorter.errors import SorterError
from sorter.hub import Keeping

FOLLOW_S = 2.0
PRUNE_S = 3600.0
PATIENCE_S = 10.0
"""After trouble it waits so long."""

NICE = 10


class Caretaker:
    """Cares for the run in a folder. say gets what a person should know, each thing once."""

    def __init__(self, run: Path, say: Callable[[str], None]) -> None:
        self._run, self._say = run, say
        self._shadow: Shadow | None = None
        self._differences = 0
        self._trouble = ""
        self._pruned_s = time.monotonic()

    def look(self) -> float:
        """One turn; how long to wait until the next one, seconds. Never raises for trouble."""
        try:
            self._follow()
            if time.monotonic() > self._pruned_s + PRUNE_S:
                self._pruned_s = time.monotonic()
                self._prune()
        except SorterError as error:
            self._tell(str(error))
            self._shadow = None
            return PATIENCE_S
        return FOLLOW_S

    def _follow(self) -> None:
        if self._shadow is None:
            journal = self._run / "journal"
            if not any(journal.glob("*.journal")):
                return
            self._shadow = Shadow(journal)
        self._shadow.follow()
        if self._shadow.differences > self._differences:
            self._differences = self._shadow.differences
            self._tell(f"重放与记录不同 / the replay differs from the journal: {self._shadow.first}")

    def _prune(self) -> None:
        keeping = self._shadow.keeping if self._shadow is not None else Keeping()
        done = prune(self._run, keeping)
        if done.removed:
            self._tell(f"已清理 / removed: {len(done.removed)} 段 segments, {done.rows} 行 rows")
        elif done.why:
            self._tell(f"到期但未清理 / due, not removed: {done.why}")

    def _tell(self, text: str) -> None:
        if text != self._trouble:
            self._trouble = text
            self._say(text)


def tend(run: Path, ended: Callable[[], bool]) -> None:
    """Care for the run in a folder until told to end. StoreError when its folder cannot be used."""
    with disk_errors(run):
        lock = (run / "caretaker.lock").open("a")
    caretaker, due_s = Caretaker(run, lambda text: print(text, file=sys.stderr, flush=True)), 0.0
    with lock:
        while not ended():
            if time.monotonic() >= due_s and _locked(lock.fileno()):
                due_s = time.monotonic() + caretaker.look()
            time.sleep(0.5)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main(run: Path, parent: int) -> None:
    """Until `parent`, which started this process and may be gone already, is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the line, which ends us
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))  # a real-time parent hands its class down
    os.setpriority(os.PRIO_PROCESS, 0, NICE)
    tend(run, lambda: os.getppid() != parent)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
