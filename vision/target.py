"""A printed target (ChArUco) and what a camera's view of it tells: pixels to belt millimetres, and how sure.

A corner of the board is found to a fraction of a pixel and knows which one it is, so a board that is partly
out of view or lies at any angle serves as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Gray

Points = NDArray[np.float64]

_UNITS = 8  # a square is 8 units wide, the marker in it 6
_MARKER_UNITS = 6
_DICTIONARY = cv2.aruco.DICT_4X4_250
_LEAST_CORNERS = 8
_LEAST_WAY_MM = 50.0
_LEAST_WIDTH_SQUARES = 0.5
_LEAST_DETERMINANT = 1e-12
_AS_IT_IS = np.ones(2)
_ALLOWED_ERRORS, _ALLOWED_SHARE = 6, 0.002
"""Between two pictures' views: so many times the corners' error, which a lens that bends makes larger, and at
least this share of the view, four times what one picture is off when nothing bends."""


@dataclass(frozen=True, slots=True)
class Board:
    """Squares across and down, and the side of one in mm."""

    columns: int = 11
    rows: int = 8
    square_mm: float = 40.0

    @property
    def chessboard(self) -> cv2.aruco.CharucoBoard:
        """The same for OpenCV; lengths in mm."""
        marker_mm = self.square_mm * _MARKER_UNITS / _UNITS
        dictionary = cv2.aruco.getPredefinedDictionary(_DICTIONARY)
        return cv2.aruco.CharucoBoard((self.columns, self.rows), self.square_mm, marker_mm, dictionary)


@dataclass(frozen=True, slots=True)
class View:
    """The board in one picture: corners in pixels and in mm of the board, float64[N, 2] each."""

    px: Points
    mm: Points


@dataclass(frozen=True, slots=True)
class Fit:
    """What the pictures tell of the camera; belt mm are taken at the middle of the view.

    across_mm, along_mm  width and height of the view, as cameras.yaml wants them
    corners     found in all pictures
    error_mm    corners against the best flat view of the board, in the size that all pictures tell
                together: root mean square, and worst
    apart_mm    most that the view's width or height differs from picture to picture
    agree       whether that is no more than the pictures' own errors explain: else the board lay at different
                heights, was printed in two sizes, or the camera was moved
    leaning_mm  most that a place in the view is off when it is taken as a plain rectangle: lens and lean
    turn_deg    how much the picture's columns are turned against the belt's direction; None: the board did
                not move from picture to picture
    """

    across_mm: float
    along_mm: float
    corners: int
    error_mm: float
    worst_mm: float
    apart_mm: float
    agree: bool
    leaning_mm: float
    turn_deg: float | None


def picture_of(board: Board, px_per_unit: int) -> Gray:
    """The board uint8[H, W]; a square is 8 units wide."""
    size = (board.columns * _UNITS * px_per_unit, board.rows * _UNITS * px_per_unit)
    return np.asarray(board.chessboard.generateImage(size), np.uint8)


def svg_of(board: Board) -> str:
    """The board as a drawing that prints in its true size, with its measures written below."""
    units = picture_of(board, 1)
    unit_mm = board.square_mm / _UNITS
    wide, high = board.columns * board.square_mm, board.rows * board.square_mm
    rows = (_runs(row) for row in units < 128)
    bars = (
        f'<rect x="{x * unit_mm:g}" y="{y * unit_mm:g}" width="{length * unit_mm:g}" height="{unit_mm:g}"/>'
        for y, row in enumerate(rows)
        for x, length in row
    )
    words = f"{board.columns} x {board.rows}, {board.square_mm:g} mm: print at 100 %, measure a square"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide + 20:g}mm" height="{high + 30:g}mm"'
        f' viewBox="-10 -10 {wide + 20:g} {high + 30:g}">',
        '<g shape-rendering="crispEdges">', *bars, "</g>",
        f'<text x="0" y="{high + 10:g}" font-size="6" font-family="sans-serif">{words}</text>', "</svg>\n",
    ])  # fmt: skip


def _runs(row: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Start and length of every dark stretch of a row."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False]))))
    yield from ((int(start), int(end - start)) for start, end in zip(edges[::2], edges[1::2], strict=True))


def view_of(gray: Gray, board: Board) -> View | None:
    """The board in a picture uint8[H, W]; None when too little of it is seen, or only corners in one line."""
    chessboard = board.chessboard
    corners, ids, _, _ = cv2.aruco.CharucoDetector(chessboard).detectBoard(gray)
    if ids is None or len(ids) < _LEAST_CORNERS:
        return None
    known = np.asarray(chessboard.getChessboardCorners(), np.float64)[np.asarray(ids).ravel(), :2]
    px = np.asarray(corners, np.float64).reshape(-1, 2)
    if len(px) != len(known) or _is_line(known, board.square_mm) or _is_line(px, 1.0):
        return None
    view = View(px, known)
    return view if _homography(view) is not None else None


def _is_line(points: Points, unit: float) -> bool:
    """Whether points float64[N, 2] lie so near one line that they tell of one direction only.

    Their root mean square from the best line, in `unit`; a second row of corners makes it half a square.
    """
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(spread[1] / math.sqrt(len(points)) < _LEAST_WIDTH_SQUARES / 2 * unit)


def fit(views: Sequence[View], shape: tuple[int, int]) -> Fit:
    """What these views of one camera with pictures of `shape` (rows, columns) tell. views: one or more."""
    flats = [_flat(view) for view in views]
    each = np.array([_mm_per_px(flat, shape) for flat in flats])
    scales = each.mean(axis=0)
    seen = list(zip(flats, views, scales / each, strict=True))
    off = np.concatenate([_off_mm(flat, view, shape, larger) for flat, view, larger in seen])
    own = np.concatenate([_off_mm(flat, view, shape) for flat, view, _ in seen])
    sides = scales * shape[::-1]
    apart = np.ptp(each, axis=0) * shape[::-1]
    allowed = np.maximum(_ALLOWED_ERRORS * np.sqrt((own**2).mean()), _ALLOWED_SHARE * sides)
    return Fit(
        across_mm=float(sides[0]),
        along_mm=float(sides[1]),
        corners=len(off),
        error_mm=float(np.sqrt((off**2).mean())),
        worst_mm=float(off.max()),
        apart_mm=float(apart.max()),
        agree=bool((apart <= allowed).all()),
        leaning_mm=max(_leaning_mm(flat, shape) for flat in flats),
        turn_deg=_turn_deg(flats, shape),
    )


def _flat(view: View) -> Points:
    """Homography float64[3, 3] from pixels to mm of the board."""
    flat = _homography(view)
    assert flat is not None, "view_of gives only views that have one"
    return flat


def _homography(view: View) -> Points | None:
    """The same; None where the corners leave it open."""
    try:
        flat, _ = cv2.findHomography(view.px, view.mm, 0)
    except cv2.error:
        return None
    if flat is None or not np.isfinite(flat).all() or abs(np.linalg.det(flat)) < _LEAST_DETERMINANT:
        return None
    return np.asarray(flat, np.float64)


def _mapped(flat: Points, px: Points) -> Points:
    return np.asarray(cv2.perspectiveTransform(px.reshape(-1, 1, 2), flat).reshape(-1, 2), np.float64)


def _off_mm(flat: Points, view: View, shape: tuple[int, int], larger: Points = _AS_IT_IS) -> Points:
    """Corners against the board, with the view taken to be so much larger than this picture says (x, y)."""
    middle = (np.array(shape[::-1]) - 1) / 2
    px = middle + (view.px - middle) * larger
    return np.asarray(np.linalg.norm(_mapped(flat, px) - view.mm, axis=1), np.float64)


def _mm_per_px(flat: Points, shape: tuple[int, int]) -> tuple[float, float]:
    """Belt mm of one pixel step along a row and down the columns, at the middle of the view."""
    x, y = (shape[1] - 1) / 2, (shape[0] - 1) / 2
    left, right, up, down = _mapped(flat, np.array([[x - 50, y], [x + 50, y], [x, y - 50], [x, y + 50]]))
    return math.dist(left, right) / 100, math.dist(up, down) / 100


def _leaning_mm(flat: Points, shape: tuple[int, int]) -> float:
    """Most that a place in view lies off a plain rectangle's, with the middle and its scale taken as true."""
    across, along = _mm_per_px(flat, shape)
    rows, columns = (np.linspace(0, size - 1, 9) for size in shape)
    px = np.array([(x, y) for x in columns for y in rows])
    middle = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2])
    true = _mapped(flat, px) - _mapped(flat, middle[None])
    plain = (px - middle) * (across, along)
    # The board lies at any angle and is seen from above: turn, perhaps mirrored, so that they agree best.
    u, _, v = np.linalg.svd(plain.T @ true)
    return float(np.linalg.norm(plain @ (u @ v) - true, axis=1).max())


def _turn_deg(flats: Sequence[Points], shape: tuple[int, int]) -> float | None:
    """Direction in which the board moved from the first picture to the last, against the columns.

    Upstream or downstream is all the same: in [-90, 90), positive = clockwise as seen in the picture.
    """
    middle = np.array([[(shape[1] - 1) / 2, (shape[0] - 1) / 2]])
    place = _mapped(flats[0], middle)
    back = np.asarray(np.linalg.inv(flats[-1]), np.float64)
    there = _mapped(back, place)[0] - middle[0]
    if math.hypot(*there) * _mm_per_px(flats[0], shape)[1] < _LEAST_WAY_MM:
        return None
    turn = math.degrees(math.atan2(-there[0], there[1]))
    return (turn + 90) % 180 - 90
