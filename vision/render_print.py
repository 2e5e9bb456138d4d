"""A label's paper with its prints, lying straight: drawn by area, worn as its `Wear` says."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from vision.frame import Gray
from vision.render_wear import worn
from vision.scene import GOOD, Label, Print, Wear, Words
from vision.symbols import code128, ean13

PAPER = 225
INK = 35
_LETTER_PX = 21  # height of a capital at scale 1


def paper_of(label: Label, px_per_mm: float) -> Gray:
    """A label lying straight, `px_per_mm` fine; kept because every look at a parcel needs it again."""
    return _paper_of(replace(label, centre_across_mm=0, centre_along_mm=0, angle_deg=0.0), px_per_mm)


@lru_cache(maxsize=8)
def _paper_of(label: Label, px_per_mm: float) -> Gray:
    size = round(label.height_mm * px_per_mm), round(label.width_mm * px_per_mm)
    paper = np.full(size, PAPER, np.uint8)
    for symbol in label.prints:
        _draw_print(paper, symbol, label.torn, label.wear, px_per_mm)
    for line in label.words:
        _draw_words(paper, line, label.torn, label.wear, px_per_mm)
    return paper if label.wear == GOOD else worn(paper, label.wear, px_per_mm)


def _draw_words(paper: Gray, line: Words, torn: float, wear: Wear, px_per_mm: float) -> None:
    """A line in the only letters that OpenCV has; its strokes' edges are soft by a pixel."""
    scale, stroke = line.letter_mm * px_per_mm / _LETTER_PX, max(1, round(line.letter_mm * px_per_mm / 6))
    (length, _), _ = cv2.getTextSize(line.text, cv2.FONT_HERSHEY_SIMPLEX, scale, stroke)
    left = round(paper.shape[1] / 2 + line.x_mm * px_per_mm)
    base = round(paper.shape[0] / 2 + line.y_mm * px_per_mm)
    ink = np.zeros_like(paper)
    full = round((PAPER - INK) * (1 - wear.fade))
    cv2.putText(ink, line.text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, scale, full, stroke, cv2.LINE_AA)
    ink[:, max(0, round(left + (1 - torn) * length)) :] = 0
    cv2.subtract(paper, ink, dst=paper)


def _draw_print(paper: Gray, symbol: Print, torn: float, wear: Wear, px_per_mm: float) -> None:
    columns, rows, cells = _cells(symbol)
    module_px = symbol.module_um * px_per_mm / 1000
    x = columns * module_px
    if wear.spread_um and symbol.symbology != "QR":  # every second edge ends a bar
        x = x + np.where(np.arange(len(x)) % 2, 1, -1) * (wear.spread_um * px_per_mm / 2000)
    x += paper.shape[1] / 2 + symbol.x_mm * px_per_mm - x[-1] / 2
    x = np.minimum(x, x[-1] - torn * (x[-1] - x[0]))
    y = rows * (module_px if symbol.symbology == "QR" else symbol.bar_mm * px_per_mm)
    y += paper.shape[0] / 2 + symbol.y_mm * px_per_mm - y[-1] / 2
    first, last = max(0, int(y[0])), min(paper.shape[0], math.ceil(y[-1]))
    ink = _overlap(y, first, last) @ (cells @ _overlap(x, 0, paper.shape[1]).T)
    darker = np.rint(ink * ((PAPER - INK) * (1 - wear.fade))).astype(np.uint8)
    cv2.subtract(paper[first:last], darker, dst=paper[first:last])


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
