"""Everything that stands around a controller while it runs: journal, vision, machine, watcher, advice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from plc.modbus import ModbusMachine
from plc.pc_mailbox import PcMailbox
from plc.records import PlcEvent
from sorter.app.config import hub_from_files
from sorter.app.desk import Desk
from sorter.app.disk import OS_DISK, Disk
from sorter.app.disk_guard import DiskGuard
from sorter.app.face import Face
from sorter.app.journal import JournalWriter, read_causes
from sorter.app.plan_carried import CarriedPlans, PlanEvent
from sorter.app.pulse import monotonic_us
from sorter.app.realtime import untidied
from sorter.app.runner import Runner, Watch
from sorter.app.segments import StalePosition, disk_errors
from sorter.app.snapshots import Kept, snapshots
from sorter.codec import Started, Value
from sorter.controller import Controller
from sorter.flow import (
    Advised,
    ConfigChanged,
    Effect,
    Event,
    EventsLost,
    FrameRead,
    InterceptSet,
    LinkUp,
    PlanOrdered,
    Rebooted,
    Restarted,
    Taken,
    Us,
)
from sorter.hub import Hub
from sorter.layout import Link
from sorter.ports import Machine, Reads
from sorter.replay import turns
from sorter.snapshot import restored

JOURNAL_FORMAT = 1
_TRIPS = 400
"""Round trips that a screen's figure is made of."""


@dataclass
class Stage:
    """A running controller with its surroundings."""

    runner: Runner
    machine: ModbusMachine
    journal: JournalWriter
    recovered: int


@contextmanager
def stage(
    hub: Hub, link: Link, reads: Reads, folder: Path, on_date: str, watch: Watch, observe: bool = False
) -> Iterator[Stage]:
    """Build everything for one run and take it down again.

    folder   its journal is continued when it has one: then the controller is the one of that journal,
             and what was on the belt gets no further command
    reads    vision, closed by the caller
    observe  write nothing to the PLC
    """
    journal_folder = folder / "journal"
    with untidied():
        past = recover(hub, journal_folder, on_date)
    journal = JournalWriter(journal_folder, segment_bytes=hub.keeping.segment_mb * 1_000_000)
    machine = ModbusMachine(link, hub.layout, new_session(), monotonic_us, past.tail, observe)
    try:
        guard = DiskGuard(folder, hub.keeping, past.controller.room)
        desk = Desk(folder, hub.waves, look=lambda: _face(machine), guard=guard)
        told = ToldReads(reads, machine.mailbox)
        runner = begun(hub, past, machine, told, journal, watch, on_date, desk)
        machine.mailbox.ready = machine.mailbox.routing_valid = True
        yield Stage(runner, machine, journal, past.known)
    finally:
        machine.close()
        journal.close()


class ToldReads:
    """Vision whose health is told to the PLC with every block."""

    def __init__(self, reads: Reads, mailbox: PcMailbox) -> None:
        self._reads = reads
        self._mailbox = mailbox

    @property
    def well(self) -> bool:
        """As vision says itself."""
        return self._reads.well

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """As vision answers."""
        answers = self._reads.poll(now_us)
        self._mailbox.vision_ok = self._reads.well
        return answers


def begun(
    hub: Hub,
    past: Past,
    machine: Machine,
    reads: Reads,
    journal: JournalWriter,
    watch: Watch,
    on_date: str,
    desk: Desk | None,
) -> Runner:
    """The loop around what the journal left behind; first it writes what is missing in the journal."""
    for value in past.missing:
        journal.append(value)
    if not past.known:
        journal.append(started(hub, on_date))
    runner = Runner(past.controller, machine, reads, journal, watch, desk)
    for order in past.plans:
        runner.post(_stamped(order))
    if past.known:
        runner.post(Restarted)
    return runner


@dataclass
class Past:
    """What a journal leaves behind.

    known    how many of its events the controller has seen; 0 = it begins anew
    tail     which of the PLC's events are in it
    missing  what a crash or another configuration left to be written behind it
    plans    what is to be told again, because the configuration is another (`plan_carried`)
    """

    controller: Controller
    known: int = 0
    tail: Taken | None = None
    missing: tuple[Event | Effect, ...] = ()
    plans: tuple[PlanOrdered, ...] = ()


def recover(hub: Hub, journal_folder: Path, on_date: str, disk: Disk = OS_DISK) -> Past:
    """The controller as this journal's last start left it; a new one where there is no journal.

    From the newest snapshot that the journal has the place of, and what was written behind it; from the
    journal's beginning when there is none. StoreError for a journal without its beginning and a snapshot.
    """
    for kept in snapshots(journal_folder, disk):
        with suppress(StalePosition):
            return recovered(hub, read_causes(journal_folder, disk, kept.position), on_date, kept)
    return recovered(hub, read_causes(journal_folder, disk) if _exists(journal_folder, disk) else (), on_date)


def _exists(folder: Path, disk: Disk) -> bool:
    with disk_errors(folder):
        try:
            return bool(disk.names(folder))
        except FileNotFoundError:
            return False


def recovered(hub: Hub, journal: Iterable[Value], on_date: str, kept: Kept | None = None) -> Past:
    """The controller as the last start in this journal left it; `journal` begins behind what is `kept`.

    A journal of another configuration is brought to its end first: its open parcels end as unknown; then
    the controller begins anew.
    """
    past, plans = Past(Controller(hub, on_date)), CarriedPlans()
    files = dict(hub.files)
    if kept is not None:
        files = dict(kept.started.files)
        then = hub if files == dict(hub.files) else hub_from_files(files, kept.started.hub)
        past = Past(restored(then, kept.started.on_date, kept.snapshot), kept.known, kept.tail)
        plans.resumed(then, kept.snapshot.plans)
    for turn in turns(journal, begun=kept is not None):
        if isinstance(turn.cause, Started):
            files = dict(turn.cause.files)
            then = hub if files == dict(hub.files) else hub_from_files(files, turn.cause.hub)
            past = Past(Controller(then, turn.cause.on_date), tail=past.tail)
            plans.began(then)
        else:
            if isinstance(turn.cause, PlanEvent):
                plans.note(turn.cause)
            past.missing = past.controller.handle(turn.cause)[len(turn.effects) :]
            past.known += 1
            past.tail = tail_after(past.tail, turn.cause)
    if files != dict(hub.files):
        past = _finished(past, Controller(hub, on_date))
        plans.began(hub)
    return replace(past, plans=plans.orders)


def _finished(past: Past, fresh: Controller) -> Past:
    """The end of a journal of another configuration, and a new controller to go on with."""
    changed = ConfigChanged(0 if past.tail is None else past.tail.at_us)
    ended = (*past.missing, changed, *past.controller.handle(changed))
    return Past(fresh, 0, past.tail, ended)


def tail_after(tail: Taken | None, event: Event) -> Taken | None:
    """The durable tail behind `event`; a torn batch has PLC events and not yet the number behind them.

    Losses are told without new events, too: nothing stands behind those. Each boot numbers its events from 1;
    where somebody else took the first ones, that is less than the PLC's own tail, which then is believed.
    """
    if isinstance(event, Taken):
        return event
    if isinstance(event, LinkUp | Rebooted) and (tail is None or tail.boot_id != event.boot_id):
        return Taken(event.at_us, event.boot_id, 0, 0)
    if tail is not None and isinstance(event, EventsLost):
        return Taken(tail.at_us, tail.boot_id, tail.tail, (tail.lost + event.count) & 0xFFFF)
    if tail is not None and isinstance(event, PlcEvent):
        return Taken(tail.at_us, tail.boot_id, (tail.tail + 1) & 0xFFFF, tail.lost)
    return tail


def _face(machine: ModbusMachine) -> Face:
    """What the driver knows, for the screens."""
    trips = sorted(list(machine.round_trips_us)[-_TRIPS:])
    at = [trips[len(trips) * share // 100] for share in (50, 99)] if trips else [0, 0]
    words = machine.status.pack() if machine.status is not None else ()
    return Face(monotonic_us(), words, machine.trouble, len(trips), *at)


def started(hub: Hub, on_date: str) -> Started:
    """The journal's first value: all that replay needs."""
    files = tuple(sorted(hub.files.items()))
    return Started(JOURNAL_FORMAT, 1, on_date, hub.name, hub.plan.version, files)


def post_words(runner: Runner, words: Iterable[Advised | InterceptSet]) -> None:
    """Pre-advice and intercepts, stamped when they are handled."""
    for word in words:
        runner.post(_stamped(word))


def _stamped(word: Advised | InterceptSet | PlanOrdered) -> Callable[[Us], Event]:
    return lambda at_us: replace(word, at_us=at_us)


def new_session() -> int:
    """A session number that no earlier start is likely to have had; never 0."""
    return int.from_bytes(os.urandom(2), "big") % 0xFFFF + 1
