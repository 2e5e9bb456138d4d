"""`sorter upset`: put a fault on an emulated line while it runs, from another terminal."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sorter.app.args import command
from sorter.app.fault_schema import FORMS
from sorter.app.upsets import CALM, ask, entry


def add(commands: Any) -> None:
    """Register the command."""
    upset = command(
        commands,
        "upset",
        run_upset,
        "给运行中的仿真产线加故障 / put a fault on an emulated line while it runs",
        "  sorter upset runs/line e-stop for=5s\n"
        "  sorter upset runs/line stuck-eye eye=3 shows=clear for=4s\n"
        "  sorter upset runs/line bad-answer share=2% cause=wrong-id\n  sorter upset runs/line calm",
    )
    upset.add_argument("line", type=Path, nargs="?", metavar="LINE", help="folder of sorter emulate --out")
    upset.add_argument("kind", nargs="?", metavar="FAULT", help="none: the list of faults and their keys")
    upset.add_argument("pairs", nargs="*", metavar="KEY=VALUE", help="as in a fault file; begins at once")


def run_upset(args: argparse.Namespace) -> int:
    """0 when the line has taken it, 1 when it was refused."""
    if args.line is None or args.kind is None:
        for kind, form in FORMS.items():
            print(f"{kind.value:16} {form.zh:12} {' '.join(form.takes[1:])}")
        print(f"{CALM:16} {'撤回':12}")
        return 0
    text = CALM if args.kind == CALM else entry(args.kind, args.pairs)
    taken, said = ask(args.line, text)
    print(said)
    return 0 if taken else 1
