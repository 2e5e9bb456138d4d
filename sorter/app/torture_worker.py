"""How a worker process of the torture begins: before anything that may be machine code is imported."""

from __future__ import annotations

import os
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread

from sorter.app import machine_code


def begun_by() -> None:
    """In a new process: the same kind of code as the one that started it, whose end is also this one's.

    A process started by one that runs as `python -m sorter` does not import its main module.
    """
    if os.environ.get(machine_code.WISH) == "yes":
        machine_code.use()
    parent = parent_process()
    assert parent is not None
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
