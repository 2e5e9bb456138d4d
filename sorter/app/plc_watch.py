"""`sorter plc watch`: the PLC's status words by name, live in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence

from rich.live import Live
from rich.table import Table

from plc.adu import LinkTroubleError
from plc.blocks import split32
from plc.probe import Probe
from plc.records import RECORD_TYPES
from plc.registers import S, Status
from sorter.flow import PackState

SAFETY = ("e-stop ok", "guards ok", "power", "air", "PC", "local", "infeed")
DIAG = ("encoder ok", "chatter", "blocked", "diverter", "jam", "ring high", "second writer", "slot check")
COUNTING = frozenset({"hb_plc", "hb_pc_echo", "encoder", "t_ms", "guard_b", "window"})
"""Words that change at every scan: in plain lines they would hide the others."""

Row = tuple[str, str, str]
"""Address, name, value."""


def named(status: Status) -> list[Row]:
    """Every register of block S as a person reads it."""
    return [(f"S.{r.offset}", r.name, _shown(r.name, getattr(status, r.name))) for r in S.registers]


def _shown(name: str, value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_record(row) for row in value if row[1]) or "-"
    assert isinstance(value, int)
    if name == "state":
        return f"{value} {PackState(value).name}" if value in set(PackState) else f"{value} ?"
    if name in ("safety", "diag"):
        return _bits(value, SAFETY if name == "safety" else DIAG)
    if name in ("chute_full", "chute_fault"):
        return ", ".join(str(chute) for chute in range(256) if value >> chute & 1) or "-"
    if name == "first_fault":
        return f"{RECORD_TYPES.get(value >> 8, value >> 8)} {value & 0xFF}" if value else "-"
    if name in ("magic", "map_version", "session_echo"):
        return f"0x{value:04X}"
    return "0x{:04X}{:04X}".format(*split32(value)) if name == "order_probe" else str(value)


def _bits(value: int, names: Sequence[str]) -> str:
    return ", ".join(name for bit, name in enumerate(names) if value >> bit & 1) or "-"


def _record(row: Sequence[int]) -> str:
    kind = RECORD_TYPES.get(row[1] >> 8, f"type {row[1] >> 8}")
    return f"{row[0]} {kind} {row[1] & 0xFF}"


def statuses(probe: Probe, period_s: float, sleep: Callable[[float], None]) -> Iterator[Status | str]:
    """Whole statuses for ever, one a period; while there is none, the reason."""
    while True:
        try:
            status = Status.unpack(probe.block(S))
            if not status.torn:
                yield status
        except LinkTroubleError as trouble:
            yield trouble.reason
        sleep(period_s)


def lines(told: dict[str, str], now: Status | str) -> Iterator[str]:
    """What is new since the last call, one line a register; `told` remembers."""
    rows = [("", "link", now)] if isinstance(now, str) else [("", "link", "up"), *named(now)]
    for place, name, value in rows:
        if name not in COUNTING and told.get(name) != value:
            told[name] = value
            yield f"{place:5} {name} = {value}".lstrip()


def watch(probe: Probe, period_s: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Until interrupted."""
    feed = statuses(probe, period_s, sleep)
    if not sys.stdout.isatty():
        told: dict[str, str] = {}
        for now in feed:
            for line in lines(told, now):
                print(line, flush=True)
        return
    with Live(auto_refresh=False, screen=True) as live:
        for now in feed:
            live.update(_table(now), refresh=True)


def _table(now: Status | str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim underline")
    for head in ("地址 word", "名称 name", "值 value"):
        table.add_column(head, overflow="fold")
    for row in [("", "! 未连接 NO LINK", now)] if isinstance(now, str) else named(now):
        table.add_row(*row)
    return table
