"""Bars beside a code that was read: whether another waybill may lie there, which nobody could read.

An old waybill that shows above, below or before a new one's bars is as good a waybill as the new one. Where
only one of them is read, nobody knows whether it is the new one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sorter.flow import CodeRead
from vision.decode import modules
from vision.frame import Gray
from vision.places import inside
from vision.region import Region
from vision.straight import straighten

LEAST_ELEMENTS, LEAST_MODULES = 62, 100
"""An EAN-13 has 59 bars and spaces. A waybill of 11 characters and more has 67 and more and at least 100
modules; modules are the read code's, for both labels were made by the trade's printers."""

_LEAST_HEIGHT = 10
_PARALLEL_DEG = 8.0
_MOST_GAP = 24  # modules of white between the bars: 9 mm
_SHARED = 0.5


def rivals(reads: Iterable[CodeRead], unread: Iterable[Region]) -> Iterator[Region]:
    """The unread regions of bars that may be a waybill beside a Code 128 that was read."""
    waybills = [read for read in reads if read.symbology == "CODE128"]
    for region in unread:
        if any(_beside(read, region) for read in waybills):
            yield region


def like_waybills(reads: Iterable[CodeRead], unread: Iterable[Region]) -> Iterator[Region]:
    """The unread regions, wherever they lie, with bars as many, as long and as high as a waybill's.

    Measured by the least module of the Code 128 read in the picture; none read, none told.
    """
    sizes = [math.dist(*read.corners[:2]) / modules(read) for read in reads if read.symbology == "CODE128"]
    for region in unread if sizes else ():
        if _may_be_waybill(region, min(sizes)):
            yield region


def _may_be_waybill(region: Region, module: float) -> bool:
    """By its bars and its size; module in px."""
    large = region.length_px >= LEAST_MODULES * module and region.height_px >= _LEAST_HEIGHT * module
    return large and region.elements >= LEAST_ELEMENTS


def remainders(gray: Gray, region: Region, reads: Iterable[CodeRead]) -> list[Region]:
    """Bars of uint8[H, W] in the region before and behind a Code 128 read in it that may be a waybill."""
    found: list[Region] = []
    if region.kind != "bars":
        return found
    for read in reads:
        if read.symbology != "CODE128" or not inside(read.corners, region):
            continue
        module = math.dist(*read.corners[:2]) / modules(read)
        if region.length_px < (LEAST_MODULES + modules(read)) * module:
            continue
        turn = math.radians(region.angle_deg)
        cosine, sine = math.cos(turn), math.sin(turn)
        ends = [(x - region.x_px) * cosine + (y - region.y_px) * sine for x, y in read.corners]
        half = region.length_px / 2
        for first, last in ((-half, min(ends)), (max(ends), half)):
            if last - first >= LEAST_MODULES * module:
                middle = (first + last) / 2
                x, y = region.x_px + middle * cosine, region.y_px + middle * sine
                rest = replace(region, x_px=x, y_px=y, length_px=last - first)
                found += straighten(gray, rest)
    return found


def _beside(read: CodeRead, region: Region) -> bool:
    """Parallel, as long as a waybill, and next to the read one's bars in either direction."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = read.corners
    right, down = (
        ((bx + cx - ax - dx) / 2, (by + cy - ay - dy) / 2),
        ((dx + cx - ax - bx) / 2, (dy + cy - ay - by) / 2),
    )
    length, height = math.hypot(*right), math.hypot(*down)
    module = length / modules(read)
    own = math.degrees(math.atan2(right[1], right[0]))
    turned = abs((own - region.angle_deg + 90) % 180 - 90)
    if turned > _PARALLEL_DEG or not _may_be_waybill(region, module):
        return False
    x, y = region.x_px - (ax + bx + cx + dx) / 4, region.y_px - (ay + by + cy + dy) / 4
    along, aside = abs(x * right[0] + y * right[1]) / length, abs(y * right[0] - x * right[1]) / length
    clear_along = along - (length + region.length_px) / 2
    clear_aside = aside - (height + region.height_px) / 2
    inner = _SHARED * min(length, region.length_px)
    above = -clear_along >= inner and clear_aside <= _MOST_GAP * module
    before = -clear_aside >= _SHARED * min(height, region.height_px) and clear_along <= _MOST_GAP * module
    return above or before
