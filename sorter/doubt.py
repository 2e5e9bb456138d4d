"""A belt that slips under its load: everything comes late at an eye, perhaps as late as its successor is due.

A law that knows places alone would then take each object for the one behind it. But on a belt nothing
overtakes, so what is seen while its predecessor is still owed is that one's successor or the late one itself.
It is believed when its length tells it apart from all that is owed; else it is doubtful, and what is doubtful
is not diverted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

OWED_KEPT = 8
SLIP_PART = 4
"""A length measured while the belt slips is too great by up to this part of it, one measured later is not."""

STEADY = 3
"""Objects in a row that are close to their place: whatever was missed, nothing slips."""


@dataclass(slots=True)
class Doubt:
    """What is owed at one eye.

    tolerance  most by which two measured lengths of one object differ, counts
    close      most by which an object is off its place on a belt that does not slip, counts
    reach      from the eye before to this one, counts: who is later than that has stood still, not slipped
    slips      an object was not as long as the one whose place it had: others than expected come
    """

    tolerance: int
    close: int
    reach: int
    slips: bool = False
    _owed: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=OWED_KEPT))
    _steady: int = 0

    def missed(self, place: int, length: int) -> None:
        """An object should have been seen before the one that is seen now."""
        if (place, length) not in self._owed:
            self._owed.append((place, length))
            self._steady = 0

    def doubts(self, place: int, length: int, off: int, seen_length: int) -> bool:
        """Whether what was seen, `off` counts from the place of an object and so long, may be another one."""
        if not self._owed or self._out_of_reach(place + off):
            return False
        fits = self._like(seen_length, length)
        if fits and not any(self._like(seen_length, owed, owed // SLIP_PART) for _, owed in self._owed):
            self._settle()
            return False
        self.slips = self.slips or not fits
        self._steady = self._steady + 1 if fits and abs(off) <= self.close else 0
        if self._steady >= STEADY:
            self._settle()
            return False
        self._owed.append((place, length))
        return True

    def _out_of_reach(self, place: int) -> bool:
        """Forget who can no longer be the one seen at `place`; True when that was everybody."""
        while self._owed and place - self._owed[0][0] > self.reach:
            self._owed.popleft()
        if not self._owed:
            self._settle()
        return not self._owed

    def _settle(self) -> None:
        self._owed.clear()
        self._steady, self.slips = 0, False

    def _like(self, one: int, other: int, slack: int = 0) -> bool:
        return abs(one - other) <= self.tolerance + slack
