"""Reads codes with zxing-cpp: needs no system library, knows every symbology we use."""

from __future__ import annotations

from collections.abc import Iterable

import zxingcpp
from zxingcpp import BarcodeFormat

from sorter.flow import CodeRead, Corners
from vision.frame import Gray
from vision.symbology import LINEAR, SYMBOLOGIES, known, plausible
from vision.text import text_of

_FORMATS = {
    "CODE128": BarcodeFormat.Code128,
    "CODE39": BarcodeFormat.Code39,
    "ITF": BarcodeFormat.ITF,
    "EAN13": BarcodeFormat.EAN13,
    "EAN8": BarcodeFormat.EAN8,
    "UPCA": BarcodeFormat.UPCA,
    "UPCE": BarcodeFormat.UPCE,
    "QR": BarcodeFormat.QRCode,
    "DATAMATRIX": BarcodeFormat.DataMatrix,
    "PDF417": BarcodeFormat.PDF417,
}
# With so few modules they are found in blurred QR and EAN codes, and no label of the trade carries them.
_UNBELIEVABLE = (BarcodeFormat.MicroQRCode, BarcodeFormat.RMQRCode)
# A result's format may be a variant (Code 39 Extended), its symbology the family (EAN/UPC).
_NAMES = {value: name for name, value in _FORMATS.items()}
_LONGEST_PX = 65_535
_QR_WITHOUT_ECI = ("]Q0", "]Q1", "]Q3", "]Q5")


class ZxingDecoder:
    """A `Decoder` over zxing-cpp.

    thorough   also look down the columns, for light codes on dark ground, and at reduced sizes
    short_itf  also ITF of 2 and 4 digits: only for who knows that nothing of the symbol lies beyond
    """

    def __init__(
        self, symbologies: Iterable[str] = SYMBOLOGIES, thorough: bool = True, short_itf: bool = False
    ) -> None:
        self._formats = zxingcpp.BarcodeFormats([_FORMATS[name] for name in known(symbologies)])
        self._thorough = thorough
        self._short_itf = short_itf

    def decode(self, gray: Gray) -> list[CodeRead]:
        """Every code found in uint8[H, W]; none in a picture longer than the library takes."""
        if max(gray.shape) > _LONGEST_PX:
            return []
        found = zxingcpp.read_barcodes(
            gray,
            formats=self._formats,
            try_downscale=self._thorough,
            try_rotate=self._thorough,
            try_invert=self._thorough,
            text_mode=zxingcpp.TextMode.Plain,
        )
        reads = [self._read(code) for code in found if code.format not in _UNBELIEVABLE]
        return [read for read in reads if plausible(read.symbology, read.text, self._short_itf)]

    def _read(self, code: zxingcpp.Barcode) -> CodeRead:
        symbology = _NAMES.get(code.format) or _NAMES[code.symbology]
        text = code.text
        if code.symbology_identifier in _QR_WITHOUT_ECI:
            text = text_of(code.bytes, text)
        return CodeRead(text, symbology, _corners(code.position, symbology in LINEAR), "zxing")


def _corners(position: zxingcpp.Position, linear: bool) -> Corners:
    points = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, b, c, d = tuple((point.x, point.y) for point in points)
    clockwise = (cx - ax) * (dy - by) - (cy - ay) * (dx - bx) >= 0
    # zxing names the ends of bars by the image; the symbol's own top is where its bars' text stands upright.
    return (a, b, c, d) if clockwise or not linear else (d, c, b, a)
