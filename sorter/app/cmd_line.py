"""`sorter run`: a controller on a real wire."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from plc.registers import MAINTENANCE, PRODUCTION
from sorter.app.args import (
    PROGRAM,
    add_config,
    command,
    made,
    new_run,
    port,
)
from sorter.app.config import load_hub
from sorter.app.exceptions import FOLDER, add_pictures, keep_pictures, keeper, tell_compiling
from sorter.app.journal import read
from sorter.app.keep_alive import keep_alive
from sorter.app.live import LiveView
from sorter.app.manifest import Intake, read_intercepts, read_manifest
from sorter.app.notify import Notifier
from sorter.app.problem_words import bilingual
from sorter.app.realtime import Tidying, claim
from sorter.app.recorded import RecordedReads
from sorter.app.runner import Watch
from sorter.app.stage import Stage, post_words, stage
from sorter.app.stopping import Stopping
from sorter.app.tally import Tally
from sorter.app.tended import tended
from sorter.errors import PassingError
from sorter.flow import Effect, Event, Operated, PackCommand, PackState, Us
from sorter.hub import Hub
from sorter.layout import Layout, Link
from sorter.timing import answer_us
from vision.keeper import Keeper
from vision.pipeline import Decoders

STOP_WAIT_S = 5.0
RING_WAIT_S = 10.0
RECORDS_KEPT = 10_000
"""Latest records that the screen figures are made of; all are in the journal."""


def add(commands: Any) -> None:
    """Register the command."""
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


def run_line(args: argparse.Namespace) -> int:
    """Sort until interrupted; then stop the line and leave. PassingError: another controller runs it."""
    if args.keep_alive:
        return keep_alive(_child_words(args))
    hub = load_hub(args.config)
    link = replace(hub.link, host=args.host or hub.link.host)
    link = link if args.port is None else replace(link, port=args.port)
    intakes = [read_manifest(args.manifest, hub)] if args.manifest else []
    intakes += [read_intercepts(args.intercepts)] if args.intercepts else []
    _tell_intakes(intakes)
    folder = made(args.out) if args.out else new_run("run")
    tally = Tally(hub.layout, kept=RECORDS_KEPT)
    stopping = Stopping()
    vision = _vision(args, hub.layout)
    pictures = keeper(args, args.ring or folder / "no-ring", folder)  # recorded reads have no pictures
    watch, today = _watch(tally, vision, pictures), time.strftime("%Y-%m-%d")
    with (
        closing(Notifier()) as notifier,
        closing(vision),
        closing(pictures),
        stage(hub, link, vision, folder, today, watch, args.observe) as on,
        tended(folder),
        stopping,
    ):
        _begin(args, on, vision, intakes)
        period_us = _period_us(args, hub, link)
        start = _start(args, on)
        with LiveView(hub, tally) as view, _in_time(notifier, period_us) as turned:
            on.runner.run(
                period_us, lambda: start() or _show(view, on) or stopping.asked or on.machine.held, turned
            )
            _only_one(on, link)
            if not args.observe:
                _stop(on, tally, period_us, turned)
            notifier.stopping()
    _tell_end(folder, tally, pictures)
    return 0


def _vision(args: argparse.Namespace, layout: Layout) -> Decoders | RecordedReads:
    """Recorded answers, or decoders that know how long an answer serves on this line."""
    if args.reads:
        return RecordedReads(read(args.reads))
    return Decoders(args.ring, serves_s=answer_us(layout) / 1e6)


def _begin(
    args: argparse.Namespace, on: Stage, vision: Decoders | RecordedReads, intakes: list[Intake]
) -> None:
    """Modes and first words."""
    on.machine.mailbox.in_step = args.lock_step
    on.machine.mailbox.mode_wish = MAINTENANCE if args.maintenance else PRODUCTION
    if not on.recovered:
        _see_ring(vision, args.ring)
    for intake in intakes:
        post_words(on.runner, intake.words)


def _start(args: argparse.Namespace, on: Stage) -> Callable[[], None]:
    """Start where a person has wished for it, as soon as the line is ours.

    Wished of a line that another controller runs, it would stay wished when that one has stopped it.
    """
    due = not args.stand_by and not args.observe and not on.recovered

    def look() -> None:
        nonlocal due
        if due and on.machine.status is not None:
            due = False
            on.runner.post(lambda at_us: Operated(at_us, PackCommand.START))

    return look


@contextmanager
def _in_time(notifier: Notifier, period_us: Us) -> Iterator[Callable[[], None]]:
    """The loop runs in time from here on, and whoever watches it hears so; what is to be called in pauses."""
    if period_us:  # in lock-step the line waits
        print(f"控制循环 / control loop: {claim().value}", file=sys.stderr, flush=True)
    with Tidying() as tidying:
        notifier.ready("sorting")

        def turned() -> None:
            notifier.turned()
            tidying.pause()

        yield turned


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
    """A line is not started blind. Raises PassingError while the cameras' ring does not appear."""
    if isinstance(vision, Decoders):
        tell_compiling(vision)
    if isinstance(vision, Decoders) and not vision.ready(RING_WAIT_S):
        remedy = f"先启动相机或仿真产线 / start the cameras first, or: {PROGRAM} emulate"
        raise PassingError(f"{ring}: 没有图像环 / no frame ring appeared there\n  {remedy}")


def _child_words(args: argparse.Namespace) -> list[str]:
    """The same command without --keep-alive, in one folder from start to start."""
    words = [word for word in args.words if word != "--keep-alive"]
    return words if args.out else [*words, "--out", str(new_run("run"))]


def _show(view: LiveView, on: Stage) -> bool:
    view.update(on.machine.encoder, on.machine.line_us(), on.machine.status is not None)
    return False


def _only_one(on: Stage, link: Link) -> None:
    """Two controllers would each hear half of the line. Raises PassingError while another one runs it."""
    if on.machine.held:
        remedy = "先停止其中一个；只旁观用 --observe / end one of the two; to look on only: --observe"
        raise PassingError(
            f"{link.host}:{link.port}: 另一个控制程序正在控制此线 / another controller runs this line: "
            f"{on.machine.trouble}\n  {remedy}"
        )


def _stop(on: Stage, tally: Tally, poll_us: Us, turned: Callable[[], None]) -> None:
    """Stop the belt before leaving; a line that cannot be reached stops its infeed by itself."""
    on.runner.post(lambda at_us: Operated(at_us, PackCommand.STOP))
    end = time.monotonic() + STOP_WAIT_S
    on.runner.run(poll_us, lambda: tally.state is PackState.STOPPED or time.monotonic() > end, turned)


def _tell_intakes(intakes: list[Intake]) -> None:
    for intake in intakes:
        for problem in intake.aside:
            print(bilingual(problem), file=sys.stderr)
        counts = f"{intake.rows} = {len(intake.words)} + {len(intake.aside)} + {intake.repeated}"
        print(f"行数=接收+搁置+重复 / rows = accepted + set aside + repeated: {counts}", file=sys.stderr)
