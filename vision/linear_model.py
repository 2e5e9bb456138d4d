"""What bars look like through a camera: blur, and sums over a profile that any symbol can be judged by.

Places are pixels along the reading axis. A symbol is a row of modules, 1 for ink; what the camera sees of
it is, for each module, a pulse: the module's width blurred by the pixel's own area, the lens and the motion.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vision.compiled import rule

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

STEPS = 16
"""Entries of a blur table per pixel."""

LEAST_SIGMA = 0.2


@rule
def reach_px(sigma: float, blur: float) -> float:
    """Distance from an edge beyond which it cannot be seen."""
    return 1.0 + 3.2 * sigma + 0.5 * blur


@rule
def steps_of(sigma: float, boxes: Floats, size: int, table: Floats) -> None:
    """Fill table[2 * size + 1] with the blurred step: 0 far before the edge, 1 far behind it.

    Entry size + i belongs to i / STEPS pixels behind the edge. boxes: full widths in px of the box blurs.
    """
    for i in range(-size, size + 1):
        table[size + i] = 0.5 * (1.0 + math.erf(i / STEPS / sigma / math.sqrt(2.0)))
    sums = np.empty(2 * size + 2)
    for k in range(len(boxes)):
        half = 0.5 * boxes[k] * STEPS
        if half < 0.05:
            continue
        sums[0] = 0.0
        for i in range(2 * size + 1):
            sums[i + 1] = sums[i] + table[i]
        for i in range(2 * size + 1):
            # The integral up to entry i's middle, where entries reach half a step to either side.
            upper, lower = i + 0.5 + half, i + 0.5 - half
            high = sums[2 * size + 1] + upper - (2 * size + 1)
            if upper < 2 * size + 1:
                whole = int(upper)
                high = sums[whole] + (upper - whole) * (sums[whole + 1] - sums[whole])
            low = 0.0
            if lower > 0.0:
                whole = int(lower)
                low = sums[whole] + (lower - whole) * (sums[whole + 1] - sums[whole])
            table[i] = (high - low) / (2.0 * half)


@rule
def at(table: Floats, place: float) -> float:
    """The table's value `place` pixels behind the edge; its ends go on for ever."""
    index = place * STEPS + (len(table) - 1) * 0.5
    if index <= 0.0:
        return float(table[0])
    if index >= len(table) - 1:
        return float(table[-1])
    whole = int(index)
    return float(table[whole] + (index - whole) * (table[whole + 1] - table[whole]))


def blur_tables(sigma: float, blur: float, cosine: float, sine: float) -> Floats:
    """Step, its slope per px, and its change per px of sigma and of blur: float64[4, entries]."""
    size = math.ceil(reach_px(sigma, blur) * STEPS)
    tables = np.empty((4, 2 * size + 1))
    boxes = np.empty(3)
    boxes[0], boxes[1], boxes[2] = abs(cosine), abs(sine), blur
    steps_of(sigma, boxes, size, tables[0])
    steps_of(sigma + 0.05, boxes, size, tables[2])
    # A box widens the blur with its square: from nothing the first tenths of a pixel change nothing.
    boxes[2] = blur + 0.2
    steps_of(sigma, boxes, size, tables[3])
    for i in range(2 * size + 1):
        before, after = tables[0, max(i - 1, 0)], tables[0, min(i + 1, 2 * size)]
        tables[1, i] = (after - before) * 0.5 * STEPS
        tables[2, i] = (tables[2, i] - tables[0, i]) / 0.05
        tables[3, i] = (tables[3, i] - tables[0, i]) / 0.2
    return tables


def module_sums(
    place: Floats, ink: Floats, weight: Floats, start: float, module: float, count: int, step: Floats
) -> tuple[Floats, Floats]:
    """What a profile says about each of `count` modules, whatever they are.

    place, ink, weight  of each sample: where, how inked (0 paper, 1 bar), 1 / variance
    Returns r[count] and q[count, 12], so that the log-likelihood of modules b (0 or 1) is, up to a constant,
    sum r[j] b[j] - 1/2 sum q[i, j - i] b[i] b[j], with couplings beyond 11 modules left out.
    """
    toward, among = np.zeros(count), np.zeros((count, 12))
    reach = (len(step) - 1) / (2.0 * STEPS)
    span = int(2.0 * reach / module) + 3
    pulse = np.empty(span + 1)
    for i in range(len(place)):
        if weight[i] <= 0.0:
            continue
        first = math.floor((place[i] - reach - start) / module)
        last = math.floor((place[i] + reach - start) / module)
        if last < 0 or first >= count:
            continue
        before = at(step, place[i] - start - first * module)
        for j in range(last - first + 1):
            behind = at(step, place[i] - start - (first + j + 1) * module)
            pulse[j] = before - behind
            before = behind
        low, high = max(first, 0), min(last, count - 1)
        for j in range(low, high + 1):
            heavy = weight[i] * pulse[j - first]
            toward[j] += heavy * ink[i]
            for other in range(j, min(high, j + 11) + 1):
                among[j, other - j] += heavy * pulse[other - first]
    return toward, among
