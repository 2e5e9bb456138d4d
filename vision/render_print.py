"""A label's paper with its prints, lying straight: drawn by area, worn as its `Wear` says."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from sorter.flow import Mm
from vision.frame import Gray
from vision.render_wear import worn
from vision.scene import GOOD, Print, Wear
from vision.symbols import code128, ean13

PAPER = 225
INK = 35


@lru_cache(maxsize=8)
def paper_of(
    width_mm: Mm, height_mm: Mm, prints: tuple[Print, ...], torn: float, wear: Wear, px_per_mm: float
) -> Gray:
    """A label lying straight, `px_per_mm` fine; kept because every look at a parcel needs it again."""
    paper = np.full((round(height_mm * px_per_mm), round(width_mm * px_per_mm)), PAPER, np.uint8)
    for symbol in prints:
        _draw_print(paper, symbol, torn, wear, px_per_mm)
    return paper if wear == GOOD else worn(paper, wear, px_per_mm)


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
