"""`sorter plc`: looking at, trying and measuring a line's PLC, for whoever commissions it."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from plc.adu import LinkTroubleError
from plc.modbus import ModbusMachine
from plc.probe import Probe
from plc.registers import S, Status
from sorter.app.args import add_config, command, port
from sorter.app.calibration import Quantity, learn
from sorter.app.config import hub_from_files, load_hub
from sorter.app.coupler_doctor import examine_coupler
from sorter.app.findings import failed, lines, rows
from sorter.app.journal import read
from sorter.app.line_edit import apply
from sorter.app.plc_doctor import examine_plc
from sorter.app.plc_jog import JogRefusedError, jog
from sorter.app.plc_watch import named, watch
from sorter.app.pulse import monotonic_us
from sorter.app.stage import new_session
from sorter.codec import Started
from sorter.errors import StoreError
from sorter.flow import EyeSeen
from sorter.hub import Hub
from sorter.layout import Link

WATCH_S = 0.2


def add(commands: Any) -> None:
    """Register the group."""
    group = commands.add_parser("plc", help="调试 PLC / commission a PLC: doctor, watch, jog, calibrate")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    sub = command(actions, "doctor", run_doctor, "检查 PLC / does the PLC fit its configuration",
                  "  sorter plc doctor configs/linzi")  # fmt: skip
    _wired(sub)
    sub.add_argument("--json", action="store_true", help="a JSON list of findings")
    sub.add_argument("--coupler", action="store_true", help="a remote I/O coupler instead of a tracking PLC")
    sub = command(actions, "watch", run_watch, "按名称显示寄存器 / live registers by name",
                  "  sorter plc watch configs/linzi\n  sorter plc watch configs/linzi --once")  # fmt: skip
    _wired(sub)
    sub.add_argument("--once", action="store_true", help="every register once, then end")
    sub = command(actions, "jog", run_jog, "点动一个格口的摆轮 / turn a chute's diverter for half a second",
                  "  sorter plc jog 3 configs/linzi")  # fmt: skip
    sub.add_argument("chute", type=int, metavar="CHUTE")
    _wired(sub)
    sub = command(
        actions,
        "calibrate",
        run_calibrate,
        "由维护运行学习尺寸 / learn the line's dimensions from a run in maintenance mode",
        "  sorter run configs/linzi --maintenance --ring RING --out runs/tuning\n"
        "  sorter plc calibrate runs/tuning/journal --length-mm 400",
    )
    sub.add_argument("journal", type=Path, metavar="JOURNAL")
    sub.add_argument("--length-mm", type=int, metavar="MM", help="true length of the test parcels, all alike")
    sub.add_argument("--apply", type=Path, metavar="CONFIG", help="write what was learned into its line.yaml")


def _wired(sub: argparse.ArgumentParser) -> None:
    add_config(sub, optional=True)
    sub.add_argument("--host", help="PLC address (default: plc.yaml)")
    sub.add_argument("--port", type=port, help="PLC port (default: plc.yaml)")


def _link(args: argparse.Namespace, hub: Hub) -> Link:
    link = replace(hub.link, host=args.host or hub.link.host)
    return link if args.port is None else replace(link, port=args.port)


def run_doctor(args: argparse.Namespace) -> int:
    """Every check of the link; 3 when something is missing that sorting needs."""
    hub = load_hub(args.config)
    link = _link(args, hub)
    findings = examine_coupler(hub.layout, link) if args.coupler else examine_plc(hub, link)
    print(json.dumps(rows(findings), ensure_ascii=False) if args.json else "\n".join(lines(findings)))
    return 3 if failed(findings) else 0


def run_watch(args: argparse.Namespace) -> int:
    """The status block by name, until interrupted; 3 when a single look finds no PLC."""
    with Probe(_link(args, load_hub(args.config))) as probe:
        if not args.once:
            watch(probe, WATCH_S)
            return 0
        try:
            status = Status.unpack(probe.block(S))
        except LinkTroubleError as trouble:
            print(trouble.reason)
            return 3
    for place, name, value in named(status):
        print(f"{place:6} {name:13} {value}")
    return 0


def run_jog(args: argparse.Namespace) -> int:
    """Turn the diverter once; 1 when it was not turned."""
    hub = load_hub(args.config)
    if args.chute not in range(len(hub.layout.chutes)):
        last = len(hub.layout.chutes) - 1
        print(f"没有格口 {args.chute}，可用 0-{last} / there is no chute {args.chute}, they are 0 to {last}")
        return 1
    link = _link(args, hub)
    with closing(ModbusMachine(link, hub.layout, new_session(), monotonic_us)) as machine:
        try:
            jog(machine, args.chute, link.poll_us / 1e6)
        except JogRefusedError as refused:
            print(refused)
            return 1
    print(f"格口 {args.chute} 的摆轮已点动 / the diverter of chute {args.chute} was turned")
    return 0


def run_calibrate(args: argparse.Namespace) -> int:
    """Before and after of each dimension; 1 when the run taught nothing."""
    values = list(read(args.journal))
    start = next((value for value in values if isinstance(value, Started)), None)
    if start is None:
        raise StoreError(f"{args.journal}: 没有开始记录 / the journal has no start\n  use a run's journal")
    layout = hub_from_files(dict(start.files), start.hub).layout
    learned = learn([value for value in values if isinstance(value, EyeSeen)], layout, args.length_mm)
    print(f"{'':32} {'before':>8} {'after':>8} {'+-':>6} {'n':>5}")
    for one in learned:
        print(_line(one))
    if all(one.after is None for one in learned):
        print("维护模式下未见包裹 / no parcel passed in maintenance mode: sorter run CONFIG --maintenance")
        return 1
    if args.apply:
        print(apply(args.apply, dict(start.files), learned))
    return 0


def _line(one: Quantity) -> str:
    after = "-" if one.after is None else str(one.after)
    name = f"{one.zh} {one.en}"
    pad = 32 - sum(2 if ord(char) > 0x2E80 else 1 for char in name)
    return f"{name}{' ' * pad} {one.before:8} {after:>8} {one.spread:6.1f} {one.seen:5} {one.unit}"
