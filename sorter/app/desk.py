"""The place where people meet a running controller: orders come in by files, its pulse goes out by memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sorter.app.inbox import Inbox
from sorter.app.pulse import PulseWriter
from sorter.flow import Event, Us, WaveBegan
from sorter.hub import Wave


class Desk:
    """The desk of the run in `folder`: its `inbox` and its `pulse`. StoreError when the disk refuses.

    waves  of the day; each one's beginning and end is told, and at the start the one that runs
    clock  the local time of day as HH:MM
    """

    def __init__(
        self,
        folder: Path,
        waves: Sequence[Wave] = (),
        clock: Callable[[], str] = lambda: time.strftime("%H:%M"),
    ) -> None:
        self._waves = waves
        self._clock = clock
        self._wave: str | None = None
        self._inbox = Inbox(inbox_of(folder))
        self._pulse = PulseWriter(pulse_of(folder))

    def orders(self) -> list[Callable[[Us], Event]]:
        """What people ordered since the last cycle, to be stamped."""
        return [*self._wave_began(), *self._inbox.take()]

    def _wave_began(self) -> list[Callable[[Us], Event]]:
        if not self._waves:
            return []
        clock = self._clock()
        now = next((wave.name for wave in self._waves if wave.runs_at(clock)), "")
        if now == self._wave:
            return []
        self._wave = now
        return [lambda at_us: WaveBegan(at_us, now)]

    def show(self, line_us: Us, encoder: int, stored: bool) -> None:
        """One beat; stored: every order taken so far is in the journal."""
        self._pulse.beat(line_us, encoder)
        if stored:
            self._inbox.stored()


def inbox_of(folder: Path) -> Path:
    """Where orders for the run in `folder` wait."""
    return folder / "inbox"


def pulse_of(folder: Path) -> Path:
    """Where the run in `folder` beats."""
    return folder / "pulse"
