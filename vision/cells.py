"""The structure tensor of a picture in small cells: where grey changes in one direction only, and in which.

The loops are plain Python that `vision.compiled` makes machine code of.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vision.frame import Gray

Floats = NDArray[np.float32]

CELL_PX = 8
REACH = 2


def tensor(gray: Gray, cell_px: int = CELL_PX) -> Floats:
    """Means of gx * gx, gy * gy and gx * gy over cells, float32[3, H // cell_px, W // cell_px] or less.

    Differences are taken between neighbouring pixels, diagonally: at 1 px per module the alternation of bar
    and space still shows in them, and is gone from any wider stencil.
    """
    high, wide = (gray.shape[0] - 1) // cell_px, (gray.shape[1] - 1) // cell_px
    cells = np.empty((3, max(high, 0), max(wide, 0)), np.float32)
    columns = np.empty((3, gray.shape[1]), np.int32)
    share = np.float32(0.25 / (cell_px * cell_px))
    for row in range(high):
        columns[:] = 0
        xx, yy, xy = columns[0], columns[1], columns[2]
        for y in range(row * cell_px, (row + 1) * cell_px):
            upper, lower = gray[y], gray[y + 1]
            for x in range(wide * cell_px):
                falling = np.int32(lower[x + 1]) - np.int32(upper[x])
                rising = np.int32(upper[x + 1]) - np.int32(lower[x])
                gx, gy = falling + rising, falling - rising
                xx[x] += gx * gx
                yy[x] += gy * gy
                xy[x] += gx * gy
        for part in range(3):
            for column in range(wide):
                total = np.int32(0)
                for x in range(column * cell_px, (column + 1) * cell_px):
                    total += columns[part, x]
                cells[part, row, column] = total * share
    return cells


def marked(cells: Floats, least: float, coherence: float) -> tuple[NDArray[np.bool_], Floats]:
    """The cells of a tensor that change by `least` and more, and mostly in one direction.

    Returns bool[H, W], and there twice the direction as unit vectors, float32[2, H, W], 0 elsewhere.
    """
    high, wide = cells.shape[1], cells.shape[2]
    mask, unit = np.zeros((high, wide), np.bool_), np.zeros((2, high, wide), np.float32)
    for y in range(high):
        for x in range(wide):
            whole = cells[0, y, x] + cells[1, y, x]
            if whole <= least:
                continue
            along, across = cells[0, y, x] - cells[1, y, x], 2 * cells[2, y, x]
            change = math.sqrt(along * along + across * across)
            if change > max(least, coherence * whole):
                mask[y, x] = True
                unit[0, y, x], unit[1, y, x] = along / change, across / change
    return mask, unit


def thick(mask: NDArray[np.bool_], double: Floats, least_cosine: float) -> NDArray[np.bool_]:
    """The cells of the mask with cells of like direction REACH ahead and behind, in that direction.

    Bars go on and on; the edge of a box or a label, softened, is three cells thick.
    """
    high, wide = mask.shape
    inner = np.zeros((high, wide), np.bool_)
    for y in range(high):
        for x in range(wide):
            if not mask[y, x]:
                continue
            its_x, its_y = double[0, y, x], double[1, y, x]
            turn = 0.5 * math.atan2(its_y, its_x)
            right, down = round(REACH * math.cos(turn)), round(REACH * math.sin(turn))
            sides = 0
            for way in (-1, 1):
                there_y, there_x = y + way * down, x + way * right
                if 0 <= there_y < high and 0 <= there_x < wide and mask[there_y, there_x]:
                    alike = its_x * double[0, there_y, there_x] + its_y * double[1, there_y, there_x]
                    sides += alike >= least_cosine
            inner[y, x] = sides == 2
    return inner


def patches(mask: NDArray[np.bool_], double: Floats, least_cosine: float) -> NDArray[np.int32]:
    """Numbers of connected cells of like direction, int32[H, W], 0 outside the mask; 8 neighbours count.

    double  unit vectors of twice the direction, float32[2, H, W]; a cell joins when its own lies within
            the angle of least_cosine both of its neighbour's and of the patch's mean
    """
    high, wide = mask.shape
    number = np.zeros((high, wide), np.int32)
    stack = np.empty(high * wide, np.int64)
    count = 0
    for start in range(high * wide):
        if not mask[start // wide, start % wide] or number[start // wide, start % wide]:
            continue
        count += 1
        number[start // wide, start % wide] = count
        stack[0], top = start, 1
        mean_x = mean_y = 0.0
        while top:
            top -= 1
            y, x = stack[top] // wide, stack[top] % wide
            here_x, here_y = double[0, y, x], double[1, y, x]
            mean_x, mean_y = mean_x + here_x, mean_y + here_y
            enough = least_cosine * math.sqrt(mean_x * mean_x + mean_y * mean_y)
            for near_y in range(max(0, y - 1), min(high, y + 2)):
                for near_x in range(max(0, x - 1), min(wide, x + 2)):
                    if not mask[near_y, near_x] or number[near_y, near_x]:
                        continue
                    its_x, its_y = double[0, near_y, near_x], double[1, near_y, near_x]
                    alike = its_x * here_x + its_y * here_y >= least_cosine
                    if alike and its_x * mean_x + its_y * mean_y >= enough:
                        number[near_y, near_x] = count
                        stack[top] = near_y * wide + near_x
                        top += 1
    return number
