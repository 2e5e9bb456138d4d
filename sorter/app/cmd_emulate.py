"""`sorter emulate`: the simulated line behind Modbus TCP, to try a controller on."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from sim.arrivals import draw
from sim.emulator import Emulator
from sim.faultplan import FaultPlan
from sim.planned import Planned
from sim.truthfile import write_truths
from sim.upstream import marked, told
from sorter.app.args import (
    PROGRAM,
    add_config,
    add_stream,
    command,
    made,
    new_run,
    port,
    positive,
    seconds,
)
from sorter.app.config import load_hub
from sorter.app.fault_file import add_faults, planned
from sorter.app.manifest import write_words
from sorter.app.upsets import Upsets
from sorter.errors import ConfigError, Problem
from sorter.hub import Hub
from vision.ring import RingWriter, ring_folder

CALM = FaultPlan("calm")
RING_SLOTS = 16


def add(commands: Any) -> None:
    """Register the command."""
    emulate = command(
        commands,
        "emulate",
        run_emulator,
        "仿真产线（Modbus TCP） / the simulated line behind Modbus TCP",
        "  sorter emulate configs/linzi --parcels 500 --out runs/line",
    )
    add_config(emulate, optional=False)
    add_stream(emulate, parcels=200)
    add_faults(emulate)
    emulate.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    emulate.add_argument("--port", type=port, help="port to listen on, 0 = any free one (default: plc.yaml)")
    emulate.add_argument("--pace", type=seconds, default=1.0, help="line seconds per second (default 1)")
    emulate.add_argument("--lock-step", action="store_true", help="wait for the controller at every poll")
    emulate.add_argument("--cut", type=seconds, default=0.0, metavar="S", help="cut the link every S seconds")
    emulate.add_argument("--boot", type=positive, default=1, help="boot number of the PLC (default 1)")
    emulate.add_argument("--no-pictures", action="store_true", help="draw nothing: for run --reads")
    emulate.add_argument("--out", type=Path, metavar="DIR", help="folder for manifest and truth")
    emulate.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    emulate.add_argument("--json", action="store_true", help="tell address and files as one JSON line")


def run_emulator(args: argparse.Namespace) -> int:
    """Serve the simulated line until interrupted."""
    hub = load_hub(args.config)
    if args.pace <= 0:
        raise ConfigError([Problem("--pace", f"{args.pace} is not above 0", "1 is line pace")])
    folder = made(args.out) if args.out else new_run("emulate")
    drawn = draw(hub, args.seed, args.parcels, args.rate)
    write_truths(folder / "truth.csv", [one.truth for one in drawn])
    faults = planned(args.faults, hub, args.seed, drawn) or Planned(CALM, args.seed, marked(drawn))
    write_words(folder, told(drawn, faults)[0])
    ring = None if args.no_pictures else _ring(hub)
    emulator = Emulator(hub, drawn, args.seed, ring, folder, boot_id=args.boot, faults=faults)
    upsets = Upsets(folder, hub, faults, emulator)
    listen = hub.link.port if args.port is None else args.port

    def ready(real_port: int) -> None:
        _tell_ready(args, folder, ring.path if ring else None, real_port)

    try:
        asyncio.run(_until_stopped(emulator, args, listen, ready, upsets.take))
    except OSError as error:
        remedy = "另选端口 / choose another port: --port 0"
        print(f"{args.host}:{listen}: {error.strerror} ({remedy})", file=sys.stderr)
        return 3
    finally:
        if ring is not None:
            ring.close()
    return 0


def _ring(hub: Hub) -> RingWriter:
    camera = hub.layout.cameras[0]
    path = ring_folder() / f"sorter-{os.getpid()}.ring"
    return RingWriter.create(path, RING_SLOTS, (camera.along_px, camera.across_px))


async def _until_stopped(
    emulator: Emulator,
    args: argparse.Namespace,
    listen: int,
    ready: Callable[[int], None],
    often: Callable[[], None],
) -> None:
    loop, work = asyncio.get_running_loop(), asyncio.current_task()
    assert work is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    if args.with_parent:
        Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(work.cancel)), daemon=True).start()
    try:
        await emulator.run(args.host, listen, args.pace, ready, args.lock_step, args.cut, often)
    except asyncio.CancelledError:
        work.uncancel()


def _tell_ready(args: argparse.Namespace, folder: Path, ring: Path | None, real_port: int) -> None:
    if args.json:
        where = {"host": args.host, "port": real_port, "ring": str(ring or ""), "out": str(folder)}
        print(json.dumps(where), flush=True)
        return
    print(f"仿真产线就绪 / the line is ready on {args.host}:{real_port}; files in {folder}")
    eyes = f"--ring {ring}" if ring else "--reads JOURNAL"
    print(f"{PROGRAM} run {args.config} --port {real_port} {eyes} --manifest {folder / 'manifest.csv'}"
          f" --intercepts {folder / 'intercepts.csv'}", flush=True)  # fmt: skip
