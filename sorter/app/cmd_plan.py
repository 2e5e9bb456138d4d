"""`sorter plan check`, `resolve` and `why`: what a plan does, where parcels go, on whose word."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sorter.addresses import Resolver
from sorter.app import cmd_plan_change, cmd_plan_design
from sorter.app.args import add_config, command, day, default_config, group, positive
from sorter.app.config import load_hub, read_hub, read_plan
from sorter.app.manifest import read_intercepts, row_about
from sorter.app.plan_desk import candidate
from sorter.app.plan_doubts import coverage, plan_doubts, read_volumes
from sorter.app.problem_words import bilingual_lines
from sorter.app.tables import Columns, read_table
from sorter.app.why import Question, explain, resolved_line, resolved_row
from sorter.destinations import Known
from sorter.flow import Direction, Service

ADDRESSES: Columns = {"id": ("编号", "运单号"), "address": ("地址", "收件地址", "收货地址")}

_WAYBILL = re.compile(r"[0-9A-Za-z-]{6,64}")


def add(commands: Any) -> None:
    """Register the group and its commands."""
    inner = group(commands, "plan", "分拣方案 / sort plans")
    sub = command(inner, "check", run_check, "检查分拣方案 / check a hub's sort plan",
                  "  sorter plan check configs/linzi --plan configs/linzi/plans/emergency.yaml\n"
                  "  sorter plan check configs/linzi --volumes volumes.csv")  # fmt: skip
    add_config(sub, optional=True)
    sub.add_argument("--plan", type=Path, metavar="FILE", help="another plan of this hub")
    sub.add_argument("--volumes", type=Path, metavar="FILE", help="CSV of expected parcels: place,per_hour")
    sub.add_argument("--bags-an-hour", type=positive, default=20, metavar="N",
                     help="bag changes that a chute's crew can do in an hour (default 20)")  # fmt: skip
    cmd_plan_change.add(inner)
    cmd_plan_design.add(inner)
    sub = command(inner, "resolve", run_resolve, "解析地址表 / resolve a table of addresses",
                  "  sorter plan resolve addresses.csv --json")  # fmt: skip
    sub.add_argument("table", type=Path, metavar="FILE", help="CSV or JSON with id,address")
    sub.add_argument("--json", action="store_true", help="one JSON object a line")
    _add_hub(sub)
    sub = command(inner, "why", run_why, "说明一次决定的每一步 / tell every step of a decision",
                  "  sorter plan why 临淄区凤凰镇东召村12号 --courier jt\n"
                  "  sorter plan why SF1234567890123 --manifest manifest.csv")  # fmt: skip
    sub.add_argument("asked", metavar="WAYBILL|ADDRESS")
    sub.add_argument("--courier", default="", metavar="KEY", help="whose parcel it is, where nothing tells")
    sub.add_argument("--site", default="", metavar="CODE", help="site code on the label")
    sub.add_argument("--override", default="", metavar="PLACE", help="place that a person ordered")
    sub.add_argument("--direction", type=Direction, default=Direction.DOWN, metavar="WORD",
                     help="down, up or return")  # fmt: skip
    sub.add_argument("--service", type=Service, default=Service.STANDARD, metavar="WORD",
                     help="standard, cold, emergency or produce")  # fmt: skip
    sub.add_argument("--inspected", action="store_true", help="it went through the security check")
    sub.add_argument("--dock", default="", metavar="KEY", help="courier whose parcels are unloaded")
    sub.add_argument("--wave", default="", metavar="NAME", help="the wave that runs")
    sub.add_argument("--length-mm", type=positive, default=0, metavar="MM", help="its length")
    sub.add_argument("--plan", type=Path, metavar="FILE", help="another plan of this hub")
    sub.add_argument("--manifest", type=Path, metavar="FILE", help="pre-advice, CSV or JSON")
    sub.add_argument("--intercepts", type=Path, metavar="FILE", help="waybills to hold")
    _add_hub(sub)


def _add_hub(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--config", type=Path, default=default_config(), metavar="DIR",
                     help="hub (default: configs/linzi)")  # fmt: skip
    sub.add_argument("--date", type=day, default=date.today().isoformat(), metavar="DAY",
                     help="day of which names and formats are taken (default: today)")  # fmt: skip


def run_check(args: argparse.Namespace) -> int:
    """Problems and warnings of the hub and its plan, the share of villages covered; 1 on a problem."""
    reading = read_hub(args.config)
    hub = reading.hub
    if args.plan and hub:
        reading = read_plan(hub, args.plan)
        hub = reading.hub
    found = [*reading.problems, *reading.warnings]
    if hub:
        volumes = read_volumes(args.volumes, hub.network) if args.volumes else None
        found += plan_doubts(hub, args.plan or args.config / "plan.yaml", volumes, args.bags_an_hour)
    print("\n".join(bilingual_lines(found)) or "没有问题 nothing found")
    if hub:
        reach = coverage(hub)
        print(f"{hub.plan.version}: {reach.covered} / {reach.villages} 村居有格口 villages covered")
    return 1 if reading.problems else 0


def run_resolve(args: argparse.Namespace) -> int:
    """One line for each address, in the order of the file."""
    network = load_hub(args.config).network
    resolver = Resolver(network, args.date)
    for row in read_table(args.table, ADDRESSES, ("id", "address")):
        resolved = resolver.resolve("" if row.misfit else row.get("address"))
        if args.json:
            print(json.dumps(resolved_row(row.get("id"), resolved), ensure_ascii=False))
        else:
            print(resolved_line(row.get("id"), resolved, network))
    return 0


def run_why(args: argparse.Namespace) -> int:
    """The steps of one decision; 1 when the parcel would leave as an exception."""
    hub = load_hub(args.config)
    if args.plan:
        hub = replace(hub, plan=candidate(hub, args.plan))
    asked = args.asked.strip()
    is_waybill = _WAYBILL.fullmatch(asked) is not None
    row = row_about(args.manifest, asked) if args.manifest and is_waybill else None
    words = read_intercepts(args.intercepts).words if args.intercepts else ()
    held = any(word.waybill == asked for word in words)
    known = Known(
        held=held,
        override=args.override,
        place=row.get("place") if row else "",
        site=args.site or (row.get("site") if row else ""),
        address=(row.get("address") if row else "") if is_waybill else asked,
    )
    courier = args.courier or (row.get("courier") if row else "")
    kind = (args.direction, args.service, args.inspected, args.dock, args.wave, args.length_mm)
    lines, routed = explain(hub, Question(asked if is_waybill else "", courier, known, *kind), args.date)
    print("\n".join(lines))
    return 0 if routed else 1
