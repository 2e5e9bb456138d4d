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

from sorter.layout import Camera
from vision.frame import Gray
from vision.render_optics import through
from vision.render_print import paper_of
from vision.scene import HUB, Box, Label, Optics

_FINE = 2  # label pixels per frame pixel, both ways
_TILE_PX = 256  # the noise tile is this much larger than the frame, so that its offset can vary
_BELT_GREY = 45
_CARDBOARD_GREYS = (110, 185)
_BLUR_REACH_PX = 3


def render(
    camera: Camera, boxes: Sequence[Box], seed: int, optics: Optics = HUB, into: Gray | None = None
) -> Gray:
    """The camera's frame uint8[along_px, across_px] of these parcels; row 0 is the most downstream.

    into  an array of that shape which the frame is written to, and which is then what is given back
    Pixels must be square to within 2 %: ValueError otherwise. Parts outside the view are cut off.
    """
    scale = camera.across_px / camera.across_mm
    if abs(camera.along_px / camera.along_mm / scale - 1) > 0.02:
        raise ValueError(f"camera {camera.id} has no square pixels: {camera}")
    rng = np.random.default_rng(seed)
    shape = (camera.along_px, camera.across_px)
    frame = _at(_belt(shape), shape, rng).copy()
    for box in boxes:
        _draw_box(frame, box, scale, int(rng.integers(*_CARDBOARD_GREYS)), optics.defocus_px)
    frame = through(frame, camera, optics)
    lighter, darker = _at(_noise(shape, optics.noise_greys), shape, rng)
    cv2.add(frame, lighter, dst=frame)
    into = frame if into is None else into
    cv2.subtract(frame, darker, dst=into)
    return into


def _draw_box(frame: Gray, box: Box, scale: float, grey: int, defocus_px: float) -> None:
    """Paint one parcel with its label, then soften that part of the picture by the lens's defocus."""
    middle_y, middle_x = frame.shape[0] / 2, frame.shape[1] / 2
    x, y = middle_x + box.across_mm * scale, middle_y - box.centre_mm * scale
    half_x, half_y = box.width_mm * scale / 2, box.length_mm * scale / 2
    cardboard = _part(frame, x - half_x, y - half_y, x + half_x, y + half_y)[0]
    cardboard[:] = grey
    for label in (*box.below, box.label):
        if label is not None:
            across_px, along_px = label.centre_across_mm * scale, label.centre_along_mm * scale
            _draw_label(frame, label, x + across_px, y - along_px, scale)
    reach = max(_BLUR_REACH_PX, math.ceil(3 * defocus_px))
    half_x, half_y = half_x + reach, half_y + reach
    seen = _part(frame, x - half_x, y - half_y, x + half_x, y + half_y)[0]
    if seen.size and defocus_px:
        side = 2 * max(2, math.ceil(3 * defocus_px)) + 1
        seen[:] = cv2.GaussianBlur(seen, (side, side), defocus_px)


def _draw_label(frame: Gray, label: Label, x: float, y: float, scale: float) -> None:
    """Lay the label's paper into the frame with its centre at pixel (x, y)."""
    paper = paper_of(label, scale * _FINE)
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
def _noise(shape: tuple[int, int], greys: float) -> Gray:
    """Sensor noise as a stack of two tiles larger than a frame: greys to add and greys to subtract."""
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((shape[0] + _TILE_PX, shape[1] + _TILE_PX), np.float32) * np.float32(greys)
    whole = np.rint(noise).clip(-255, 255)
    return np.stack((np.maximum(whole, 0), np.maximum(-whole, 0))).astype(np.uint8)
