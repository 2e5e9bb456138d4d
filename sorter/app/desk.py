"""Where people meet a running controller: orders come in by files, pulse and face go out by memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sorter.app.disk_guard import DiskGuard
from sorter.app.face import FACE_US, Face, FaceWriter
from sorter.app.inbox import Inbox
from sorter.app.pulse import PulseWriter, monotonic_us
from sorter.flow import ClockTold, Event, Us, WaveBegan
from sorter.hub import Wave

Look = Callable[[], Face]

TELL_US: Us = 600_000_000
"""The wall clock is told again after so long: it may be set, and it drifts against the PLC's."""


class Desk:
    """The desk of the run in `folder`: its `inbox`, `pulse` and `face`. StoreError when the disk refuses.

    waves  of the day; each one's beginning and end is told, and at the start the one that runs
    clock  the local time of day as HH:MM
    look   what the machine shows now; asked a few times a second
    guard  of the room on the disk
    """

    def __init__(
        self,
        folder: Path,
        waves: Sequence[Wave] = (),
        clock: Callable[[], str] = lambda: time.strftime("%H:%M"),
        look: Look | None = None,
        guard: DiskGuard | None = None,
    ) -> None:
        self._waves = waves
        self._clock = clock
        self._wave: str | None = None
        self._inbox = Inbox(inbox_of(folder))
        self._pulse = PulseWriter(pulse_of(folder))
        self._face = FaceWriter(face_of(folder))
        self._look = look
        self._guard = guard
        self._looked_us: Us = 0
        self._tell_us: Us | None = None

    def orders(self) -> list[Callable[[Us], Event]]:
        """What people ordered since the last cycle, to be stamped."""
        room = self._guard.told() if self._guard is not None else []
        return [*room, *self._wave_began(), *self._clock_told(), *self._inbox.take()]

    def _wave_began(self) -> list[Callable[[Us], Event]]:
        if not self._waves:
            return []
        clock = self._clock()
        now = next((wave.name for wave in self._waves if wave.runs_at(clock)), "")
        if now == self._wave:
            return []
        self._wave = now
        return [lambda at_us: WaveBegan(at_us, now)]

    def _clock_told(self) -> list[Callable[[Us], Event]]:
        """Due once the line clock was shown to run, and then again and again."""
        if self._tell_us is None or (now_us := monotonic_us()) < self._tell_us:
            return []
        self._tell_us = now_us + TELL_US
        return [lambda at_us: ClockTold(at_us, time.time_ns() // 1000)]

    def show(self, line_us: Us, encoder: int, stored: bool) -> None:
        """One beat; stored: every order taken so far is in the journal."""
        self._pulse.beat(line_us, encoder)
        if self._tell_us is None and line_us:
            self._tell_us = 0
        if stored:
            self._inbox.stored()
        if self._look is not None and (now_us := monotonic_us()) >= self._looked_us + FACE_US:
            self._looked_us = now_us
            self._face.show(self._look())


def inbox_of(folder: Path) -> Path:
    """Where orders for the run in `folder` wait."""
    return folder / "inbox"


def pulse_of(folder: Path) -> Path:
    """Where the run in `folder` beats."""
    return folder / "pulse"


def face_of(folder: Path) -> Path:
    """Where the run in `folder` shows its machine."""
    return folder / "face"
