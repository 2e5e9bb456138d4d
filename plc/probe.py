"""Reading a PLC's registers without being its controller: nothing is ever written."""

from __future__ import annotations

import asyncio

from plc.adu import LinkTroubleError
from plc.blocks import Block
from plc.wire import Wire
from sorter.layout import Link

MOST_WORDS = 124


class Probe:
    """One connection for looking; a context manager. Use it in a thread that runs no event loop.

    Every method raises LinkTroubleError: the reason begins with a stable word and names what was asked.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._loop = asyncio.new_event_loop()
        self._wire: Wire | None = None

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect within the link's timeout."""
        try:
            self._loop.run_until_complete(self._open())
        except LinkTroubleError:
            self._forget()
            raise

    def read(self, address: int, count: int) -> tuple[int, ...]:
        """Holding registers, 1 to 124 of them. After trouble that does not pass, `open` again."""
        if self._wire is None:
            self.open()
        assert self._wire is not None
        try:
            return self._loop.run_until_complete(self._wire.read(address, count))
        except LinkTroubleError as trouble:
            if not trouble.passing:
                self._forget()
            raise

    def block(self, block: Block, words: int | None = None) -> tuple[int, ...]:
        """A whole block, or its first words (an even number), in as many requests as it takes."""
        wanted = block.words if words is None else words
        starts = range(0, wanted, MOST_WORDS)
        parts = [self.read(block.base + at, min(MOST_WORDS, wanted - at)) for at in starts]
        return tuple(word for part in parts for word in part)

    def close(self) -> None:
        """Let go of the PLC; may be called twice."""
        if not self._loop.is_closed():
            self._forget()
            self._loop.close()

    async def _open(self) -> None:
        self._wire = Wire(self._link)
        await self._wire.open()

    def _forget(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None
            self._loop.run_until_complete(asyncio.sleep(0))
