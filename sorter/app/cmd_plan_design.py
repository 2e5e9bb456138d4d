"""`sorter plan suggest`, `graph`, `schema`: help for whoever writes a plan."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sorter.app.args import add_config, command, positive
from sorter.app.config import load_hub
from sorter.app.journal import read
from sorter.app.json_schemas import write_schemas
from sorter.app.plan_day import travelled
from sorter.app.plan_doubts import read_volumes
from sorter.app.plan_graph import graph, planned_flows, recorded_flows
from sorter.app.plan_suggest import Assigned, Outlet, Task, figures_of, loads_of, suggest
from sorter.app.strict_yaml import Value, read_yaml
from sorter.errors import ConfigError, Problem, StoreError
from sorter.hub import Hub
from sorter.network import Place


def add(inner: Any) -> None:
    """Register the commands in the group `plan`."""
    sub = command(inner, "suggest", run_suggest, "按件量建议格口分配 / suggest chutes for expected volumes",
                  "  sorter plan suggest --volumes volumes.csv")  # fmt: skip
    add_config(sub, optional=True)
    sub.add_argument("--volumes", type=Path, required=True, metavar="FILE", help="CSV: place,per_hour")
    sub.add_argument("--town", default="", metavar="NAME", help="assign this town's villages (second pass)")
    sub.add_argument("--spares", action="store_true", help="use the spare chutes too")
    sub.add_argument("--dock-mm", type=positive, metavar="MM",
                     help="where along the belt bags are loaded (default: its end)")  # fmt: skip
    sub.add_argument("--out", type=Path, metavar="FILE", help="write the plan with these chutes")
    sub = command(inner, "graph", run_graph, "方案图（SVG） / a picture of the plan",
                  "  sorter plan graph configs/linzi --out plan.svg")  # fmt: skip
    add_config(sub, optional=True)
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--volumes", type=Path, metavar="FILE", help="CSV: place,per_hour")
    what.add_argument("--journal", type=Path, metavar="DIR", help="a run: what it decided")
    sub.add_argument("--out", type=Path, metavar="FILE", default=Path("plan.svg"), help="default: plan.svg")
    sub = command(inner, "schema", run_schema, "导出 JSON Schema / export the files' JSON Schemas",
                  "  sorter plan schema --out configs/schema")  # fmt: skip
    sub.add_argument("--out", type=Path, default=Path("configs/schema"), metavar="DIR",
                     help="default: configs/schema")  # fmt: skip


# ---------------------------------------------------------------- suggest


def run_suggest(args: argparse.Namespace) -> int:
    """The assignment, its figures against their bounds, and its rules."""
    hub = load_hub(args.config)
    places = _places(hub, args.town)
    volumes = _by_place(hub, places, read_volumes(args.volumes, hub.network))
    dock = args.dock_mm or hub.layout.end_mm
    outlets = tuple(_outlets(hub, dock, args.spares))
    task = Task(volumes, outlets, min(chute.capacity for chute in hub.layout.chutes))
    assigned = suggest(task)
    rules = list(_rules(hub, places, assigned, bool(args.town)))
    print("\n".join((*_report(hub, places, task, assigned), *rules)))
    if args.out:
        _write(args.out, _plan_text(hub, rules, places, args.town))
        print(f"已写 / written: {args.out}")
    return 0


def _places(hub: Hub, town: str) -> dict[str, Place]:
    """What is to be assigned: the towns, or one town's villages."""
    if not town:
        return {place.code: place for place in hub.network.towns}
    found = next((place for place in hub.network.towns if town in (place.name, place.code)), None)
    if found is None:
        names = ", ".join(place.name for place in hub.network.towns)
        raise ConfigError([Problem("--town", f"unknown town '{town}'", f"known: {names}")])
    return {place.code: place for place in hub.network.villages(found.code)}


def _by_place(hub: Hub, places: Mapping[str, Place], volumes: Mapping[str, int]) -> dict[str, float]:
    """Parcels an hour of each place; a village's count for its town where towns are assigned."""
    found = dict.fromkeys(places, 0.0)
    for code, volume in volumes.items():
        for one in (code, hub.network.town_of(code)):
            if one in found:
                found[one] += volume
                break
    return found


def _outlets(hub: Hub, dock_mm: int, spares: bool) -> Iterator[Outlet]:
    """The chutes that the plan's rules for places use, and the spare ones where they may be used."""
    used = {chute for rule in hub.plan.rules if rule.towns or rule.villages for chute in rule.chutes}
    idle = {chute.id for chute in hub.layout.chutes} - hub.plan.chutes if spares else set()
    for chute in sorted(used | idle):
        diverter = hub.layout.chutes[chute].diverter
        pivot_mm = hub.layout.diverters[diverter].pivot_mm
        yield Outlet(chute, diverter, abs(dock_mm - pivot_mm))


def _report(hub: Hub, places: Mapping[str, Place], task: Task, assigned: Assigned) -> Iterator[str]:
    loads, found = loads_of(task, assigned), figures_of(task, assigned)
    carry = {outlet.chute: outlet.carry_mm for outlet in task.outlets}
    for chute, there in sorted(assigned.items()):
        names = "、".join(places[code].name for code in there) or "-"
        one = hub.layout.chutes[chute]
        yield f"{one.id} {one.key}: {names} | {loads[chute]:.0f}/h | {carry[chute] / 1000:.1f} m"
    yield (
        f"最忙格口 busiest chute: {found.peak:.0f}/h, 下界 bound {found.peak_bound:.0f}/h, "
        f"差距 gap {found.peak_gap:.1%}"
    )
    yield (
        f"搬袋路程 bags carried: {found.carried:.0f} m/h, 下界 bound {found.carried_bound:.0f} m/h, "
        f"差距 gap {found.carried_gap:.1%}"
    )


def _rules(hub: Hub, places: Mapping[str, Place], assigned: Assigned, villages: bool) -> Iterator[str]:
    """The rules as they stand in a plan's file, one for each set of chutes."""
    chutes: dict[str, list[int]] = defaultdict(list)
    for chute, there in sorted(assigned.items()):
        for code in there:
            chutes[code].append(chute)
    groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for code, several in chutes.items():
        groups[tuple(several)].append(code)
    kind = "villages" if villages else "towns"
    for those, codes in sorted(groups.items()):
        keys = [hub.layout.chutes[chute].key for chute in those]
        named = ", ".join(codes if villages else [places[code].name for code in codes])
        to = f"[{', '.join(keys)}]" + (", balance: true" if len(keys) > 1 else "")
        yield f"  - {{id: to-{keys[0]}, directions: [down], {kind}: [{named}], to: {to}}}"


def _plan_text(hub: Hub, rules: list[str], places: Mapping[str, Place], town: str) -> str:
    """The hub's plan with these rules in place of those that name places."""
    doc, _ = read_yaml("plan.yaml", hub.files["plan.yaml"])
    assert isinstance(doc.value, dict), "the hub was built from it"
    told = {**doc.value, "name": f"{doc.value['name']}-suggested"}
    if town:
        told["for_towns"] = [town]
    others = told.pop("rules")
    assert isinstance(others, list), "the schema wants a list"
    kept = [one for one in others if isinstance(one, dict) and not {"towns", "villages"} & one.keys()]
    lines = [f"  - {_flow(rule)}" for rule in kept]
    heads = [f"{key}: {_flow(value)}" for key, value in told.items()]
    return "\n".join((*heads, "rules:", *lines, *rules, ""))


def _flow(value: Value) -> str:
    """A value on one line; texts that YAML would take for something else stand in quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return value if value.replace("-", "").replace("/", "").isalnum() else f'"{value}"'


# ---------------------------------------------------------------- graph, schema


def run_graph(args: argparse.Namespace) -> int:
    """Write the picture."""
    hub = load_hub(args.config)
    if args.journal:
        where = args.journal / "journal" if (args.journal / "journal").is_dir() else args.journal
        flows, unit = recorded_flows(hub, travelled(read(where))), "件 parcels"
    elif args.volumes:
        volumes = {place: float(much) for place, much in read_volumes(args.volumes, hub.network).items()}
        flows, unit = planned_flows(hub, volumes), "件/小时 parcels an hour"
    else:
        flows, unit = planned_flows(hub), "村居 villages"
    _write(args.out, graph(hub, flows, unit))
    print(f"已写 / written: {args.out}")
    return 0


def run_schema(args: argparse.Namespace) -> int:
    """Write every schema."""
    try:
        paths = write_schemas(args.out)
    except OSError as error:
        raise StoreError(f"{args.out}: {error.strerror}\n  choose another folder with --out") from None
    print("\n".join(map(str, paths)))
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}\n  choose another file with --out") from None
