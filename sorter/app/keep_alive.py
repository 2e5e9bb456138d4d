"""A parent that starts a command again whenever it dies; it does nothing else, so that it does not die."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

PAUSE_S = 0.2
FINISHED = frozenset({0, 1, 2, 130})
"""Exit codes with which a command has said its last word."""


def keep_alive(words: Sequence[str]) -> int:
    """Run `sorter WORDS` until it ends by itself; returns its exit code. Signals to stop are passed on."""
    while True:
        child = subprocess.Popen([sys.executable, "-m", "sorter", *words])
        print(f"控制进程 / controller: pid {child.pid}", file=sys.stderr, flush=True)
        code = _wait(child)
        if code in FINISHED:
            return code
        again = f"控制进程退出，重新启动 / controller ended ({code}), starting it again"
        print(again, file=sys.stderr, flush=True)
        time.sleep(PAUSE_S)


def _wait(child: subprocess.Popen[bytes]) -> int:
    """The child's exit code. SIGINT reaches it by itself from a terminal; SIGTERM is handed on."""
    signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGTERM, lambda number, frame: child.send_signal(number))
    return child.wait()
