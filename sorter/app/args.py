"""Arguments and folders that several commands share."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

RUNS = Path("runs")
"""Where runs are kept, below the folder the command is started in."""


def command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    examples: str,
) -> argparse.ArgumentParser:
    """A sub-command with its one-line help in both languages and its examples."""
    sub = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sub.set_defaults(run=run)
    return sub


def default_config() -> Path:
    """The hub shipped with the project: below the current folder, else beside the source."""
    here = Path("configs/linzi")
    return here if here.is_dir() else Path(__file__).resolve().parents[2] / here


def add_config(sub: argparse.ArgumentParser, optional: bool) -> None:
    """The folder of a hub's configuration."""
    if optional:
        sub.add_argument("config", type=Path, nargs="?", default=default_config(), metavar="CONFIG",
                         help="hub folder (default: configs/linzi)")  # fmt: skip
    else:
        sub.add_argument("config", type=Path, metavar="CONFIG", help="hub folder, e.g. configs/linzi")


def add_stream(sub: argparse.ArgumentParser, parcels: int) -> None:
    """What arrives at a simulated line."""
    sub.add_argument("--parcels", type=positive, default=parcels, metavar="N",
                     help=f"parcels offered to the infeed (default {parcels})")  # fmt: skip
    sub.add_argument("--rate", type=positive, default=6000, metavar="N",
                     help="parcels offered per hour, on average (default 6000)")  # fmt: skip
    sub.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same parcels (default 1)")


def positive(text: str) -> int:
    """A whole number from 1 on."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1 or not text.isascii():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return number


def new_run(name: str) -> Path:
    """A new folder for a run, named by kind and wall-clock time."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for count in range(100):
        folder = RUNS / (f"{name}-{stamp}" if not count else f"{name}-{stamp}-{count}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("a hundred runs in one second")


def newest_journal() -> Path | None:
    """The journal of the run that was started last; None when there is none."""
    journals = sorted(RUNS.glob("*/journal"), key=lambda path: path.stat().st_mtime)
    return journals[-1] if journals else None
