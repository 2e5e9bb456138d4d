"""The console's server: pages, JSON API, live frames. It reads files, leaves orders and controls nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.staticfiles import StaticFiles

from sorter.app.console import asked, ordered, pages, pictured
from sorter.app.console.follow import Follower
from sorter.app.console.frame import frame
from sorter.app.console.people import People
from sorter.hub import Hub

FRAME_S = 0.1
"""Time between two frames of the live view."""

HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Desk:
    """What every page and call works on."""

    hub: Hub
    follower: Follower
    people: People


def console(hub: Hub, follower: Follower, people: People) -> FastAPI:
    """The application. The follower is started and closed with it."""
    desk = Desk(hub, follower, people)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        follower.start()
        yield
        follower.close()

    app = FastAPI(
        title="Parcel sorting-line console", version="1", lifespan=life,
        docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
    )  # fmt: skip
    app.state.desk = desk
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.middleware("http")(_guarded)
    app.include_router(asked.router)
    app.include_router(ordered.router)
    app.include_router(pictured.router)
    app.include_router(pages.router)
    app.add_api_route("/api/live", live, include_in_schema=False)
    return app


async def live(request: Request) -> StreamingResponse:
    """Frames as server-sent events, for as long as the browser listens."""
    desk: Desk = request.app.state.desk

    async def frames() -> AsyncIterator[str]:
        while not await request.is_disconnected():
            text = json.dumps(frame(desk.follower, desk.hub.layout), separators=(",", ":"))
            yield f"data: {text}\n\n"
            await asyncio.sleep(FRAME_S)

    return StreamingResponse(frames(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


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
