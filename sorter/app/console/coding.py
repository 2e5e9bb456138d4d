"""Manual coding over HTTP: what waits, short codes, a person's word, taking it back.

A word is on disk before it is confirmed. It rests there for a moment, as long as the belt leaves time, and
may be taken back until then; after that the controller has it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field

from sorter.app.console.board import Board, OnBelt
from sorter.app.console.frame import left_us
from sorter.app.console.ordered import UNSTORED, Deed, stored
from sorter.app.console.people import Person
from sorter.app.console.sessions import REFUSED, Operator
from sorter.app.console.short_codes import short_codes
from sorter.app.desk import inbox_of
from sorter.app.inbox import take_back
from sorter.errors import StoreError
from sorter.flow import Coded, Mark, Us
from sorter.layout import Layout

router = APIRouter()

REST_US: Us = 2_000_000
"""The longest time in which a word can be taken back."""

RESERVE_US: Us = 1_000_000
"""Left for the controller and the PLC after the rest, from a word to its chute's decision position."""

SHORTEST_REST_US: Us = 500_000
AGAIN_S = 1.0
"""The same word again within this is one word: a scan gun that stutters."""

Waybill = Annotated[str, Field(max_length=80, pattern=r"^[\x21-\x7e]*$")]


class Word(BaseModel):
    """A person's word on a parcel: pid of one that waits, 0 = on no belt; at least one of the others."""

    pid: int = Field(ge=0, le=0xFFFFFFFF)
    waybill: Waybill = ""
    place: Annotated[str, Field(max_length=20, pattern=r"^[0-9A-Za-z-]*$")] = ""
    mark: Literal["", "no-label", "label-damaged", "security"] = ""


class Committed(BaseModel):
    """What became of a word.

    order    its file, "" = nothing was stored
    needs    "place": this waybill was not advised, say where it goes; "" = nothing more
    undo_ms  how long it can be taken back
    chute    where the parcel will go, -1 = the exception end or not known yet
    next_lap kept as advice, the parcel must be put on the infeed again
    """

    order: str
    needs: str = ""
    undo_ms: int = 0
    chute: int = -1
    next_lap: bool = False


class TakeBack(BaseModel):
    """The order to take back, as `Committed.order` named it."""

    order: str = Field(max_length=80, pattern=r"^[0-9]{20}(-[0-9]+){3}\.order$")


@dataclass(slots=True)
class Last:
    """The word before this one, for guns that stutter."""

    key: tuple[object, ...] = ()
    at_s: float = 0.0
    answer: Committed | None = None


@router.get("/api/places")
def places(request: Request) -> list[dict[str, Any]]:
    """Towns with their digits, and their villages: [digits, code, name]."""
    return [
        {
            "digits": town.digits,
            "code": town.place.code,
            "name": town.place.name,
            "villages": [[digits, village.code, village.name] for digits, village in town.villages],
        }
        for town in short_codes(request.app.state.desk.hub.network)
    ]


@router.post("/api/coding", responses={**REFUSED, **UNSTORED, 404: {}, 409: {}})
def code(request: Request, word: Word, who: Operator) -> Committed:
    """Say where a parcel goes. 404: no such place; 409: it can no longer be steered."""
    desk, last = request.app.state.desk, request.app.state.last_word
    key = (who.name, *word.model_dump().values())
    if last.answer is not None and last.key == key and time.monotonic() - last.at_s < AGAIN_S:
        repeated: Committed = last.answer
        return repeated
    if word.place and desk.hub.network.find(word.place) is None:
        raise HTTPException(404, "no-such-place")
    if not (word.waybill or word.place or word.mark):
        raise HTTPException(409, "coded-nothing")
    event = Coded(0, word.pid, word.waybill, word.place, Mark(word.mark), who.name)
    request.app.state.last_word = Last(key, time.monotonic(), answer := _commit(request, who, event))
    return answer


@router.post("/api/coding/undo", status_code=204, responses={**REFUSED, **UNSTORED, 409: {}})
def undo(request: Request, order: TakeBack, who: Operator) -> Response:
    """Take a word back; 409 when the controller has it."""
    desk = request.app.state.desk
    desk.people.audit(who.name, "take-back", order.order, "", "")
    try:
        taken = take_back(inbox_of(desk.follower.folder), order.order)
    except StoreError as error:
        raise HTTPException(503, "not-stored") from error
    if taken is None:
        raise HTTPException(409, "undo-late")
    request.app.state.last_word = Last()
    return Response(status_code=204)


def _commit(request: Request, who: Person, event: Coded) -> Committed:
    desk = request.app.state.desk
    pulse = desk.follower.pulse()
    with desk.follower.lock:
        board: Board = desk.follower.board
        enough = event.place or event.mark is not Mark.NONE or board.rulings.advised(event.waybill)
        if not enough:
            return Committed(order="", needs="place")
        waiting = board.open.get(event.pid)
        if waiting is not None and not waiting.waits:
            waiting = None
        way = _way(event, waiting, board, desk.hub.layout, pulse.encoder if pulse else 0)
    if way is None:
        if not (event.waybill and event.place):
            raise HTTPException(409, "coded-late")
        event = replace(event, pid=0)
    chute, rest_us = (-1, REST_US) if way is None else way
    about = f"parcel {event.pid}" if event.pid else event.waybill
    said = event.waybill or event.place or event.mark.value
    name = stored(request, who, Deed("code", about, "", said), event, rest_us)
    undo_ms = max(0, rest_us - 250_000) // 1000
    return Committed(order=name, undo_ms=undo_ms, chute=chute, next_lap=way is None)


def _way(
    event: Coded, waiting: OnBelt | None, board: Board, line: Layout, encoder: int
) -> tuple[int, Us] | None:
    """The chute that the word leads to (-1: none) and how long it may rest; None: nothing can be steered."""
    if waiting is None:
        return None
    ruled = board.rulings.by_hand(event, waiting.as_open())[0]
    if event.mark is not Mark.NONE and not ruled.chutes:
        return -1, REST_US
    usable = [chute for chute in ruled.chutes if chute not in board.locked | board.full | board.broken]
    times = {chute: left_us(waiting, encoder, line, chute) for chute in usable}
    ahead = [chute for chute in usable if times[chute] > 0]
    if not ahead:
        return None
    rest_us = min(REST_US, times[ahead[0]] - RESERVE_US)
    return ahead[0], rest_us if rest_us >= SHORTEST_REST_US else 0
