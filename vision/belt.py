"""The reader for line pace: regions first, our own reader on bars, and no text on one weak witness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sorter.flow import CodeRead
from vision.beside import remainders
from vision.budget import Budget
from vision.decode import BUDGET_S, Climb
from vision.frame import Gray, check_gray
from vision.locate import FINE
from vision.look import Look
from vision.ready import warm_up
from vision.region import Region
from vision.rungs import belt_rungs, sharp_rungs
from vision.symbology import known

_MOST_REGIONS = 64
"""Time is the limit, and what looks like a waybill is read first: no number of goods crowds it out."""

_EAN_ELEMENTS = 61
"""An EAN-13 has 59 bars and spaces; a Code 128 of 10 characters has 61, of 11 67."""

_SYMBOLOGIES = ("CODE128", "QR", "EAN13")


class BeltReader:
    """Reads Code 128, QR and EAN-13 off belt frames, at any angle; keeps no state between frames.

    Goods' EAN codes come first, for a library is quick with them, unless there are too many bars. Code 128
    is our own reader's; a library is asked about what it refused, and believed when the bars are large or two
    looks agree.

    symbologies  of these three; others are ignored, ValueError for what nobody knows
    budget_s     a frame's time where none is told; what is sure when it ends is returned
    """

    def __init__(self, symbologies: Iterable[str] = _SYMBOLOGIES, budget_s: float = BUDGET_S) -> None:
        names = known(symbologies)
        self._budget_s = budget_s
        self._goods = sharp_rungs(("EAN13",) if "EAN13" in names else ())
        self._square, self._waybills = (
            belt_rungs((name,)) if name in names else [] for name in ("QR", "CODE128")
        )

    def read(self, gray: Gray) -> list[CodeRead]:
        """Codes in the frame uint8[H, W], as `Reader.read`; ValueError for any other array."""
        return list(self.look(gray).reads)

    def look(self, gray: Gray, budget: Budget | None = None) -> Look:
        """The same codes, and everything that was tried to get them."""
        warm_up()
        climb = Climb(check_gray(gray), budget or Budget.of(self._budget_s))
        more: list[Region] = []
        for region in sorted(climb.regions(FINE, _MOST_REGIONS), key=_is_other):
            self._read(climb, region)
            for rest in remainders(climb.gray, region, climb.places.reads()):
                self._read(climb, rest)
                more.append(rest)
        look = climb.look()
        return replace(look, regions=(*look.regions, *more)) if more else look

    def _read(self, climb: Climb, region: Region) -> None:
        """One region, by whoever is likely to read it."""
        if region.kind == "matrix":
            climb.region(region, self._square)
            return
        goods_first = _is_other(region)
        if goods_first:
            climb.confirmed(region, self._goods)
        if self._waybills and not climb.places.seen(region):
            climb.bars(region)
            climb.confirmed(region, self._waybills)
        if not goods_first and not climb.places.seen(region):
            climb.confirmed(region, self._goods)


def _is_other(region: Region) -> bool:
    """Too few bars for a waybill, or none."""
    return region.kind != "bars" or region.elements <= _EAN_ELEMENTS
