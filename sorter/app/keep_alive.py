"""A parent that starts a command again whenever it dies or hangs; it does nothing else and so does not die.

The command says READY=1 when it controls and WATCHDOG=1 when its loop has really turned (`notify`); one that
falls silent is killed. Whoever watches the parent (systemd) hears the command's own words through it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sorter.app.notify import ADDRESS, PATIENCE, Listener, Notifier

HANG_S = 5.0
"""A loop turns every 50 ms; even a connection that fails lets it turn twice a second."""

FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_S = 0.2, 5.0, 5.0
"""Pauses before a start: they double each time, and begin anew once a process has lived STEADY_S."""

START_S = 600.0
"""The first start after a change compiles the reader, a minute; a start that takes longer than this hangs."""

LOOK_S = 0.1
INTERRUPTED = 130
BUG = 1
"""The interpreter's own exit code for an exception that nobody has caught; the traceback is in the log."""

FINISHED = frozenset({0, 2, INTERRUPTED})
"""Exit codes with which a command has said its last word: another start would change nothing about it.

BUG is none, and `sorter run` never answers "no", which is 1 elsewhere: the journal lets the next one go on
where a mistake of ours ended this one, as after a crash.
"""


def keep_alive(words: Sequence[str]) -> int:
    """Run `sorter WORDS` until it ends by itself; returns its exit code. Signals to stop are passed on."""
    supervisor = Supervisor([sys.executable, "-m", "sorter", *words])
    signal.signal(signal.SIGINT, lambda number, frame: supervisor.stop())  # a terminal tells the child itself
    signal.signal(signal.SIGTERM, lambda number, frame: supervisor.stop(number))
    return supervisor.run()


@dataclass
class Supervisor:
    """Starts `command` again and again.

    hang_s   so long it may be silent once it has said READY=1
    start_s  so long it may take to say so
    """

    command: Sequence[str]
    hang_s: float = HANG_S
    start_s: float = START_S
    _stopped: bool = False
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def run(self) -> int:
        """Until it ends with a code in FINISHED, which is returned; INTERRUPTED when it was told to stop."""
        pause_s = FIRST_PAUSE_S
        listener, watcher = Listener(), Notifier()
        while True:
            began = time.monotonic()
            code, hung = self._once(listener, watcher)
            if code in FINISHED or self._stopped:
                return code if code in FINISHED else INTERRUPTED
            pause_s = FIRST_PAUSE_S if time.monotonic() - began >= STEADY_S else pause_s
            why = "卡死，已结束 / hung, and was killed" if hung else f"退出 / ended: {ended(code)}"
            tell(f"控制进程 controller: {why}; {pause_s:.1f} s 后重启 / again after {pause_s:.1f} s")
            if not self._rested(pause_s, watcher):
                return INTERRUPTED
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def stop(self, number: int = 0) -> None:
        """Start nothing more, and hand the signal on, 0 = none."""
        self._stopped = True
        if self._child is not None and number:
            self._child.send_signal(number)

    def _once(self, listener: Listener, watcher: Notifier) -> tuple[int, bool]:
        """One life of the command: its exit code, and whether it had to be killed for hanging."""
        told = {ADDRESS: listener.address, PATIENCE: str(int(self.hang_s * 1e6))}
        child = self._child = subprocess.Popen(self.command, env={**os.environ, **told})
        tell(f"控制进程 / controller: pid {child.pid}")
        patience_s, heard_s = self.start_s, time.monotonic()
        while (code := child.poll()) is None:
            watcher.turned()
            lines = listener.hear(LOOK_S)
            if lines:
                heard_s = time.monotonic()
                patience_s = _patience_s(lines, patience_s, self.hang_s)
                watcher.say("\n".join(line for line in lines if line != "WATCHDOG=1"))
            elif time.monotonic() - heard_s > patience_s:
                child.kill()
                return child.wait(), True
        return code, False

    def _rested(self, pause_s: float, watcher: Notifier) -> bool:
        """Whether the pause went by without a signal to stop."""
        end = time.monotonic() + pause_s
        while not self._stopped and time.monotonic() < end:
            watcher.turned()
            time.sleep(min(LOOK_S, pause_s))
        return not self._stopped


def _patience_s(lines: Sequence[str], before_s: float, hang_s: float) -> float:
    """How long it may be silent from now on; one that ends in order takes the time that its disk takes."""
    if "STOPPING=1" in lines:
        return float("inf")
    return hang_s if "READY=1" in lines else before_s


def tell(text: str) -> None:
    """One line for the log."""
    print(text, file=sys.stderr, flush=True)


def ended(code: int) -> str:
    """An exit code in words."""
    bug = "，程序出错，见上 / a bug of ours, told above" if code == BUG else ""
    return signal.Signals(-code).name if code < 0 else f"exit {code}{bug}"
