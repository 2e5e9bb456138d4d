"""Draw one linear label from a seed, with truth: what the reader of bars is measured and tested on.

Drawn four times finer than the pixels and averaged over each pixel's area, so that it is as sharp as optics
and sensor allow and no sharper. Everything in pixels means pixels of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.compiled import compiled
from vision.frame import Gray
from vision.region import Region
from vision.specimen_paint import CELLS, LINES, paint
from vision.symbols import Widths, code128

Floats = NDArray[np.float32]

_FINE = 4
_TABLE_STEP_PX = 1 / 32


@dataclass(frozen=True, slots=True)
class Specimen:
    """One label to be drawn.

    widths         of the symbol in modules, bar first, instead of Code 128 of the text
    module_px      width of a module
    angle_deg      direction of reading, clockwise from rising columns
    height_modules bar height
    blur_px        motion of the belt (down the rows) during exposure
    across_modules motion across the bars instead, in modules
    defocus_px     standard deviation of the lens's blur
    noise_greys    standard deviation of the sensor's noise
    paper, ink     greys
    slope          how much brighter the right end is lit than the left, share of the mean
    creases        folds over the bars: each a bright or dark line, one side of it moved by up to 0.7 modules
    hidden         share of the bars' height under something of one grey
    quiet_modules  white before and after the bars
    spread         how much wider every bar is printed, in modules
    points         every pixel is nearly a point instead of the mean of its area: some renderers do that
    """

    text: str
    module_px: float
    angle_deg: float = 0.0
    height_modules: float = 50.0
    blur_px: float = 0.0
    across_modules: float = 0.0
    defocus_px: float = 0.6
    noise_greys: float = 6.0
    paper: int = 225
    ink: int = 35
    slope: float = 0.0
    creases: int = 0
    hidden: float = 0.0
    quiet_modules: float = 12.0
    spread: float = 0.0
    points: bool = False
    widths: Widths | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """The picture uint8[H, W] and where exactly its bars are, as far as they are not hidden."""

    pixels: Gray
    region: Region


def draw(specimen: Specimen, seed: int) -> Drawn:
    """The label on cardboard with a line of print below it; same arguments, same pixels."""
    rng = np.random.default_rng(seed)
    widths = specimen.widths or code128(specimen.text)
    length, height = sum(widths) * specimen.module_px, specimen.height_modules * specimen.module_px
    turn = math.radians(specimen.angle_deg)
    sheet_u = length / 2 + specimen.quiet_modules * specimen.module_px
    sheet_v = height / 2 + rng.uniform(3, 20) * specimen.module_px
    reach = np.abs([[math.cos(turn), math.sin(turn)], [math.sin(turn), math.cos(turn)]]) @ (sheet_u, sheet_v)
    columns, rows = (int(size) for size in np.ceil(2 * reach + 2 * rng.uniform(4, 12)))
    x, y = columns / 2 - 0.5 + rng.uniform(-0.5, 0.5), rows / 2 - 0.5 + rng.uniform(-0.5, 0.5)
    folds = np.array([_fold(specimen, rng, length, height) for _ in range(specimen.creases)]).reshape(-1, 7)
    strokes = rng.random((LINES, CELLS)) < 0.4
    ground = rng.uniform(110, 185)
    cover = rng.uniform(60, 230) if specimen.hidden else 0.0
    start, table = _inked(specimen, widths)
    sheet = (length, height, specimen.module_px, sheet_u, sheet_v, start, 1 / _TABLE_STEP_PX)
    covered = height * (specimen.hidden - 0.5) if specimen.hidden else -math.inf
    tones = (specimen.paper, specimen.ink, ground, cover, specimen.slope, covered)
    place = (_FINE, x, y, math.cos(turn), math.sin(turn))
    numbers = (np.array(row, np.float64) for row in (place, sheet, tones))
    grey = np.empty((rows * _FINE, columns * _FINE), np.float32)
    compiled(paint)(grey, *numbers, table, strokes, folds)
    pixels = _seen(specimen, grey, rng)
    angle = (specimen.angle_deg + 90) % 180 - 90
    down, seen = height * specimen.hidden / 2, height * (1 - specimen.hidden)
    x, y = x - down * math.sin(turn), y + down * math.cos(turn)
    return Drawn(pixels, Region(x, y, angle, length, seen, "bars"))


def jittered(region: Region, rng: np.random.Generator, px: float, deg: float, share: float) -> Region:
    """The region as a locator would see it: centre, angle and length off by up to so much, height by 15 %."""
    dx, dy, turn, longer, higher = rng.uniform(-1, 1, 5)
    return Region(
        region.x_px + px * dx,
        region.y_px + px * dy,
        (region.angle_deg + deg * turn + 90) % 180 - 90,
        region.length_px * (1 + share * longer),
        region.height_px * (1 + 0.15 * higher),
        "bars",
    )


def _fold(specimen: Specimen, rng: np.random.Generator, length: float, height: float) -> list[float]:
    """A fold over the bars, as `paint` takes it."""
    slant = rng.uniform(-0.7, 0.7)
    y, x = rng.uniform(-0.4, 0.4) * height, rng.uniform(-0.4, 0.4) * length
    width = rng.uniform(1, 3) * max(1.0, specimen.module_px / 1.5)
    light = rng.choice((-1, 1)) * rng.uniform(40, 120)
    moved = rng.uniform(-0.7, 0.7) * specimen.module_px
    return [math.cos(slant), math.sin(slant), x, y, width, light, moved]


def _inked(specimen: Specimen, widths: Widths) -> tuple[float, Floats]:
    """Share of ink along the reading axis, averaged over a fine pixel and over the motion across the bars.

    The place of the first value, and a value every _TABLE_STEP_PX.
    """
    module = specimen.module_px
    edges = np.concatenate(([0.0], np.cumsum(widths))) * module - sum(widths) * module / 2
    edges += np.where(np.arange(len(edges)) % 2, 1, -1) * (specimen.spread / 2 * module)
    inked = np.concatenate(([0.0], np.cumsum(np.diff(edges) * (np.arange(len(widths)) % 2 == 0))))
    start = edges[0] - 8 * module
    table = np.arange(start, edges[-1] + 8 * module, _TABLE_STEP_PX)
    step = max(1, round(_TABLE_STEP_PX**-1 / _FINE))
    table = _mean(np.diff(np.interp(table, edges, inked)) / _TABLE_STEP_PX, step)
    table = _mean(table, max(1, round(specimen.across_modules * module / _TABLE_STEP_PX)))
    return start, table.astype(np.float32)


def _mean(table: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    return np.convolve(table, np.full(width, 1 / width), mode="same")


def _seen(specimen: Specimen, grey: NDArray[np.float32], rng: np.random.Generator) -> Gray:
    """What lens, motion and sensor make of the fine picture."""
    motion = specimen.blur_px * _FINE
    if motion > 1:
        side = math.ceil((motion - 1) / 2)
        kernel = np.clip((motion + 1) / 2 - np.abs(np.arange(-side, side + 1)), 0, 1).astype(np.float32)
        grey = np.asarray(cv2.filter2D(grey, -1, kernel[:, None] / kernel.sum()), np.float32)
    if specimen.defocus_px:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), specimen.defocus_px * _FINE), np.float32)
    size = (grey.shape[1] // _FINE, grey.shape[0] // _FINE)
    how = cv2.INTER_LINEAR if specimen.points else cv2.INTER_AREA
    seen = cv2.resize(grey, size, interpolation=how)
    seen = seen + rng.standard_normal(seen.shape, np.float32) * np.float32(specimen.noise_greys)
    return np.asarray(np.rint(seen).clip(0, 255), np.uint8)
