"""Looks at the room on the run's disk, so that people hear of it long before a write fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sorter.app.pulse import monotonic_us
from sorter.flow import DiskSpace, Event, Room, Us
from sorter.hub import Keeping

LOOK_US: Us = 2_000_000
SLACK_PERCENT = 10
"""So much more than a limit must be free again before it counts as kept: a level does not flicker."""


def free_mb(folder: Path) -> int:
    """What may still be written there, 10^6 bytes, rounded down."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize // 1_000_000


class DiskGuard:
    """Told every LOOK_US; a disk that does not answer the question says nothing.

    known  the room that the controller believes in: only what differs is told
    """

    def __init__(
        self,
        folder: Path,
        keeping: Keeping,
        known: Room = Room.ENOUGH,
        free: Callable[[Path], int] = free_mb,
        clock: Callable[[], Us] = monotonic_us,
    ) -> None:
        self._folder, self._free, self._clock = folder, free, clock
        self._limits = keeping.alarm_mb, keeping.stop_mb
        self._known = known
        self._looked_us: Us | None = None

    def told(self) -> list[Callable[[Us], Event]]:
        """What has changed since the last look, to be stamped."""
        now = self._clock()
        if self._looked_us is not None and now < self._looked_us + LOOK_US:
            return []
        self._looked_us = now
        try:
            free = self._free(self._folder)
        except OSError:
            return []
        room = self._room(free)
        if room is self._known:
            return []
        self._known = room
        return [lambda at_us: DiskSpace(at_us, room, free)]

    def _room(self, free: int) -> Room:
        """By the limits; those that were not kept are higher by SLACK_PERCENT."""
        alarm, stop = (
            limit + limit * SLACK_PERCENT // 100 if self._known >= level else limit
            for limit, level in zip(self._limits, (Room.LITTLE, Room.NONE), strict=True)
        )
        if free < stop:
            return Room.NONE
        return Room.LITTLE if free < alarm else Room.ENOUGH
