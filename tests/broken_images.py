"""Image files that a hub's share may hold: broken, odd or hostile. Made here, none is committed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

NOISE = np.random.default_rng(1).integers(0, 256, (90, 120), np.uint8)


def encoded(pixels: NDArray[np.generic], extension: str = "png", *how: int) -> bytes:
    done, data = cv2.imencode(f".{extension}", np.asarray(pixels), how)
    assert done
    return bytes(data)


def png(width: int, height: int, body: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG file with this header and this compressed data, every CRC right."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + (chunk(b"IDAT", body) if body else b"") + chunk(b"IEND", b"")


def compressed(height: int, row_bytes: int) -> bytes:
    """So many empty rows as a PNG's data: a thousandth of its size."""
    packer = zlib.compressobj(1)
    row = bytes(1 + row_bytes)
    return b"".join(packer.compress(row) for _ in range(height)) + packer.flush()


def cmyk_jpeg() -> bytes:
    """8 x 8 pixels of one ink, four components; the smallest tables a baseline JPEG can have."""

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    table = bytes([1] + [0] * 15) + b"\0"  # one code of one bit, for the value 0
    components = b"".join(bytes([number, 0x11, 0]) for number in range(1, 5))
    scans = b"".join(bytes([number, 0]) for number in range(1, 5))
    return (
        b"\xff\xd8" + segment(0xEE, b"Adobe\0\x64\0\0\0\0\0") + segment(0xDB, b"\0" + b"\1" * 64)
        + segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 4) + components)
        + segment(0xC4, b"\x00" + table) + segment(0xC4, b"\x10" + table)
        + segment(0xDA, b"\4" + scans + b"\0\x3f\0") + b"\0" + b"\xff\xd9"
    )  # fmt: skip


def scans_bomb(repeats: int, side: int) -> bytes:
    """A progressive JPEG of 16 x 16 pixels that announces another size and repeats its scans."""
    jpeg = encoded(np.zeros((16, 16), np.uint8), "jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    size, scans = jpeg.index(b"\xff\xc2") + 5, jpeg.index(b"\xff\xda")
    head = jpeg[:size] + struct.pack(">HH", side, side) + jpeg[size + 4 : scans]
    return head + jpeg[scans:-2] * repeats + jpeg[-2:]


def animated(extension: str) -> bytes:
    """Three pictures in one file."""
    animation = cv2.Animation()
    animation.frames = [np.full((60, 80, 3), grey, np.uint8) for grey in (40, 120, 200)]
    animation.durations = [100, 100, 100]
    done, data = cv2.imencodeanimation(f".{extension}", animation)
    assert done
    return bytes(data)


def tiff(width: int, height: int, first: int = 8, samples: int = 1, bits: int = 8) -> bytes:
    """A directory that announces a size and a depth, and no pixels."""
    rows = struct.pack("<HHII", 256, 4, 1, width) + struct.pack("<HHII", 257, 4, 1, height)
    rows += struct.pack("<HHII", 258, 3, 1, bits) + struct.pack("<HHII", 277, 3, 1, samples)
    return b"II*\0" + struct.pack("<I", first) + struct.pack("<H", 4) + rows + struct.pack("<I", first)


def _bombs() -> Iterator[tuple[str, bytes]]:
    """Few enough pixels, and yet more bytes than may be decoded, 8 to 32 of each; or scans beyond count."""
    yield "16-bit-alpha-bomb.png", png(8900, 8900, compressed(8900, 8 * 8900), depth=16, colour=6)
    yield "16-bit-alpha-bomb.tiff", tiff(8900, 8900, samples=4, bits=16)
    yield "doubles-bomb.tiff", tiff(8900, 8900, samples=4, bits=64)
    yield "scans-bomb.jpg", scans_bomb(400, side=8900)
    yield "scans-bomb-tiny.jpg", scans_bomb(200_000, side=16)


def refused() -> Iterator[tuple[str, bytes]]:
    """Name and content of files that give no pixels."""
    for extension in ("png", "jpg", "gif", "bmp", "tiff", "webp"):
        whole = encoded(np.dstack([NOISE] * 3), extension)
        yield f"cut-head.{extension}", whole[:20]
        yield f"cut-half.{extension}", whole[: len(whole) // 2]
    good = encoded(NOISE)
    yield "empty.png", b""
    yield "one-byte.jpg", b"\xff"
    yield "signature-only.png", good[:8]
    yield "text.png", b"SF1234567890123\n" * 9
    yield "utf-16.png", "面单 SF1234567890123".encode("utf-16")
    yield "page.jpg", b"<!DOCTYPE html><html><body>404</body></html>"
    yield "drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    yield "paper.jpg", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    yield "archive.png", b"PK\x03\x04" + bytes(60)
    yield "random.webp", bytes(np.random.default_rng(2).integers(0, 256, 5000, np.uint8))
    yield "wrong-crc.png", good[:200] + bytes([good[200] ^ 1]) + good[201:]
    yield "no-data.png", png(9, 9, b"")
    yield "garbage-data.png", png(9, 9, b"not compressed at all")
    yield "no-width.png", png(0, 9, zlib.compress(bytes(9)))
    yield "bomb.png", png(40_000, 40_000, zlib.compress(bytes(1 << 20), 9))
    yield "bomb-2g.png", png(1 << 31, 1 << 31, zlib.compress(bytes(1 << 20), 9))
    jpeg = bytearray(encoded(NOISE, "jpg"))
    at = jpeg.index(b"\xff\xc0")
    yield "no-height.jpg", bytes(jpeg[: at + 5] + b"\0\0" + jpeg[at + 7 :])
    yield "bomb.jpg", bytes(jpeg[: at + 5] + b"\xff\xdc\xff\xdc" + jpeg[at + 9 :])
    yield "cut-progressive.jpg", encoded(NOISE, "jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)[:1500]
    yield from _bombs()
    yield "no-size.gif", b"GIF89a" + bytes(20)
    bitmap = bytearray(encoded(NOISE, "bmp"))
    yield "bomb.bmp", bytes(bitmap[:18] + struct.pack("<ii", 1 << 30, -(1 << 30)) + bitmap[26:])
    yield "three-bits.bmp", bytes(bitmap[:28] + b"\3\0" + bitmap[30:])
    yield "bomb.tiff", tiff(1 << 20, 1 << 20)
    yield "no-pixels.tiff", tiff(9, 9)
    yield "beyond.tiff", tiff(9, 9, first=1 << 30)
    yield "floats.tiff", encoded(NOISE.astype(np.float32), "tiff")


def odd() -> Iterator[tuple[str, bytes, tuple[int, int]]]:
    """Name, content and shape of files that are strange and yet give pixels."""
    alpha = np.dstack([NOISE] * 4)
    yield "16-bit.png", encoded(NOISE.astype(np.uint16) * 257), (90, 120)
    yield "16-bit-alpha.png", encoded(alpha.astype(np.uint16) * 257), (90, 120)
    yield "alpha.png", encoded(alpha), (90, 120)
    two_rows = zlib.compress(b"\0\x10\xff\x20\x80\0\x30\x40\x50\x60")
    yield "grey-alpha.png", png(2, 2, two_rows, colour=4), (2, 2)
    yield "alpha.webp", encoded(alpha, "webp"), (90, 120)
    yield "one-bit.png", png(9, 2, zlib.compress(b"\0\xaa\x80\0\x55\x00"), depth=1), (2, 9)
    yield "one-pixel.png", encoded(np.zeros((1, 1), np.uint8)), (1, 1)
    yield "one-column.jpg", encoded(np.zeros((500, 1), np.uint8), "jpg"), (500, 1)
    yield "wide.png", encoded(np.zeros((20, 40_000), np.uint8)), (20, 40_000)
    yield "tall.png", encoded(np.zeros((40_000, 20), np.uint8)), (40_000, 20)
    yield "alpha-79-megapixels.png", png(8900, 8900, compressed(8900, 4 * 8900), colour=6), (8900, 8900)
    yield "16-bit-alpha-49.png", png(7000, 7000, compressed(7000, 8 * 7000), 16, 6), (7000, 7000)
    yield "grey-alpha-79.png", png(8900, 8900, compressed(8900, 2 * 8900), colour=4), (8900, 8900)
    yield "cmyk.jpg", cmyk_jpeg(), (8, 8)
    progressive = encoded(np.dstack([NOISE] * 3), "jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    yield "progressive.jpg", progressive, (90, 120)
    yield "animated.gif", animated("gif"), (60, 80)
    yield "animated.webp", animated("webp"), (60, 80)
    yield "tail.png", encoded(NOISE) + b"something behind the end", (90, 120)
    yield "more-data-than-pixels.png", png(9, 9, zlib.compress(bytes(64 << 20), 9)), (9, 9)


def make_all(folder: Path) -> tuple[set[str], dict[str, tuple[int, int]]]:
    """Write every file; the names that give no pixels, and the shapes of those that do."""
    shapes: dict[str, tuple[int, int]] = {}
    for name, data, shape in odd():
        (folder / name).write_bytes(data)
        shapes[name] = shape
    names = set[str]()
    for name, data in refused():
        (folder / name).write_bytes(data)
        names.add(name)
    return names, shapes
