"""Where the program begins: chooses between source and machine code before anything else is imported."""

from __future__ import annotations

import os
import sys

from sorter.app import machine_code

SIMULATING = ("sim", "torture")
"""Commands that may run as machine code. What moves steel never does: there the source is in charge."""

if os.environ.get(machine_code.WISH) == "yes":  # a worker process of a command that uses it
    machine_code.use()


def main() -> int:
    """One command, as told on the command line; returns its exit code."""
    if sys.argv[1:2] and sys.argv[1] in SIMULATING:
        machine_code.use()
    from sorter.app.cli import main as run

    return run()
