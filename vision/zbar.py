"""Reads codes with zbar, when its system library is there. Loaded only when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np

from sorter.flow import CodeRead, Corners
from vision.frame import Gray
from vision.symbology import SYMBOLOGIES, known, plausible

# EAN-8 and UPC-E are left out: with so few digits zbar invents them in blurred pictures.
_SYMBOLS = {"CODE128": "CODE128", "CODE39": "CODE39", "ITF": "I25", "EAN13": "EAN13", "QR": "QRCODE"}
_NAMES = {symbol: name for name, symbol in _SYMBOLS.items()}
_RIGHT = {"UP": (1, 0), "RIGHT": (0, 1), "DOWN": (-1, 0), "LEFT": (0, -1)}


def zbar_missing() -> str:
    """Empty when zbar can be used, else what is missing and the command that installs it."""
    try:
        importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError) as error:
        if isinstance(error, ModuleNotFoundError):
            return "the Python package pyzbar is missing: pip install pyzbar"
        return "the system library libzbar is missing: apt-get install -y libzbar0"
    return ""


class ZbarDecoder:
    """A `Decoder` over pyzbar; what zbar does not know is ignored. Raises ImportError without libzbar."""

    name = "zbar"

    def __init__(self, symbologies: Iterable[str] = SYMBOLOGIES) -> None:
        self._zbar: Any = importlib.import_module("pyzbar.pyzbar")
        wanted = [_SYMBOLS[name] for name in known(symbologies) if name in _SYMBOLS]
        self._symbols = [self._zbar.ZBarSymbol[symbol] for symbol in wanted]
        self._linear = [symbol for symbol in self._symbols if symbol.name != "QRCODE"]

    def decode(self, gray: Gray) -> list[CodeRead]:
        """Every code found in uint8[H, W]; of QR codes only those with ASCII text: it garbles the others."""
        reads = [self._read(code) for code in self._scan(gray)]
        return [read for read in reads if plausible(read.symbology, read.text)]

    def _scan(self, gray: Gray) -> list[Any]:
        try:
            return list(self._zbar.decode(gray, symbols=self._symbols)) if self._symbols else []
        except ValueError:  # a QR code in several parts; pyzbar drops everything else in the picture with it
            return list(self._zbar.decode(gray, symbols=self._linear)) if self._linear else []

    def _read(self, code: Any) -> CodeRead:
        text = code.data.decode("ascii") if code.data.isascii() else ""
        return CodeRead(text, _NAMES[code.type], _corners(code.polygon, code.orientation), self.name)


def _corners(polygon: Iterable[tuple[int, int]], orientation: str | None) -> Corners:
    """Own corners from the hull of the scan lines: the hull's rectangle, turned to the reading direction."""
    hull = np.array([tuple(point) for point in polygon], np.float32)
    box = [(round(float(x)), round(float(y))) for x, y in cv2.boxPoints(cv2.minAreaRect(hull))]
    right_x, right_y = _RIGHT.get(orientation or "UP", (1, 0))

    def along(corner: int) -> int:
        (ax, ay), (bx, by) = box[corner], box[(corner + 1) % 4]
        return (bx - ax) * right_x + (by - ay) * right_y

    first = max(range(4), key=along)
    a, b, c, d = (box[(first + step) % 4] for step in range(4))
    return a, b, c, d
