"""Pixels of a region to a profile across the bars, without resampling: every pixel keeps its own place."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vision.compiled import rule
from vision.frame import Gray
from vision.linear_model import Floats, Singles

MOST_STRIPS = 16
PARTS = 4


def gather(
    pixels: Gray, x: float, y: float, turn: Floats, half_u: float, half_v: float, every: int
) -> tuple[Singles, Singles, Singles]:
    """Place across the bars, along the bars and grey of each pixel in a turned rectangle about (x, y).

    turn: cosine and sine of the reading axis. Of the picture's rows or columns, whichever run more across
    the bars, every `every`-th is taken.
    """
    cosine, sine = turn[0], turn[1]
    height, width = pixels.shape
    reach_x = abs(cosine) * half_u + abs(sine) * half_v
    reach_y = abs(sine) * half_u + abs(cosine) * half_v
    left, right = max(0, math.ceil(x - reach_x)), min(width - 1, math.floor(x + reach_x))
    top, bottom = max(0, math.ceil(y - reach_y)), min(height - 1, math.floor(y + reach_y))
    most = max(0, right - left + 1) * max(0, bottom - top + 1)
    across, along, grey = np.empty(most, np.float32), np.empty(most, np.float32), np.empty(most, np.float32)
    step_x, step_y = (1, every) if abs(cosine) > abs(sine) else (every, 1)
    count = 0
    for row in range(top, bottom + 1, step_y):
        down = row - y
        first, last = within(left - x, right - x, down * sine, cosine, half_u)
        first, last = within(first, last, down * cosine, -sine, half_v)
        begin = left + -(-math.ceil(first + x - left) // step_x) * step_x
        size = max(0, (math.floor(last + x) - begin) // step_x + 1)
        # Slices and single floats, so that the machine takes many pixels at a time.
        u, v = np.float32((begin - x) * cosine + down * sine), np.float32(down * cosine - (begin - x) * sine)
        du, dv = np.float32(step_x * cosine), np.float32(-step_x * sine)
        own_u, own_v = across[count : count + size], along[count : count + size]
        for i in range(size):
            own_u[i], own_v[i] = u + np.float32(i) * du, v + np.float32(i) * dv
        own, line = grey[count : count + size], pixels[row, begin : begin + size]
        for i in range(size):
            own[i] = line[i] if step_x == 1 else pixels[row, begin + i * step_x]
        count += size
    return across[:count], along[:count], grey[:count]


@rule
def within(low: float, high: float, offset: float, slope: float, half: float) -> tuple[float, float]:
    """The part of low to high in which offset + slope * place lies between -half and half."""
    if abs(slope) < 1e-12:
        return (low, high) if abs(offset) <= half else (high, low - 1.0)
    one, other = (-half - offset) / slope, (half - offset) / slope
    return max(low, min(one, other)), min(high, max(one, other))


def strips_of(
    across: Singles, along: Singles, grey: Singles, tilt: float, half_u: float, half_v: float, count: int
) -> Floats:
    """How far each of `count` strips along the bars shows the bars that most show: float64[count], to 1."""
    bins = int(2 * half_u) + 1
    sums, counts = np.zeros((count, bins)), np.zeros((count, bins))
    for i in range(len(grey)):
        u = across[i] + tilt * along[i]
        if abs(u) < half_u:
            strip = min(int((along[i] + half_v) / (2 * half_v) * count), count - 1)
            sums[strip, int(u + half_u)] += grey[i]
            counts[strip, int(u + half_u)] += 1.0
    changes = np.zeros((count, bins))
    for strip in range(count):
        for b in range(bins - 2):
            if counts[strip, b] > 0 and counts[strip, b + 1] > 0 and counts[strip, b + 2] > 0:
                changes[strip, b] = (
                    sums[strip, b + 1] / counts[strip, b + 1]
                    - 0.5 * sums[strip, b] / counts[strip, b]
                    - 0.5 * sums[strip, b + 2] / counts[strip, b + 2]
                )
    return leading(changes)


@rule
def leading(rows: Floats) -> Floats:
    """The rows' shares of the pattern that they have most in common, largest 1."""
    share, common, most = np.empty(len(rows)), np.empty(rows.shape[1]), 1.0
    for i in range(len(rows)):
        share[i] = 1.0
    for _ in range(12):
        for j in range(len(common)):
            common[j] = 0.0
        for i in range(len(rows)):
            for j in range(len(common)):
                common[j] += share[i] / most * rows[i, j]
        most = 1e-9
        for i in range(len(rows)):
            share[i] = 0.0
            for j in range(len(common)):
                share[i] += rows[i, j] * common[j]
            share[i] = max(share[i], 0.0)
            most = max(most, share[i])
    for i in range(len(rows)):
        share[i] /= most
    return share


def profile_of(
    across: Singles,
    along: Singles,
    grey: Singles,
    tilt: float,
    strips: Floats,
    extent: Floats,
) -> tuple[Floats, Floats, Floats, float]:
    """Mean place, mean grey and number of the pixels in each bin, and the noise of one pixel (greys).

    strips  [2, strips]: which strips count (> 0), and how far each lies behind its place, px
    extent  half the length and half the height of the pixels' rectangle in px, bins per px
    """
    half_u, half_v, per_px, count = extent[0], extent[1], extent[2], strips.shape[1]
    bins = int(2 * half_u * per_px) + 1
    places, sums, counts = np.zeros(bins), np.zeros(bins), np.zeros(bins)
    squares = np.zeros(bins)
    for i in range(len(grey)):
        strip = min(max(int((along[i] + half_v) / (2 * half_v) * count), 0), count - 1)
        u = across[i] + tilt * along[i] - strips[1, strip]
        if abs(u) < half_u and strips[0, strip] > 0.0:
            b = int((u + half_u) * per_px)
            places[b] += u
            sums[b] += grey[i]
            squares[b] += grey[i] * grey[i]
            counts[b] += 1.0
    within, free = 0.0, 0.0
    for b in range(bins):
        if counts[b] > 0.0:
            places[b] /= counts[b]
            sums[b] /= counts[b]
            within += squares[b] - counts[b] * sums[b] * sums[b]
            free += counts[b] - 1.0
        else:
            places[b] = (b + 0.5) / per_px - half_u
    return places, sums, counts, math.sqrt(max(within, 0.0) / max(free, 1.0))


@rule
def numbered(shown: Floats) -> tuple[NDArray[np.int64], int]:
    """Numbers from 0 of the strips that show, anything for the others; and how many show."""
    number, count = np.zeros(len(shown), np.int64), 0
    for strip in range(len(shown)):
        if shown[strip] > 0.0:
            number[strip] = count
            count += 1
    return number, count


def patches_of(
    pixels: tuple[Singles, Singles, Singles],
    tilt: float,
    strips: Floats,
    extent: Floats,
    profile: Floats,
    ends: Floats,
) -> float:
    """The noise of one pixel (greys) as the means of patches tell it: what differs along the bars in patches.

    Noise of a sensor averages out over a patch, a glare or a fold does not, nor do modules of a square code.
    ends  low and high place between which, and the width of a patch across the bars, px; along them there are
          PARTS of what shows. 0.0 where less than two strips show
    """
    across, along, grey = pixels
    half_u, half_v, per_px, count = extent[0], extent[1], extent[2], strips.shape[1]
    low, high, wide = ends[0], ends[1], ends[2]
    part, showing = numbered(strips[0])
    parts = min(PARTS, showing)
    columns = int((high - low) / wide) + 1
    if parts < 2:
        return 0.0
    sums, counts = np.zeros((parts, columns)), np.zeros((parts, columns))
    for i in range(len(grey)):
        strip = min(max(int((along[i] + half_v) / (2 * half_v) * count), 0), count - 1)
        u = across[i] + tilt * along[i] - strips[1, strip]
        if strips[0, strip] > 0.0 and low <= u < high:
            row, column = part[strip] * parts // showing, int((u - low) / wide)
            sums[row, column] += grey[i] - profile[int((u + half_u) * per_px)]
            counts[row, column] += 1.0
    between, seen = 0.0, 0
    for column in range(columns):
        for row in range(parts):
            if counts[row, column] > 0.0:
                between += sums[row, column] ** 2 / counts[row, column]
                seen += 1
    return math.sqrt(between / max(seen * (parts - 1.0) / parts, 1.0))


def slips_of(
    across: Singles, along: Singles, grey: Singles, tilt: float, slips: Floats, extent: Floats, model: Floats
) -> Floats:
    """How much further behind each strip lies by a model of the profile: px and certainty, [2, strips].

    model  [3, bins] place, grey and its slope per px; a bin whose slope is 0 says nothing
    """
    half_u, half_v, per_px, count = extent[0], extent[1], extent[2], len(slips)
    moved, sure = np.zeros(count), np.zeros(count)
    for i in range(len(grey)):
        strip = min(max(int((along[i] + half_v) / (2 * half_v) * count), 0), count - 1)
        u = across[i] + tilt * along[i] - slips[strip]
        b = int((u + half_u) * per_px)
        if abs(u) < half_u and b < model.shape[1] and model[2, b] != 0.0:
            slope = model[2, b]
            off = grey[i] - model[1, b] - slope * (u - model[0, b])
            heavy = 1.0 / (1.0 + (off / 60.0) ** 2)
            moved[strip] -= heavy * off * slope
            sure[strip] += heavy * slope * slope
    result = np.zeros((2, count))
    for strip in range(count):
        result[0, strip] = moved[strip] / max(sure[strip], 1e-9)
        result[1, strip] = sure[strip]
    return result
