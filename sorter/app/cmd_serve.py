"""`sorter serve`: the operators' console in a process of its own."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, TextIO

from sorter.app.args import RUNS, add_config, command, newest_journal, port
from sorter.app.config import load_hub
from sorter.errors import StoreError

if TYPE_CHECKING:
    import uvicorn

DEFAULT_PORT = 8000
NICE = 10
"""Whatever the screens ask for, the control process goes first."""


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
    serve.add_argument("--out", type=Path, metavar="DIR", help="run to show (default: the newest)")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=port, default=DEFAULT_PORT, help=f"port (default {DEFAULT_PORT})")
    serve.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    serve.add_argument("--people", type=Path, metavar="FILE", help="users, audit (default: runs/console.db)")


@contextmanager
def console_beside(config: Path, folder: Path, number: int) -> Iterator[str]:
    """The address of a console for the run in `folder`, a process of its own, until the block ends."""
    words = ["serve", str(config), "--out", str(folder), "--port", str(number), "--with-parent"]
    start = [sys.executable, "-m", "sorter", *words]
    process = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        if not process.stdout.readline():
            raise StoreError(f"操作台未启动 / the console did not start (exit {process.wait()})")
        yield f"http://127.0.0.1:{number}"
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


def run_serve(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from sorter.app.console.follow import Follower
    from sorter.app.console.people import People
    from sorter.app.console.server import Desk, console
    from sorter.app.console.web import web_server

    os.nice(NICE)
    hub = load_hub(args.config)
    listening = _listening(args.host, args.port)
    newest = newest_journal()
    folder = args.out or (newest.parent if newest else None)
    if folder is None:
        raise StoreError("没有运行记录 / there is no run in runs/: start one, or name its folder with --out")
    with closing(People(args.people or RUNS / "console.db")) as people:
        server = web_server(console(Desk(hub, args.config, Follower(folder, hub), people)))
        print(f"操作台 / console: http://{args.host}:{args.port}  ({folder})", flush=True)
        if args.with_parent:
            Thread(target=_end_with, args=(sys.stdin, server), daemon=True).start()
        server.run(sockets=[listening])
    return 0


def _listening(host: str, number: int) -> socket.socket:
    """The address, taken before anything is promised. Raises StoreError when it is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, number), family=family, backlog=128)
    except OSError as error:
        remedy = "另选端口 / choose another port: --port 8001"
        raise StoreError(f"{host}:{number}: {error.strerror}\n  {remedy}") from None


def _end_with(parent: TextIO, server: uvicorn.Server) -> None:
    """End the server when whoever started it has ended."""
    parent.read()
    server.should_exit = True
