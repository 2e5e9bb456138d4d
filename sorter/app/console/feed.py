"""The live feed: one frame made for everybody, ten times a second, handed to each browser that listens.

However many browsers there are, the board is looked at once a period; and not at all when nobody listens.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

FRAME_S = 0.1
"""Time between two frames."""

MOST_LISTENERS = 64
"""More browsers than a hub has; further ones are sent away instead of slowing the others."""


class Feed:
    """Makes frames while somebody listens. `make` is called in the server's own thread."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._text = ""
        self._listeners = 0
        self._ending = False
        self._fresh: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        """Nobody more is let in."""
        return self._listeners >= MOST_LISTENERS

    async def frames(self) -> AsyncIterator[str]:
        """Server-sent events, until the listener goes away or the feed ends. A slow one misses frames."""
        self._listeners += 1
        self._fresh = self._fresh or asyncio.Event()
        try:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._run())
            while not self._ending:
                await self._fresh.wait()
                yield self._text
        finally:
            self._listeners -= 1

    def close(self) -> None:
        """Send everybody away; no frame follows."""
        self._ending = True
        if self._fresh is not None:
            self._fresh.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._listeners and not self._ending:
            self._text = f"data: {json.dumps(self._make(), separators=(',', ':'))}\n\n"
            assert self._fresh is not None
            self._fresh.set()
            self._fresh = asyncio.Event()
            due = max(due + FRAME_S, loop.time())
            await asyncio.sleep(due - loop.time())
