"""The configuration over HTTP: what is in force, a draft checked, compared, simulated, applied, rolled back.

Only the sort plan is changed from here: it is swapped between two parcels while the line runs. Everything
else of a hub is its engineer's files, shown and checked.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from sorter.app.config import Reading, read_hub, read_texts
from sorter.app.console.draft import PLAN, SimulationError, about, changes, compared, simulated
from sorter.app.console.ordered import UNSTORED, Deed, Stored, stored
from sorter.app.console.sessions import REFUSED, Engineer
from sorter.app.problem_words import in_chinese
from sorter.app.segments import disk_errors
from sorter.app.store_care import PLANS
from sorter.errors import Problem, StoreError
from sorter.flow import PlanOrdered, PlanRolledBack
from sorter.hub import Hub

router = APIRouter()
LONGEST_PLAN = 400_000
_SIMULATING = Lock()


class Draft(BaseModel):
    """The text of a plan.yaml, and the language to be answered in."""

    plan: str = Field(max_length=LONGEST_PLAN)
    lang: Literal["zh", "en"] = "zh"


class Apply(Draft):
    """The draft to put in force; instead_of = the version that its author saw in force."""

    instead_of: str = Field(max_length=200)


class RollBack(BaseModel):
    """Undo the last change; instead_of = the version that the person saw in force."""

    instead_of: str = Field(max_length=200)


@router.get("/api/config")
def config(request: Request, lang: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    """The plan in force with its text, the files, what is wrong with them, and what was in force before."""
    desk = request.app.state.desk
    reading = read_hub(desk.config)
    with desk.follower.lock:
        board = desk.follower.board
        plan, history = board.rulings.plan, list(board.plans)
    version = plan.version
    return {
        "hub": desk.hub.name,
        "in_force": version,
        "rules": {rule.id: about(rule, desk.hub, lang) for rule in plan.rules},
        "plan": _text(request, version),
        "on_disk": reading.hub.plan.version if reading.hub else None,
        "problems": [_problem(one, lang) for one in reading.problems],
        "warnings": [_problem(one, lang) for one in reading.warnings],
        "files": [[name, len(text)] for name, text in sorted(desk.hub.files.items())],
        "history": [[one.at_us, one.key, one.about] for one in reversed(history)],
    }


@router.post("/api/config/check", responses=REFUSED)
def check(request: Request, draft: Draft, who: Engineer) -> dict[str, Any]:
    """What is wrong with a draft (file, line, column, remedy), and in words what it changes."""
    reading = _read(request, draft.plan)
    version, before = _in_force(request)
    return {
        "version": reading.hub.plan.version if reading.hub else None,
        "instead_of": version,
        "problems": [_problem(one, draft.lang) for one in reading.problems],
        "warnings": [_problem(one, draft.lang) for one in reading.warnings],
        "changes": changes(before, reading.hub, draft.lang) if reading.hub else [],
    }


@router.post("/api/config/simulate", responses={**REFUSED, 409: {}, 503: {}})
def simulate(request: Request, draft: Draft, who: Engineer) -> dict[str, Any]:
    """The same parcels by the plan in force and by the draft: [figure, before, after]. One at a time."""
    if _read(request, draft.plan).hub is None:
        raise HTTPException(409, "draft-wrong")
    if not _SIMULATING.acquire(blocking=False):
        raise HTTPException(503, "simulating")
    try:
        hub: Hub = request.app.state.desk.hub
        now, then = (simulated(hub, text) for text in (_text(request, _in_force(request)[0]), draft.plan))
    except SimulationError as error:
        raise HTTPException(503, "simulation-failed") from error
    finally:
        _SIMULATING.release()
    return {"rows": compared(now, then, hub, draft.lang)}


@router.post("/api/config/apply", responses={**REFUSED, **UNSTORED, 409: {}})
def apply(request: Request, draft: Apply, who: Engineer) -> Stored:
    """Put a draft in force between two parcels. 409: it is wrong, or another plan came into force since."""
    desk = request.app.state.desk
    reading = _read(request, draft.plan)
    if reading.hub is None:
        raise HTTPException(409, "draft-wrong")
    version = _agreed(request, draft.instead_of)
    plan = reading.hub.plan
    try:
        _keep(request, plan.version, draft.plan)
    except StoreError as error:
        raise HTTPException(503, "not-stored") from error
    deed = Deed("plan", desk.hub.name, version, plan.version)
    return Stored(order=stored(request, who, deed, PlanOrdered(0, plan.data, "", who.name)))


@router.post("/api/config/rollback", responses={**REFUSED, **UNSTORED, 409: {}})
def roll_back(request: Request, order: RollBack, who: Engineer) -> Stored:
    """Return to the plan before. 409: another plan came into force since."""
    version = _agreed(request, order.instead_of)
    deed = Deed("plan-back", request.app.state.desk.hub.name, version, "")
    return Stored(order=stored(request, who, deed, PlanRolledBack(at_us=0, version=version, by=who.name)))


def _agreed(request: Request, seen: str) -> str:
    version = _in_force(request)[0]
    if version != seen:
        raise HTTPException(409, "plan-changed")
    return version


def _in_force(request: Request) -> tuple[str, Hub]:
    """The plan in force: its version, and the hub that has it."""
    version: str = request.app.state.desk.follower.board.rulings.version
    hub: Hub = request.app.state.desk.hub
    if version == hub.plan.version:
        return version, hub
    return version, _read(request, _text(request, version)).hub or hub


def _read(request: Request, plan: str) -> Reading:
    """The hub with another plan. Texts that no file can hold are wrong like any other."""
    hub: Hub = request.app.state.desk.hub
    text = plan.encode("utf-8", "replace").decode()
    return read_texts({**hub.files, PLAN: text}, hub.name)


def _text(request: Request, version: str) -> str:
    """The text of a plan that was put in force from here, else of the one that the line began with."""
    kept = _kept(request, version)
    if kept.is_file():
        return kept.read_text(encoding="utf-8")
    desk = request.app.state.desk
    begun = desk.follower.board.started
    return str((desk.hub.files if begun is None else dict(begun.files))[PLAN])


def _keep(request: Request, version: str, text: str) -> None:
    """The text beside the run, before its plan is ordered: it can always be shown again."""
    path = _kept(request, version)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(text.encode("utf-8", "replace"))
        os.replace(part, path)


def _kept(request: Request, version: str) -> Path:
    """Its file; a plan's name is anybody's text and no file name."""
    folder: Path = request.app.state.desk.follower.folder
    return folder / PLANS / f"{hashlib.sha256(version.encode()).hexdigest()[:16]}.yaml"


def _problem(one: Problem, lang: str) -> list[str]:
    """Place, what is wrong, remedy; in English where the catalogue lacks the Chinese."""
    if lang == "zh":
        return [one.where, *(in_chinese(said) or said for said in (one.what, one.remedy))]
    return [one.where, one.what, one.remedy]
