"""`sorter store verify|backup|export|prune`: care for what a run has written."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from sorter.app.args import command, group, positive
from sorter.app.plan_desk import plans_of
from sorter.app.retention import prune
from sorter.app.store_care import backup, export, lost_tail, verify
from sorter.errors import StoreError


def add(commands: Any) -> None:
    """Register the group."""
    store = group(commands, "store", "运行记录 / verify, back up and export a run's records")
    sub = command(store, "verify", run_verify, "逐条校验 / prove every record of the journal and database",
                  "  sorter store verify runs/demo-1")  # fmt: skip
    _folder(sub)
    sub = command(store, "backup", run_backup, "运行中也可备份 / copy the journal, also while it is written",
                  "  sorter store backup runs/demo-1 backup/demo-1")  # fmt: skip
    _folder(sub)
    sub.add_argument("target", type=Path, metavar="NEW", help="a folder that is not there yet")
    sub = command(store, "export", run_export, "导出包裹记录 / parcel records as CSV",
                  "  sorter store export runs/demo-1 parcels.csv")  # fmt: skip
    _folder(sub)
    sub.add_argument("file", type=Path, metavar="CSV", help="the file to write")

    sub = command(store, "prune", run_prune, "清理旧记录 / remove what need not be kept (store.yaml)",
                  "  sorter store prune runs/line --dry-run")  # fmt: skip
    _folder(sub)
    sub.add_argument("--dry-run", action="store_true", help="only say what would go")
    sub.add_argument("--backup", type=Path, metavar="COPY", help="remove only what this copy has, too")
    sub.add_argument("--days", type=positive, help="of the journal to keep, in place of store.yaml's")


def _folder(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folder", type=Path, metavar="RUN", help="folder of a run, or its journal")


def run_verify(args: argparse.Namespace) -> int:
    """0 when every record proves itself, 1 when not, or when the journal ends with something else."""
    try:
        proof = verify(args.folder)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    rows = "没有 / none" if proof.rows is None else str(proof.rows)
    print(f"完好 / whole: {proof.segments} 段 segments, {proof.values} 条 values, "
          f"{proof.starts} 次启动 starts")  # fmt: skip
    print(f"包裹记录 / parcel records: {proof.records}；数据库行 / rows of the database: {rows}")
    if proof.torn:
        print(f"末尾 {proof.torn} 字节不完整，写入中断或正在写入 / "
              f"the end is not whole: {proof.torn} bytes, a write cut short or under way")  # fmt: skip
    return int(proof.torn > 0)


def run_backup(args: argparse.Namespace) -> int:
    """0 when the copy is there, durable and verified; 1 when the journal goes on with something else."""
    size = backup(args.folder, args.target)
    print(f"已备份并校验 / backed up and verified: {args.target}, {size} 字节 bytes")
    return _whole(args.folder)


def run_prune(args: argparse.Namespace) -> int:
    """0 when all that is due went (or would go), 1 when something that is due must stay."""
    keeping = plans_of(args.folder).hub.keeping
    if args.days:
        keeping = replace(keeping, journal_days=args.days)
    done = prune(args.folder, keeping, backup=args.backup, dry=args.dry_run)
    verb = "可清理 / may go" if args.dry_run else "已清理 / removed"
    print(f"{verb}: {len(done.removed)} 段 segments, {done.bytes} 字节 bytes, {done.rows} 行 rows")
    if done.why:
        print(f"保留 / kept: {done.why}")
    return int(bool(done.why))


def run_export(args: argparse.Namespace) -> int:
    """0 when the file is there and has every record; 1 when the journal goes on with something else."""
    print(f"{args.file}: {export(args.folder, args.file)} 件 / parcels")
    return _whole(args.folder)


def _whole(folder: Path) -> int:
    """0 when the journal ends with a record; else 1, and what is not handed out is told."""
    lost = lost_tail(folder)
    if lost:
        print(f"末尾 {lost} 字节不是记录，未包含在内 / the last {lost} bytes are no records and not in it: "
              f"a write cut short, or damage\n  {folder}: sorter store verify", file=sys.stderr)  # fmt: skip
    return int(lost > 0)
