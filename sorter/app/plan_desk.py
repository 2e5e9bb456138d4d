"""Plans of a run that goes on: which one is in force, ordering another, taking it back, and the history.

The run's journal is the only memory: what is in force here is what the controller replays after a restart.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sorter.app.config import hub_from_files, read_plan
from sorter.app.desk import inbox_of
from sorter.app.fields import nearest
from sorter.app.inbox import put, scheduled, withdraw
from sorter.app.segments import Position, read_kind
from sorter.app.snapshots import snapshots
from sorter.app.store import Store
from sorter.app.store_care import DATABASE, journal_of
from sorter.app.store_rows import PlanValue
from sorter.codec import Started
from sorter.errors import ConfigError, Problem, StoreError
from sorter.flow import DockChanged, PlanOrdered, PlanRolledBack, Us, WaveBegan
from sorter.hub import Hub
from sorter.plan import Plan
from sorter.planning import PlanBoard
from sorter.snapshot import put_plans


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a run's history of plans: a notice's key and what it is about; line-clock us."""

    at_us: Us
    key: str
    about: str
    by: str


@dataclass(frozen=True)
class PlansOfRun:
    """How a run stands. hub: its configuration, with the plan it began with.

    waiting    wave -> version of the plan that comes into force with it
    scheduled  (wall clock us, version) of plans ordered for a time
    earlier    versions that a roll-back returns to, the next one first
    """

    hub: Hub
    plan: Plan
    wave: str
    waiting: dict[str, str]
    scheduled: tuple[tuple[Us, str], ...]
    earlier: tuple[str, ...]
    history: tuple[Step, ...]


def plans_of(run: Path) -> PlansOfRun:
    """The plans of the run in this folder. Raises StoreError when it has no journal that can be read."""
    hub, board, history = _folded(run)
    return PlansOfRun(
        hub=hub,
        plan=board.plan,
        wave=board.wave,
        waiting={wave: plan.version for wave, plan in board.waiting.items()},
        scheduled=tuple((due_us, order.plan.version) for due_us, _, order in _scheduled(run)),
        earlier=tuple(plan.version for plan in board.earlier),
        history=tuple(history),
    )


def _folded(run: Path) -> tuple[Hub, PlanBoard, list[Step]]:
    """The law by which the controller itself swaps plans, over what the journal held of them."""
    journal = journal_of(run)
    values = _values(run, journal)
    begun = bool(values) and isinstance(values[0][1], Started)
    found, after = (None, None) if begun else _oldest_kept(journal)
    history: list[Step] = []
    for position, value in values:
        if isinstance(value, Started):
            hub = hub_from_files(dict(value.files), value.hub)
            found = hub, PlanBoard(hub.plan, hub.layout)
            history.append(Step(0, "plan-in-force", hub.plan.version, ""))
        elif found and (after is None or position > after):
            by = "" if isinstance(value, WaveBegan) else value.by
            history += (Step(one.at_us, one.key, one.about, by) for one in found[1].handle(value))
    if found is None:
        raise StoreError(
            f"{journal}: 这里没有运行过 / no run has begun here\n"
            "  请指定一次运行的文件夹 / name the folder of a run"
        )
    return *found, history


def _values(run: Path, journal: Path) -> list[tuple[Position, PlanValue]]:
    """From the run's database, which remembers them; from the whole journal where that cannot be used."""
    if journal != run:  # a journal by itself has none, and gets none
        with suppress(StoreError), Store(run / DATABASE) as store:
            store.catch_up(journal)
            return store.plans()
    return list(read_kind(journal, None, Started, PlanOrdered, PlanRolledBack, WaveBegan))


def _oldest_kept(journal: Path) -> tuple[tuple[Hub, PlanBoard] | None, Position | None]:
    """How plans stood at the oldest snapshot: where the journal's beginning and the database are gone."""
    kept = next(iter(reversed(list(snapshots(journal)))), None)
    if kept is None:
        return None, None
    hub = hub_from_files(dict(kept.started.files), kept.started.hub)
    board = PlanBoard(hub.plan, hub.layout)
    put_plans(board, kept.snapshot.plans)
    return (hub, board), kept.position


def candidate(hub: Hub, path: Path) -> Plan:
    """The plan in a file, for this hub. Raises ConfigError with everything that is wrong with it."""
    reading = read_plan(hub, path)
    if reading.hub is None:
        raise ConfigError(reading.problems)
    return reading.hub.plan


def activate(run: Path, path: Path, *, wave: str = "", at_us: Us = 0, by: str = "") -> Plan:
    """Order the plan in a file: from the next parcel on, from a wave on, or from a time of the wall clock on.

    Returns the plan as ordered; the order is on disk then, and in force when the journal says so. Nothing
    is ordered when the file is wrong or the hub has no such wave: raises ConfigError. StoreError: the disk.
    """
    hub = plans_of(run).hub
    known = [one.name for one in hub.waves]
    if wave and wave not in known:
        what = f"the hub has no wave '{wave}'"
        raise ConfigError([Problem("waves.yaml", what, f"known: {', '.join(known) or 'none'}")])
    plan = candidate(hub, path)
    put(inbox_of(run), PlanOrdered(0, plan.data, wave, by), at_us)
    return plan


def roll_back(run: Path, by: str = "") -> str:
    """Undo the last order; returns the version that is no longer wanted, "" when there is nothing to undo.

    What was ordered for a time is withdrawn at once; else what waits for a wave, else what is in force, is
    taken back by the controller with its next parcel. StoreError: the disk.
    """
    for _, path, order in reversed(list(_scheduled(run))):
        if withdraw(path):
            return order.plan.version
    stands = plans_of(run)
    undone = next(reversed(stands.waiting.values()), stands.plan.version if stands.earlier else "")
    if undone:
        put(inbox_of(run), PlanRolledBack(0, undone, by))
    return undone


def change_dock(run: Path, courier: str) -> None:
    """From now on this courier's parcels are unloaded, "" = several's; it decides between look-alike numbers.

    Raises ConfigError for a courier that the hub does not know, StoreError: the disk.
    """
    known = [one.key for one in plans_of(run).hub.couriers.couriers]
    if courier and courier not in known:
        raise ConfigError([Problem("dock", f"unknown courier '{courier}'", nearest(courier, known))])
    put(inbox_of(run), DockChanged(0, courier))


def _scheduled(run: Path) -> Iterator[tuple[Us, Path, PlanOrdered]]:
    for due_us, path, order in scheduled(inbox_of(run)):
        if isinstance(order, PlanOrdered):
            yield due_us, path, order


def due_us(text: str, now: datetime | None = None) -> Us:
    """The wall-clock instant of "04:30" (the next one) or "2026-11-28T04:30", us. ValueError for others."""
    now = now or datetime.now()
    if len(text) > len("00:00"):
        when = datetime.fromisoformat(text)
        if when <= now.astimezone(when.tzinfo) if when.tzinfo else when <= now:
            raise ValueError("it is past")
    else:
        clock = time.strptime(text, "%H:%M")
        when = now.replace(hour=clock.tm_hour, minute=clock.tm_min, second=0, microsecond=0)
        when += timedelta(days=when <= now)
    return round(when.timestamp() * 1_000_000)
