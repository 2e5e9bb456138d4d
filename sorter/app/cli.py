"""The command line: one sub-command per task, each built by hand in the module named beside it.

Exit codes: 0 done and well; 1 done, and the answer is no (problems, differences, mis-sorts, not found);
2 a wrong argument, or a file that cannot be used; 3 the machine, the disk or a process failed, or another
controller runs the line: that may pass, and `--keep-alive` tries; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from sorter.app.args import PROGRAM, Parser
from sorter.app.problem_words import bilingual_lines
from sorter.errors import ConfigError, PassingError, SorterError

ALONE = {"run": "cmd_line", "emulate": "cmd_emulate", "serve": "cmd_serve"}
"""Services: each loads its own module only, starts sooner, and nothing computes beside the control loop."""

OTHERS = (
    *("cmd_sim", "cmd_look", "cmd_plan", "cmd_network", "cmd_plc", "cmd_camera", "cmd_upset", "cmd_store"),
    *("cmd_torture", "cmd_compile"),
)

EXIT_CODES = """exit codes:
  0  done and well
  1  done, and the answer is no: problems, differences, mis-sorts, not found
  2  a wrong argument, or a file that cannot be used
  3  the machine, the disk or a process failed, or another controller runs the line; another try may succeed
  130  interrupted
"""


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The whole command line, or what of it these words need."""
    top = Parser(
        prog=PROGRAM,
        description="包裹分拣线控制器与仿真 / parcel sorting-line controller with simulation",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    alone = ALONE.get(words[0]) if words else None
    for module in (alone,) if alone else ("cmd_demo", *ALONE.values(), *OTHERS):
        import_module(f"sorter.app.{module}").add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Expected trouble is told in words, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that is not UTF-8 shows escapes instead of ending the command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if argv is None else argv)
    args = parser(words).parse_args(words)
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
        return 3 if isinstance(error, PassingError) else 2
    except KeyboardInterrupt:
        print("已中断 / interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        remedy = "检查磁盘、路径和权限 / check the disk, the path and its permissions"
        print(f"{error.filename or args.command}: {error.strerror or error}\n  {remedy}", file=sys.stderr)
        return 3
