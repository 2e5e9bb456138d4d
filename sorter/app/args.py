"""Arguments and folders that several commands share."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import NoReturn

from sorter.errors import StoreError

PROGRAM = os.environ.get("SORTER_AS", "sorter")
"""How this program was started and can be started again: `sorter`, or `./run`."""

RUNS = Path("runs")
"""Where runs are kept, below the folder the command is started in."""


class Parser(argparse.ArgumentParser):
    """An argparse parser that says in both languages what is wrong."""

    def error(self, message: str) -> NoReturn:
        """As argparse does: the usage, what is wrong, exit code 2."""
        from sorter.app.problem_words import both

        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: 错误 error: {both(message)}\n")


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
        epilog=f"examples:\n{examples.replace('sorter ', PROGRAM + ' ')}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sub.set_defaults(run=run)
    return sub


def group(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    """A command that has commands of its own; where they are registered."""
    sub = commands.add_parser(name, help=summary, description=summary)
    return sub.add_subparsers(dest=f"{name}_command", metavar="COMMAND", required=True)


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


def add_stream(sub: argparse.ArgumentParser, parcels: int, recorded: bool = False) -> None:
    """What arrives at a simulated line; recorded: it may also be a table or a journal, None if not given."""
    if recorded:
        sub.add_argument("--parcels", type=number_or_path, metavar="N|CSV|DIR",
                         help=f"so many (default {parcels}), a table of them, or a journal")  # fmt: skip
    else:
        sub.add_argument("--parcels", type=positive, default=parcels, metavar="N",
                         help=f"parcels offered to the infeed (default {parcels})")  # fmt: skip
    sub.add_argument("--rate", type=positive, default=6000, metavar="N",
                     help="parcels offered per hour, on average (default 6000)")  # fmt: skip
    sub.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same parcels (default 1)")


def number_or_path(text: str) -> int | Path:
    """A whole number from 1 on, or a path that is there."""
    if Path(text).exists():
        return Path(text)
    if text.endswith(".csv") or os.sep in text:
        raise argparse.ArgumentTypeError(f"there is no '{text}'")
    return positive(text)


def positive(text: str) -> int:
    """A whole number from 1 on."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1 or not text.isascii():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return number


def port(text: str) -> int:
    """A TCP port; 0 = any free one where that is allowed."""
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is not a port from 0 to 65535")


def seconds(text: str) -> float:
    """A finite number, not below 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number) and number >= 0:
        return number
    raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 on")


def day(text: str) -> str:
    """An ISO date."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date such as 2026-11-23") from None


def clock_us(text: str) -> int:
    """A time as hours:minutes or hours:minutes:seconds -> us since 0:00."""
    if not re.fullmatch("[0-9]{1,2}:[0-5][0-9](:[0-5][0-9])?", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a time such as 05:30 or 0:02:30")
    hours, minutes, seconds = (int(part) for part in f"{text}:0".split(":")[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000


def made(folder: Path) -> Path:
    """A folder that is there now. Raises StoreError when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}\n  choose another folder with --out") from None
    return folder


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


def no_files(given: Iterable[Path]) -> str:
    """What to say where folders hold nothing."""
    return f"{', '.join(map(str, given))}: 文件夹里没有文件 / no files in it"
