"""The API's doors: log in and out, make users; and who may pass (the dependencies of every other write)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, Field

from sorter.app.console.people import ANYBODY, SESSION_S, Person, Role

router = APIRouter()
COOKIE = "sorter_session"

REFUSED: dict[int | str, dict[str, Any]] = {403: {"description": "no session, no token, or not this role"}}


class Login(BaseModel):
    """Who logs in."""

    name: str = Field(max_length=80)
    password: str = Field(max_length=200)


class OwnPassword(BaseModel):
    """The password that was, and the one to be."""

    old: str = Field(max_length=200)
    password: str = Field(max_length=200)


class NewPassword(BaseModel):
    """The password to be."""

    password: str = Field(max_length=200)


class Disabling(BaseModel):
    """Whether somebody may log in no longer."""

    disabled: bool


class NewUser(Login):
    """A user to add; role as in `people.Role`."""

    role: int = Field(default=1, ge=1, le=3)


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


def somebody(request: Request) -> Person:
    """The person, when they have logged in; 403 otherwise."""
    return _writer(request, Role.OBSERVER)


def operator(request: Request) -> Person:
    """The person, when they may operate; 403 otherwise."""
    return _writer(request, Role.OPERATOR)


def engineer(request: Request) -> Person:
    """The person, when they may change the configuration and serve the machine; 403 otherwise."""
    return _writer(request, Role.ENGINEER)


def admin(request: Request) -> Person:
    """The person, when they may make users; 403 otherwise."""
    return _writer(request, Role.ADMIN)


Somebody = Annotated[Person, Depends(somebody)]
Operator = Annotated[Person, Depends(operator)]
Engineer = Annotated[Person, Depends(engineer)]
Admin = Annotated[Person, Depends(admin)]


@router.post("/api/setup", status_code=204, responses={**REFUSED, 401: {}, 429: {}})
def set_up(request: Request, login: Login) -> Response:
    """Make the administrator; only while there is no user at all."""
    people = request.app.state.desk.people
    if not people.nobody_yet():
        raise HTTPException(403, "not-allowed")
    user = NewUser(name=login.name, password=login.password, role=int(Role.ADMIN))
    _added(request, user, login.name, first=True)
    return enter(request, login)


@router.post("/api/login", status_code=204, responses={**REFUSED, 401: {}, 429: {}})
def enter(request: Request, login: Login) -> Response:
    """Begin a session; 401 for a wrong name or password, 429 after too many of them."""
    people = request.app.state.desk.people
    if people.must_wait(login.name):
        raise HTTPException(429, "too-many-tries")
    token = people.login(login.name, login.password)
    if token is None:
        raise HTTPException(401, "wrong-login")
    people.audit(login.name, "login", "", "", "")
    response = Response(status_code=204)
    response.set_cookie(COOKIE, token, max_age=SESSION_S, httponly=True, samesite="strict")
    return response


@router.post("/api/logout", status_code=204, responses=REFUSED)
def leave(request: Request, who: Somebody) -> Response:
    """End this browser's session."""
    people = request.app.state.desk.people
    people.audit(who.name, "logout", "", "", "")
    people.logout(request.cookies[COOKIE])
    response = Response(status_code=204)
    response.delete_cookie(COOKIE)
    return response


@router.post("/api/users", status_code=204, responses={**REFUSED, 409: {}})
def add_user(request: Request, user: NewUser, who: Admin) -> Response:
    """Add a user; 409 when the name is taken."""
    _added(request, user, who.name)
    return Response(status_code=204)


@router.post("/api/password", status_code=204, responses={**REFUSED, 401: {}, 409: {}, 429: {}})
def own_password(request: Request, change: OwnPassword, who: Somebody) -> Response:
    """Change one's own password; other sessions of this person end. 401: the old one is wrong."""
    people = request.app.state.desk.people
    if people.must_wait(who.name):
        raise HTTPException(429, "too-many-tries")
    if not people.knows(who.name, change.old):
        raise HTTPException(401, "wrong-old-password")
    if wrong := people.wrong_with(who.name, change.password):
        raise HTTPException(409, wrong)
    people.audit(who.name, "own-password", who.name, "", "")
    people.set_password(who.name, change.password, who.name, request.cookies[COOKIE])
    return Response(status_code=204)


@router.post("/api/users/{name}/password", status_code=204, responses={**REFUSED, 404: {}, 409: {}})
def reset_password(request: Request, name: str, change: NewPassword, who: Admin) -> Response:
    """Give a user another password; their sessions end."""
    people = request.app.state.desk.people
    if wrong := people.wrong_with(name, change.password):
        raise HTTPException(409, wrong)
    people.audit(who.name, "reset-password", name, "", "")
    return _done(people.set_password(name, change.password, who.name))


@router.post("/api/users/{name}/disable", status_code=204, responses={**REFUSED, 404: {}, 409: {}})
def disable_user(request: Request, name: str, change: Disabling, who: Admin) -> Response:
    """Somebody may log in no longer, or again; 409 for oneself: somebody must remain who can make users."""
    _another(name, who)
    people = request.app.state.desk.people
    before, after = ("disabled" if one else "enabled" for one in (not change.disabled, change.disabled))
    people.audit(who.name, "disable-user" if change.disabled else "enable-user", name, before, after)
    return _done(people.disable(name, change.disabled, who.name))


@router.post("/api/users/{name}/remove", status_code=204, responses={**REFUSED, 404: {}, 409: {}})
def remove_user(request: Request, name: str, who: Admin) -> Response:
    """Remove a user and end their sessions; 409 for oneself. What they did stays in the audit."""
    _another(name, who)
    people = request.app.state.desk.people
    people.audit(who.name, "remove-user", name, "", "")
    return _done(people.remove(name, who.name))


def _another(name: str, who: Person) -> None:
    if name == who.name:
        raise HTTPException(409, "not-oneself")


def _done(found: bool) -> Response:
    if not found:
        raise HTTPException(404, "no-such-user")
    return Response(status_code=204)


def _added(request: Request, user: NewUser, by: str, first: bool = False) -> None:
    people: Any = request.app.state.desk.people
    wrong = people.wrong_with(user.name, user.password)
    if wrong:
        raise HTTPException(409, wrong)
    people.audit(by, "add-user", user.name, "", Role(user.role).name.lower())
    if not people.add(user.name, user.password, Role(user.role), first):
        raise HTTPException(409, "name-taken")
