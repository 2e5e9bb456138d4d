"""The pages: one frame around every screen, in the reader's language; what moves is filled in by scripts."""

from __future__ import annotations

import time
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.templating import Jinja2Templates

from sorter.app.console.people import Role
from sorter.app.console.sessions import person
from sorter.app.console.words import LABELS

router = APIRouter(include_in_schema=False)
SCREENS = ("overview", "chutes", "alarms", "coding", "search", "shift", "config", "maintenance")
LANG = "sorter_lang"

_TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")


@router.get("/")
def overview(request: Request) -> Response:
    """Screen 1."""
    return _screen(request, "overview")


@router.get("/lang/{lang}")
def language(request: Request, lang: str, back: str = "/") -> Response:
    """Remember the reader's language and go back to the page."""
    response = RedirectResponse(_own(back), 303)
    response.set_cookie(LANG, "en" if lang == "en" else "zh", max_age=10**8, samesite="strict")
    return response


@router.get("/login")
def login(request: Request, back: str = "/") -> Response:
    """The form to log in; before there is any user, the form that makes the administrator."""
    fresh = request.app.state.desk.people.nobody_yet()
    return _page(request, "login.html", "setup" if fresh else "login", back=_own(back))


@router.get("/account")
def account(request: Request) -> Response:
    """Who is logged in, until when, and the form to change one's password."""
    who = person(request)
    if not who.name:
        return RedirectResponse("/login?back=/account", 303)
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(who.ends_s))
    return _page(request, "account.html", "account", until=until, done="done" in request.query_params)


@router.get("/people")
def people(request: Request) -> Response:
    """Users and audit; for administrators."""
    if person(request).role < Role.ADMIN:
        return RedirectResponse("/login", 303)
    desk = request.app.state.desk
    rows = [
        (time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row[0])), *row[1:])
        for row in desk.people.audited()
    ]
    return _page(request, "people.html", "people", users=desk.people.users(), audit=rows)


@router.get("/{screen}")
def screen(request: Request, screen: str) -> Response:
    """Screens 2 to 8 by name; anything else goes to the overview."""
    return _screen(request, screen) if screen in SCREENS else RedirectResponse("/", 303)


def _own(back: str) -> str:
    """An address of ours, never another site's."""
    plain = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    return back if plain else "/"


def _screen(request: Request, name: str) -> Response:
    return _page(request, f"{name}.html", name)


def _page(request: Request, template: str, name: str, **more: object) -> Response:
    lang = "en" if request.cookies.get(LANG) == "en" else "zh"
    shown = {
        "lang": lang,
        "say": {key: getattr(label, lang) for key, label in LABELS.items()},
        "screens": SCREENS,
        "name": name,
        "who": person(request),
        "hub": request.app.state.desk.hub.name,
        "wall": "wall" in request.query_params,
        "here": request.url.path if name not in ("login", "setup") else "/",
    }
    return _TEMPLATES.TemplateResponse(request, template, {**shown, **more})
