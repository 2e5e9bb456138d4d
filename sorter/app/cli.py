"""The command line: one sub-command per task, each built by hand in the module named beside it.

Exit codes: 0 done and well; 1 done, and the answer is no (problems, differences, mis-sorts, not found);
2 a wrong argument or a file that cannot be used; 3 the machine or a process failed; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from sorter.app import (
    cmd_camera,
    cmd_compile,
    cmd_demo,
    cmd_emulate,
    cmd_line,
    cmd_look,
    cmd_network,
    cmd_plan,
    cmd_plc,
    cmd_serve,
    cmd_sim,
    cmd_store,
    cmd_torture,
    cmd_upset,
)
from sorter.app.args import PROGRAM
from sorter.app.problem_words import bilingual_lines
from sorter.errors import ConfigError, SorterError

COMMANDS = (
    *(cmd_demo, cmd_line, cmd_emulate, cmd_serve, cmd_sim, cmd_look),
    *(cmd_plan, cmd_network, cmd_plc, cmd_camera, cmd_upset, cmd_store, cmd_torture, cmd_compile),
)

EXIT_CODES = """exit codes:
  0  done and well
  1  done, and the answer is no: problems, differences, mis-sorts, not found
  2  a wrong argument, or a file that cannot be used
  3  the machine or a process failed
  130  interrupted
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="包裹分拣线控制器与仿真 / parcel sorting-line controller with simulation",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Expected trouble is told in words, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that is not UTF-8 shows escapes instead of ending the command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if argv is None else argv)
    args = parser().parse_args(words)
    args.words = words
    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except ConfigError as error:
        print("\n".join(bilingual_lines(error.problems)), file=sys.stderr)
        return 2
    except SorterError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("已中断 / interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
