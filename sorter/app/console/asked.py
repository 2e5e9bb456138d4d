"""The API's questions: live frame, layout, words, parcels, shift, health, metrics. They change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from sorter.app.console.frame import frame
from sorter.app.console.shift import Shift, as_csv, shift
from sorter.app.console.words import words
from sorter.app.exceptions import kept_picture
from sorter.app.segments import read_from
from sorter.app.store import Store
from sorter.app.story import story
from sorter.app.texts import printable
from sorter.errors import StoreError
from sorter.flow import REJECT, Outcome, ParcelRecord

router = APIRouter()

Lang = Literal["zh", "en"]
MOST_PARCELS = 1_000_000
LISTED = 50


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
        "cameras_mm": [camera.position_mm for camera in line.cameras],
        "chutes": [
            {
                "id": chute.id,
                "zh": chute.name_zh,
                "en": chute.name_en,
                "side": chute.side,
                "at_mm": line.diverters[chute.diverter].pivot_mm,
                "capacity": chute.capacity,
            }
            for chute in line.chutes
        ],
    }


@router.get("/api/parcels")
def parcels(
    request: Request,
    waybill: Annotated[str, Query(max_length=80)] = "",
    lang: Lang = "zh",
) -> dict[str, Any]:
    """With a waybill: its parcels and the story of each; without: the latest exceptions."""
    desk = request.app.state.desk
    journal = desk.follower.folder / "journal"
    with _store(request) as store:
        if waybill:
            found = store.parcels(waybill, LISTED)
        else:
            every = store.parcels(None, 20 * LISTED)
            found = [record for record in every if record.outcome is not Outcome.SORTED][:LISTED]
    lines: list[str] = []
    if waybill and journal.exists():
        names = {one.id: one.name_zh if lang == "zh" else one.name_en for one in desk.hub.layout.chutes}
        lines = story((value for _, value in read_from(journal, None)), waybill, names, lang)
    return {"parcels": [_parcel(record, journal) for record in found], "story": lines}


@router.get("/api/shift")
def report(request: Request, lang: Lang = "zh") -> dict[str, Any]:
    """Counts of this run by hour, courier, town, chute and reason: name -> [parcels, of these sorted]."""
    told = _shift(request, lang)
    return {"parcels": told.parcels, "sorted": told.sorted, "tables": told.tables}


@router.get("/api/shift.csv", response_class=PlainTextResponse)
def report_csv(request: Request, lang: Lang = "zh") -> PlainTextResponse:
    """The same as a CSV file, UTF-8 with a mark that spreadsheets understand."""
    headers = {"Content-Disposition": 'attachment; filename="shift.csv"'}
    return PlainTextResponse("\ufeff" + as_csv(_shift(request, lang)), media_type="text/csv", headers=headers)


@router.get("/healthz")
def health(request: Request) -> JSONResponse:
    """200 while the controller beats and the journal can be read, 503 with the reason otherwise."""
    desk = request.app.state.desk
    view = frame(desk.follower, desk.hub.layout)
    told = {key: view[key] for key in ("live", "connected", "age_ms", "trouble", "state")}
    return JSONResponse(told, 200 if view["live"] else 503)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> str:
    """Prometheus text: what the run counted and whether it lives."""
    desk = request.app.state.desk
    view = frame(desk.follower, desk.hub.layout)
    lines = [
        f"sorter_controller_live {int(view['live'])}",
        f"sorter_plc_connected {int(view['connected'])}",
        f"sorter_parcels_inducted_total {view['inducted']}",
        f"sorter_parcels_open {len(view['parcels'])}",
        f"sorter_alarms_open {len(view['alarms'])}",
    ]
    with desk.follower.lock:
        outcomes = dict(desk.follower.board.outcomes)
    lines += [f'sorter_parcels_total{{outcome="{one.value}"}} {outcomes.get(one, 0)}' for one in Outcome]
    return "\n".join(lines) + "\n"


def _shift(request: Request, lang: Lang) -> Shift:
    with _store(request) as store:
        return shift(store.parcels(None, MOST_PARCELS), request.app.state.desk.hub, lang)


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


def _parcel(record: ParcelRecord, journal: Path) -> dict[str, Any]:
    kept = filter(None, (kept_picture(journal, tag) for tag in record.pictures))
    return {
        "pid": record.pid,
        "waybill": printable(record.waybill),
        "courier": record.courier,
        "outcome": record.outcome.value,
        "why": record.why.value,
        "cause": record.cause.value,
        "pictures": [Path(file).name for file in kept],
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
