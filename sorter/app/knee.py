"""What read rate to expect of a camera: the reader's own measured table over module width and motion blur."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TABLE = "knee.csv"
_MEASURED_AT = "# measured at "


@dataclass(frozen=True, slots=True)
class Knee:
    """Share of labels read at each of px (module widths) and blur (both in pixels, rising).

    rates   by px, then by blur; labels = how many stand behind each
    commit  of the reader that was measured
    """

    px: tuple[float, ...]
    blur_px: tuple[float, ...]
    rates: tuple[tuple[float, ...], ...]
    labels: int
    commit: str

    def rate(self, module_px: float, blur_px: float) -> float:
        """Expected share, linear between the points measured.

        Beyond the table its nearest edge, but 0 below the smallest module and above the strongest blur.
        """
        if module_px < self.px[0] or blur_px > self.blur_px[-1]:
            return 0.0
        row, up = _between(self.px, module_px)
        column, right = _between(self.blur_px, blur_px)
        here, beyond = (
            (1 - up) * self.rates[row][at] + up * self.rates[min(row + 1, len(self.px) - 1)][at]
            for at in (column, min(column + 1, len(self.blur_px) - 1))
        )
        return (1 - right) * here + right * beyond


def _between(points: Sequence[float], value: float) -> tuple[int, float]:
    """Index of the point below, and the share of the way to the next one."""
    at = max(0, min(bisect_right(points, value) - 1, len(points) - 1))
    if at == len(points) - 1:
        return at, 0.0
    return at, min(1.0, max(0.0, (value - points[at]) / (points[at + 1] - points[at])))


@cache
def measured() -> Knee:
    """The table that was shipped with this reader, made by benchmarks/vision.py."""
    lines = (files("vision") / TABLE).read_text(encoding="utf-8").splitlines()
    commit = lines[0].removeprefix(_MEASURED_AT).split()[0]
    rows = list(csv.DictReader(lines[1:]))
    px = tuple(sorted({float(row["px_per_module"]) for row in rows}))
    blur = tuple(sorted({float(row["blur_px"]) for row in rows}))
    read = {(float(row["px_per_module"]), float(row["blur_px"])): row for row in rows}
    rates = tuple(
        tuple(int(read[one, other]["read"]) / int(read[one, other]["labels"]) for other in blur) for one in px
    )
    return Knee(px, blur, rates, min(int(row["labels"]) for row in rows), commit)
