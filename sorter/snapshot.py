"""All that a controller remembers, as one value: taken from one, put into a fresh one that goes on with it.

The only module that knows the insides of the controller's parts, so that none of them knows of snapshots.
What follows from the hub alone is not in it. `tests/test_sorter_snapshot.py` compares every attribute of both
controllers, so that nothing that is remembered can be forgotten here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sorter.advices import Advices
from sorter.codec import rows_of
from sorter.controller import Controller
from sorter.flow import (
    Advised,
    Decision,
    FrameRead,
    FrameTag,
    Inducted,
    NoRead,
    PackCommand,
    PackState,
    Room,
    Us,
    Verdict,
    Why,
)
from sorter.hub import Hub
from sorter.parcels import OpenParcel, OpenParcels
from sorter.pictures import Picture, Pictures
from sorter.plan import Plan
from sorter.planning import PlanBoard
from sorter.rules import PlanData
from sorter.rulings import Rulings
from sorter.vote import Sighting, Spot


@dataclass(frozen=True, slots=True)
class ParcelKept:
    """An `OpenParcel`; what may be absent is a tuple of none or one. looks: camera, frame, answered."""

    inducted: Inducted
    wake_us: tuple[Us, ...]
    expected_looks: int
    seen: tuple[Sighting, ...]
    unread: tuple[NoRead, ...]
    judged: bool
    pictures: tuple[FrameTag, ...]
    looks: tuple[tuple[int, int, bool], ...]
    silent: Why
    doubtful: bool
    decision: tuple[Decision, ...]
    verdict: tuple[Verdict, ...]
    read_us: Us
    answered_us: Us
    closed: bool
    rivals: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureKept:
    """A picture without an answer, and which open parcels it was taken of."""

    tag: FrameTag
    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WaitingKept:
    """A plan that waits for a wave."""

    wave: str
    plan: PlanData


@dataclass(frozen=True, slots=True)
class PlansKept:
    """A `PlanBoard`; earlier: the last one last."""

    plan: PlanData
    wave: str
    earlier: tuple[PlanData, ...]
    waiting: tuple[WaitingKept, ...]


@dataclass(frozen=True, slots=True)
class BoardKept:
    """A `ChuteBoard`; bags: (chute, code); misses and sent: one for each chute."""

    full: frozenset[int]
    locked: frozenset[int]
    out: frozenset[int]
    bags: tuple[tuple[int, str], ...]
    misses: tuple[int, ...]
    sent: tuple[int, ...]
    broken: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class GoalKept:
    """A `Goal`."""

    state: PackState
    running: bool
    has_run: bool
    asked: PackCommand


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A `Controller`. undecided: ids in belt order; boot: none before the first; the oldest advice first."""

    epoch: int
    encoder: int
    boot: tuple[int, ...]
    room: Room
    goal: GoalKept
    parcels: tuple[ParcelKept, ...]
    undecided: tuple[int, ...]
    longest_half: int
    taken: tuple[PictureKept, ...]
    early: tuple[FrameRead, ...]
    chutes: BoardKept
    plans: PlansKept
    advised: tuple[Advised, ...]
    held: frozenset[str]
    dock: str
    forgotten: int
    blind: bool = False


pack, parse = rows_of(Snapshot)


def taken_from(controller: Controller) -> Snapshot:
    """What this controller remembers now."""
    goal, rulings, parcels = controller._goal, controller._rulings, controller._parcels
    pictures = controller._pictures
    return Snapshot(
        epoch=controller._epoch,
        encoder=controller._encoder,
        boot=_maybe(controller._boot),
        room=controller._room,
        goal=GoalKept(goal._state, goal._running, goal._has_run, goal._asked),
        parcels=tuple(map(_parcel_kept, parcels)),
        undecided=tuple(parcels._undecided),
        longest_half=parcels._longest_half,
        taken=tuple(
            PictureKept(FrameTag(*key, picture.encoder), _pids(picture, parcels))
            for key, picture in pictures._taken.items()
        ),
        early=tuple(pictures._early.values()),
        chutes=_board_kept(controller),
        plans=plans_kept(rulings._plans),
        advised=tuple(rulings._advised.oldest_first()),
        held=frozenset(rulings._held),
        dock=rulings._dock,
        forgotten=rulings._forgotten,
        blind=pictures._blind,
    )


def restored(hub: Hub, on_date: str, kept: Snapshot) -> Controller:
    """A controller that goes on where the one that `kept` was taken from stood; of the same hub and day."""
    controller = Controller(hub, on_date)
    controller._epoch, controller._encoder = kept.epoch, kept.encoder
    controller._boot, controller._room = next(iter(kept.boot), None), kept.room
    goal = controller._goal
    goal._state, goal._running = kept.goal.state, kept.goal.running
    goal._has_run, goal._asked = kept.goal.has_run, kept.goal.asked
    _put_parcels(controller._parcels, kept)
    _put_pictures(controller._pictures, controller._parcels, kept)
    _put_chutes(controller, kept.chutes)
    _put_rulings(controller._rulings, kept)
    return controller


def plans_kept(board: PlanBoard) -> PlansKept:
    """What a board of plans remembers."""
    return PlansKept(
        plan=board.plan.data,
        wave=board.wave,
        earlier=tuple(plan.data for plan in board._earlier),
        waiting=tuple(WaitingKept(wave, plan.data) for wave, plan in board._waiting.items()),
    )


def put_plans(board: PlanBoard, kept: PlansKept) -> None:
    """Make a fresh board remember it."""
    board.plan, board.wave = Plan.of(kept.plan), kept.wave
    board._earlier = [Plan.of(data) for data in kept.earlier]
    board._waiting = {one.wave: Plan.of(one.plan) for one in kept.waiting}


def _parcel_kept(parcel: OpenParcel) -> ParcelKept:
    return ParcelKept(
        inducted=parcel.inducted,
        wake_us=_maybe(parcel.wake_us),
        expected_looks=parcel.expected_looks,
        seen=tuple(parcel.seen),
        unread=tuple(parcel.unread),
        judged=parcel.judged,
        pictures=tuple(parcel.pictures),
        looks=tuple((*key, answered) for key, answered in parcel.looks.items()),
        silent=parcel.silent,
        doubtful=parcel.doubtful,
        decision=() if parcel.decision is None else (parcel.decision,),
        verdict=() if parcel.verdict is None else (parcel.verdict,),
        read_us=parcel.read_us,
        answered_us=parcel.answered_us,
        closed=parcel.closed,
        rivals=tuple(parcel.rivals),
    )


def _put_parcels(parcels: OpenParcels, kept: Snapshot) -> None:
    for one in kept.parcels:
        parcels.add(one.inducted, 0)
        parcel = parcels[one.inducted.pid]
        parcel.wake_us, parcel.expected_looks = next(iter(one.wake_us), None), one.expected_looks
        parcel.seen, parcel.unread, parcel.judged = list(one.seen), list(one.unread), one.judged
        parcel.rivals = list(one.rivals)
        parcel.pictures = list(one.pictures)
        parcel.looks = {(camera, frame): answered for camera, frame, answered in one.looks}
        parcel.silent, parcel.doubtful = one.silent, one.doubtful
        parcel.decision, parcel.verdict = next(iter(one.decision), None), next(iter(one.verdict), None)
        parcel.read_us, parcel.answered_us, parcel.closed = one.read_us, one.answered_us, one.closed
    parcels._undecided = {pid: parcels[pid] for pid in kept.undecided}
    parcels._longest_half = kept.longest_half


def _pids(picture: Picture, parcels: OpenParcels) -> tuple[int, ...]:
    """Those of its parcels that are open still: what becomes of the others nobody sees."""
    found = (parcel.inducted.pid for parcel in picture.parcels if parcels.get(parcel.inducted.pid) is parcel)
    return tuple(found)


def _put_pictures(pictures: Pictures, parcels: OpenParcels, kept: Snapshot) -> None:
    for one in kept.taken:
        picture = Picture(one.tag.encoder, tuple(parcels[pid] for pid in one.pids))
        pictures._taken[one.tag.camera, one.tag.frame] = picture
    pictures._early = {(read.tag.camera, read.tag.frame): read for read in kept.early}
    pictures._blind = kept.blind


def _board_kept(controller: Controller) -> BoardKept:
    board = controller._chutes
    return BoardKept(
        full=frozenset(board.full),
        locked=frozenset(board.locked),
        out=frozenset(board.out),
        bags=tuple(board.bags.items()),
        misses=tuple(board._misses),
        sent=tuple(board._sent),
        broken=frozenset(board.broken),
    )


def _put_chutes(controller: Controller, kept: BoardKept) -> None:
    board = controller._chutes
    board.full, board.locked, board.out = set(kept.full), set(kept.locked), set(kept.out)
    board.broken = set(kept.broken)
    board.bags, board._misses, board._sent = dict(kept.bags), list(kept.misses), list(kept.sent)


def _put_rulings(rulings: Rulings, kept: Snapshot) -> None:
    put_plans(rulings._plans, kept.plans)
    rulings._advised = Advices(rulings._hub.keeping.advice, kept.advised)
    rulings._held, rulings._dock, rulings._forgotten = set(kept.held), kept.dock, kept.forgotten


def _maybe(number: int | None) -> tuple[int, ...]:
    return () if number is None else (number,)
