"""The API's questions: live frame, layout, words, alarms, bags, parcels, shift, health. Nothing changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from sorter.app.console.alarms import back_us
from sorter.app.console.board import Board
from sorter.app.console.frame import frame, shown
from sorter.app.console.shift import Shift, as_csv, hour_name, shift
from sorter.app.console.words import words
from sorter.app.exceptions import kept_picture
from sorter.app.segments import Position, StalePosition, read_from
from sorter.app.store import Store
from sorter.app.story import story
from sorter.app.texts import Text, printable
from sorter.codec import Value
from sorter.errors import StoreError
from sorter.flow import REJECT, ParcelRecord, Us

router = APIRouter()

Lang = Literal["zh", "en"]


class Csv(PlainTextResponse):
    """A table for a spreadsheet."""

    media_type = "text/csv"


LISTED = 50
LOAD_PERCENT = 80
"""Of the nameplate rate (belt speed by pitch) a line is planned for so much. Source: domain.md, "Load"."""

TOLD = 5
"""Stories told of one waybill: its newest laps."""

_GONE = Text("日志已按期清理，经过无从查起，记录仍在", "its journal has been removed; its record stands")

LOOK_BACK_US: Us = 2_000_000
"""The journal is read from this long before a parcel came: advice just before it belongs to its story."""

UNREADABLE: dict[int | str, dict[str, Any]] = {503: {"description": "journal or store cannot be read now"}}


@router.get("/api/frame")
def now(request: Request) -> dict[str, Any]:
    """The live view now; /api/live streams the same."""
    desk = request.app.state.desk
    return frame(desk.follower, desk.hub.layout)


@router.get("/api/words")
def said(lang: Lang = "zh") -> dict[str, Any]:
    """Every word of the screens in one language."""
    return words(lang)


@router.get("/api/layout")
def layout(request: Request) -> dict[str, Any]:
    """The line as configured: mm from the induct eye, downstream positive."""
    hub = request.app.state.desk.hub
    line = hub.layout
    return {
        "hub": hub.name,
        "plan": hub.plan.version,
        "end_mm": line.end_mm,
        "target": line.belt.speed_mm_s * 3600 // line.infeed.min_pitch_mm * LOAD_PERCENT // 100,
        "eyes_mm": list(line.eyes_mm),
        "cameras_mm": [camera.position_mm for camera in line.cameras],
        "chutes": [
            {
                "id": chute.id,
                "key": chute.key,
                "zh": chute.name_zh,
                "en": chute.name_en,
                "side": chute.side,
                "at_mm": line.diverters[chute.diverter].pivot_mm,
                "capacity": chute.capacity,
            }
            for chute in line.chutes
        ],
    }


@router.get("/api/parcels", responses=UNREADABLE)
def parcels(
    request: Request,
    waybill: Annotated[str, Query(max_length=80)] = "",
    pid: Annotated[int, Query(ge=0, le=0xFFFFFFFF)] = 0,
    left_us: Annotated[int, Query(ge=-1, le=1 << 62)] = -1,
    lang: Lang = "zh",
) -> dict[str, Any]:
    """With a waybill, or a parcel's number and end: its parcels, their story; else the latest exceptions."""
    journal = request.app.state.desk.follower.folder / "journal"
    if not (waybill or pid):
        with _store(request) as store:
            return {"parcels": _parcels(store, store.exceptions(LISTED), journal), "story": []}
    with _store(request) as store:
        found = store.parcels(waybill, LISTED) if waybill else store.of_pid(pid, left_us)
        lines = _story(request, store, found[:TOLD], waybill, lang)
        return {"parcels": _parcels(store, found, journal), "story": lines}


def _story(
    request: Request, store: Store, found: Sequence[ParcelRecord], waybill: str, lang: Lang
) -> list[str]:
    """Each record's story, oldest first; of a waybill without one: where it is now, or that nobody has it."""
    desk = request.app.state.desk
    journal = desk.follower.folder / "journal"
    names = {one.id: one.name_zh if lang == "zh" else one.name_en for one in desk.hub.layout.chutes}
    if not journal.exists():
        return []
    lines: list[str] = []
    for record in reversed(found):
        earlier = filter(None, [store.again_of(record)])
        values = _since(journal, store.before(record.seen_us - LOOK_BACK_US), record)
        try:
            lines += story(chain(earlier, values), waybill or record.waybill, names, lang, record.pid)
        except StalePosition:
            lines.append(_GONE.say(lang))
    if not found:
        lines = story((value for _, value in read_from(journal, None)), waybill, names, lang)
    return lines


def _since(journal: FilePath, after: Position | None, record: ParcelRecord) -> Iterator[Value]:
    """The journal from there to the end of this parcel's way. StalePosition: it is not in it any more."""
    for _, value in read_from(journal, after):
        yield value
        if value == record:
            return
    raise StalePosition(f"{journal}: no such parcel\n  {_GONE.say('en')}")


@router.get("/api/alarms")
def alarms(request: Request) -> dict[str, Any]:
    """Open, shelved and past alarms, how often each came (top ten), how many a person gets."""
    follower = request.app.state.desk.follower
    pulse = follower.pulse()
    with follower.lock:
        board: Board = follower.board
        now_us = max(board.last_us, pulse.line_us if pulse else 0)
        load = board.alarms.load(now_us)
        return {
            "open": [shown(one) for one in board.alarms.open(now_us)],
            "shelved": [
                {**shown(one), "who": word.by, "until_us": back_us(word)}
                for one, word in board.alarms.shelved(now_us)
            ],
            "history": [shown(one) for one in list(board.alarms.history)[-LISTED:][::-1]],
            "top": [[name, count] for name, count in board.alarms.raised.most_common(10) if count],
            "ten_minutes": load.ten_minutes,
            "hour": load.hour,
            "flood": load.flood,
        }


@router.get("/api/bags")
def bags(request: Request) -> list[list[Any]]:
    """Closed bags, newest first: [chute, code, parcels, from, to (line clock us)]."""
    follower = request.app.state.desk.follower
    with follower.lock:
        closed = list(follower.board.closed_bags)
    return [[one.chute, one.code, one.parcels, one.since_us, one.until_us] for one in reversed(closed)]


Hour = Annotated[int, Query(ge=0, le=1 << 40)]


@router.get("/api/shift")
def report(request: Request, since: Hour = 0, until: Hour = 1 << 40, lang: Lang = "zh") -> dict[str, Any]:
    """Counts of hours since..until (`hours` lists them): name -> [parcels, of these sorted], five tables."""
    told, hours = _shift(request, since, until, lang)
    names = [[hour, hour_name(hour)] for hour in hours]
    return {"parcels": told.parcels, "sorted": told.sorted, "tables": told.tables, "hours": names}


@router.get("/api/shift.csv", response_class=Csv)
def report_csv(request: Request, since: Hour = 0, until: Hour = 1 << 40, lang: Lang = "zh") -> Csv:
    """The same as a CSV file, UTF-8 with a mark that spreadsheets understand."""
    headers = {"Content-Disposition": 'attachment; filename="shift.csv"'}
    return Csv("\ufeff" + as_csv(_shift(request, since, until, lang)[0]), headers=headers)


@router.get("/healthz", responses={503: {"description": "not live, with the reason"}})
def health(request: Request) -> JSONResponse:
    """200 while the controller beats and the journal can be read, 503 with the reason otherwise."""
    desk = request.app.state.desk
    view = frame(desk.follower, desk.hub.layout)
    told = {key: view[key] for key in ("live", "connected", "age_ms", "trouble", "state")}
    return JSONResponse(told, 200 if view["live"] else 503)


def _shift(request: Request, since: int, until: int, lang: Lang) -> tuple[Shift, list[int]]:
    desk = request.app.state.desk
    with desk.follower.lock:
        hours = desk.follower.board.hours
        return shift(hours, desk.hub, lang, since, until), hours.known


@contextmanager
def _store(request: Request) -> Iterator[Store]:
    """The run's store, caught up. 503 with the reason when it cannot be."""
    folder = request.app.state.desk.follower.folder
    try:
        with Store(folder / "console.store") as store:
            if (folder / "journal").exists():
                store.catch_up(folder / "journal")
            yield store
    except StoreError as error:
        raise HTTPException(503, str(error)) from error


def _parcels(store: Store, found: Sequence[ParcelRecord], journal: FilePath) -> list[dict[str, Any]]:
    return [_parcel(record, store.again_of(record), journal) for record in found]


def _parcel(record: ParcelRecord, before: ParcelRecord | None, journal: FilePath) -> dict[str, Any]:
    """A card; again_of: the parcel whose waybill it was before, None = nobody's."""
    kept = filter(None, (kept_picture(journal, tag) for tag in record.pictures))
    return {
        "pid": record.pid,
        "waybill": printable(record.waybill),
        "again_of": before and {"pid": before.pid, "left_us": before.left_us},
        "courier": record.courier,
        "outcome": record.outcome.value,
        "why": record.why.value,
        "cause": record.cause.value,
        "pictures": [FilePath(file).name for file in kept],
        "told": None if record.told == REJECT else record.told,
        "left": None if record.left == REJECT else record.left,
        "rule": record.rule,
        "plan": record.plan_version,
        "length_mm": record.length_mm,
        "seen_us": record.seen_us,
        "left_us": record.left_us,
        "reads": [
            {"text": printable(read.text), "symbology": read.symbology, "reader": read.reader}
            for read in record.reads
        ],
    }
