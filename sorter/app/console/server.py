"""The console's server: pages, JSON API, live frames. It reads files, leaves orders and controls nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.staticfiles import StaticFiles

from sorter.app.console import asked, coding, gauges, ordered, pages, pictured, room, sessions, upkeep
from sorter.app.console.feed import Feed
from sorter.app.console.follow import Follower
from sorter.app.console.frame import frame
from sorter.app.console.people import People
from sorter.hub import Hub

HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Desk:
    """What every page and call works on. config = the hub's folder."""

    hub: Hub
    config: Path
    follower: Follower
    people: People


def console(desk: Desk) -> FastAPI:
    """The application. The follower is started and closed with it."""
    follower = desk.follower
    feed = Feed(lambda: frame(follower, desk.hub.layout))

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        follower.start()
        yield
        feed.close()
        follower.close()

    app = FastAPI(
        title="Parcel sorting-line console", version="1", lifespan=life,
        docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
    )  # fmt: skip
    app.state.desk, app.state.feed, app.state.last_word = desk, feed, coding.Last()
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.middleware("http")(_guarded)
    for part in (asked, gauges, sessions, ordered, coding, room, upkeep, pictured, pages):
        app.include_router(part.router)
    app.add_api_route("/api/live", live, include_in_schema=False)
    return app


async def live(request: Request) -> Response:
    """Frames as server-sent events, for as long as the browser listens; 503 when too many do."""
    feed: Feed = request.app.state.feed
    if feed.full:
        return Response("too many screens", 503)
    kept = {"Cache-Control": "no-store"}
    return StreamingResponse(feed.frames(), media_type="text/event-stream", headers=kept)


async def _guarded(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Writes come from our own pages only; no page runs a script that is not ours."""
    origin = request.headers.get("origin")
    own = origin is None or origin.split("://", 1)[-1] == request.headers.get("host")
    if request.method not in ("GET", "HEAD") and not own:
        return Response("another site's page may not write here", 403)
    response = await go_on(request)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
