"""Size of a picture from the first bytes of its file, before anything is decoded. Pure."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Literal

JPEG = "JPEG"
FORMATS = (JPEG, "PNG", "GIF", "BMP", "TIFF", "WebP")

_NO_SIZE_MARKERS = frozenset({0xC4, 0xC8, 0xCC})
_SCAN, _END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # one that ends a scan's data or begins a segment
_PNG_CHANNELS = {0: 1, 2: 3, 4: 4, 6: 4}  # by colour type; a palette's pixel is decoded to colours
_TIFF_BITS = 258


@dataclass(frozen=True, slots=True)
class Header:
    """Format, width and height in pixels, and whether the picture may have transparent parts.

    pixel_bytes  memory that a decoded pixel takes
    """

    format: str
    width: int
    height: int
    alpha: bool = False
    pixel_bytes: int = 4


def header_of(data: bytes) -> Header | None:
    """What the file's header announces; None when it is none of FORMATS or is cut short."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) > 25:
        size = _big(data[16:20]), _big(data[20:24])
        channels = _PNG_CHANNELS.get(data[25], 4)
        return Header("PNG", *size, data[25] in (4, 6), channels * (2 if data[24] == 16 else 1))
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) > 9:
        return Header("GIF", _little(data[6:8]), _little(data[8:10]))
    if data[:2] == b"BM" and len(data) > 25:
        return Header("BMP", _little(data[18:22]), abs(int.from_bytes(data[22:26], "little", signed=True)))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) > 29:
        return _webp(data)
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff(data)
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    return None


def png_is_whole(data: bytes) -> bool:
    """Whether every chunk up to IEND is there with its right CRC, and the first data begins as zlib's does.

    Of anything else libpng complains to stderr.
    """
    at, begun = 8, False
    while at + 12 <= len(data):
        end = at + 12 + _big(data[at : at + 4])
        if zlib.crc32(data[at + 4 : end - 4]) != _big(data[end - 4 : end]):
            return False
        kind, first = data[at + 4 : at + 8], data[at + 8 : at + 10]
        if kind == b"IDAT" and not begun:
            begun = True
            if len(first) < 2 or first[0] & 15 != 8 or _big(first) % 31:
                return False
        if kind == b"IEND":
            return begun
        at = end
    return False


def jpeg_scans(data: bytes, most: int) -> int:
    """How many scans a JPEG file holds up to its end; of more than `most` only that: most + 1.

    A progressive picture is gone through once for each of them, however few bytes it has, so that they and
    not the file's size are what it costs. Source: ITU-T T.81, B.1.1.2 and B.2.
    """
    scans, at = 0, 2
    while scans <= most and (found := _MARKER.search(data, at)) and found[0][1] != _END:
        scans += found[0][1] == _SCAN
        at = found.end() + max(2, _big(data[found.end() : found.end() + 2]))
    return scans


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _jpeg(data: bytes) -> Header | None:
    """Walk the segments to the frame header. Source: ITU-T T.81, B.2.2."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF and data[at + 1] != _SCAN:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE_MARKERS:
            return Header(JPEG, _big(data[at + 7 : at + 9]), _big(data[at + 5 : at + 7]))
        else:
            at += 2 + max(2, _big(data[at + 2 : at + 4]))
    return None


def _webp(data: bytes) -> Header:
    """Source: RFC 9649, sections 2.5 to 2.7; each kind keeps its size in another place."""
    if data[12:16] == b"VP8X":
        return Header("WebP", 1 + _little(data[24:27]), 1 + _little(data[27:30]), alpha=bool(data[20] & 0x10))
    if data[12:16] == b"VP8L":
        packed = _little(data[21:25])
        size = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
        return Header("WebP", *size, alpha=bool(packed >> 28 & 1))
    return Header("WebP", _little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF)


def _tiff(data: bytes) -> Header | None:
    """Size (tags 256, 257) and depth (258, 277) in the first directory. Source: TIFF 6.0, section 2."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    start = int.from_bytes(data[4:8], order)
    found: dict[int, int] = {}
    for entry in range(int.from_bytes(data[start : start + 2], order)):
        row = data[start + 2 + 12 * entry : start + 14 + 12 * entry]
        tag, short = int.from_bytes(row[:2], order), int.from_bytes(row[2:4], order) == 3
        found[tag] = int.from_bytes(row[8:10] if short else row[8:12], order)
        if tag == _TIFF_BITS and int.from_bytes(row[4:8], order) > 2:  # one for each sample, elsewhere
            at = int.from_bytes(row[8:12], order)
            found[tag] = int.from_bytes(data[at : at + 2], order)
    if not {256, 257} <= found.keys():
        return None
    sample_bytes = max(1, (found.get(_TIFF_BITS, 1) + 7) // 8)
    return Header("TIFF", found[256], found[257], pixel_bytes=max(1, found.get(277, 1)) * sample_bytes)
