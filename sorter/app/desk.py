"""The place where people meet a running controller: orders come in by files, its pulse goes out by memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sorter.app.inbox import Inbox
from sorter.app.pulse import PulseWriter
from sorter.flow import Event, Us


class Desk:
    """The desk of the run in `folder`: its `inbox` and its `pulse`. StoreError when the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._inbox = Inbox(inbox_of(folder))
        self._pulse = PulseWriter(pulse_of(folder))

    def orders(self) -> list[Callable[[Us], Event]]:
        """What people ordered since the last cycle, to be stamped."""
        return self._inbox.take()

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
