"""Machine code of the sources as they are, made once for all processes of a test run."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from sorter.app import cmd_compile


def made_once(folders: pytest.TempPathFactory) -> Path | None:
    """Its folder, made by whoever asks first while the others wait; None where nothing can be compiled."""
    if cmd_compile.what_is_missing():
        return None
    own = folders.getbasetemp()
    shelf = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "machine-code"
    shelf.mkdir(exist_ok=True)
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cmd_compile.build(shelf)
