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
_LEAST_DENSE = 100.0
_MOST_COHERENCE = 0.6
_LEAST_SIDE = 4
_MOST_OBLONG = 1.5
_LEAST_SQUARE_FILL = 0.7


def locate(gray: Gray, scales: Sequence[int] = FINE, most: int = 16, matrix: bool = True) -> list[Region]:
    """Candidate regions in uint8[H, W], at most `most` of a kind, the likeliest first.

    scales  cell sizes in units of CELL_PX. The angle of bars is right to about 5 degrees, their extent to a
            cell
    matrix  also those of square symbols
    """
    cells = compiled(tensor)(check_gray(gray))
    found: list[tuple[float, Region]] = []
    for scale in scales:
        found += _candidates(_merged(cells, scale), scale * CELL_PX, matrix)
    found.sort(key=lambda candidate: -candidate[0])
    kept: dict[str, list[Region]] = {"bars": [], "matrix": []}
    for _, region in found:
        like = kept[region.kind]
        if len(like) < most and not any(_alike(region, other) for other in like):
            like.append(region)
    return [*kept["bars"], *kept["matrix"]]


def _merged(cells: Floats, scale: int) -> Floats:
    """The same tensor in cells `scale` times as large."""
    high, wide = cells.shape[1] // scale, cells.shape[2] // scale
    whole = cells[:, : high * scale, : wide * scale]
    return whole.reshape(3, high, scale, wide, scale).mean(axis=(2, 4)) if scale > 1 else cells


def _candidates(cells: Floats, cell_px: int, matrix: bool) -> Iterator[tuple[float, Region]]:
    """Patches of one direction, and dense ones of every direction, as regions, each with its weight."""
    if min(cells.shape) < 2:
        return
    smooth = [cv2.blur(part, (3, 3), borderType=cv2.BORDER_REPLICATE) for part in cells]
    double = np.stack((smooth[0] - smooth[1], 2 * smooth[2]))
    whole = smooth[0] + smooth[1]
    change = np.sqrt(double[0] ** 2 + double[1] ** 2)
    noise = min(float(np.partition(whole, whole.size // 5, axis=None)[whole.size // 5]), _MOST_NOISE)
    yield from _bars(double, change, whole, noise, cell_px)
    if matrix:
        yield from _squares(
            (whole > _LEAST_DENSE + noise) & (change < _MOST_COHERENCE * whole), whole, cell_px
        )


def _bars(
    double: Floats, change: Floats, whole: Floats, noise: float, cell_px: int
) -> Iterator[tuple[float, Region]]:
    mask = change > np.maximum(_LEAST_CHANGE + _CHANGE_OVER_NOISE * noise, _LEAST_COHERENCE * (whole - noise))
    unit = double / np.maximum(change, 1e-6)
    number = compiled(patches)(compiled(thick)(mask, unit, _LEAST_COSINE), unit, _LEAST_COSINE)
    rows, columns = np.nonzero(number)
    order = np.argsort(number[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    ends = np.cumsum(np.bincount(number[rows, columns], minlength=1))[:-1]
    for own_rows, own_columns in zip(np.split(rows, ends)[1:], np.split(columns, ends)[1:], strict=True):
        if len(own_rows) >= _LEAST_CELLS:
            yield from _region(own_columns, own_rows, double[:, own_rows, own_columns], cell_px)


def _squares(dense: NDArray[np.bool_], whole: Floats, cell_px: int) -> Iterator[tuple[float, Region]]:
    """Dense patches that fill a square."""
    _, number, boxes, _ = cv2.connectedComponentsWithStats(dense.astype(np.uint8), connectivity=8)
    wide, high, cells = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    short, long = np.minimum(wide, high), np.maximum(wide, high)
    full = cells >= _LEAST_SQUARE_FILL / 2 * wide * high  # turned by 45 degrees it fills half its upright box
    likely = (short >= _LEAST_SIDE) & (long <= 2 * short) & full
    likely[0] = False
    for patch in np.flatnonzero(likely):
        left, top, across, down = (int(value) for value in boxes[patch, :4])
        window = np.s_[top : top + down, left : left + across]
        rows, columns = np.nonzero(number[window] == patch)
        strength = float(whole[window][rows, columns].mean())
        yield from _square(columns + left, rows + top, strength, cell_px)


def _square(
    x: NDArray[np.int64], y: NDArray[np.int64], strength: float, cell_px: int
) -> Iterator[tuple[float, Region]]:
    """The rectangle around a patch of dense cells, when it is nearly square and full."""
    (centre_x, centre_y), sides, angle = cv2.minAreaRect(np.stack((x, y), axis=1).astype(np.float32))
    length, height = max(sides) + 1, min(sides) + 1
    if length > _MOST_OBLONG * height or len(x) < _LEAST_SQUARE_FILL * length * height:
        return
    turn = angle if sides[0] >= sides[1] else angle + 90
    yield (
        len(x) * cell_px * cell_px * math.sqrt(strength),
        Region(
            (centre_x + 0.5) * cell_px - 0.5, (centre_y + 0.5) * cell_px - 0.5, (turn + 90) % 180 - 90,
            length * cell_px, height * cell_px, "matrix",
        ),
    )  # fmt: skip


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
    near = math.hypot(one.x_px - other.x_px, one.y_px - other.y_px) < 0.25 * max(
        one.height_px, other.height_px
    )
    turned = abs((one.angle_deg - other.angle_deg + 90) % 180 - 90) < 10
    ratio = one.length_px / other.length_px
    return near and turned and 0.7 < ratio < 1.4
