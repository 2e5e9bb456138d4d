"""What a run may forget, and when: old segments of its journal, and old rows of its database.

A segment goes when it is older than `journal_days` or lies beyond `journal_mb`, and only when nobody needs
it: every restart can begin behind it (two whole snapshots lie later), the database holds all its parcels,
each proven, and, where a backup is named, the backup has it byte for byte. The oldest go first, so that what
is left is a journal. Rows go `records_days` after their segment was written.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from sorter.app.disk import OS_DISK
from sorter.app.segments import (
    Position,
    StalePosition,
    chain_of,
    disk_errors,
    records,
    segment_number,
    segment_path,
    segment_paths,
)
from sorter.app.snapshots import KEPT, snapshots
from sorter.app.store import Store
from sorter.app.store_care import DATABASE, journal_of
from sorter.app.store_rows import Removed
from sorter.codec import decode
from sorter.flow import ParcelRecord
from sorter.hub import Keeping

DAY_US = 86_400_000_000
_PARCEL = b'["ParcelRecord"'


@dataclass(frozen=True, slots=True)
class Pruning:
    """What may go and what went. why: what keeps the next segment that is due, "" when none is due.

    due      segments that are too old or too many, oldest first
    removed  those of them that could go
    rows     of the database that went
    """

    due: tuple[int, ...]
    removed: tuple[int, ...]
    bytes: int
    rows: int
    why: str


def prune(
    run: Path, keeping: Keeping, *, backup: Path | None = None, dry: bool = False, now_us: int | None = None
) -> Pruning:
    """Forget what a run's folder need not keep. dry: only say so. now_us: wall clock.

    Raises StoreError for damage and the disk; nothing was removed then that was needed.
    """
    journal, now = journal_of(run), time.time_ns() // 1000 if now_us is None else now_us
    due = _due(segment_paths(journal), keeping, now)
    going, why = _may_go(run, journal, due, backup)
    removed = [_removed(path) for path in going]
    rows = 0
    if not dry and (removed or (run / DATABASE).exists()):
        with Store(run / DATABASE) as store:
            rows = store.forget(removed, now - keeping.records_days * DAY_US)
        _unlink(journal, going)
    size = sum(one.bytes for one in removed)
    return Pruning(_numbers(due), _numbers(going), size, rows, why)


def _numbers(paths: list[Path]) -> tuple[int, ...]:
    return tuple(map(segment_number, paths))


def _due(paths: list[Path], keeping: Keeping, now_us: int) -> list[Path]:
    """The oldest ones that are too old or too many; never the newest."""
    with disk_errors(paths[0]):
        stats = {path: path.stat() for path in paths}
    excess = sum(stat.st_size for stat in stats.values()) - keeping.journal_mb * 1_000_000
    due = list[Path]()
    for path in paths[:-1]:
        old = stats[path].st_mtime_ns // 1000 < now_us - keeping.journal_days * DAY_US
        if not old and excess <= 0:
            break
        due.append(path)
        excess -= stats[path].st_size
    return due


def _may_go(run: Path, journal: Path, due: list[Path], backup: Path | None) -> tuple[list[Path], str]:
    """The first ones of those that are due that nobody needs, and what keeps the next one."""
    if not due:
        return [], ""
    needed = [kept.position.segment for kept in snapshots(journal) if _holds(journal, kept.position)]
    if len(needed) < KEPT:
        return [], (
            f"快照 {len(needed)}/{KEPT} 份，重启需要全部日志 / "
            f"{len(needed)} of {KEPT} snapshots are there: a restart needs the whole journal"
        )
    free = list(takewhile(lambda path: segment_number(path) < min(needed), due))
    with Store(run / DATABASE) as store:
        store.catch_up(journal)
        for n, path in enumerate(free):
            if why := _kept_by(store, path, backup):
                return free[:n], why
    if len(free) == len(due):
        return free, ""
    return free, f"{due[len(free)].name}: 重启从此处开始 / a restart begins there"


def _holds(journal: Path, position: Position) -> bool:
    try:
        next(iter(records(segment_path(journal, position.segment), False, after=position)), None)
    except StalePosition:
        return False
    return True


def _kept_by(store: Store, path: Path, backup: Path | None) -> str:
    """Why a segment must stay: the database lacks a parcel of it, or the backup lacks it; "" = it may go."""
    for position, payload in records(path, newest=False):
        record = decode(json.loads(payload)) if payload.startswith(_PARCEL) else None
        if isinstance(record, ParcelRecord) and not store.has(position, record):
            return f"{path.name}: 数据库缺少此件 / the database lacks the parcel at byte {position.byte}"
    if backup is None:
        return ""
    copy = journal_of(backup) / path.name
    with disk_errors(copy):
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            return f"{path.name}: 备份中没有相同的副本 / the backup has no such copy of it"
    return ""


def _removed(path: Path) -> Removed:
    number = segment_number(path)
    chain = chain_of(segment_path(path.parent, number + 1))
    with disk_errors(path):
        stat = path.stat()
    return Removed(number, chain, stat.st_mtime_ns // 1000, stat.st_size)


def _unlink(journal: Path, going: list[Path]) -> None:
    """Oldest first, each durably, so that what is left is a journal whenever it stops."""
    for path in going:
        with disk_errors(path):
            path.with_suffix(".torn").unlink(missing_ok=True)
            OS_DISK.unlink(path)
            OS_DISK.sync_folder(journal)
