"""The pixels of a specimen before any lens has seen them; a plain loop that `vision.compiled` makes fast."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vision.compiled import rule

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

LINES, CELLS = 8, 64
"""Rows and columns of `strokes`."""


def paint(
    grey: Singles,
    place: Floats,
    sheet: Floats,
    tones: Floats,
    table: Singles,
    strokes: NDArray[np.bool_],
    folds: Floats,
) -> None:
    """Fill grey[H, W] with a label on its ground.

    place    pixels of grey to one px; x and y of the label's middle, px; cosine and sine of the reading axis
    sheet    length, height and module of the bars, half length and half height of the paper, px; place of
             the table's first value and values to a px
    tones    greys of paper, ink, ground and of what hides bars; how much brighter the right end is lit; place
             along the bars down to which they are hidden
    table    share of ink along the reading axis
    strokes  bool[LINES, CELLS]: ink of a line of print below the bars
    folds    [folds, 7]: cosine and sine of the slant, a point on it, width, light, how far bars are moved; px
    """
    fine, x, y, cosine, sine = place[0], place[1], place[2], place[3], place[4]
    length, half_u, half_v = sheet[0], sheet[3], sheet[4]
    paper, depth, slope = tones[0], tones[0] - tones[1], tones[4] / length
    for row in range(grey.shape[0]):
        down = (row + 0.5) / fine - 0.5 - y
        for column in range(grey.shape[1]):
            across = (column + 0.5) / fine - 0.5 - x
            u, v = across * cosine + down * sine, down * cosine - across * sine
            if abs(u) > half_u or abs(v) > half_v or v < tones[5]:
                grey[row, column] = tones[3] if abs(u) <= half_u and abs(v) <= half_v else tones[2]
                continue
            light, moved = 0.0, 0.0
            for fold in range(len(folds)):
                aside = (v - folds[fold, 3]) * folds[fold, 0] - (u + moved - folds[fold, 2]) * folds[fold, 1]
                light += folds[fold, 5] * math.exp(-0.5 * (2.0 * aside / folds[fold, 4]) ** 2)
                moved += folds[fold, 6] if aside > 0.0 else 0.0
            ink = ink_at(u, v, moved, sheet, table, strokes)
            grey[row, column] = (paper - ink * depth) * (1.0 + slope * u) + light


@rule
def ink_at(
    u: float, v: float, moved: float, sheet: Floats, table: Singles, strokes: NDArray[np.bool_]
) -> float:
    """Share of ink at a place, whose bars lie `moved` px further on than they were printed."""
    length, height, module = sheet[0], sheet[1], sheet[2]
    if abs(v) <= 0.5 * height:
        at = int((u + moved - sheet[5]) * sheet[6])
        return float(table[min(max(at, 0), len(table) - 1)])
    below = (v - 0.5 * height) / module
    if 2.0 < below < 12.0:
        line, cell = int((below - 2.0) * 0.8), int((u / length + 0.4) * 80.0)
        if 0 <= cell < CELLS and line < LINES and strokes[line, cell]:
            return 1.0
    return 0.0
