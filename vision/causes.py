"""Why bars that were seen gave no text: told by the pixels of their region and of what lies around it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sorter.flow import Corners, NoRead
from vision.frame import Gray
from vision.region import Region
from vision.upright import upright

Profile = NDArray[np.float32]

USUAL_MODULES = 145
"""Length of a courier's waybill in Code 128: 13 to 15 characters are 123 to 178 modules."""

LEAST_MODULE_PX = 0.85
LEAST_CONTRAST = 0.18
LEAST_ELEMENTS = 54  # an EAN-13 has 59, a waybill 70 and more
LEAST_GLARE = 0.08
LEAST_SWING = 0.87
MOST_EDGE = 0.9
LEAST_QUIET = 0.5
PIECE_SWING, PIECE_BETWEEN = 0.76, 0.5
"""Bars are told apart when they reach nearly from paper to ink, and an edge is shorter than an element."""
_SATURATED = 246
_COARSE = 8
_LEAST_GLARE_PX = 4000
_BEYOND = 0.25
_WIDTH_MODULES = 0.7  # that a bar may be off
_MODULES_PER_ELEMENT = 11 / 6  # of Code 128
_MOST_PAPER = 1.25  # swing of what is 0.4 ink; symbols are 0.45 to 0.55
_LEAST_STEPS, _MOST_UNEVEN = 5, 0.1  # bars' steps deviate by 0.24 of their mean and more


@dataclass(frozen=True, slots=True)
class Signs:
    """What a region of bars looks like; every share is 0..1.

    module_px  width of a module, by the bars counted, or by the usual length where they run together
    contrast   paper minus ink as they would be without blur, share of full scale
    swing      how much of the way from paper to ink the bars go
    between    of the profile is neither near its darkest nor near its brightest
    told_apart the bars do not run together
    elements   bars and spaces
    even       they are evenly spaced, as no code's are: lines of print, a grille
    glare      share of the region and its surroundings that is white beyond what paper is
    quiet      the worse end's quiet zone: 1 = as bright and even as paper, 0 = as dark as ink
    one_ended  one end looks like a Code 128's, the other does not
    """

    module_px: float
    contrast: float
    swing: float
    between: float
    told_apart: bool
    elements: int
    even: bool
    glare: float
    quiet: float
    one_ended: bool

    @property
    def words(self) -> bool:
        """No code, but lines of a text or their streaks: evenly spaced, or with far less ink than paper."""
        clean = self.glare <= LEAST_GLARE and self.contrast >= LEAST_CONTRAST
        return clean and (self.even or (self.told_apart and self.swing > _MOST_PAPER))


def cause_of(gray: Gray, region: Region) -> NoRead:
    """The likeliest reason why the bars in this region of uint8[H, W] gave no text; never NONE."""
    return cause_by(signs_of(gray, region))


def cause_by(signs: Signs) -> NoRead:
    """The likeliest reason by what the region looks like; never NONE."""
    if signs.glare > LEAST_GLARE:
        return NoRead.GLARE
    if signs.contrast < LEAST_CONTRAST:
        return NoRead.LOW_CONTRAST
    clear = signs.told_apart or (signs.swing > PIECE_SWING and signs.between < PIECE_BETWEEN)
    if clear and signs.elements < LEAST_ELEMENTS:
        return NoRead.TORN  # as short as a small code, with bars as clear as a large one's
    if signs.module_px < LEAST_MODULE_PX:
        return NoRead.TOO_SMALL
    if not signs.told_apart:
        return NoRead.BLURRED
    if signs.quiet < LEAST_QUIET:  # before the ends' bars: what touches them changes them, too
        return NoRead.QUIET_ZONE
    return NoRead.TORN if signs.one_ended else NoRead.INVALID


def signs_of(gray: Gray, region: Region) -> Signs:
    """Measures of the region laid straight, with a quarter of its length of surroundings."""
    beyond = max(8.0, _BEYOND * region.length_px)
    laid = upright(gray, region, beyond_px=beyond)
    pixels, scale = laid.pixels, laid.scale
    side, usual_px = max(2, round(beyond * scale)), region.length_px / USUAL_MODULES
    rows = slice(side, max(side + 1, len(pixels) - side))
    whole = np.asarray(pixels[rows].mean(axis=0), np.float32)
    bars = whole[side : max(side + 2, len(whole) - side)]
    near = max(2, min(side, round(6 * usual_px * scale)))
    ends = (whole[side - near : side], whole[len(whole) - side : len(whole) - side + near])
    paper = float(np.quantile(np.concatenate((bars, *ends)), 0.95))
    contrast = 2 * (paper - float(bars.mean())) / 255  # half of a symbol is ink
    turns = _turns(bars)
    element_px = region.length_px / max(1, len(turns))
    greys = max(1.0, 255 * contrast)
    swing = float(np.quantile(bars, 0.95) - np.quantile(bars, 0.05)) / greys
    edge_px = greys / max(float(np.quantile(np.abs(np.diff(bars)), 0.98)), 1e-3) / scale
    told_apart = swing >= LEAST_SWING and edge_px < MOST_EDGE * element_px
    module_px = element_px / _MODULES_PER_ELEMENT if told_apart else usual_px
    return Signs(
        module_px=module_px,
        contrast=contrast,
        swing=swing,
        between=_between(bars),
        told_apart=told_apart,
        elements=len(turns),
        even=_even(turns),
        glare=_glare(pixels, paper, max(9, round(9 * usual_px * scale))),
        quiet=_quiet(bars, ends, paper),
        one_ended=_begins(bars, module_px * scale) != _begins(bars[::-1], module_px * scale),
    )


def glare_in(gray: Gray) -> Region | None:
    """The largest white reflection in uint8[H, W] that could hide a code; None where there is none."""
    if min(gray.shape) < _COARSE:
        return None
    small = cv2.resize(gray, None, fx=1 / _COARSE, fy=1 / _COARSE, interpolation=cv2.INTER_AREA)
    _, _, boxes, _ = cv2.connectedComponentsWithStats((small >= _SATURATED).astype(np.uint8))
    patches = [box for box in boxes[1:].tolist() if box[4] * _COARSE**2 >= _LEAST_GLARE_PX]
    if not patches:
        return None
    left, top, wide, high, _ = max(patches, key=lambda box: int(box[4]))
    x, y = (left + wide / 2) * _COARSE - 0.5, (top + high / 2) * _COARSE - 0.5
    return Region(x, y, 0.0, wide * _COARSE, high * _COARSE, "bars")


def corners_of(region: Region) -> Corners:
    """The region's corners as whole pixels; which end is the symbol's first is not known."""
    turn = math.radians(region.angle_deg)
    right = (math.cos(turn) * region.length_px / 2, math.sin(turn) * region.length_px / 2)
    down = (-math.sin(turn) * region.height_px / 2, math.cos(turn) * region.height_px / 2)

    def at(u: int, v: int) -> tuple[int, int]:
        return (
            round(region.x_px + u * right[0] + v * down[0]),
            round(region.y_px + u * right[1] + v * down[1]),
        )

    return at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)


def _turns(bars: Profile) -> list[int]:
    """Where the profile is darkest and brightest in turn, wiggles of less than a sixth of its range aside."""
    least = (float(np.quantile(bars, 0.9)) - float(np.quantile(bars, 0.1))) / 6
    turns, high, low, rising, top, bottom = [], bars[0], bars[0], True, 0, 0
    for place, grey in enumerate(bars.tolist()):
        if grey > high:
            high, top = grey, place
        if grey < low:
            low, bottom = grey, place
        if rising and grey < high - least:
            turns.append(top)
            rising, low, bottom = False, grey, place
        elif not rising and grey > low + least:
            turns.append(bottom)
            rising, high, top = True, grey, place
    return turns


def _even(turns: list[int]) -> bool:
    """Whether every dark place is as far from the next: no code's bars are, the lines of a text are."""
    steps = np.diff(turns[1::2])  # the first is bright
    return len(steps) >= _LEAST_STEPS and float(steps.std()) < _MOST_UNEVEN * float(steps.mean())


def _between(bars: Profile) -> float:
    """Share of the profile in the middle half of its range."""
    dark, bright = (float(np.quantile(bars, share)) for share in (0.05, 0.95))
    inner = (bars > dark + (bright - dark) / 4) & (bars < bright - (bright - dark) / 4)
    return float(inner.mean())


def _begins(bars: Profile, module_px: float) -> bool:
    """Whether the profile begins with a bar of 2 modules, a space of 1 and a bar of 1, as both ends do."""
    middle = (float(np.quantile(bars, 0.95)) + float(np.quantile(bars, 0.05))) / 2
    above = bars > middle
    at = np.flatnonzero(above[1:] != above[:-1])
    edges = at + (middle - bars[at]) / (bars[at + 1] - bars[at])
    if len(edges) < 4:
        return False
    first = edges[0] if not above[0] else edges[1]
    start = 0.0 if not above[0] else float(edges[0])
    widths = np.diff([start, *edges[edges >= first][:3]]) / max(module_px, 0.1)
    return bool((np.abs(widths - (2, 1, 1)) < _WIDTH_MODULES).all())


def _glare(pixels: Gray, paper: float, wide_px: int) -> float:
    """Share that is saturated over more than a symbol's widest space; 0 where all paper is so bright."""
    dark = cv2.erode(pixels, np.ones((3, wide_px), np.uint8))
    share = float((dark >= _SATURATED).mean())
    return share if paper < _SATURATED or share < 0.5 else 0.0


def _quiet(bars: Profile, ends: tuple[Profile, Profile], paper: float) -> float:
    """How like paper the worse of the two stretches just beyond the bars is."""
    ink = float(np.quantile(bars, 0.05))
    darkest = min(float(np.quantile(end, 0.2)) for end in ends)
    return float(np.clip((darkest - ink) / max(1.0, paper - ink), 0, 1))
