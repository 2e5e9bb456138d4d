"""What people order while a controller runs: one file an order, on disk before it is confirmed.

The console (another process) puts orders in; the control loop takes them, and removes a file only when
the journal holds the event: an order survives the death of either. Taken twice after a crash, an order
about a state (lock, hold, bag, code) changes nothing; a line command older than LINE_COMMAND_US is not
carried out, for nobody may press Start today and see the belt move tomorrow. An order may rest for a
moment before it is taken: until then its file can be taken back.

    DUE-PUT-PID-N.order   wall clock, microseconds since 1970: when it may be taken, when it was put
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from sorter.app.segments import disk_errors
from sorter.codec import decode, encode
from sorter.errors import StoreError
from sorter.flow import (
    Attended,
    BagChanged,
    ChuteLocked,
    Coded,
    DockChanged,
    Event,
    InterceptSet,
    Operated,
    PlanOrdered,
    PlanRolledBack,
    Serviced,
    Us,
)

Order = (
    ChuteLocked | InterceptSet | Operated | DockChanged | PlanOrdered | PlanRolledBack | Coded | BagChanged
    | Serviced | Attended
)  # fmt: skip
"""What a person may order; its at_us is stamped by the control loop."""

LINE_COMMAND_US: Us = 3_000_000
TAKING_US: Us = 250_000
"""So long before it is due an order can no longer be taken back: it may be in the controller's hands."""

RESTING_US: Us = 10_000_000
"""Longer than an order rests. One that is due later is meant for a time of the day."""

MOST_WAITING = 200
"""More orders than this wait only when no controller takes them: further ones are refused."""

_NUMBERS = count()


class InboxFull(StoreError):  # noqa: N818  (a state, not a mishap)
    """MOST_WAITING orders wait already."""


def put(folder: Path, order: Order, not_before_us: Us = 0) -> Path:
    """Store an order; when this returns, it is on disk. Returns its file, gone once it is in the journal.

    not_before_us  wall clock, microseconds since 1970: the order is not taken earlier
    Raises StoreError when the disk refuses, InboxFull when nobody takes orders.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if len(waiting(folder)) >= MOST_WAITING:
            raise InboxFull(f"{folder}: {MOST_WAITING} orders wait\n  start the controller")
        put_us = time.time_ns() // 1000
        due_us = max(put_us, not_before_us)
        path = folder / f"{due_us:020d}-{put_us}-{os.getpid()}-{next(_NUMBERS)}.order"
        part = path.with_suffix(".part")
        with part.open("w", encoding="ascii") as file:
            json.dump(encode(order), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync_folder(folder)
    return path


def take_back(folder: Path, name: str) -> Order | None:
    """Remove an order that rests; None when there is none such or it is too late. StoreError as `put`."""
    path = folder / Path(name).name
    if path.suffix != ".order" or _due_us(path) - TAKING_US < time.time_ns() // 1000:
        return None
    order = dict(_readable([path])).get(path)
    return order if order is not None and withdraw(path) else None


def scheduled(folder: Path) -> list[tuple[Us, Path, Order]]:
    """Orders that are to be taken later: when (wall clock), which file, what."""
    now_us = time.time_ns() // 1000
    later = [path for path in waiting(folder) if _due_us(path) > now_us]
    return [(_due_us(path), path, order) for path, order in _readable(later) if order is not None]


def withdraw(path: Path) -> bool:
    """Take a scheduled order back; False when it is taken already. Raises StoreError as `put`."""
    with disk_errors(path.parent):
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _sync_folder(path.parent)
    return True


def waiting(folder: Path) -> list[Path]:
    """Orders that are not in the journal yet, oldest first; none when there is no folder."""
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(".order"))
    except OSError:
        return []


class Inbox:
    """The control loop's end. `take` once a cycle, `stored` when the cycle's events are on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: list[Path] = []

    def take(self) -> list[Callable[[Us], Event]]:
        """Orders that came due since, to be stamped; what is none is set aside as `.bad`. Never raises."""
        now_us = time.time_ns() // 1000
        due = [path for path in waiting(self._folder) if _is_due(path, now_us)]
        fresh = [path for path in due if path not in self._taken]
        orders = list(_readable(fresh))
        self._taken += (path for path, _ in orders)
        return [_stamped(order) for path, order in orders if order is not None and _in_time(path, order)]

    def stored(self) -> None:
        """All that was taken is in the journal, or was refused: forget it."""
        kept = [path for path in self._taken if not _removed(path)]
        self._taken = kept


def _readable(paths: Sequence[Path]) -> Iterator[tuple[Path, Order | None]]:
    """What the files hold; one that the disk does not give now is left for the next cycle."""
    for path in paths:
        with suppress(OSError):
            yield path, _read(path)


def _read(path: Path) -> Order | None:
    """The order in a file; what is none is set aside. Raises OSError when the disk does not give it."""
    try:
        value = decode(json.loads(path.read_text(encoding="ascii")))
    except ValueError:
        value = None
    if isinstance(value, Order):
        return value
    with suppress(OSError):
        os.replace(path, path.with_suffix(".bad"))
    return None


def _due_us(path: Path) -> Us:
    """When it may be taken; 0 for a file of another name."""
    return _number(path, 0)


def _number(path: Path, place: int) -> Us:
    words = path.stem.split("-")
    number = words[place] if place < len(words) else ""
    return int(number) if number.isascii() and number.isdigit() else 0


def _is_due(path: Path, now_us: Us) -> bool:
    """Its time has come; or the clock was put back since, and it was not meant for a time of the day."""
    due_us, put_us = _due_us(path), _number(path, 1)
    return due_us <= now_us or (now_us < put_us and due_us - put_us <= RESTING_US)


def _in_time(path: Path, order: Order) -> bool:
    if not isinstance(order, Operated | Serviced):
        return True
    age_us = time.time_ns() // 1000 - _due_us(path)
    return 0 <= age_us <= LINE_COMMAND_US


def _stamped(order: Order) -> Callable[[Us], Event]:
    return lambda at_us: replace(order, at_us=at_us)


def _removed(path: Path) -> bool:
    """Gone now; a disk that refuses keeps it, and it is tried again."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
