"""The tilt of bars against their region: at which their profile is sharpest. One table serves every tilt."""

from __future__ import annotations

import numpy as np

from vision.compiled import rule
from vision.linear_model import Singles

FINE = 8
"""Bins of a pixel by which strips are moved against each other to find the tilt."""

STRIP_PX, MOST_SHEARED = 2.0, 64


@rule
def sheared(
    across: Singles, along: Singles, grey: Singles, half_u: float, half_v: float, widest: float
) -> tuple[Singles, Singles]:
    """Sums of grey and numbers of the pixels in fine bins of strips along the bars, float32[strips, bins].

    A tilt only moves strips against each other: once pixels are in these bins, they are not needed again.
    """
    strips = min(MOST_SHEARED, max(1, int(2 * half_v / STRIP_PX + 0.5)))
    beyond = half_u + widest * half_v + 1.0
    bins = int(2 * beyond * FINE) + 1
    sums, counts = np.zeros((strips, bins), np.float32), np.zeros((strips, bins), np.float32)
    for i in range(len(grey)):
        place = int((across[i] + beyond) * FINE)
        strip = min(int((along[i] + half_v) * (strips / (2 * half_v))), strips - 1)
        if 0 <= place < bins and strip >= 0:
            sums[strip, place] += grey[i]
            counts[strip, place] += np.float32(1.0)
    return sums, counts


@rule
def contrast_at(
    sums: Singles, counts: Singles, tilt: float, half_u: float, half_v: float, widest: float
) -> float:
    """Mean square change of a profile taken `tilt` rad askew from one pixel to the next.

    Every fine bin counts for the two halves of a pixel it lies between: at angles where pixels line up,
    most would else be empty.
    """
    strips = len(sums)
    size = int(2 * half_u * FINE)
    total, count = np.zeros(size + 2 * FINE, np.float32), np.zeros(size + 2 * FINE, np.float32)
    first = (widest * half_v + 1.0) * FINE
    for strip in range(strips):
        along = ((strip + 0.5) / strips * 2.0 - 1.0) * half_v
        place = first - tilt * along * FINE
        begin = int(place)
        right = np.float32(place - begin)
        left = np.float32(1.0) - right
        own_sums, own_counts = sums[strip, begin : begin + size + 1], counts[strip, begin : begin + size + 1]
        for b in range(len(own_sums) - 1):
            total[b] += left * own_sums[b] + right * own_sums[b + 1]
            count[b] += left * own_counts[b] + right * own_counts[b + 1]
    # Means of two halves of a pixel, weighted as a triangle, at every half of a pixel.
    half = FINE // 2
    places = size // half - 3
    mean, weight = np.empty(places), np.empty(places)
    for k in range(places):
        one, many = 0.0, 1e-9
        for j in range(2 * half):
            heavy = 1.0 - abs(j + 0.5 - half) / half
            one += heavy * total[k * half + j]
            many += heavy * count[k * half + j]
        mean[k], weight[k] = one / many, many
    changes, heavy = 0.0, 1e-9
    for k in range(places - 2):
        if weight[k] > 1e-6 and weight[k + 2] > 1e-6:
            share = weight[k] * weight[k + 2] / (weight[k] + weight[k + 2])
            changes += share * (mean[k] - mean[k + 2]) ** 2
            heavy += share
    return changes / heavy


def tilt_of(
    across: Singles, along: Singles, grey: Singles, half_u: float, half_v: float, widest: float
) -> float:
    """Tilt in rad, up to `widest` either way, at which the profile is sharpest."""
    sums, counts = sheared(across, along, grey, half_u, half_v, widest)
    step = min(widest / 4.0, 0.5 / half_v)
    best, middle = 0.0, -1.0
    count = int(widest / step + 0.5)
    for i in range(-count, count + 1):
        value = contrast_at(sums, counts, i * step, half_u, half_v, widest)
        if value > middle:
            best, middle = i * step, value
    for _ in range(4):
        step *= 0.5
        below = contrast_at(sums, counts, best - step, half_u, half_v, widest)
        above = contrast_at(sums, counts, best + step, half_u, half_v, widest)
        bend = below - 2.0 * middle + above
        if below > middle and below >= above:
            best, middle = best - step, below
        elif above > middle:
            best, middle = best + step, above
        elif bend < 0.0:
            return best + 0.5 * step * (below - above) / bend
    return best
