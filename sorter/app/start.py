"""Where the program begins: chooses between source and machine code before anything else is imported."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from sorter.app import machine_code
from sorter.errors import SorterError

LONG = "--release"
"""A run of hours: machine code pays, so that it is made first where it can be."""

SIMULATING = ("sim", "torture")
"""Commands that may run as machine code. What moves steel never does: there the source is in charge."""

if os.environ.get(machine_code.WISH) == "yes":  # a worker process of a command that uses it
    machine_code.use()


def main() -> int:
    """One command, as told on the command line; returns its exit code."""
    if sys.argv[1:2] and sys.argv[1] in SIMULATING and not machine_code.use() and LONG in sys.argv:
        _make()
    from sorter.app.cli import main as run

    return run()


def _make() -> None:
    """Machine code for a long run, made now; without a compiler the source runs, at half the pace."""
    if os.environ.get(machine_code.WISH) == "no":
        return
    from sorter.app import cmd_compile

    print("先编译机器码，约两分钟 / first machine code is made, about two minutes", file=sys.stderr)
    try:
        made = cmd_compile.run(Namespace()) == 0
    except SorterError as error:
        print(error, file=sys.stderr)
        made = False
    if made:
        machine_code.use()
