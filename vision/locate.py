"""Where in a picture codes may be, and at which angle: cells in which grey changes in one direction only.

Bars are patches of such cells, thick in both directions; the edges of boxes and labels are thin ones. QR and
Data Matrix codes are dense cells that change in both directions alike. The cells are read off the full
picture: at 1 px per module the bars are gone from one of half its size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.cells import CELL_PX, REACH, Floats, patches, tensor, thick
from vision.compiled import compiled
from vision.frame import Gray, check_gray
from vision.region import Region

FINE = (1,)
"""Cells of 8 px: bars of 0.8 to about 4 px per module, as belt cameras see them."""
ALL = (1, 2, 4, 8)
"""Also of 16, 32 and 64 px: bars of up to 25 px per module, as in photographs held close."""

_LEAST_CHANGE = 6.0
_CHANGE_OVER_NOISE = 0.15
_LEAST_COHERENCE = 0.5
_MOST_NOISE = 150.0
_LEAST_COSINE = math.cos(2 * math.radians(20))
_LEAST_CELLS = 6
_LEAST_LENGTH, _LEAST_HEIGHT = 6, 2
_LEAST_FILL = 0.5


def locate(gray: Gray, scales: Sequence[int] = FINE, most: int = 16) -> list[Region]:
    """Candidate regions of bars in uint8[H, W], at most `most`, the likeliest first.

    scales  cell sizes in units of CELL_PX. The angle is right to about 5 degrees, the extent to a cell
    """
    cells = compiled(tensor)(check_gray(gray))
    found: list[tuple[float, Region]] = []
    for scale in scales:
        found += _bars(_merged(cells, scale), scale * CELL_PX)
    found.sort(key=lambda candidate: -candidate[0])
    kept: list[Region] = []
    for _, region in found:
        if len(kept) < most and not any(_alike(region, other) for other in kept):
            kept.append(region)
    return kept


def _merged(cells: Floats, scale: int) -> Floats:
    """The same tensor in cells `scale` times as large."""
    high, wide = cells.shape[1] // scale, cells.shape[2] // scale
    whole = cells[:, : high * scale, : wide * scale]
    return whole.reshape(3, high, scale, wide, scale).mean(axis=(2, 4)) if scale > 1 else cells


def _bars(cells: Floats, cell_px: int) -> Iterator[tuple[float, Region]]:
    """Patches of one direction as regions, each with its weight."""
    if min(cells.shape) < 2:
        return
    smooth = [cv2.blur(part, (3, 3), borderType=cv2.BORDER_REPLICATE) for part in cells]
    double = np.stack((smooth[0] - smooth[1], 2 * smooth[2]))
    whole = smooth[0] + smooth[1]
    change = np.sqrt(double[0] ** 2 + double[1] ** 2)
    noise = min(float(np.partition(whole, whole.size // 5, axis=None)[whole.size // 5]), _MOST_NOISE)
    mask = change > np.maximum(
        _LEAST_CHANGE + _CHANGE_OVER_NOISE * noise, _LEAST_COHERENCE * (whole - noise)
    )
    unit = double / np.maximum(change, 1e-6)
    number = compiled(patches)(compiled(thick)(mask, unit, _LEAST_COSINE), unit, _LEAST_COSINE)
    rows, columns = np.nonzero(number)
    order = np.argsort(number[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    ends = np.cumsum(np.bincount(number[rows, columns]))[:-1] if order.size else []
    for own_rows, own_columns in zip(np.split(rows, ends)[1:], np.split(columns, ends)[1:], strict=True):
        if len(own_rows) >= _LEAST_CELLS:
            yield from _region(own_columns, own_rows, double[:, own_rows, own_columns], cell_px)


def _region(
    x: NDArray[np.int64], y: NDArray[np.int64], double: Floats, cell_px: int
) -> Iterator[tuple[float, Region]]:
    """The rectangle around a patch of cells, when it is thick enough to be bars."""
    turn = 0.5 * math.atan2(float(double[1].sum()), float(double[0].sum()))
    cosine, sine = math.cos(turn), math.sin(turn)
    along, aside = _span(x * cosine + y * sine), _span(y * cosine - x * sine)
    length, height = along[1] - along[0], aside[1] - aside[0]
    fill = len(x) / (length * height)
    length += 2 * REACH
    if length < _LEAST_LENGTH or height < _LEAST_HEIGHT or fill < _LEAST_FILL:
        return
    u, v = sum(along) / 2, sum(aside) / 2
    angle = (math.degrees(turn) + 90) % 180 - 90
    centre_x, centre_y = u * cosine - v * sine + 0.5, u * sine + v * cosine + 0.5
    strength = float(np.sqrt(double[0] ** 2 + double[1] ** 2).mean())
    yield (
        length * min(height, length) * cell_px * cell_px * math.sqrt(strength),
        Region(
            centre_x * cell_px - 0.5, centre_y * cell_px - 0.5, angle,
            length * cell_px, height * cell_px, "bars",
        ),
    )  # fmt: skip


def _span(places: NDArray[np.float64]) -> tuple[float, float]:
    """First and last place where the patch is at least a third as thick as usual; single cells stick out."""
    steps = np.floor(places + 0.5).astype(np.int64)
    least = int(steps.min())
    thick = np.bincount(steps - least)
    wide = np.flatnonzero(thick >= max(1.0, float(np.median(thick[thick > 0])) / 3))
    return least + float(wide[0]) - 0.5, least + float(wide[-1]) + 0.5


def _alike(one: Region, other: Region) -> bool:
    """The same code seen twice, at two sizes of cells."""
    near = math.hypot(one.x_px - other.x_px, one.y_px - other.y_px) < 0.25 * max(one.height_px, other.height_px)
    turned = abs((one.angle_deg - other.angle_deg + 90) % 180 - 90) < 10
    ratio = one.length_px / other.length_px
    return near and turned and 0.7 < ratio < 1.4
