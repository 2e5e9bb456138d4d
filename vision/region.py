"""Where a code may be: what a locator hands to a reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Region:
    """A turned rectangle around one candidate code, right to a few pixels and degrees only.

    x_px, y_px   its centre; pixel centres have whole coordinates, x along columns, y along rows (downwards)
    angle_deg    direction of the reading axis, across the bars, in [-90, 90): clockwise from rising columns
                 as seen in the image. Which end of the symbol comes first is not known
    length_px    along the reading axis, > 0; height_px along the bars, > 0
    kind         "bars" for a linear symbol; "matrix" for a square one, whose angle is that of one side
    elements     how often grey turns along them, dark or bright: bars and spaces and one more where all are
                 seen; 0 = not counted
    """

    x_px: float
    y_px: float
    angle_deg: float
    length_px: float
    height_px: float
    kind: Literal["bars", "matrix"]
    elements: int = 0
