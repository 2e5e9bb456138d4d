"""The reader for line pace: regions first, our own reader on each, and no text on one weak witness."""

from __future__ import annotations

from collections.abc import Iterable

from sorter.flow import CodeRead
from vision.decode import Climb
from vision.frame import Gray, check_gray
from vision.locate import FINE
from vision.look import Look
from vision.rungs import belt_rungs

BUDGET_S = 0.25
"""Time for one frame; what is sure by then is returned."""

_BELT_SYMBOLOGIES = ("CODE128", "QR", "EAN13")
_MOST_REGIONS = 12


class BeltReader:
    """Reads Code 128, QR and EAN-13 off belt frames, at any angle; keeps no state between frames."""

    def __init__(self, symbologies: Iterable[str] = _BELT_SYMBOLOGIES, budget_s: float = BUDGET_S) -> None:
        self._names = tuple(symbologies)
        self._budget_s = budget_s
        self._rungs = belt_rungs(self._names)

    def read(self, gray: Gray) -> list[CodeRead]:
        """Codes in the frame uint8[H, W], as `Reader.read`; ValueError for any other array."""
        return list(self.look(gray).reads)

    def look(self, gray: Gray) -> Look:
        """The same codes, and everything that was tried to get them."""
        climb = Climb(check_gray(gray), self._budget_s)
        for region in climb.regions(FINE, _MOST_REGIONS):
            climb.region(region, self._names, self._rungs)
        return climb.look()
