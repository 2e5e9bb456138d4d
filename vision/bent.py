"""QR codes on what is not flat: cloth, foil, a bottle. Finds the grid of modules by what every QR code shows.

The three finder patterns, the two timing rows and the last alignment pattern are known beforehand. A grid,
first flat, then bent by a polynomial, is moved until they lie where the picture shows them and until every
module is clearly dark or light. What it samples is drawn anew and read by a library, which corrects errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sorter.flow import CodeRead
from vision.frame import Gray
from vision.zxing import ZxingDecoder

Floats = NDArray[np.float32]

_SIDES = range(21, 70, 4)
_LEAST_FIT = 0.6
_MOST_BEND = 5
_TAPS = np.array([-0.2, 0.2])
_AROUND = (9, 9)
_CLEAR_GREYS = 20.0
_DRAWN_PX = 4
_WAYS = tuple((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y)


class BentQr:
    """A decoder of the QR code that a picture shows best; the flat ones others read faster."""

    def __init__(self) -> None:
        self._finder = cv2.QRCodeDetectorAruco()
        self._library = ZxingDecoder(("QR",), thorough=False)

    def decode(self, gray: Gray) -> list[CodeRead]:
        """The code in uint8[H, W], with the picture's corners; none when no bend gives a readable one."""
        quad = self._quad(gray)
        if quad is None:
            return []
        flat = _flat(np.asarray(cv2.GaussianBlur(gray, (3, 3), 0.6), np.uint8), quad)
        if flat.fit() < _LEAST_FIT:
            return []
        a, b, c, d = ((round(float(x)), round(float(y))) for x, y in flat.quad)
        for degree in range(1, _MOST_BEND + 1):
            for read in self._library.decode(_drawn(_bent(flat, degree))):
                return [CodeRead(read.text, "QR", (a, b, c, d), read.reader)]
        return []

    def _quad(self, gray: Gray) -> Floats | None:
        """Outer corners of the three finder patterns and a guess of the fourth, clockwise; float32[4, 2]."""
        try:
            found, quads = self._finder.detect(gray)
        except cv2.error:  # it has been seen to fail an assertion of its own on odd pictures
            return None
        if not found or quads is None or not np.isfinite(quads).all():
            return None
        first: Floats = np.asarray(quads, np.float32).reshape(-1, 4, 2)[0]
        return first


@dataclass(frozen=True, eq=False, slots=True)
class _Flat:
    """A flat grid of `side` modules over the quad of a picture."""

    gray: Gray
    quad: Floats
    side: int

    def modules(self, bend: NDArray[np.float64], degree: int) -> Floats:
        """Mean grey of every module, float32[side, side]; bend shifts x and y, in modules."""
        x, y, shape = _places(self.side, degree)
        corners = np.array([[0, 0], [self.side, 0], [self.side, self.side], [0, self.side]], np.float32)
        turn = cv2.getPerspectiveTransform(corners, self.quad)
        x, y = x + shape @ bend[0], y + shape @ bend[1]
        depth = turn[2, 0] * x + turn[2, 1] * y + turn[2, 2]
        depth = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        across = ((turn[0, 0] * x + turn[0, 1] * y + turn[0, 2]) / depth).astype(np.float32)
        down = ((turn[1, 0] * x + turn[1, 1] * y + turn[1, 2]) / depth).astype(np.float32)
        seen = cv2.remap(self.gray, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        taps = len(_TAPS)
        return np.asarray(seen.reshape(self.side, taps, self.side, taps).mean(axis=(1, 3)), np.float32)

    def fit(self) -> float:
        """How well the known modules are seen, 1 at best."""
        return _seen(self.modules(np.zeros((2, 1)), 0))[0]


def _seen(modules: Floats) -> tuple[float, float]:
    """Agreement of the modules with what every QR code shows, and how clearly they are dark or light."""
    known = _known(len(modules))
    away = modules - cv2.blur(modules, _AROUND, borderType=cv2.BORDER_REFLECT)
    spread = np.sqrt(cv2.blur(away * away, _AROUND)) + 3
    return float((away / spread * known).sum() / np.abs(known).sum()), float(np.abs(away).mean())


def _flat(gray: Gray, quad: Floats) -> _Flat:
    """The best flat grid near the quad: number of modules first, then the corners, in ever smaller steps."""
    fourth = quad.copy()
    fourth[2] = quad[1] + quad[3] - quad[0]
    side = max(_SIDES, key=lambda side: _Flat(gray, fourth, side).fit())
    return max((_climbed(_Flat(gray, start, side)) for start in (quad, fourth)), key=_Flat.fit)


def _climbed(flat: _Flat) -> _Flat:
    module = max(1.0, float(np.linalg.norm(flat.quad[1] - flat.quad[0])) / flat.side)
    step, best = 2 * module, flat.fit()
    while step > 0.12 * module:
        moved = False
        for corner in (2, 0, 1, 3) if step <= module else (2,):  # the fourth is a guess, the others are seen
            for x, y in _WAYS:
                quad = flat.quad.copy()
                quad[corner] += (x * step, y * step)
                other = _Flat(flat.gray, quad, flat.side)
                if (fit := other.fit()) > best:
                    flat, best, moved = other, fit, True
        step = step if moved else step / 2
    return flat


def _bent(flat: _Flat, degree: int) -> Floats:
    """The modules under the best bend of that degree."""
    powers = _powers(degree)
    bend = np.zeros((2, len(powers)))

    def worth(bend: NDArray[np.float64]) -> float:
        fit, clear = _seen(flat.modules(bend, degree))
        return fit + clear / _CLEAR_GREYS

    step, best = 1.5, worth(bend)
    while step > 0.1:
        moved = False
        for term, (i, j) in enumerate(powers):
            for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
                other = bend.copy()
                other[axis, term] += sign * step * 2 ** (i + j)
                if (value := worth(other)) > best:
                    bend, best, moved = other, value, True
        step = step if moved else step / 2
    return flat.modules(bend, degree)


def _drawn(modules: Floats) -> Gray:
    """The modules as a clean picture, black or white against the middle of their surroundings."""
    reach = np.ones((7, 7), np.uint8)
    middle = (cv2.erode(modules, reach) + cv2.dilate(modules, reach)) / 2
    ink = np.where(modules > middle, 255, 0).astype(np.uint8)
    return np.pad(np.kron(ink, np.ones((_DRAWN_PX, _DRAWN_PX), np.uint8)), 16, constant_values=255)


def _powers(degree: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]


@lru_cache(maxsize=32)
def _places(side: int, degree: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Places of the taps in modules, and the polynomial's terms there, from the middle in sides."""
    taps = (np.arange(side)[:, None] + 0.5 + _TAPS).ravel()
    x, y = np.meshgrid(taps, taps)
    u, v = x / side - 0.5, y / side - 0.5
    return x, y, np.stack([u**i * v**j for i, j in _powers(degree)], axis=-1)


@lru_cache(maxsize=16)
def _known(side: int) -> Floats:
    """What every code of that side shows: 1 light, -1 dark, 0 anything. Source: ISO/IEC 18004, 6.3."""
    known = np.zeros((side, side), np.float32)
    ring = np.abs(np.arange(-4, 5))
    finder = np.where(np.isin(np.maximum(ring[:, None], ring), (2, 4)), 1, -1)
    known[:8, :8], known[:8, -8:], known[-8:, :8] = finder[1:, 1:], finder[1:, :8], finder[:8, 1:]
    run = np.arange(8, side - 8)
    known[6, run] = known[run, 6] = np.where(run % 2, 1, -1)
    if side > 21:
        square = np.abs(np.arange(-2, 3))
        known[-9:-4, -9:-4] = np.where(np.maximum(square[:, None], square) == 1, 1, -1)
    return known
