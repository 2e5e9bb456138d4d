"""Figures for Prometheus: what the run counted, whether it lives, how the link and the cameras do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from sorter.app.console.frame import frame
from sorter.app.desk import inbox_of
from sorter.app.inbox import waiting
from sorter.flow import Outcome

router = APIRouter()
Row = tuple[str, str, str, list[tuple[str, float]]]
"""Name, type, help, [(labels, value)]."""


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> str:
    """Prometheus text format."""
    lines = []
    for name, kind, told, values in _rows(request.app.state.desk):
        lines += [f"# HELP sorter_{name} {told}", f"# TYPE sorter_{name} {kind}"]
        lines += [f"sorter_{name}{labels} {value:.12g}" for labels, value in values]
    return "\n".join(lines) + "\n"


def _rows(desk: Any) -> Iterator[Row]:
    view = frame(desk.follower, desk.hub.layout)
    with desk.follower.lock:
        outcomes = dict(desk.follower.board.outcomes)
        cameras = dict(desk.follower.board.sights.cameras)
    age_s = -1.0 if view["age_ms"] is None else view["age_ms"] / 1000
    yield _one("controller_live", "1 while the controller beats", float(view["live"]))
    yield _one("controller_age_seconds", "since its last beat, -1 = never", age_s)
    yield _one("plc_connected", "1 while the PLC is reached", float(view["connected"]))
    yield _one("parcels_open", "on the belt", len(view["parcels"]))
    yield _one("alarms_open", "in the list", len(view["alarms"]))
    orders = waiting(inbox_of(desk.follower.folder))
    yield _one("orders_waiting", "that the controller has not taken", len(orders))
    yield "parcels_inducted_total", "counter", "since the run began", [("", view["inducted"])]
    ended = [(f'{{outcome="{one.value}"}}', float(outcomes.get(one, 0))) for one in Outcome]
    yield "parcels_total", "counter", "by how their way ended", ended
    if (face := desk.follower.face()) is not None and face.trips:
        trips = [('{quantile="0.5"}', face.trip_p50_us / 1e6), ('{quantile="0.99"}', face.trip_p99_us / 1e6)]
        yield "plc_round_trip_seconds", "gauge", "of the last reads", trips
    for name in ("pictures", "answers", "failures"):
        counts = [(f'{{camera="{number}"}}', float(getattr(one, name))) for number, one in cameras.items()]
        if counts:
            yield f"camera_{name}_total", "counter", "since the run began", counts


def _one(name: str, told: str, value: float) -> Row:
    return name, "gauge", told, [("", value)]
