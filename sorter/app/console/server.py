"""The console's server: pages, JSON API, live frames. It reads files, leaves orders and controls nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
LARGEST_BODY = 3_000_000
"""Bytes of an order; the longest plan (`room.LONGEST_PLAN` characters) as escaped JSON is 2,400,000."""

TOO_LARGE = "too-large"

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


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
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, refused)
    for part in (asked, gauges, sessions, ordered, coding, room, upkeep, pictured, pages):
        app.include_router(part.router)
    app.add_api_route("/api/live", live, include_in_schema=False)
    return app


async def refused(request: Request, error: Exception) -> Response:
    """422: where and why, without what came; JSON can carry what no answer can (NaN, half a character)."""
    assert isinstance(error, RequestValidationError)
    told = [{key: one[key] for key in ("loc", "msg", "type")} for one in error.errors()]
    return JSONResponse({"detail": told}, 422)


async def live(request: Request) -> Response:
    """Frames as server-sent events, for as long as the browser listens; 503 when too many do."""
    feed: Feed = request.app.state.feed
    if feed.full:
        return Response("too many screens", 503)
    kept = {"Cache-Control": "no-store"}
    return StreamingResponse(feed.frames(), media_type="text/event-stream", headers=kept)


class Guard:
    """Around every answer: writes are small and come from our own pages; no page runs another's script."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. What streams goes through untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, _limited(receive), guarded)


def _refusal(method: str, headers: Headers) -> Response | None:
    """What a request gets that nobody needs to look at."""
    origin = headers.get("origin")
    own = origin is None or origin.split("://", 1)[-1] == headers.get("host")
    if method not in ("GET", "HEAD") and not own:
        return Response("another site's page may not write here", 403)
    length = headers.get("content-length", "0")
    if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
        return Response(TOO_LARGE, 413, {"Connection": "close"})
    return None


def _limited(receive: Receive) -> Receive:
    """The same body, up to its limit: one that comes in chunks has announced no length."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(413, TOO_LARGE, {"Connection": "close"})
        return message

    return limited
