"""Whether an ITF read is the whole symbol: it has no check, and a part of it reads as well as all of it.

A glare, a fold or a bend in the middle looks like the end of the bars, and so does the place where a slanting
scan line leaves them. Beyond it the other digits go on.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sorter.flow import CodeRead
from vision.compiled import compiled
from vision.frame import Gray
from vision.region import Region
from vision.straight import turns
from vision.upright import upright

_BEYOND = 1.0  # of the read's length is looked at on either side
_SHORTEST_PX = 20.0
_END = 0.04  # of the length by which a library is off at the ends
_HIGH, _LINES, _LEAST_LINE_PX = 0.15, 8, 3
_LEAST = 0.25  # of the swing inside: less is print and dirt
_MOST_ELEMENTS = 4  # beyond one end; a pair of digits has ten, an edge of paper and a frame three


def stands_alone(gray: Gray, read: CodeRead) -> bool:
    """Whether no bars go on in line with the read in uint8[H, W]."""
    a, b, c, d = read.corners
    left, right = ((a[0] + d[0]) / 2, (a[1] + d[1]) / 2), ((b[0] + c[0]) / 2, (b[1] + c[1]) / 2)
    scanned = math.dist(left, right)
    if scanned < _SHORTEST_PX:
        return False
    x, y = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    turn = _across(gray, x, y, scanned / 2)
    length = abs((right[0] - left[0]) * math.cos(turn) + (right[1] - left[1]) * math.sin(turn))
    high = max(_LEAST_LINE_PX, _HIGH * length)
    line = Region(x, y, math.degrees(turn), length + 2 * _BEYOND * scanned, high, "bars")
    pixels = upright(gray, line).pixels.astype(np.float32)
    # Lines of part of the height: bars that lean, or lie on a bend, are gone from the mean of all. Print
    # beside a code is seen by some of them, bars by most.
    count = max(1, min(_LINES, len(pixels) // _LEAST_LINE_PX))
    inside = (0.5 + _END) * length / line.length_px
    beyond = [_beyond(part.mean(axis=0), inside) for part in np.array_split(pixels, count)]
    return bool((np.median(beyond, axis=0) <= _MOST_ELEMENTS).all())


def _across(gray: Gray, x: float, y: float, reach: float) -> float:
    """Direction across the bars about a place, rad: the one in which grey changes most."""
    top, left = max(0, int(y - reach)), max(0, int(x - reach))
    window = gray[top : int(y + reach) + 2, left : int(x + reach) + 2].astype(np.float32)
    if min(window.shape) < 2:
        return 0.0
    down, along = np.gradient(window)
    return 0.5 * math.atan2(2 * float((down * along).sum()), float((along**2).sum() - (down**2).sum()))


def _beyond(profile: NDArray[np.float32], inside: float) -> tuple[int, int]:
    """Elements before and behind the middle, which reaches this share of the profile to both sides."""
    first, last = round((0.5 - inside) * len(profile)), round((0.5 + inside) * len(profile))
    dark, bright = np.quantile(profile[first : last + 1], (0.1, 0.9))
    least = _LEAST * float(bright - dark)
    before, behind = (int(compiled(turns)(part, least)) for part in (profile[: first + 1], profile[last:]))
    return before, behind
