"""A caretaker beside the control loop: who starts it loads nothing of what it does (`caretaker`)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def tended(run: Path) -> Iterator[None]:
    """A caretaker for a run's folder, for as long as the body runs."""
    child = subprocess.Popen([sys.executable, "-m", "sorter.app.caretaker", str(run), str(os.getpid())])
    try:
        yield
    finally:
        child.terminate()
        child.wait()
