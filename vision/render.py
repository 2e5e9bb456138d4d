"""Draw belt frames from a seed: belt, parcels, labels, defocus and noise, as the hub's camera sees them.

Labels are drawn by area (each pixel is the mean of what it covers), so a module of 2.5 px is as sharp as
optics and sensor allow and no sharper. The same arguments give the same pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from sorter.flow import Mm
from sorter.layout import Camera
from vision.frame import Gray
from vision.scene import Box, Label, Print
from vision.symbols import code128, ean13

PAPER = 225
INK = 35
DEFOCUS_PX = 0.6
NOISE_GREYS = 6.0

_FINE = 2  # label pixels per frame pixel, both ways
_TILE_PX = 256  # the noise tile is this much larger than the frame, so that its offset can vary
_BELT_GREY = 45
_CARDBOARD_GREYS = (110, 185)
_BLUR_REACH_PX = 3


def render(camera: Camera, boxes: Sequence[Box], seed: int) -> Gray:
    """The camera's frame uint8[along_px, across_px] of these parcels; row 0 is the most downstream.

    Pixels must be square to within 2 %: ValueError otherwise. Parts outside the view are cut off.
    """
    scale = camera.across_px / camera.across_mm
    if abs(camera.along_px / camera.along_mm / scale - 1) > 0.02:
        raise ValueError(f"camera {camera.id} has no square pixels: {camera}")
    rng = np.random.default_rng(seed)
    shape = (camera.along_px, camera.across_px)
    frame = _at(_belt(shape), shape, rng).copy()
    for box in boxes:
        _draw_box(frame, box, scale, int(rng.integers(*_CARDBOARD_GREYS)))
    lighter, darker = _at(_noise(shape), shape, rng)
    cv2.add(frame, lighter, dst=frame)
    cv2.subtract(frame, darker, dst=frame)
    return frame


def _draw_box(frame: Gray, box: Box, scale: float, grey: int) -> None:
    """Paint one parcel with its label, then soften that part of the picture by the lens's defocus."""
    middle_y, middle_x = frame.shape[0] / 2, frame.shape[1] / 2
    x, y = middle_x + box.across_mm * scale, middle_y - box.centre_mm * scale
    half_x, half_y = box.width_mm * scale / 2, box.length_mm * scale / 2
    cardboard = _part(frame, x - half_x, y - half_y, x + half_x, y + half_y)[0]
    cardboard[:] = grey
    if box.label is not None:
        label = box.label
        across_px, along_px = label.centre_across_mm * scale, label.centre_along_mm * scale
        _draw_label(frame, label, x + across_px, y - along_px, scale)
    half_x, half_y = half_x + _BLUR_REACH_PX, half_y + _BLUR_REACH_PX
    seen = _part(frame, x - half_x, y - half_y, x + half_x, y + half_y)[0]
    if seen.size:
        seen[:] = cv2.GaussianBlur(seen, (5, 5), DEFOCUS_PX)


def _draw_label(frame: Gray, label: Label, x: float, y: float, scale: float) -> None:
    """Lay the label's paper into the frame with its centre at pixel (x, y)."""
    paper = _paper(label.width_mm, label.height_mm, label.prints, label.torn, scale * _FINE)
    cosine, sine = math.cos(math.radians(label.angle_deg)), math.sin(math.radians(label.angle_deg))
    half_x = (abs(cosine) * label.width_mm + abs(sine) * label.height_mm) * scale / 2 + 1
    half_y = (abs(sine) * label.width_mm + abs(cosine) * label.height_mm) * scale / 2 + 1
    part, left, top = _part(frame, x - half_x, y - half_y, x + half_x, y + half_y)
    if not part.size:
        return
    height, width = part.shape
    fine = cv2.resize(part, (width * _FINE, height * _FINE), interpolation=cv2.INTER_NEAREST)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    middle = np.array([paper.shape[1], paper.shape[0]]) / 2 - 0.5
    shift = np.array([x - left, y - top]) * _FINE - 0.5 - turn @ middle
    cv2.warpAffine(
        paper,
        np.column_stack((turn, shift)),
        (width * _FINE, height * _FINE),
        dst=fine,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    part[:] = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)


def _part(frame: Gray, left: float, top: float, right: float, bottom: float) -> tuple[Gray, int, int]:
    """View of a rectangle of the frame, cut at its borders, and the pixel of its upper left corner."""
    x, y = max(0, round(left)), max(0, round(top))
    return frame[y : max(y, round(bottom)), x : max(x, round(right))], x, y


@lru_cache(maxsize=8)
def _paper(width_mm: Mm, height_mm: Mm, prints: tuple[Print, ...], torn: float, px_per_mm: float) -> Gray:
    """A label lying straight, `px_per_mm` fine; kept because every look at a parcel needs it again."""
    paper = np.full((round(height_mm * px_per_mm), round(width_mm * px_per_mm)), PAPER, np.uint8)
    for symbol in prints:
        _draw_print(paper, symbol, torn, px_per_mm)
    return paper


def _draw_print(paper: Gray, symbol: Print, torn: float, px_per_mm: float) -> None:
    columns, rows, cells = _cells(symbol)
    module_px = symbol.module_um * px_per_mm / 1000
    x = columns * module_px
    x += paper.shape[1] / 2 + symbol.x_mm * px_per_mm - x[-1] / 2
    x = np.minimum(x, x[-1] - torn * (x[-1] - x[0]))
    y = rows * (module_px if symbol.symbology == "QR" else symbol.bar_mm * px_per_mm)
    y += paper.shape[0] / 2 + symbol.y_mm * px_per_mm - y[-1] / 2
    first, last = max(0, int(y[0])), min(paper.shape[0], math.ceil(y[-1]))
    ink = _overlap(y, first, last) @ (cells @ _overlap(x, 0, paper.shape[1]).T)
    cv2.subtract(paper[first:last], np.rint(ink * (PAPER - INK)).astype(np.uint8), dst=paper[first:last])


def _overlap(edges: NDArray[np.float64], first: int, last: int) -> NDArray[np.float32]:
    """Share of each pixel first..last-1 that lies in each cell between neighbouring edges."""
    pixel = np.arange(first, last)[:, None]
    share = np.minimum(pixel + 1, edges[1:]) - np.maximum(pixel, edges[:-1])
    return np.asarray(np.maximum(share, 0), np.float32)


def _cells(symbol: Print) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """Column edges in modules, row edges (in modules for QR, in bar heights else) and ink 0/1 per cell."""
    if symbol.symbology == "QR":
        code = zxingcpp.create_barcode(symbol.text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        ink = (np.array(code.to_image(scale=1, add_quiet_zones=False)) == 0).astype(np.float32)
        edges = np.arange(len(ink) + 1, dtype=np.float64)
        return edges, edges, ink
    widths = (code128 if symbol.symbology == "CODE128" else ean13)(symbol.text)
    bars = (np.arange(len(widths)) % 2 == 0).astype(np.float32)
    return np.concatenate(([0.0], np.cumsum(widths))), np.array([0.0, 1.0]), bars[None, :]


def _at(tile: Gray, shape: tuple[int, int], rng: np.random.Generator) -> Gray:
    """A part of the tile, or of a stack of tiles, at a random offset."""
    top, left = rng.integers(0, _TILE_PX, 2)
    return tile[..., top : top + shape[0], left : left + shape[1]]


@lru_cache(maxsize=2)
def _belt(shape: tuple[int, int]) -> Gray:
    """Dark rubber with a coarse, faint texture, larger than a frame."""
    rng = np.random.default_rng(1)
    height, width = shape[0] + _TILE_PX, shape[1] + _TILE_PX
    coarse = rng.normal(_BELT_GREY, 4, (height // 4 + 1, width // 4 + 1)).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


@lru_cache(maxsize=2)
def _noise(shape: tuple[int, int]) -> Gray:
    """Sensor noise as a stack of two tiles larger than a frame: greys to add and greys to subtract."""
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((shape[0] + _TILE_PX, shape[1] + _TILE_PX), np.float32) * NOISE_GREYS
    whole = np.rint(noise).clip(-255, 255)
    return np.stack((np.maximum(whole, 0), np.maximum(-whole, 0))).astype(np.uint8)
