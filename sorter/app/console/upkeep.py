"""Maintenance over HTTP: the PLC's registers by name, cameras, link; maintenance mode and the jog.

Registers come from the face that the control loop shows: the console has no connection to the PLC.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from plc.registers import MAINTENANCE, S, Status
from sorter.app.console.ordered import UNSTORED, Deed, Stored, stored
from sorter.app.console.people import Person
from sorter.app.console.register_words import MEANINGS_ZH
from sorter.app.console.sessions import REFUSED, Engineer
from sorter.app.console.sights import Sight
from sorter.app.face import Face
from sorter.app.plc_watch import named
from sorter.app.pulse import monotonic_us
from sorter.flow import PackState, Serviced, Us

router = APIRouter()
OLD_US: Us = 2_000_000
"""A face older than this is not shown: eight looks were missed."""

STANDING = frozenset({PackState.STOPPED, PackState.IDLE})


class Mode(BaseModel):
    """Maintenance mode on, or production again."""

    on: bool


class Jog(BaseModel):
    """The chute whose diverter is to turn once to its side."""

    chute: int = Field(ge=0, le=65534)


@router.get("/api/maintenance")
def state(request: Request, lang: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    """What the machine shows now; `registers` is empty when nothing is known of it now.

    registers  [address, name, value, meaning]; mode 1 production, 2 maintenance, 3 manual, 0 unknown
    """
    desk = request.app.state.desk
    face = _fresh(desk.follower.face())
    status = Status.unpack(face.words) if face is not None and face.words else None
    with desk.follower.lock:
        cameras = {number: _sight(one) for number, one in desk.follower.board.sights.cameras.items()}
        machine_state = desk.follower.board.state
    meanings = {register.name: register.meaning for register in S.registers}
    if lang == "zh":
        meanings |= MEANINGS_ZH
    return {
        "age_ms": None if face is None else (monotonic_us() - face.written_us) // 1000,
        "trouble": face.trouble if face is not None else "",
        "mode": 0 if status is None else status.mode,
        "result": 0 if status is None else status.cmd_result,
        "standing": machine_state in STANDING,
        "trips": [face.trips, face.trip_p50_us, face.trip_p99_us] if face is not None else [0, 0, 0],
        "registers": [[*row, meanings[row[1]]] for row in named(status)] if status is not None else [],
        "cameras": [{"id": one.id, "at_mm": one.position_mm, **cameras.get(one.id, _sight(Sight()))}
                    for one in desk.hub.layout.cameras],
    }  # fmt: skip


@router.post("/api/maintenance", responses={**REFUSED, **UNSTORED, 409: {}})
def mode(request: Request, order: Mode, who: Engineer) -> Stored:
    """Wish for maintenance mode or production; 409 while the line runs. It lapses after 3 s."""
    status = _standing(request)
    before, after = (_mode_name(one) for one in (status.mode, MAINTENANCE if order.on else 1))
    return Stored(order=_serviced(request, who, Deed("mode", "line", before, after), order.on, -1))


@router.post("/api/maintenance/jog", responses={**REFUSED, **UNSTORED, 404: {}, 409: {}})
def jog(request: Request, order: Jog, who: Engineer) -> Stored:
    """Turn one diverter for half a second; 409 outside maintenance mode. It lapses after 3 s."""
    if order.chute >= len(request.app.state.desk.hub.layout.chutes):
        raise HTTPException(404, "no-such-chute")
    if _standing(request).mode != MAINTENANCE:
        raise HTTPException(409, "not-in-maintenance")
    deed = Deed("jog", f"chute {order.chute}", "straight", "turned once")
    return Stored(order=_serviced(request, who, deed, True, order.chute))


def _serviced(request: Request, who: Person, deed: Deed, maintenance: bool, chute: int) -> str:
    return stored(request, who, deed, Serviced(0, maintenance, chute, who.name))


def _standing(request: Request) -> Status:
    """The status of a machine that stands; 409 when it runs or nothing is known of it."""
    follower = request.app.state.desk.follower
    face = _fresh(follower.face())
    if face is None or not face.words:
        raise HTTPException(409, "plc-gone")
    if follower.board.state not in STANDING:
        raise HTTPException(409, "must-stand")
    return Status.unpack(face.words)


def _fresh(face: Face | None) -> Face | None:
    return face if face is not None and 0 <= monotonic_us() - face.written_us < OLD_US else None


def _mode_name(number: int) -> str:
    return {1: "production", 2: "maintenance", 3: "manual"}.get(number, str(number))


def _sight(one: Sight) -> dict[str, Any]:
    took = sorted(one.took_us)
    p50, p99 = ((took[len(took) * share // 100] // 1000 if took else None) for share in (50, 99))
    return {
        "pictures": one.pictures,
        "answers": one.answers,
        "with_code": one.with_code,
        "failures": one.failures,
        "last_us": one.last_us,
        "trouble": one.trouble,
        "p50_ms": p50,
        "p99_ms": p99,
    }
