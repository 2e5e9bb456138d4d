"""What wears a label out: dead dots of the print head, folds, tape, reflections; placed by its seed."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Gray
from vision.scene import Wear

_DOT_MM = 0.125  # a print head of 8 dots per mm
_WHITE = 225
_FOLD_MM = 0.3
_GLARE = 255

Floats = NDArray[np.float32]


def worn(paper: Gray, wear: Wear, px_per_mm: float) -> Gray:
    """The paper uint8[H, W] after all that its wear names; the same wear gives the same pixels."""
    rng = np.random.default_rng((3, wear.seed))
    _dead_dots(paper, wear.dead_dots, px_per_mm, rng)
    for _ in range(wear.creases):
        paper = _crease(paper, px_per_mm, rng)
    _cover(paper, wear.covered, rng)
    return _glare(paper, wear.glare, rng)


def _dead_dots(paper: Gray, dots: int, px_per_mm: float, rng: np.random.Generator) -> None:
    width_px = _DOT_MM * px_per_mm
    for left in rng.uniform(0, paper.shape[1] - width_px, dots):
        column = np.arange(paper.shape[1])
        share = np.clip(np.minimum(column + 1, left + width_px) - np.maximum(column, left), 0, 1)
        touched = np.flatnonzero(share)
        part = paper[:, touched].astype(np.float32)
        paper[:, touched] = np.rint(part + (_WHITE - part) * share[touched]).astype(np.uint8)


def _crease(paper: Gray, px_per_mm: float, rng: np.random.Generator) -> Gray:
    """A fold through the middle part: a line of light or shadow, and what lies beyond it moved along it."""
    height, width = paper.shape
    slant = rng.uniform(0, math.pi)
    x, y = width * rng.uniform(0.2, 0.8), height * rng.uniform(0.2, 0.8)
    across = (np.arange(width, dtype=np.float32) - x) * np.float32(math.sin(slant))
    aside = across - ((np.arange(height, dtype=np.float32) - y) * np.float32(math.cos(slant)))[:, None]
    shift_x, shift_y = rng.uniform(-_FOLD_MM, _FOLD_MM, 2) * px_per_mm
    move = np.array([[1, 0, shift_x], [0, 1, shift_y]], np.float64)
    moved = cv2.warpAffine(paper, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    folded = np.where(aside > 0, moved, paper).astype(np.float32)
    wide = rng.uniform(0.2, 0.6) * px_per_mm
    folded += np.float32(rng.choice((-1, 1)) * rng.uniform(40, 120)) * np.exp(-0.5 * (aside / wide) ** 2)
    return np.asarray(np.rint(folded).clip(0, 255), np.uint8)


def _cover(paper: Gray, share: float, rng: np.random.Generator) -> None:
    if not share:
        return
    high = round(share * len(paper))
    top = round(rng.uniform(0.25, 0.75) * (len(paper) - high))
    paper[top : top + high] = round(rng.uniform(60, 200))


def _glare(paper: Gray, share: float, rng: np.random.Generator) -> Gray:
    """A white ellipse with a soft rim, its area this share of the label's."""
    if not share:
        return paper
    height, width = paper.shape
    reach = math.sqrt(share / math.pi)
    x, y = rng.uniform(0.3, 0.7, 2)
    across = ((np.arange(width, dtype=np.float32) / width - x) / reach) ** 2
    far = across + (((np.arange(height, dtype=np.float32) / height - y) / reach) ** 2)[:, None]
    light = np.clip(4 * (1.25 - np.sqrt(far)), 0, 1)
    return np.asarray(np.rint(paper + (_GLARE - paper.astype(np.float32)) * light), np.uint8)
