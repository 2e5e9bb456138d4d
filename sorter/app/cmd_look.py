"""`sorter read`, `trace`, `check` and `doctor`: questions that change nothing."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sorter.app.args import add_config, command, default_config, made, newest_journal, no_files, positive
from sorter.app.check import check
from sorter.app.config import hub_from_files, load_hub
from sorter.app.doctor import examine
from sorter.app.exceptions import kept_picture
from sorter.app.findings import failed, lines, rows
from sorter.app.journal import read
from sorter.app.story import story
from sorter.app.texts import printable
from sorter.codec import Started
from sorter.errors import StoreError
from sorter.flow import REJECT, UNGRADED, CodeRead, Why
from sorter.hub import Hub
from sorter.waybill import choose
from vision.belt import BeltReader
from vision.decode import BUDGET_S, Reader
from vision.explain import explained, write_picture
from vision.files import FileRead, read_files


def add(commands: Any) -> None:
    """Register the four commands."""
    sub = command(commands, "read", run_read, "识读图片 / read the codes in images",
                  "  sorter read photo.png\n  sorter read pictures/ --json\n"
                  "  sorter read --explain photo.png --out explained\n"
                  "  sorter read --belt --explain runs/demo-1/pictures")  # fmt: skip
    sub.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="image files or folders of them")
    sub.add_argument("--config", type=Path, default=default_config(), metavar="DIR",
                     help="hub whose waybill formats count (default: configs/linzi)")  # fmt: skip
    sub.add_argument("--json", action="store_true", help="one JSON object a line")
    sub.add_argument("--belt", action="store_true",
                     help="as the line reads: Code 128 (by our own reader), QR and EAN-13")  # fmt: skip
    sub.add_argument("--explain", action="store_true",
                     help="also write NAME.explained.png: regions, rungs, profile, likelihood")  # fmt: skip
    sub.add_argument("--out", type=Path, default=Path(), metavar="DIR",
                     help="folder for what --explain writes (default: the current one)")  # fmt: skip
    sub = command(
        commands,
        "trace",
        run_trace,
        "查询一件包裹 / tell one parcel's story",
        "  sorter trace SF1234567890123\n  sorter trace SF1234567890123 --journal runs/demo-1/journal\n"
        "  sorter trace --parcel 17",
    )
    which = sub.add_mutually_exclusive_group(required=True)
    which.add_argument("waybill", metavar="WAYBILL", nargs="?", default="")
    which.add_argument("--parcel", type=positive, default=0, metavar="N",
                       help="the parcel's number on the line, where no waybill was read")  # fmt: skip
    sub.add_argument("--journal", type=Path, metavar="DIR", help="default: of the newest run in runs/")
    sub.add_argument("--lang", choices=("zh", "en"), default=None, help="one language only (default: both)")
    sub = command(commands, "check", run_check, "检查配置 / check a hub's configuration",
                  "  sorter check configs/linzi")  # fmt: skip
    add_config(sub, optional=True)
    sub = command(commands, "doctor", run_doctor, "检查本机 / check this machine, and a hub's PLC",
                  "  sorter doctor\n  sorter doctor configs/linzi --json")  # fmt: skip
    sub.add_argument("config", type=Path, nargs="?", metavar="CONFIG", help="also check this hub and its PLC")
    sub.add_argument("--json", action="store_true", help="a JSON list of findings")


def run_read(args: argparse.Namespace) -> int:
    """Read every image; 1 when none of them gave a code."""
    hub, today = load_hub(args.config), time.strftime("%Y-%m-%d")
    reader = BeltReader(budget_s=BUDGET_S) if args.belt else Reader()
    found, answered, drawn = 0, False, set[str]()
    for result in read_files(args.paths, reader):
        answered = True
        found += bool(result.codes)
        print(_as_json(result, hub, today) if args.json else _as_line(result, hub, today), flush=True)
        if args.explain and result.look is not None:
            _explain(result, made(args.out), drawn)
    if not answered:
        print(no_files(args.paths), file=sys.stderr)
    return 0 if found else 1


def _explain(result: FileRead, folder: Path, drawn: set[str]) -> None:
    """Draw it under a name that no other picture of this command has: `drawn` holds those."""
    stem = Path(result.file).stem
    names = (f"{stem}.{number}.explained.png" if number else f"{stem}.explained.png" for number in count())
    name = next(one for one in names if one not in drawn)
    drawn.add(name)
    path = folder / name
    assert result.pixels is not None and result.look is not None
    if not write_picture(str(path), explained(result.pixels, result.look)):
        raise StoreError(f"{path}: 写不了图片 / cannot be written\n  choose another folder with --out")
    told = printable(f"{path}: {result.file}", len(f"{path}: {result.file}"))
    print(f"{told} 图解 / how it was read", file=sys.stderr)


def _chosen(result: FileRead, hub: Hub, today: str) -> tuple[str, str, str]:
    """Waybill, courier, and why there is none: a file that cannot be read says so first."""
    choice = choose(result.codes, hub.couriers, {}, today)
    why = "" if choice.why is Why.ROUTED else choice.why.value
    return choice.waybill, choice.courier, result.reason or why


def _as_json(result: FileRead, hub: Hub, today: str) -> str:
    waybill, courier, reason = _chosen(result, hub, today)
    answer = {
        "file": result.file,
        "codes": [_code(code) for code in result.codes],
        "waybill": waybill or None,
        "courier": courier or None,
        "reason": reason,
    }
    line = json.dumps(answer, ensure_ascii=False)
    return line if line.isprintable() else json.dumps(answer)  # a terminal obeys some that JSON lets through


def _code(code: CodeRead) -> dict[str, object]:
    """As read: the rung that read it, and how good it looked; null where that rung does not grade."""
    return {
        "text": code.text,
        "symbology": code.symbology,
        "corners": code.corners,
        "reader": code.reader,
        "grade": None if code.grade == UNGRADED else asdict(code.grade),
    }


def _as_line(result: FileRead, hub: Hub, today: str) -> str:
    waybill, courier, reason = _chosen(result, hub, today)
    codes = ", ".join(f"{code.symbology} {code.text!r} [{code.reader}]" for code in result.codes) or "-"
    name = hub.couriers.name(courier) if courier else ""
    file = printable(result.file, len(result.file))
    return f"{file}: {codes} | 运单 waybill: {waybill or '-'} {name or reason}"


def run_trace(args: argparse.Namespace) -> int:
    """A parcel's story from the journal; 1 when no parcel has that waybill."""
    journal = args.journal or newest_journal()
    if journal is None:
        raise StoreError("没有运行记录 / there is no run in runs/: use --journal, or run the demo first")
    values = list(read(journal))
    start = next((value for value in values if isinstance(value, Started)), None)
    names = _chute_names(hub_from_files(dict(start.files), start.hub)) if start else {}
    kept = partial(kept_picture, journal)
    for lang in (args.lang,) if args.lang else ("zh", "en"):
        print("\n".join(story(values, args.waybill, names, lang, args.parcel, kept)))
    if args.parcel:
        return 0 if any(getattr(value, "pid", 0) == args.parcel for value in values) else 1
    decided = any(getattr(value, "waybill", None) == args.waybill for value in values)
    return 0 if decided else 1


def _chute_names(hub: Hub) -> dict[int, str]:
    names = {chute.id: f"{chute.id} {chute.name_zh} {chute.name_en}" for chute in hub.layout.chutes}
    return {**names, REJECT: "异常口 exception end"}


def run_check(args: argparse.Namespace) -> int:
    """Problems with file, line and remedy, and the table of dimensions; 1 when there is a problem."""
    report = check(args.config)
    print("\n".join(report.lines()))
    return 1 if report.problems else 0


def run_doctor(args: argparse.Namespace) -> int:
    """What this machine lacks; 3 when something is missing that sorting needs."""
    load = (lambda: load_hub(args.config)) if args.config else None
    findings = examine(load=load)
    if args.json:
        print(json.dumps(rows(findings), ensure_ascii=False))
    else:
        print("\n".join(lines(findings)))
    return 3 if failed(findings) else 0
