"""What read rate to expect of a camera: the reader's own measured table over module width and motion blur."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import comb

TABLE = "knee.csv"
_MEASURED_AT = "# measured at "
_SURPRISE = 0.05


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
        return self._at(self.rates, module_px, blur_px)

    def low(self, module_px: float, blur_px: float) -> float:
        """The same of each point's lower limit: the share that is reached at least, with 95 % confidence."""
        return self._at(self._lows(), module_px, blur_px)

    @property
    def most(self) -> float:
        """The highest lower limit that any camera can have by this table: never 1."""
        return max(map(max, self._lows()))

    def _lows(self) -> tuple[tuple[float, ...], ...]:
        return tuple(
            tuple(lower_limit(round(rate * self.labels), self.labels) for rate in row) for row in self.rates
        )

    def _at(self, table: Sequence[Sequence[float]], module_px: float, blur_px: float) -> float:
        if module_px < self.px[0] or blur_px > self.blur_px[-1]:
            return 0.0
        row, up = _between(self.px, module_px)
        column, right = _between(self.blur_px, blur_px)
        here, beyond = (
            (1 - up) * table[row][at] + up * table[min(row + 1, len(self.px) - 1)][at]
            for at in (column, min(column + 1, len(self.blur_px) - 1))
        )
        return (1 - right) * here + right * beyond


@cache
def lower_limit(read: int, labels: int) -> float:
    """The smallest share of which `read` of so many labels is still no surprise, at 95 % confidence.

    One-sided, exact; with all read 0.05 ** (1 / labels), which is the rule of three. Source: Clopper and
    Pearson, Biometrika 26 (1934).
    """
    low, high = 0.0, read / labels
    for _ in range(40):
        middle = (low + high) / 2
        tail = sum(
            comb(labels, k) * middle**k * (1 - middle) ** (labels - k) for k in range(read, labels + 1)
        )
        low, high = (middle, high) if tail < _SURPRISE else (low, middle)
    return low


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
