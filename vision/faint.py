"""A label whose bars nobody finds: grey patches on paper, strips of bars; for the cause only.

Looked for when a frame gave nothing at all, so an ordinary frame pays nothing. Bars out of focus or faded are
an even grey patch, half as dark as ink, in a picture of a quarter of the size; bars of which a strip shows
fill cells of 3 px.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sorter.flow import NoRead
from vision.causes import LEAST_MODULE_PX, USUAL_MODULES, corners_of
from vision.cells import REACH, marked, patches, tensor, thick
from vision.compiled import compiled
from vision.frame import Gray
from vision.region import Region
from vision.upright import upright

_FINE = 3
_STRONG, _COHERENT, _LIKE = 120.0, 0.35, math.cos(2 * math.radians(25))
_MOST_WHOLE = 6.0  # length of a waybill's bars by their height
_STRIP_CELLS, _STRIP_HIGH, _ALONG_DEG = 16, 10, 15.0  # what is higher fills larger cells
_COARSE = 4
_REACH = 31  # coarse pixels: bars are less high than 120 px
_SMOOTH, _STEPS = 5, 64  # steps a grey
_LEAST_DROP, _LEAST_SHARE, _MOST_SHARE = 2.2, 0.012, 0.62
_LEAST_LONG, _LEAST_HIGH, _LEAST_FILL = 25, 5, 0.72
_MOST_ASPECT = 10.0
_MOST_ACROSS = 180  # coarse pixels: no label with its print is larger both ways
_LEAST_PAPER = 100
_SIDE_PX, _SOFT_PX = 24, 3.5
_LOW = 0.18
_OPENER = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_LEAST_HIGH, _LEAST_HIGH))
_WRITTEN, _BOTH_WAYS = 0.06, 0.25  # share of the paper that rows of letters change by; of change along them
_LEVELS, _LEAST_EVEN = (0.5, 0.35, 0.25, 0.65), 0.55

Profile = NDArray[np.float32]
Window = tuple[slice, slice]


def faint_label(gray: Gray) -> tuple[NoRead, Region] | None:
    """The likeliest place of bars in uint8[H, W] that were not found, and why not; None: no label."""
    strip = max(_strips(gray), key=lambda region: region.length_px, default=None)
    if strip is not None:
        whole = strip.length_px < _MOST_WHOLE * strip.height_px
        return (NoRead.TOO_SMALL if whole and _too_fine(strip) else NoRead.TORN), strip
    for _, region in sorted(_patches(gray), key=lambda patch: -patch[0]):
        cause = _cause(gray, region) if _wholly_seen(gray, region) else None
        if cause is not None:
            return cause, region
    return None


def _strips(gray: Gray) -> Iterator[Region]:
    """Bars of which so little height shows that they fill no cell of the usual size."""
    cells = compiled(tensor)(gray, _FINE)
    if min(cells.shape) < 2:
        return
    mask, unit = compiled(marked)(cells, _STRONG, _COHERENT)
    number = compiled(patches)(compiled(thick)(mask, unit, _LIKE), unit, _LIKE)
    rows, columns = np.nonzero(number)
    count = np.bincount(number[rows, columns], minlength=1)
    for patch in np.flatnonzero(count >= _STRIP_CELLS):
        here = number[rows, columns] == patch
        points = np.stack((columns[here], rows[here]), axis=1).astype(np.float32)
        (x, y), sides, angle = cv2.minAreaRect(points)
        long, turn = max(sides) + 1 + 2 * REACH, angle if sides[0] >= sides[1] else angle + 90
        xx, yy, xy = (float(part) for part in cells[:, rows[here], columns[here]].sum(axis=1))
        bars = math.degrees(0.5 * math.atan2(2 * xy, xx - yy))
        if (
            long >= _STRIP_CELLS
            and min(sides) < _STRIP_HIGH
            and abs((bars - turn + 90) % 180 - 90) < _ALONG_DEG
        ):
            yield Region(
                (x + 0.5) * _FINE - 0.5, (y + 0.5) * _FINE - 0.5, (turn + 90) % 180 - 90,
                long * _FINE, (min(sides) + 1) * _FINE, "bars",
            )  # fmt: skip


def _patches(gray: Gray) -> Iterator[tuple[float, Region]]:
    """Oblong patches a bit darker than the paper around them, each with how much it stands out."""
    if min(gray.shape) < _COARSE * _LEAST_LONG:
        return
    small = cv2.resize(gray, None, fx=1 / _COARSE, fy=1 / _COARSE, interpolation=cv2.INTER_AREA)
    fine = cv2.blur(small.astype(np.uint16) * _STEPS, (_SMOOTH, _SMOOTH))
    closed = cv2.morphologyEx(fine, cv2.MORPH_CLOSE, np.ones((_REACH, _REACH), np.uint8))
    paper, drop = closed.astype(np.float32) / _STEPS, (closed - fine).astype(np.float32) / _STEPS
    dark = (drop > np.maximum(_LEAST_DROP, _LEAST_SHARE * paper)) & (paper >= _LEAST_PAPER)
    for window, own in _components(dark):
        if min(own.shape) > _MOST_ACROSS:  # the belt along a box's edges
            continue
        for weight, part in _even(np.where(own, drop[window], 0)):
            x, y = part.x_px + window[1].start, part.y_px + window[0].start
            yield weight, Region(
                (x + 0.5) * _COARSE - 0.5, (y + 0.5) * _COARSE - 0.5, part.angle_deg,
                part.length_px * _COARSE, part.height_px * _COARSE, "bars",
            )  # fmt: skip


def _components(mask: NDArray[np.bool_]) -> Iterator[tuple[Window, NDArray[np.bool_]]]:
    """Every connected part that is large enough for a label's bars, in the window around it."""
    _, number, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    for part in np.flatnonzero(boxes[1:, 4] >= _LEAST_LONG * _LEAST_HIGH) + 1:
        left, top, wide, high = (int(value) for value in boxes[part, :4])
        window = slice(top, top + high), slice(left, left + wide)
        yield window, number[window] == part


def _even(drop: Profile) -> Iterator[tuple[float, Region]]:
    """Oblongs in a patch that do not change along their height: bars, without the print that touches them.

    Half of bars is ink and less of print, whose lines an opening levels to what lies between them; so at one
    level or another, half of their darkness first, the bars stand alone, or with a line that is cut off.
    What stands out most is dark and large: its area by its darkness squared.
    """
    opened = cv2.morphologyEx(drop, cv2.MORPH_OPEN, _OPENER)
    top = float(np.quantile(opened[opened > 0], 0.9)) if opened.any() else 0.0
    greys = np.asarray(cv2.convertScaleAbs(drop, alpha=128 / max(top, 1.0)), np.uint8)
    for level in _LEVELS if top > 0 else ():
        found = False
        for window, own in _components(opened > level * top):
            oblong = _oblong(own, window[1].start, window[0].start)
            for grey, band in _band(greys, oblong) if oblong else ():
                found = True
                yield band.length_px * band.height_px * (grey * top / 128) ** 2, band
        if found:
            return


def _band(greys: Gray, region: Region) -> Iterator[tuple[float, Region]]:
    """The part of the region's height that is as dark all over, and its mean in uint8[H, W]."""
    rows = upright(greys, region).pixels.mean(axis=1)
    pale = np.flatnonzero(np.concatenate(([True], rows <= _LEAST_EVEN * rows.max(), [True])))
    widest = int(np.diff(pale).argmax())
    first, last = int(pale[widest]), int(pale[widest + 1]) - 1
    if last - first < _LEAST_HIGH:
        return
    turn, down = math.radians(region.angle_deg), (first + last - len(rows)) / 2
    x, y = region.x_px - down * math.sin(turn), region.y_px + down * math.cos(turn)
    band = replace(region, x_px=x, y_px=y, height_px=float(last - first))
    yield float(rows[first:last].mean()), band


def _oblong(own: NDArray[np.bool_], left: int, top: int) -> Region | None:
    rows, columns = np.nonzero(own)
    points = np.stack((columns + left, rows + top), axis=1).astype(np.float32)
    (x, y), sides, angle = cv2.minAreaRect(points)
    length, height = max(sides) + 1, min(sides) + 1
    full = len(points) >= _LEAST_FILL * length * height
    if length < _LEAST_LONG or height < _LEAST_HIGH or not full or length > _MOST_ASPECT * height:
        return None
    turn = angle if sides[0] >= sides[1] else angle + 90
    return Region(x, y, (turn + 90) % 180 - 90, length, height, "bars")


def _cause(gray: Gray, region: Region) -> NoRead | None:
    """By how dark the patch is and how soft its edges along the bars' ends are; None: solid ink, letters."""
    laid = upright(gray, region, beyond_px=_SIDE_PX)
    pixels, side = laid.pixels, max(2, round(_SIDE_PX * laid.scale))
    rows = pixels[side + len(pixels) // 8 : len(pixels) - side - len(pixels) // 8]
    if not len(rows):
        return None
    profile = rows.mean(axis=0, dtype=np.float64)
    inner = profile[2 * side : -2 * side]
    outer = np.concatenate((profile[: side // 2], profile[-side // 2 :]))
    if not len(inner):
        return None
    paper, grey = float(np.median(outer)), float(inner.mean())
    share = (paper - grey) / max(paper, 1.0)
    if not 0 < share < _MOST_SHARE or _written(rows, side, paper):
        return None
    if 2 * (paper - grey) / 255 < _LOW:
        return NoRead.LOW_CONTRAST
    steepest = max(float(np.abs(np.diff(end)).max()) for end in (profile[: 2 * side], profile[-2 * side :]))
    soft_px = (paper - grey) / max(steepest, 1e-3) / laid.scale
    if soft_px > _SOFT_PX:
        return NoRead.BLURRED
    return NoRead.TOO_SMALL if _too_fine(region) else NoRead.TORN  # sharp ends, no bars between them


def _written(rows: Gray, side: int, paper: float) -> bool:
    """Whether letters can be seen in it: they change both ways, bars, dark or faint, only along the rows.

    rows  uint8[H, W] with `side` columns of paper at both ends, by which the sensor's noise is told
    """
    inner = rows[:, 2 * side : -2 * side].astype(np.float32)
    if len(inner) < 2 or inner.shape[1] < 2:
        return False
    blank = np.diff(rows[:, : side // 2].astype(np.float32), axis=0)
    noise = (float(np.median(np.abs(blank))) / 0.67) ** 2
    down, along = (float(np.square(np.diff(inner, axis=axis)).mean()) - noise for axis in (0, 1))
    return down > max((_WRITTEN * paper) ** 2, _BOTH_WAYS * along)


def _wholly_seen(gray: Gray, region: Region) -> bool:
    """Whether paper can lie all around it: the belt beside a parcel goes on beyond the picture."""
    high, wide = gray.shape
    return all(0 < x < wide - 1 and 0 < y < high - 1 for x, y in corners_of(region))


def _too_fine(region: Region) -> bool:
    """Whether a whole waybill of this length has modules too narrow to be read."""
    return region.length_px < LEAST_MODULE_PX * USUAL_MODULES
