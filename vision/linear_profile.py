"""Pixels of a region to a profile across the bars, without resampling: every pixel keeps its own place."""

from __future__ import annotations

import math

import numpy as np

from vision.compiled import rule
from vision.frame import Gray
from vision.linear_model import Floats, Singles

STRIPS = 16


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
        for column in range(left, right + 1, step_x):
            u = (column - x) * cosine + (row - y) * sine
            v = (row - y) * cosine - (column - x) * sine
            if abs(u) <= half_u and abs(v) <= half_v:
                across[count], along[count], grey[count] = u, v, pixels[row, column]
                count += 1
    return across[:count].copy(), along[:count].copy(), grey[:count].copy()


@rule
def contrast_at(
    across: Singles, along: Singles, grey: Singles, tilt: float, half_u: float, per_px: float, lag: int
) -> float:
    """How much a profile taken `tilt` rad askew changes within `lag` bins: greys squared, summed."""
    bins = int(2 * half_u * per_px) + 1
    sums, counts = np.zeros(bins), np.zeros(bins)
    for i in range(len(grey)):
        u = across[i] + tilt * along[i]
        if abs(u) < half_u:
            b = int((u + half_u) * per_px)
            sums[b] += grey[i]
            counts[b] += 1.0
    total = 0.0
    for b in range(bins - lag):
        one, other = counts[b], counts[b + lag]
        if one > 0.0 and other > 0.0:
            change = sums[b] / one - sums[b + lag] / other
            total += one * other / (one + other) * change * change
    return total


def tilt_of(
    across: Singles, along: Singles, grey: Singles, half_u: float, half_v: float, widest: float, lag_px: float
) -> float:
    """Tilt in rad, up to `widest` either way, at which the profile is sharpest."""
    per_px = 2.0
    lag = max(1, int(lag_px * per_px + 0.5))
    step = min(widest / 4.0, 0.5 * max(lag_px, 1.0) / half_v)
    best, middle = 0.0, -1.0
    count = int(widest / step + 0.5)
    for i in range(-count, count + 1):
        value = contrast_at(across, along, grey, i * step, half_u, per_px, lag)
        if value > middle:
            best, middle = i * step, value
    for _ in range(4):
        step *= 0.5
        below = contrast_at(across, along, grey, best - step, half_u, per_px, lag)
        above = contrast_at(across, along, grey, best + step, half_u, per_px, lag)
        if below > middle and below >= above:
            best, middle = best - step, below
        elif above > middle:
            best, middle = best + step, above
        else:
            bend = below - 2.0 * middle + above
            if bend < 0.0:
                return best + 0.5 * step * (below - above) / bend
    return best


def strips_of(
    across: Singles, along: Singles, grey: Singles, tilt: float, half_u: float, half_v: float
) -> Floats:
    """How far each of STRIPS strips along the bars shows the bars that most show: float64[STRIPS], to 1."""
    bins = int(2 * half_u) + 1
    sums, counts = np.zeros((STRIPS, bins)), np.zeros((STRIPS, bins))
    for i in range(len(grey)):
        u = across[i] + tilt * along[i]
        if abs(u) < half_u:
            strip = min(int((along[i] + half_v) / (2 * half_v) * STRIPS), STRIPS - 1)
            sums[strip, int(u + half_u)] += grey[i]
            counts[strip, int(u + half_u)] += 1.0
    changes = np.zeros((STRIPS, bins))
    for strip in range(STRIPS):
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
    share = np.ones(len(rows))
    for _ in range(12):
        common = np.zeros(rows.shape[1])
        for i in range(len(rows)):
            common += share[i] * rows[i]
        for i in range(len(rows)):
            share[i] = max((rows[i] * common).sum(), 0.0)
        share /= max(share.max(), 1e-9)
    return share


def profile_of(
    across: Singles,
    along: Singles,
    grey: Singles,
    tilt: float,
    strips: Floats,
    extent: Floats,
    per_px: float,
) -> tuple[Floats, Floats, Floats, float]:
    """Mean place, mean grey and number of the pixels in each bin, and the noise of one pixel (greys).

    strips  which strips count (> 0); extent  half the length and half the height of the pixels' rectangle
    """
    half_u, half_v = extent[0], extent[1]
    bins = int(2 * half_u * per_px) + 1
    places, sums, counts = np.zeros(bins), np.zeros(bins), np.zeros(bins)
    squares = np.zeros(bins)
    for i in range(len(grey)):
        u = across[i] + tilt * along[i]
        strip = min(max(int((along[i] + half_v) / (2 * half_v) * len(strips)), 0), len(strips) - 1)
        if abs(u) < half_u and strips[strip] > 0.0:
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
