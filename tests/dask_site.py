"""A dask cluster on loopback, made of processes as a person starts them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.shared import ROOT


class Site:
    """A scheduler and its workers, one thread each and nobody who would start them again.

    home = the folder whose Python files they can import.
    """

    def __init__(self, folder: Path, workers: int, stack: ExitStack, home: Path = ROOT) -> None:
        file = folder / "scheduler.json"
        words = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)]
        self.scheduler = stack.enter_context(_dask(home, *words))
        words = ["worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny"]
        self.workers = [stack.enter_context(_dask(home, *words)) for _ in range(workers)]
        deadline_s = time.monotonic() + 30
        while not file.exists():
            assert time.monotonic() < deadline_s, "the scheduler did not start"
            time.sleep(0.05)
        self.address = str(json.loads(file.read_text())["address"])


@contextmanager
def _dask(home: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
