"""Follows a run from outside: its journal as it grows, its pulse as it beats. Reads files, asks nobody."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread

from sorter.app.console.board import Board
from sorter.app.desk import face_of, pulse_of
from sorter.app.face import Face, read_face
from sorter.app.pulse import Pulse, monotonic_us, read_pulse
from sorter.app.segments import Position, StalePosition, read_from
from sorter.errors import StoreError
from sorter.flow import Us
from sorter.hub import Hub

LOOK_S = 0.05
"""How often the journal is looked at."""

STALE_US: Us = 1_000_000
"""A controller that has not beaten for this long is not shown as live: ten missed polls of 100 ms."""

ZERO_SLACK_US: Us = 50_000
"""The line clock is fitted: its zero moves a little, and a time on the screen must not flicker."""

PATIENCE_S = 2.0
"""A journal that cannot be read is tried again after this."""


class Follower:
    """The board of a run's journal, kept up to date by a thread of this process.

    folder   the run's folder; it need not exist yet
    hub      its configuration
    trouble  why the journal cannot be read now; "" when all is well
    """

    def __init__(self, folder: Path, hub: Hub) -> None:
        self.folder = folder
        self.trouble = ""
        self.lock = Lock()
        self._hub = hub
        self.board = Board(hub)
        self._zero_us: Us | None = None
        self._after: Position | None = None
        self._ending = Flag()
        self._thread = Thread(target=self._follow, name="journal follower", daemon=True)

    def start(self) -> None:
        """Begin; the first look is taken at once, so that a page never starts empty by chance."""
        self._look()
        self._thread.start()

    def close(self) -> None:
        """Stop following."""
        self._ending.set()
        self._thread.join()

    def pulse(self) -> Pulse | None:
        """The controller's last beat; None when it has never beaten."""
        return read_pulse(pulse_of(self.folder))

    def age_us(self) -> Us | None:
        """How long ago the controller beat; None = never."""
        pulse = self.pulse()
        return None if pulse is None else max(0, monotonic_us() - pulse.written_us)

    def face(self) -> Face | None:
        """What the controller last saw of the machine; None when it has shown nothing."""
        return read_face(face_of(self.folder))

    def zero_us(self, pulse: Pulse | None) -> Us | None:
        """Unix time of line clock 0, to the millisecond or so, by the pulse, else as the journal tells it."""
        if pulse is not None and pulse.line_us and (age_us := monotonic_us() - pulse.written_us) >= 0:
            zero_us = time.time_ns() // 1000 - age_us - pulse.line_us
            if self._zero_us is None or abs(zero_us - self._zero_us) > ZERO_SLACK_US:
                self._zero_us = zero_us
        return self.board.zero_us if self._zero_us is None else self._zero_us

    def _follow(self) -> None:
        while not self._ending.wait(PATIENCE_S if self.trouble else LOOK_S):
            self._look()

    def _look(self) -> None:
        try:
            self._catch_up()
            self.trouble = ""
        except StalePosition:
            with self.lock:
                self.board, self._after = Board(self._hub), None
        except StoreError as error:
            self.trouble = str(error)

    def _catch_up(self) -> None:
        journal = self.folder / "journal"
        if not any(journal.glob("*.journal")):
            return
        for position, value in read_from(journal, self._after):
            with self.lock:
                self.board.note(value)
            self._after = position
