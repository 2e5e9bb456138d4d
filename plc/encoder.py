"""Whether the encoder tells what the belt can have done. All tracking stands on it.

A shift of the counts by the distance of two parcels makes each parcel the one before it: every window fits,
and every parcel leaves by its neighbour's chute. So a loss, a jump or a run backwards is noticed before the
shift can be as large as the smallest pitch less one window. Where wheels turn less may be missing: `due` says
what the clock thinks of the counts there, `plc/diverting.py` asks it.
"""

from __future__ import annotations

from collections import deque

from plc.agenda import NEVER
from sorter.layout import Layout

CHECK_MS = 200
"""While the belt is driven its progress is compared from one multiple of this to the next."""

KEPT = 24
"""Checks, starts and stops that are remembered: four seconds of a belt that is driven on."""

START_MS = 300
"""A drive may take so long until the belt begins to move."""


class EncoderWatch:
    """Knows the layout's speed, ramp and window. Counts and milliseconds are unwrapped.

    Of what a driven belt does in a check half may be missing: lost unnoticed is at most half of one check and
    the whole of the next, 1.5 x 200 ms x 1600 mm/s = 480 mm, less than 600 mm pitch less 100 mm window.
    """

    def __init__(self, layout: Layout) -> None:
        self._speed = layout.counts(layout.belt.speed_mm_s)
        self._ramp = layout.counts(layout.belt.ramp_mm_s2)
        self._slack = layout.counts(layout.window_mm)
        self._since: int | None = None
        self._before = 0
        self._stop_ms = START_MS + 1000 * self._speed // self._ramp
        self._ended_ms = -self._stop_ms
        self._number = 0
        self._last: tuple[int, int] | None = None
        self._trail = deque[tuple[int, int, bool]](maxlen=KEPT)

    def possible(self, passed_ms: int, moved: int, driven: bool) -> bool:
        """A belt can have moved so far since the last scan: at most a quarter faster than it sorts."""
        most = self._speed * passed_ms // 800 + self._slack
        return (-self._slack if driven else -most) <= moved <= most

    def goes_on(self, at_ms: int, count: int, driven: bool) -> bool:
        """The belt makes the way it is driven for; to be asked at least at every multiple of CHECK_MS."""
        if not driven:
            if self._since is not None:
                self._before += self._way(at_ms - self._since)
                self._since, self._ended_ms = None, at_ms
                self._trail.append((at_ms, count, False))
            return True
        number = at_ms // CHECK_MS
        if self._since is None:
            self._since, self._number, self._last = at_ms, number, None
            self._trail.append((at_ms, count, True))
            return True
        if number == self._number:
            return True
        self._trail.append((at_ms, count, True))
        before, self._last = self._last, (at_ms, count)
        gap, self._number = number - self._number, number
        if before is None or gap > 1:
            return True
        due = self._way(at_ms - self._since) - self._way(before[0] - self._since)
        return 2 * (count - before[1]) >= due

    def stands(self, at_ms: int) -> bool:
        """The belt is not driven, and has had the time to come to rest down its ramp."""
        return self._since is None and at_ms - self._ended_ms >= self._stop_ms

    def then(self, then_ms: int, at_ms: int, count: int) -> int | None:
        """Counts as they were at then_ms; None when the belt coasted without a drive, or it is too long ago.

        at_ms, count  now. Exact to 4 mm: from check to check a belt's speed changes by 160 mm/s at most
        """
        later_ms, later = at_ms, count
        for ms, counts, driven in reversed(self._trail):
            if ms <= then_ms:
                if driven:
                    return counts + (later - counts) * (then_ms - ms) // max(1, later_ms - ms)
                return counts if later == counts else None
            later_ms, later = ms, counts
        return None

    def due(self, at_ms: int) -> int:
        """Counts that a belt a tenth slower than it sorts has made since the boot at least, were none lost.

        at_ms  not before the last drive's end; within a drive its start is taken for what lies before it
        """
        way = self._before if self._since is None else self._before + self._way(at_ms - self._since)
        return way * 9 // 10

    def next_ms(self, due: int, at_ms: int) -> int:
        """The earliest time at which `due` can be so much, to be asked again then; NEVER without a drive."""
        if self._since is None:
            return NEVER
        return at_ms + max(1, -((self.due(at_ms) - due) * 10_000 // (9 * self._speed)))

    def _way(self, driven_ms: int) -> int:
        """Counts that a belt makes at least in so long after its start, from standing, up its ramp."""
        ms = max(0, driven_ms - START_MS)
        full_ms = 1000 * self._speed // self._ramp
        if ms < full_ms:
            return self._ramp * ms * ms // 2_000_000
        return self._speed * (2 * ms - full_ms) // 2000
