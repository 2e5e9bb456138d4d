"""The API's orders: log in, start and stop, lock a chute, hold a waybill, acknowledge an alarm.

Each is allowed by role, carries its session's CSRF token, is audited durably, and then left in the run's
inbox, on disk, before it is confirmed. The controller takes it from there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, Field

from sorter.app.console.alarms import Acknowledged
from sorter.app.console.people import ANYBODY, SESSION_S, Person, Role
from sorter.app.desk import inbox_of
from sorter.app.inbox import Order, put
from sorter.errors import StoreError
from sorter.flow import ChuteLocked, InterceptSet, Operated, PackCommand

router = APIRouter()
COOKIE = "sorter_session"
COMMANDS = {name: PackCommand[name.upper()] for name in ("start", "stop", "hold", "unhold", "reset", "clear")}


class Login(BaseModel):
    """Who logs in."""

    name: str = Field(max_length=80)
    password: str = Field(max_length=200)


class NewUser(Login):
    """A user to add; role as in `people.Role`."""

    role: int = Field(default=1, ge=1, le=3)


class LineCommand(BaseModel):
    """A PackML command."""

    command: Literal["start", "stop", "hold", "unhold", "reset", "clear"]


class Lock(BaseModel):
    """Lock or unlock a chute."""

    locked: bool


class Hold(BaseModel):
    """Hold a waybill, or hold it no longer."""

    waybill: str = Field(min_length=1, max_length=80, pattern=r"^[\x21-\x7e]+$")
    held: bool


class Stored(BaseModel):
    """The order is on disk; `order` names its file, which is gone when the journal holds the event."""

    order: str


def person(request: Request) -> Person:
    """Whose session the cookie is; an observer when there is none."""
    token = request.cookies.get(COOKIE)
    who: Person = request.app.state.desk.people.who(token) if token else ANYBODY
    return who


def _writer(request: Request, least: Role) -> Person:
    who = person(request)
    if who.role < least or not who.csrf or request.headers.get("x-csrf-token") != who.csrf:
        raise HTTPException(403, "not-allowed")
    return who


def operator(request: Request) -> Person:
    """The person, when they may operate; 403 otherwise."""
    return _writer(request, Role.OPERATOR)


def admin(request: Request) -> Person:
    """The person, when they may make users; 403 otherwise."""
    return _writer(request, Role.ADMIN)


Operator = Annotated[Person, Depends(operator)]
Admin = Annotated[Person, Depends(admin)]


@router.post("/api/setup", status_code=204, responses={403: {}, 422: {}})
def set_up(request: Request, login: Login) -> Response:
    """Make the administrator; only while there is no user at all."""
    people = request.app.state.desk.people
    if not people.nobody_yet():
        raise HTTPException(403, "not-allowed")
    _added(request, NewUser(name=login.name, password=login.password, role=int(Role.ADMIN)), login.name)
    return enter(request, login)


@router.post("/api/login", status_code=204, responses={401: {}, 429: {}})
def enter(request: Request, login: Login) -> Response:
    """Begin a session; 401 for a wrong name or password, 429 after too many of them."""
    people = request.app.state.desk.people
    if people.must_wait():
        raise HTTPException(429, "too-many-tries")
    token = people.login(login.name, login.password)
    if token is None:
        raise HTTPException(401, "wrong-login")
    response = Response(status_code=204)
    response.set_cookie(COOKIE, token, max_age=SESSION_S, httponly=True, samesite="strict")
    return response


@router.post("/api/logout", status_code=204)
def leave(request: Request) -> Response:
    """End this browser's session."""
    if token := request.cookies.get(COOKIE):
        request.app.state.desk.people.logout(token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE)
    return response


@router.post("/api/users", status_code=204, responses={403: {}, 409: {}, 422: {}})
def add_user(request: Request, user: NewUser, who: Admin) -> Response:
    """Add a user; 409 when the name is taken."""
    _added(request, user, who.name)
    return Response(status_code=204)


@router.post("/api/commands", responses={403: {}, 503: {}})
def command(request: Request, order: LineCommand, who: Operator) -> Stored:
    """Order a PackML command; it lapses when no controller takes it within 3 s."""
    desk = request.app.state.desk
    state = desk.follower.board.state.name
    return _order(request, who, order.command, "line", state, Operated(0, COMMANDS[order.command]))


@router.post("/api/chutes/{chute}/lock", responses={403: {}, 404: {}, 503: {}})
def lock(request: Request, chute: int, order: Lock, who: Operator) -> Stored:
    """Lock or unlock a chute; the next decision obeys."""
    desk = request.app.state.desk
    if not 0 <= chute < len(desk.hub.layout.chutes):
        raise HTTPException(404, "no such chute")
    before = "locked" if chute in desk.follower.board.locked else "open"
    what = "lock" if order.locked else "unlock"
    return _order(request, who, what, f"chute {chute}", before, ChuteLocked(0, chute, order.locked))


@router.post("/api/intercepts", responses={403: {}, 503: {}})
def intercept(request: Request, order: Hold, who: Operator) -> Stored:
    """Hold a waybill: its parcel rides to the exception end whatever the plan says."""
    what = "hold-parcel" if order.held else "free-parcel"
    return _order(request, who, what, order.waybill, "", InterceptSet(0, order.waybill, order.held))


@router.post("/api/alarms/{identity}/acknowledge", status_code=204, responses={403: {}, 404: {}})
def acknowledge(request: Request, identity: str, who: Operator) -> Response:
    """Somebody has seen it; 404 when it is not open."""
    desk = request.app.state.desk
    pulse = desk.follower.pulse()
    with desk.follower.lock:
        board = desk.follower.board
        at_us = max(board.last_us, pulse.line_us if pulse else 0)
        word = Acknowledged(at_us, identity, who.name)
        if all(alarm.id != identity for alarm in board.alarms.open()):
            raise HTTPException(404, "no such alarm")
        desk.people.audit(who.name, "acknowledge", identity, "", "")
        desk.people.acknowledge(str(desk.follower.folder), word)
        board.alarms.acknowledge(word)
    return Response(status_code=204)


def _order(request: Request, who: Person, what: str, about: str, before: str, order: Order) -> Stored:
    desk = request.app.state.desk
    desk.people.audit(who.name, what, about, before, "")
    try:
        return Stored(order=put(inbox_of(desk.follower.folder), order).name)
    except StoreError as error:
        raise HTTPException(503, "not-stored") from error


def _added(request: Request, user: NewUser, by: str) -> None:
    people: Any = request.app.state.desk.people
    people.audit(by, "add-user", user.name, "", Role(user.role).name.lower())
    try:
        if not people.add(user.name, user.password, Role(user.role)):
            raise HTTPException(409, "name is taken")
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
