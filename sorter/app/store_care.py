"""Care for a run's journal and its projection: prove both, copy while they are written, hand records out."""

from __future__ import annotations

import csv
import os
import shutil
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sorter.app.segments import (
    disk_errors,
    good_end,
    read_from,
    read_kind,
    segment_path,
    segment_paths,
)
from sorter.app.snapshots import snapshot_paths, whole
from sorter.app.store import Store, outdated
from sorter.app.store_proof import copy_database, prove_database
from sorter.app.store_rows import COLUMNS
from sorter.codec import Started
from sorter.errors import StoreError
from sorter.flow import CodeRead, FrameTag, ParcelRecord

DATABASE = "console.store"
"""The projection that the console keeps in a run's folder."""

PLANS = "plans"
"""The texts of plans that were put in force from the console, beside the run."""

_NO_SNAPSHOT = "remove it: a restart takes the one before it, or reads the journal"

_WITHIN = (
    "在要备份的运行目录里 / lies inside the run that it would be a copy of\n"
    "  选别的目录，最好在另一块盘上 / choose a folder outside of it, best on another disk"
)
_DAMAGED = "没有备份：损坏的是运行记录本身 / not backed up: it is the run itself that is damaged"
_UNLIKE = "副本读回与原件不同，已删除，请检查该盘 / the copy did not read back as the run is, and was removed"

_WRITE_S = 0.2
"""No write under way stands still for so long."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would take a text that begins so for a formula."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A journal that holds: segments, values, parcel records, starts; rows of the database, None = none.

    torn  bytes at the journal's end that are no records: a write cut short, under way, or damaged
    """

    segments: int
    values: int
    records: int
    starts: int
    rows: int | None
    torn: int = 0


def verify(folder: Path) -> Proof:
    """Read every record of the journal in a run's folder, and ask whether its projection agrees.

    Raises StoreError for damage (file and byte) and for a projection that says something else; one that is
    merely behind is caught up, one of an earlier version is set aside and made anew. A damaged snapshot is
    told, too, though a restart does without it.
    """
    journal = journal_of(folder)
    counts = Counter(type(value).__name__ for _, value in read_from(journal, None))
    records = counts[ParcelRecord.__name__]
    database, rows = folder / DATABASE, None
    for path in snapshot_paths(journal):
        if not whole(path):
            raise StoreError(f"{path}: is damaged, or of another version\n  {_NO_SNAPSHOT}")
    if database.exists():
        if outdated(database):
            Store(database).close()
        rows = prove_database(database, journal)
        with Store(database) as store:
            added = store.catch_up(journal)
        rows = prove_database(database, journal) if added else rows
    segments = segment_paths(journal)
    size, end = _ends(segments[-1])
    return Proof(len(segments), counts.total(), records, counts[Started.__name__], rows, size - end)


def lost_tail(folder: Path) -> int:
    """Bytes at the end of a run's journal that are no records, and that nobody is writing."""
    journal = journal_of(folder)
    newest = segment_paths(journal)[-1]
    size, end = _ends(newest)
    if size == end:
        return 0
    time.sleep(_WRITE_S)
    still = newest == segment_paths(journal)[-1] and _ends(newest) == (size, end)
    return size - end if still else 0


def _ends(segment: Path) -> tuple[int, int]:
    """Bytes of a segment, and those up to its last whole record."""
    return segment.stat().st_size, good_end(segment)[0]


def backup(folder: Path, target: Path) -> int:
    """Copy a run's journal, snapshots, database and plans, which may be written meanwhile, to a new folder.

    Returns the bytes. A database of an earlier version stays behind: the journal's copy makes it anew. The
    copy ends with the last record that was whole, is read back before it gets its name, and is durable.
    Raises StoreError when the target is there already or lies in the run, the disk refuses or what is copied
    is damaged; then nothing is left behind.
    """
    journal, part = journal_of(folder), target.with_name(target.name + ".part")
    if target.exists():
        raise StoreError(f"{target}: is there already\n  choose another name")
    if any(target.resolve().is_relative_to(own.resolve()) for own in (folder, journal)):
        raise StoreError(f"{target}: {_WITHIN}")
    try:
        with disk_errors(target):
            copied = _copy_run(folder, journal, part)
        verify(part)
    except StoreError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise _blamed(error, folder, target, part) from None
    with disk_errors(target):
        copies = (*part.rglob("snapshot-*"), *part.glob(f"{DATABASE}*"), *part.glob(f"{PLANS}/*"))
        for path in (*copies, part / "journal", part / PLANS, part):
            _sync(path)
        os.replace(part, target)
        _sync(target.parent)
    return copied


def _copy_run(folder: Path, journal: Path, part: Path) -> int:
    """All of a run that is worth keeping; how many bytes."""
    shutil.rmtree(part, ignore_errors=True)
    copied = _copy_journal(journal, part / "journal") + _copy_plans(folder / PLANS, part / PLANS)
    if not outdated(folder / DATABASE):
        copied += copy_database(folder / DATABASE, part / DATABASE)
    return copied


def _blamed(error: StoreError, folder: Path, target: Path, part: Path) -> StoreError:
    """What is wrong with the run by the run's own paths, if it is; else with the disk that has the copy."""
    if str(part) not in str(error):
        return error
    try:
        verify(folder)
    except StoreError as own:
        return StoreError(f"{own}\n  {_DAMAGED}")
    return StoreError(f"{target}: {_UNLIKE}: {str(error).replace(str(part), str(target))}")


def _copy_journal(journal: Path, copy: Path) -> int:
    copy.mkdir(parents=True)
    for path in snapshot_paths(journal):  # first: each then lies within the journal's copy
        with suppress(FileNotFoundError):  # a newer one has just taken its place
            if whole(path):
                shutil.copyfile(path, copy / path.name)
    return sum(_copy(path, copy / path.name) for path in segment_paths(journal))


def export(folder: Path, file: Path) -> int:
    """Write the parcel records of a run as CSV for spreadsheets, one line each; how many.

    UTF-8 with a mark at its beginning. A text that a spreadsheet would compute or turn into a rounded number
    is written behind an apostrophe. The file appears whole or not at all. Raises StoreError for damage and
    for a disk that refuses.
    """
    part = file.with_name(file.name + ".part")
    journal = journal_of(folder)
    try:
        with disk_errors(file), _table(part) as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            rows = 0
            for _, record in read_kind(journal, None, ParcelRecord):
                writer.writerow([_cell(getattr(record, name)) for name in COLUMNS])
                rows += 1
            out.flush()
            os.fsync(out.fileno())
        with disk_errors(file):
            os.replace(part, file)
    except StoreError:
        part.unlink(missing_ok=True)
        raise
    return rows


def journal_of(folder: Path) -> Path:
    """The journal in a run's folder, or the folder itself when it is one. StoreError when there is none."""
    for journal in (folder / "journal", folder):
        if segment_path(journal, 1).exists() or (journal.is_dir() and segment_paths(journal)):
            return journal
    raise StoreError(f"{folder}: holds no journal\n  give the folder of a run, such as runs/demo-1")


def _copy(source: Path, copy: Path) -> int:
    """A segment up to its last whole record; only the newest may end otherwise."""
    shutil.copyfile(source, copy)
    end, _ = good_end(copy)
    if not end:
        copy.unlink()
        return 0
    with copy.open("r+b") as file:
        file.truncate(end)
        os.fsync(file.fileno())
    return end


def _copy_plans(source: Path, copy: Path) -> int:
    """The texts of plans; each is renamed into place when it is whole."""
    copy.mkdir()
    for path in source.glob("*.yaml"):
        shutil.copyfile(path, copy / path.name)
    return sum(path.stat().st_size for path in copy.iterdir())


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(map(_shown, value))
    text = getattr(value, "value", value)
    return _guarded(text) if isinstance(text, str) else text


def _shown(part: CodeRead | FrameTag) -> str:
    return _guarded(part.text) if isinstance(part, CodeRead) else f"{part.camera}/{part.frame}"


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(DANGEROUS) or (text.isdecimal() and len(text) > 11) else text


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _table(path: Path) -> TextIO:
    return path.open("w", newline="", encoding="utf-8-sig", errors="backslashreplace")
