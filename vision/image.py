"""One image file to grey pixels, whatever is in the file; what cannot be used is a value with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Gray
from vision.header import FORMATS, header_of, png_is_whole

MOST_BYTES = 256 << 20
MOST_PIXELS = 80_000_000
"""Files beyond these are refused before anything is decoded: a bomb is small on disk."""

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A picture that cannot be had, and why."""

    file: str
    reason: str


def load(path: Path) -> Gray | Unreadable:
    """The pixels of an image file as uint8[H, W].

    16-bit images are scaled, transparent ones laid on white, of animations the first picture is taken.
    A rotation noted in the file is not applied: corners name pixels as they are stored.
    """
    try:
        if not path.is_file() and path.exists():
            return Unreadable(str(path), "not a file")  # reading a pipe or a device might never end
        if path.stat().st_size > MOST_BYTES:
            return Unreadable(str(path), f"larger than {MOST_BYTES >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        return Unreadable(str(path), error.strerror or str(error))
    pixels = _decoded(data)
    return Unreadable(str(path), pixels) if isinstance(pixels, str) else pixels


def _decoded(data: bytes) -> Gray | str:
    if not data:
        return "the file is empty"
    header = header_of(data)
    if header is None:
        return f"not an image ({', '.join(FORMATS)}), or cut short"
    if not 0 < header.width * header.height <= MOST_PIXELS:
        return f"{header.width} x {header.height} pixels; at most {MOST_PIXELS} are read"
    if header.format == "PNG" and not png_is_whole(data):
        return "damaged PNG image"
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except (cv2.error, MemoryError):
        pixels = None
    if pixels is None or not pixels.size:
        return f"damaged {header.format} image"
    return _as_gray(pixels)


def _as_gray(pixels: NDArray[np.generic]) -> Gray | str:
    if pixels.dtype == np.uint16:
        pixels = (pixels.astype(np.uint32) // 257).astype(np.uint8)
    if pixels.dtype != np.uint8:
        return f"pixels of type {pixels.dtype} are not read"
    colours = pixels.shape[2] if pixels.ndim == 3 else 1
    if colours == 1:
        return np.ascontiguousarray(pixels.reshape(pixels.shape[:2]), np.uint8)
    if colours in (2, 4):
        return _on_white(pixels.astype(np.uint16))
    return np.ascontiguousarray(cv2.cvtColor(pixels.astype(np.uint8), cv2.COLOR_BGR2GRAY), np.uint8)


def _on_white(pixels: NDArray[np.uint16]) -> Gray:
    """Grey or BGR with alpha in the last channel, as it looks on white paper."""
    colours, alpha = pixels[..., :-1].astype(np.uint32), pixels[..., -1:].astype(np.uint32)
    flat = ((colours * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    grey = flat[..., 0] if flat.shape[2] == 1 else cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY)
    return np.ascontiguousarray(grey, np.uint8)
