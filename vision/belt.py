"""The reader for line pace: few symbologies, two looks at every picture, and no text on one witness alone."""

from __future__ import annotations

import math

from sorter.flow import CodeRead
from vision.decode import merge, same_code
from vision.frame import Gray, check_gray
from vision.symbols import code128
from vision.zxing import ZxingDecoder

SURE_MODULE_PX = 2.2
"""Least module width at which one look is believed. Below it zxing-cpp now and then gives a wrong text with
a right check character: at 1.53 px about 1 symbol in 400, from 2.5 px none in many thousand."""

_BELT_SYMBOLOGIES = ("CODE128", "QR", "EAN13")


class BeltReader:
    """Reads Code 128, QR and EAN-13 off belt frames; keeps no state between frames.

    The sharp look misses about 1 in 1000 good labels (its scan lines meet noise), the softened one finds
    them; both agree on what is small, or it is not read.
    """

    def __init__(self) -> None:
        self._sharp = ZxingDecoder(("CODE128",), thorough=False)
        self._soft = ZxingDecoder(_BELT_SYMBOLOGIES, thorough=False, soften=True)

    def read(self, gray: Gray) -> list[CodeRead]:
        """Codes in the frame uint8[H, W], as `Reader.read`; ValueError for any other array."""
        pixels = check_gray(gray)
        sharp, soft = self._sharp.decode(pixels), self._soft.decode(pixels)
        sure = [read for read in sharp if _is_sure(read, soft)]
        return merge(sure + [read for read in soft if _is_sure(read, sharp)])


def _is_sure(read: CodeRead, other_look: list[CodeRead]) -> bool:
    """Large enough for one look, or seen alike by both. EAN and QR carry enough redundancy of their own."""
    if read.symbology != "CODE128" or any(same_code(read, other) for other in other_look):
        return True
    return read.text.isascii() and math.dist(*read.corners[:2]) >= SURE_MODULE_PX * sum(code128(read.text))
