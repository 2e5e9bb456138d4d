"""The rungs of the ladder: one way each to look at a picture or at one region laid straight."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from sorter.flow import CodeRead, Corners
from vision.bent import BentQr
from vision.frame import Gray
from vision.linear_goods import explains
from vision.region import Region
from vision.symbology import LINEAR, SHORTEST_ITF, known
from vision.upright import Upright, striped, upright
from vision.zbar import ZbarDecoder, zbar_missing
from vision.zxing import ZxingDecoder

SURE_MODULE_PX = 2.2
"""Least module width, in pixels of the picture, at which one library's look is believed. Below it zxing-cpp
now and then gives a wrong text with a right check character: at 1.53 px about 1 symbol in 400, from 2.5 px
none in many thousand."""

_QUIET_SHARE = 0.1
_LEAST_QUIET_PX = 8.0
_CROP_LENGTH_PX = 1600
_COVERED = 0.85
_EAN_MODULES, _CLEAR_MODULE_PX = 95, 2.5  # a library reads these as they are
_FRAME_PX = 40
_MOST_FRAMED = 4_000_000


class Decoder(Protocol):
    """Something that finds codes in a picture."""

    def decode(self, gray: Gray) -> list[CodeRead]:
        """Every code found in contiguous uint8[H, W], any order, repeats allowed."""
        ...


Prepare = Callable[[Gray], Gray]
Check = Callable[[Gray, Region, CodeRead], bool]


@dataclass(frozen=True, slots=True)
class Rung:
    """A name, what is done to the pixels first, and who reads them.

    scale      of crops, before that
    enough_px  length of a region from which on its crop is large enough as it is
    bars       crops are for bars alone: less noise, a third of the work, and nothing of square codes
    check      whether a small text is believed; one that passes needs no second witness, others are dropped
    """

    name: str
    decoder: Decoder
    prepare: Prepare | None = None
    scale: float = 1.0
    enough_px: float = math.inf
    bars: bool = False
    check: Check | None = None

    def whole(self, gray: Gray) -> list[CodeRead]:
        """The codes that this rung finds in the whole picture."""
        pixels = self.prepare(gray) if self.prepare else gray
        return [replace(read, reader=self.name) for read in self.decoder.decode(pixels)]

    def crop(self, gray: Gray, region: Region) -> list[CodeRead]:
        """The codes it finds in the region laid straight, with corners in the picture."""
        scale = 1.0 if region.length_px >= self.enough_px else self.scale
        scale = min(scale, max(0.25, _CROP_LENGTH_PX / region.length_px))
        beyond = max(_LEAST_QUIET_PX, _QUIET_SHARE * region.length_px)
        cut = striped if self.bars else upright
        straight = cut(gray, region, scale, beyond)
        pixels = self.prepare(straight.pixels) if self.prepare else straight.pixels
        quiet = beyond * scale, 0.0 if self.bars else beyond * scale
        reads = (_on_bars(read, straight, quiet) for read in self.decoder.decode(pixels))
        return [straight.back(read, self.name) for read in reads if read is not None]


def _on_bars(read: CodeRead, straight: Upright, quiet: tuple[float, float]) -> CodeRead | None:
    """A linear read with the whole height of the region's bars; None for one of other bars beside the region,
    and for an ITF that is only part of them.

    quiet  px of surroundings beside and above the region
    """
    beyond, above = quiet
    if read.symbology not in LINEAR:
        return read
    height, width = straight.pixels.shape
    xs = [x for x, _ in read.corners]
    ys = [y for _, y in read.corners]
    left, right = min(xs), max(xs)
    if max(ys) < above or min(ys) > height - above:  # what lies beside the region has its own
        return None
    short = read.symbology == "ITF" and len(read.text) < SHORTEST_ITF
    if short and right - left < _COVERED * (width - 2 * beyond):
        return None
    top, bottom = round(above), round(height - above)
    if read.corners[0][0] > read.corners[1][0]:
        return replace(read, corners=((right, bottom), (left, bottom), (left, top), (right, top)))
    return replace(read, corners=((left, top), (right, top), (right, bottom), (left, bottom)))


@dataclass(frozen=True, slots=True)
class Framed:
    """A decoder of the picture twice as large with white around it: of codes cut off at their quiet zone."""

    decoder: Decoder

    def decode(self, gray: Gray) -> list[CodeRead]:
        """What the other decoder finds, with corners in uint8[H, W]."""
        if gray.size > _MOST_FRAMED:
            return []
        larger = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        frame = np.pad(np.asarray(larger, np.uint8), _FRAME_PX, constant_values=255)
        return [replace(read, corners=_unframed(read.corners)) for read in self.decoder.decode(frame)]


def _unframed(corners: Corners) -> Corners:
    a, b, c, d = ((round((x - _FRAME_PX) / 2), round((y - _FRAME_PX) / 2)) for x, y in corners)
    return a, b, c, d


def whole_rungs(symbologies: Iterable[str]) -> list[Rung]:
    """Looks at whole photographs: everything, then what helps where that found nothing."""
    names = known(symbologies)
    library = ZxingDecoder(names)
    other = [] if zbar_missing() else [ZbarDecoder(names)]
    bent = [Rung("bent", BentQr())] if "QR" in names else []
    return [
        Rung("zxing", library),
        *(Rung("zbar", decoder) for decoder in other),
        Rung("soft", library, soften),
        Rung("framed", Framed(library)),
        Rung("local", library, local),
        *(Rung("zbar-binary", decoder, binary) for decoder in other),
        *bent,
    ]


def region_rungs(symbologies: Iterable[str]) -> list[Rung]:
    """Looks at one region laid straight, the most fruitful first."""
    names = known(symbologies)
    library = ZxingDecoder(names, thorough=False)
    other = [] if zbar_missing() else [ZbarDecoder(names)]
    return [
        Rung("crop", library, None, 2.0),
        *(Rung("crop-zbar", decoder, None, 2.0) for decoder in other),
        *sharp_rungs([name for name in names if name in ("EAN13", "UPCA")]),
        Rung("crop-soft", library, soften, 1.0),
        Rung("crop-binary", library, binary, 3.0),
        *(Rung("crop-zbar-large", decoder, soften, 3.0) for decoder in other),
    ]


def short_rungs() -> list[Rung]:
    """Looks for an ITF of 2 or 4 digits, which must fill its region; both must see it alike."""
    library = ZxingDecoder(("ITF",), thorough=False, short_itf=True)
    return [Rung("crop-short", library, None, 2.0), Rung("crop-short-soft", library, soften, 1.0)]


def belt_rungs(symbologies: Iterable[str]) -> list[Rung]:
    """Looks of a library at one region of a belt frame; two that agree cost less than our own reader's no."""
    names = known(symbologies)
    library = ZxingDecoder(names, thorough=False)
    return [Rung("crop", library, None, 2.0), Rung("crop-soft", library, soften, 2.0)]


def sharp_rungs(symbologies: Sequence[str]) -> list[Rung]:
    """A look at bars alone that may be goods' EAN-13 or UPC-A: sharpened, twice as many are read.

    Some of them wrongly, with a right check digit: our own model of the camera must explain the bars by it.
    """
    if not symbologies:
        return []
    library, enough = ZxingDecoder(symbologies, thorough=False), _EAN_MODULES * _CLEAR_MODULE_PX
    return [Rung("crop-sharp", library, sharpen, 2.0, enough, bars=True, check=explains)]


def soften(gray: Gray) -> Gray:
    """3 x 3, sigma 0.8 px: reads noisy bars of 2.5 px per module that the sharp picture hides."""
    return np.asarray(cv2.GaussianBlur(gray, (3, 3), 0.8), np.uint8)


def sharpen(gray: Gray) -> Gray:
    """What differs along the rows from the surroundings, sigma 2 px, twice as strong."""
    around = cv2.GaussianBlur(gray, (13, 1), 2.0)
    return np.asarray(cv2.addWeighted(gray, 2.0, around, -1.0, 0.0), np.uint8)


def binary(gray: Gray) -> Gray:
    """Black and white at the picture's own threshold (Otsu's)."""
    return np.asarray(cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1], np.uint8)


def local(gray: Gray) -> Gray:
    """Black and white against the mean of the surroundings, a tenth of the picture wide."""
    around = max(3, min(gray.shape) // 10) | 1
    binary = cv2.adaptiveThreshold(
        soften(gray), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, around, 3
    )
    return np.asarray(binary, np.uint8)
