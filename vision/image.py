"""One image file to grey pixels, whatever is in the file; what cannot be used is a value with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Gray
from vision.header import FORMATS, JPEG, Header, header_of, jpeg_scans, png_is_whole

MOST_BYTES = 256 << 20
MOST_PIXELS = 80_000_000
MOST_DECODED_BYTES = 512 << 20
"""Files beyond these are refused before anything is decoded: a bomb is small on disk."""

MOST_SCANS, _LEAST_SCAN_PIXELS = 32, 1_000_000
"""Scans that a JPEG of MOST_PIXELS may have; a smaller one more, in proportion, as each goes over all pixels.

Progressive photographs have about 10, of any size; a scan is work even in a tiny picture.
"""

NO_MEMORY = "too little memory to read it"
_STRIP_PIXELS = 1 << 20

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A picture that cannot be had, and why."""

    file: str
    reason: str


def load(path: Path) -> Gray | Unreadable:
    """The pixels of an image file as uint8[H, W].

    16-bit images are scaled, transparent ones laid on white, of animations the first picture is taken.
    A rotation noted in the file is not applied: corners name pixels as they are stored. A picture that this
    machine has no memory for is a reason, too.
    """
    try:
        if not path.is_file() and path.exists():
            return Unreadable(str(path), "not a file")  # reading a pipe or a device might never end
        if path.stat().st_size > MOST_BYTES:
            return Unreadable(str(path), f"larger than {MOST_BYTES >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        return Unreadable(str(path), error.strerror or str(error))
    except MemoryError:
        return Unreadable(str(path), NO_MEMORY)
    try:
        pixels = _decoded(data)
    except MemoryError:
        pixels = NO_MEMORY
    return Unreadable(str(path), pixels) if isinstance(pixels, str) else pixels


def _decoded(data: bytes) -> Gray | str:
    if not data:
        return "the file is empty"
    header = header_of(data)
    if header is None:
        return f"not an image ({', '.join(FORMATS)}), or cut short"
    if not 0 < header.width * header.height <= MOST_PIXELS:
        return f"{header.width} x {header.height} pixels; at most {MOST_PIXELS} are read"
    needed = header.width * header.height * header.pixel_bytes
    if needed > MOST_DECODED_BYTES:
        return f"decodes to {needed >> 20} MiB; at most {MOST_DECODED_BYTES >> 20} MiB are read"
    if header.format == JPEG and (scans := _too_many_scans(data, header)):
        return scans
    if header.format == "PNG" and not png_is_whole(data):
        return "damaged PNG image"
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            return NO_MEMORY
        pixels = None
    if pixels is None or not pixels.size:
        return f"damaged {header.format} image"
    return _as_gray(pixels)


def _too_many_scans(data: bytes, header: Header) -> str:
    """Why a JPEG would take too long, "" when it would not."""
    most = MOST_SCANS * MOST_PIXELS // max(header.width * header.height, _LEAST_SCAN_PIXELS)
    if jpeg_scans(data, most) <= most:
        return ""
    return (
        f"{header.width} x {header.height} 像素的 JPEG 扫描超过 {most} 遍 / "
        f"a JPEG of more than {most} scans; at most {most} are read at that size"
    )


def _as_gray(pixels: NDArray[np.generic]) -> Gray | str:
    """Grey values in strips: beside the decoded picture only its grey one is ever whole in memory."""
    if pixels.dtype not in (np.uint8, np.uint16):
        return f"pixels of type {pixels.dtype} are not read"
    rows, columns = pixels.shape[:2]
    grey = np.empty((rows, columns), np.uint8)
    step = max(1, _STRIP_PIXELS // columns)
    for top in range(0, rows, step):
        grey[top : top + step] = _strip(pixels[top : top + step])
    return grey


def _strip(pixels: NDArray[np.generic]) -> Gray:
    if pixels.dtype == np.uint16:
        pixels = pixels.astype(np.uint16, copy=False) // np.uint16(257)
    few = np.ascontiguousarray(pixels, np.uint8)
    colours = few.shape[2] if few.ndim == 3 else 1
    if colours == 1:
        return few.reshape(few.shape[:2])
    if colours == 3:
        return np.asarray(cv2.cvtColor(few, cv2.COLOR_BGR2GRAY), np.uint8)
    grey = few[..., 0] if colours == 2 else cv2.cvtColor(few, cv2.COLOR_BGRA2GRAY)
    return _on_white(np.asarray(grey, np.uint8), few[..., -1])


def _on_white(grey: Gray, alpha: Gray) -> Gray:
    """As it looks on white paper."""
    clear = 255 - alpha
    laid = grey.astype(np.uint16) * alpha + np.uint16(255) * clear  # at most 255 * 255: fits
    return (laid // 255).astype(np.uint8)
