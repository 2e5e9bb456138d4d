"""`sorter run` and `sorter emulate`: a controller on a real wire, and a line to try it on."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

from plc.registers import MAINTENANCE, PRODUCTION
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
from sorter.app.exceptions import FOLDER, add_pictures, keep_pictures, keeper, tell_compiling
from sorter.app.fault_file import add_faults, planned
from sorter.app.journal import read
from sorter.app.keep_alive import keep_alive
from sorter.app.live import LiveView
from sorter.app.manifest import Intake, read_intercepts, read_manifest, write_words
from sorter.app.problem_words import bilingual
from sorter.app.recorded import RecordedReads
from sorter.app.runner import Watch
from sorter.app.stage import Stage, post_words, stage
from sorter.app.stopping import Stopping
from sorter.app.tally import Tally
from sorter.app.upsets import Upsets
from sorter.errors import ConfigError, Problem, StoreError
from sorter.flow import Effect, Event, Operated, PackCommand, PackState, Us
from sorter.hub import Hub
from sorter.layout import Link
from vision.keeper import Keeper
from vision.pipeline import Decoders
from vision.ring import RingWriter, ring_folder

CALM = FaultPlan("calm")
RING_SLOTS = 16
STOP_WAIT_S = 5.0
RING_WAIT_S = 10.0


def add(commands: Any) -> None:
    """Register both commands."""
    _add_run(commands)
    _add_emulate(commands)


def _add_run(commands: Any) -> None:
    run = command(
        commands,
        "run",
        run_line,
        "连接PLC并分拣 / sort on a line: PLC over Modbus TCP, pictures from a ring",
        "  sorter run configs/linzi --ring /dev/shm/sorter.ring --manifest manifest.csv",
    )
    add_config(run, optional=False)
    eyes = run.add_mutually_exclusive_group(required=True)
    eyes.add_argument("--ring", type=Path, metavar="FILE", help="the cameras' frame ring")
    eyes.add_argument("--reads", type=Path, metavar="JOURNAL", help="answers of a recorded run, by picture")
    run.add_argument("--lock-step", action="store_true", help="for an emulator in lock-step: no pause")
    run.add_argument(
        "--manifest", type=Path, metavar="CSV", help="pre-advice: waybill,courier,place,direction,service"
    )
    run.add_argument("--intercepts", type=Path, metavar="CSV", help="waybills to hold")
    run.add_argument("--host", help="PLC address (default: plc.yaml)")
    run.add_argument("--port", type=port, help="PLC port (default: plc.yaml)")
    run.add_argument("--out", type=Path, metavar="DIR", help="run folder; an existing one is continued")
    add_pictures(run)
    run.add_argument("--keep-alive", action="store_true", help="start again whenever it dies")
    run.add_argument("--stand-by", action="store_true", help="connect and watch, do not start the line")
    how = run.add_mutually_exclusive_group()
    how.add_argument("--observe", action="store_true",
                     help="read, decide, record; write nothing: another controller runs it")  # fmt: skip
    how.add_argument("--maintenance", action="store_true",
                     help="maintenance mode: every eye's edges are recorded, for plc calibrate")  # fmt: skip


def _add_emulate(commands: Any) -> None:
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


# ---------------------------------------------------------------- run


def run_line(args: argparse.Namespace) -> int:
    """Sort until interrupted; then stop the line and leave."""
    if args.keep_alive:
        return keep_alive(_child_words(args))
    hub = load_hub(args.config)
    link = replace(hub.link, host=args.host or hub.link.host)
    link = link if args.port is None else replace(link, port=args.port)
    intakes = [read_manifest(args.manifest, hub)] if args.manifest else []
    intakes += [read_intercepts(args.intercepts)] if args.intercepts else []
    _tell_intakes(intakes)
    folder = made(args.out) if args.out else new_run("run")
    tally = Tally(hub.layout)
    stopping = Stopping()
    vision = RecordedReads(read(args.reads)) if args.reads else Decoders(args.ring)
    pictures = keeper(args, args.ring or folder / "no-ring", folder)  # recorded reads have no pictures
    watch, today = _watch(tally, vision, pictures), time.strftime("%Y-%m-%d")
    with (
        closing(vision),
        closing(pictures),
        stage(hub, link, vision, folder, today, watch, args.observe) as on,
        stopping,
    ):
        on.machine.mailbox.in_step = args.lock_step
        on.machine.mailbox.mode_wish = MAINTENANCE if args.maintenance else PRODUCTION
        if not on.recovered:
            _see_ring(vision, args.ring)
        for intake in intakes:
            post_words(on.runner, intake.words)
        if not args.stand_by and not args.observe and not on.recovered:
            on.runner.post(lambda at_us: Operated(at_us, PackCommand.START))
        view = LiveView(hub, tally)
        with view:
            period_us = _period_us(args, hub, link)
            on.runner.run(period_us, lambda: _show(view, on) or stopping.asked)
            if not args.observe:
                _stop(on, tally, period_us)
    _tell_end(folder, tally, pictures)
    return 0


def _tell_end(folder: Path, tally: Tally, pictures: Keeper) -> None:
    print(f"运行记录 / journal: {folder / 'journal'}")
    if pictures.kept:
        print(f"异常照片 / pictures of exceptions: {pictures.kept}, {folder / FOLDER}")
    if tally.open:
        print(f"{len(tally.open)} 件仍在线上，续接用 / still on the belt, continue with: --out {folder}")


def _watch(tally: Tally, vision: Decoders | RecordedReads, pictures: Keeper) -> Watch:
    def watch(value: Event | Effect) -> None:
        tally.note(value)
        if isinstance(vision, RecordedReads):
            vision.note(value)
        else:
            keep_pictures(pictures, value)

    return watch


def _period_us(args: argparse.Namespace, hub: Hub, link: Link) -> Us:
    """Who only observes looks twice a scan: the other controller acknowledges an event within a cycle."""
    if args.observe:
        return hub.layout.scan_us // 2
    return 0 if args.lock_step else link.poll_us


def _see_ring(vision: Decoders | RecordedReads, ring: Path) -> None:
    """A line is not started blind. Raises StoreError when the cameras' ring does not appear."""
    if isinstance(vision, Decoders):
        tell_compiling(vision)
    if isinstance(vision, Decoders) and not vision.ready(RING_WAIT_S):
        remedy = f"先启动相机或仿真产线 / start the cameras first, or: {PROGRAM} emulate"
        raise StoreError(f"{ring}: 没有图像环 / no frame ring appeared there\n  {remedy}")


def _child_words(args: argparse.Namespace) -> list[str]:
    """The same command without --keep-alive, in one folder from start to start."""
    words = [word for word in args.words if word != "--keep-alive"]
    return words if args.out else [*words, "--out", str(new_run("run"))]


def _show(view: LiveView, on: Stage) -> bool:
    view.update(on.machine.encoder, on.machine.line_us(), on.machine.status is not None)
    return False


def _stop(on: Stage, tally: Tally, poll_us: int) -> None:
    """Stop the belt before leaving; a line that cannot be reached stops its infeed by itself."""
    on.runner.post(lambda at_us: Operated(at_us, PackCommand.STOP))
    end = time.monotonic() + STOP_WAIT_S
    on.runner.run(poll_us, lambda: tally.state is PackState.STOPPED or time.monotonic() > end)


def _tell_intakes(intakes: list[Intake]) -> None:
    for intake in intakes:
        for problem in intake.aside:
            print(bilingual(problem), file=sys.stderr)
        counts = f"{intake.rows} = {len(intake.words)} + {len(intake.aside)} + {intake.repeated}"
        print(f"行数=接收+搁置+重复 / rows = accepted + set aside + repeated: {counts}", file=sys.stderr)


# ---------------------------------------------------------------- emulate


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
