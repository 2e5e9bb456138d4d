"""`sorter serve`: the operators' console in a process of its own."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sorter.app.args import RUNS, add_config, command, newest_journal, port
from sorter.app.config import load_hub
from sorter.errors import StoreError

DEFAULT_PORT = 8000


def add(commands: Any) -> None:
    """Register the command."""
    serve = command(
        commands,
        "serve",
        run_serve,
        "操作台（浏览器） / the operators' console in a browser",
        "  sorter serve configs/linzi\n  sorter serve configs/linzi --out runs/line --port 8080",
    )
    add_config(serve, optional=False)
    serve.add_argument(
        "--out", type=Path, metavar="DIR", help="run to show (default: the newest)"
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=port, default=DEFAULT_PORT, help=f"port (default {DEFAULT_PORT})")
    serve.add_argument(
        "--people", type=Path, metavar="FILE", help="users, audit (default: runs/console.db)"
    )


@contextmanager
def console_beside(config: Path, folder: Path, number: int) -> Iterator[str]:
    """The address of a console for the run in `folder`, a process of its own, until the block ends."""
    words = ["serve", str(config), "--out", str(folder), "--port", str(number)]
    start = [sys.executable, "-m", "sorter", *words]
    process = subprocess.Popen(start, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{number}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def run_serve(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    import uvicorn

    from sorter.app.console.follow import Follower
    from sorter.app.console.people import People
    from sorter.app.console.server import Desk, console

    hub = load_hub(args.config)
    newest = newest_journal()
    folder = args.out or (newest.parent if newest else None)
    if folder is None:
        raise StoreError("没有运行记录 / there is no run in runs/: start one, or name its folder with --out")
    with closing(People(args.people or RUNS / "console.db")) as people:
        follower = Follower(folder, lambda: people.words(str(folder)), hub)
        app = console(Desk(hub, args.config, follower, people))
        print(f"操作台 / console: http://{args.host}:{args.port}  ({folder})", flush=True)
        uvicorn.run(app, host=args.host, port=args.port, log_level="warning", timeout_graceful_shutdown=1)
    return 0
