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
    width, rows = max(1, round(length * scale)), max(1, round(height * scale))
    turn = math.radians(region.angle_deg)
    steps = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) / scale
    start = np.array([region.x_px, region.y_px]) - steps @ ((width - 1) / 2, (rows - 1) / 2)
    to_picture = np.column_stack((steps, start))
    how = (cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(gray, to_picture, (width, rows), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return Upright(np.asarray(pixels, np.uint8), to_picture)
