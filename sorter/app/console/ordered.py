"""The API's orders: start and stop, lock a chute, change a bag, hold a waybill, see to an alarm.

Each is allowed by role, carries its session's CSRF token, is audited durably (who, what, before, after) and
then left in the run's inbox, on disk, before it is confirmed. The controller takes it from there.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import BaseModel, Field

from plc.registers import MAINTENANCE, Status
from sorter.app.console.alarms import Alarm
from sorter.app.console.board import Bag, Board
from sorter.app.console.people import Person
from sorter.app.console.sessions import REFUSED, Operator
from sorter.app.desk import inbox_of
from sorter.app.inbox import Order, put
from sorter.errors import StoreError
from sorter.flow import Attended, BagChanged, ChuteLocked, InterceptSet, Operated, PackCommand

router = APIRouter()
COMMANDS = {name: PackCommand[name.upper()] for name in ("start", "stop", "hold", "unhold", "reset", "clear")}
LONGEST_SHELF_MIN = 8 * 60

ChuteNumber = Annotated[int, Path(ge=0, le=65534)]
AlarmId = Annotated[str, Path(max_length=80)]
UNSTORED: dict[int | str, dict[str, Any]] = {503: {"description": "the disk or a full inbox refused"}}


class LineCommand(BaseModel):
    """A PackML command."""

    command: Literal["start", "stop", "hold", "unhold", "reset", "clear"]


class Lock(BaseModel):
    """Lock or unlock a chute."""

    locked: bool


class NewBag(BaseModel):
    """The code of the bag that now hangs at a chute."""

    bag: str = Field(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")


class Hold(BaseModel):
    """Hold a waybill, or hold it no longer."""

    waybill: str = Field(min_length=1, max_length=80, pattern=r"^[\x21-\x7e]+$")
    held: bool


class Shelf(BaseModel):
    """How long an alarm is put aside; 0 = it comes back now."""

    minutes: int = Field(ge=0, le=LONGEST_SHELF_MIN)


class Stored(BaseModel):
    """The order is on disk; `order` names its file, which is gone when the journal holds the event."""

    order: str


class Deed(NamedTuple):
    """What is about to be done, for the audit."""

    what: str
    about: str
    before: str
    after: str


def stored(request: Request, who: Person, deed: Deed, order: Order, rest_us: int = 0) -> str:
    """Audit and store an order; the name of its file. 503 when the disk or nobody takes it."""
    desk = request.app.state.desk
    desk.people.audit(who.name, *deed)
    try:
        not_before_us = time.time_ns() // 1000 + rest_us
        return put(inbox_of(desk.follower.folder), order, not_before_us).name
    except StoreError as error:
        raise HTTPException(503, "not-stored") from error


@router.post("/api/commands", responses={**REFUSED, **UNSTORED, 409: {}})
def command(request: Request, order: LineCommand, who: Operator) -> Stored:
    """Order a PackML command; it lapses when no controller takes it within 3 s. 409 in maintenance mode."""
    follower = request.app.state.desk.follower
    face = follower.face()
    serviced = face is not None and face.words and Status.unpack(face.words).mode == MAINTENANCE
    if order.command == "start" and serviced:
        raise HTTPException(409, "in-maintenance")
    deed = Deed(order.command, "line", follower.board.state.name, order.command.upper())
    return Stored(order=stored(request, who, deed, Operated(0, COMMANDS[order.command])))


@router.post("/api/chutes/{chute}/lock", responses={**REFUSED, **UNSTORED, 404: {}})
def lock(request: Request, chute: ChuteNumber, order: Lock, who: Operator) -> Stored:
    """Lock or unlock a chute; the next decision obeys."""
    board = _board_with(request, chute)
    before, after = ("locked" if locked else "open" for locked in (chute in board.locked, order.locked))
    deed = Deed("lock" if order.locked else "unlock", f"chute {chute}", before, after)
    return Stored(order=stored(request, who, deed, ChuteLocked(0, chute, order.locked)))


@router.post("/api/chutes/{chute}/bag", responses={**REFUSED, **UNSTORED, 404: {}, 409: {}})
def bag(request: Request, chute: ChuteNumber, order: NewBag, who: Operator) -> Stored:
    """A new bag hangs at the chute, which takes parcels again. 409: that bag hangs at another chute."""
    board = _board_with(request, chute)
    if any(one.code == order.bag and one.chute != chute for one in board.bags.values()):
        raise HTTPException(409, "bag-in-use")
    before = board.bags.get(chute, Bag(chute)).code
    deed = Deed("bag", f"chute {chute}", before, order.bag)
    return Stored(order=stored(request, who, deed, BagChanged(0, chute, order.bag, who.name)))


@router.post("/api/intercepts", responses={**REFUSED, **UNSTORED})
def intercept(request: Request, order: Hold, who: Operator) -> Stored:
    """Hold a waybill: its parcel rides to the exception end whatever the plan says."""
    held = request.app.state.desk.follower.board.rulings.held(order.waybill)
    before, after = ("held" if one else "free" for one in (held, order.held))
    deed = Deed("hold-parcel" if order.held else "free-parcel", order.waybill, before, after)
    return Stored(order=stored(request, who, deed, InterceptSet(0, order.waybill, order.held)))


@router.post("/api/alarms/{identity}/acknowledge", responses={**REFUSED, **UNSTORED, 404: {}})
def acknowledge(request: Request, identity: AlarmId, who: Operator) -> Stored:
    """Somebody has seen it; 404 when it is not open."""
    alarm = _open_alarm(request, identity)
    deed = Deed("acknowledge", identity, alarm.acknowledged, who.name)
    return Stored(order=stored(request, who, deed, Attended(0, identity, alarm.raised_us, who.name)))


@router.post("/api/alarms/{identity}/shelve", responses={**REFUSED, **UNSTORED, 404: {}})
def shelve(request: Request, identity: AlarmId, shelf: Shelf, who: Operator) -> Stored:
    """Put an open alarm aside for some minutes; it returns by itself. 404 when it is not open."""
    alarm = _open_alarm(request, identity)
    deed = Deed("shelve", identity, "", f"{shelf.minutes} min")
    word = Attended(0, identity, alarm.raised_us, who.name, shelf.minutes * 60_000_000)
    return Stored(order=stored(request, who, deed, word))


def _open_alarm(request: Request, identity: str) -> Alarm:
    follower = request.app.state.desk.follower
    with follower.lock:
        found: list[Alarm] = [one for one in follower.board.alarms.open() if one.id == identity]
    if not found:
        raise HTTPException(404, "no-such-alarm")
    return found[0]


def _board_with(request: Request, chute: int) -> Board:
    """The board, when the line has this chute; 404 otherwise."""
    desk = request.app.state.desk
    if chute >= len(desk.hub.layout.chutes):
        raise HTTPException(404, "no-such-chute")
    board: Board = desk.follower.board
    return board
