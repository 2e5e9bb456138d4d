"""A turned rectangle of a picture laid straight, and the way back from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sorter.flow import CodeRead, Corners
from vision.frame import Gray
from vision.region import Region

MOST_PIXELS = 6_000_000
"""A crop is enlarged to at most this many pixels."""


@dataclass(frozen=True, eq=False, slots=True)
class Upright:
    """Pixels uint8[h, w] in which the region's reading axis runs along the rows.

    to_picture  float64[2, 3]: picture (x, y) = to_picture @ (column, row, 1), pixel centres whole
    """

    pixels: Gray
    to_picture: NDArray[np.float64]

    @property
    def scale(self) -> float:
        """Pixels of the crop per pixel of the picture, along the reading axis."""
        return 1 / math.hypot(self.to_picture[0, 0], self.to_picture[1, 0])

    def corners(self, corners: Corners) -> Corners:
        """The same corners as pixels of the picture."""
        points = np.array([(x, y, 1.0) for x, y in corners]) @ self.to_picture.T
        a, b, c, d = ((round(float(x)), round(float(y))) for x, y in points)
        return a, b, c, d

    def back(self, read: CodeRead, rung: str) -> CodeRead:
        """A read of these pixels as one of the picture, by that rung."""
        return CodeRead(read.text, read.symbology, self.corners(read.corners), rung)


def upright(gray: Gray, region: Region, scale: float = 1.0, beyond_px: float = 0.0) -> Upright:
    """The region of uint8[H, W], with beyond_px of its surroundings on every side, `scale` times as large.

    Cubic where it enlarges; what lies outside the picture repeats its edge. The scale is lowered where the
    crop would be beyond MOST_PIXELS.
    """
    length, height = region.length_px + 2 * beyond_px, region.height_px + 2 * beyond_px
    scale = min(scale, math.sqrt(MOST_PIXELS / (length * height)))
    size = max(1, round(length * scale)), max(1, round(height * scale))
    return _laid(gray, region, size, scale, cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR)


def striped(gray: Gray, region: Region, scale: float, beyond_px: float) -> Upright:
    """The region of bars in uint8[H, W], with beyond_px of its surroundings before and behind them.

    Every row is the mean of two of the picture's, for along the bars there is nothing to see but noise; the
    columns are `scale` times as many. Cubic both ways.
    """
    size = max(1, round(region.length_px + 2 * beyond_px)), 2 * max(1, round(region.height_px / 2))
    plain = _laid(gray, region, size, 1.0, cv2.INTER_CUBIC)
    halved = cv2.resize(plain.pixels, (size[0], size[1] // 2), interpolation=cv2.INTER_AREA)
    width = max(1, round(scale * size[0]))
    pixels = cv2.resize(halved, (width, size[1] // 2), interpolation=cv2.INTER_CUBIC)
    own = np.array([[size[0] / width, 0.0, (size[0] / width - 1) / 2], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
    return Upright(np.asarray(pixels, np.uint8), plain.to_picture @ own)


def _laid(gray: Gray, region: Region, size: tuple[int, int], scale: float, how: int) -> Upright:
    """So many columns and rows of the region, `scale` of them a pixel."""
    turn = math.radians(region.angle_deg)
    steps = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) / scale
    start = np.array([region.x_px, region.y_px]) - steps @ ((size[0] - 1) / 2, (size[1] - 1) / 2)
    to_picture = np.column_stack((steps, start))
    flags = how | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(gray, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Upright(np.asarray(pixels, np.uint8), to_picture)
