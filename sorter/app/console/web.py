"""The web server around the console: uvicorn with limits, for what comes over a network is anybody's.

A request that is not whole in time loses its connection, and so does one whose head is too long. The size of
a body is limited by `server.Guard`.
"""

from __future__ import annotations

import asyncio

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 10.0
"""A request is whole within this, from its first byte or from the connection on."""

LONGEST_HEAD = 32_768
"""Bytes of a request line and its headers."""

MOST_AT_ONCE = 256
"""Connections; four times as many as may listen to the live view. Others get 503."""

_COMING = (h11.IDLE, h11.SEND_BODY)


def web_server(app: FastAPI, log_level: str = "warning") -> uvicorn.Server:
    """A server for the console's application, not yet listening."""
    return uvicorn.Server(
        uvicorn.Config(
            app, http=Patient, ws="none", log_level=log_level, timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=LONGEST_HEAD, limit_concurrency=MOST_AT_ONCE,
        )
    )  # fmt: skip


class Patient(H11Protocol):
    """uvicorn's protocol, whose patience with an unfinished request ends."""

    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is due from now on."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """A part of a request, or all of it."""
        super().data_received(data)
        if self.conn.their_state in _COMING:
            self._wait()
        else:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._ends is None:
            self._ends = self.loop.call_later(REQUEST_S, self._end)

    def _stop(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _end(self) -> None:
        self._ends = None
        if not self.transport.is_closing():
            self.transport.abort()
