"""An old waybill that shows beside a new label: the bars of both, with hardly any paper in between."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frame import Gray
from vision.symbols import code128

MODULE_MM = 0.375
_FINE = 4
_CARDBOARD, _PAPER, _INK = 150, 225, 35
_QUIET, _MARGIN = 12, 4  # modules of paper beside the bars, and above and below


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labels of a trade's numbers.

    module_px  width of a module of both
    gap_mm     white between the old one's bars and the new one's
    turn_deg   how much further the old one is turned
    side       the old one lies above the new one's bars, or before them in one line
    old_mm, new_mm  heights of what shows of the bars
    old, new   texts; "" = a number from the seed
    """

    module_px: float
    gap_mm: float
    turn_deg: float = 0.0
    side: Literal["above", "before"] = "above"
    old_mm: float = 10.0
    new_mm: float = 12.0
    off_modules: float | None = None
    old: str = ""
    new: str = ""


def number(rnd: random.Random) -> str:
    prefix, digits = rnd.choice((("SF", 13), ("YT", 13), ("JT", 13), ("77", 13), ("43", 13), ("98", 11)))
    return prefix + "".join(rnd.choices("0123456789", k=digits))


def drawn(pair: Pair, seed: int) -> tuple[Gray, str, str]:
    """The picture uint8[H, W] at an angle from the seed, and the texts of the old label and the new one."""
    rnd = random.Random(seed)
    old, new = pair.old or number(rnd), pair.new or number(rnd)
    module = pair.module_px * _FINE
    off = rnd.uniform(-20, 20) if pair.off_modules is None else pair.off_modules
    side = round(pair.module_px * (420 if pair.side == "above" else 620))
    ground = np.full((side * _FINE, side * _FINE), _CARDBOARD, np.uint8)
    angle, middle = rnd.uniform(0, 360), (side * _FINE - 1) / 2 + rnd.uniform(-_FINE, _FINE)
    old_tall, new_tall = (mm / MODULE_MM for mm in (pair.old_mm, pair.new_mm))
    gap, old_long, new_long = pair.gap_mm / MODULE_MM, sum(code128(old)), sum(code128(new))
    if pair.side == "above":
        _lay(
            ground,
            old,
            (off, -gap - old_tall / 2),
            old_tall,
            (_QUIET, _MARGIN),
            angle,
            module,
            middle,
            pair.turn_deg,
        )
        _lay(ground, new, (0.0, new_tall / 2), new_tall, (_QUIET, gap), angle, module, middle)
    else:
        at = -(gap + (old_long + new_long) / 2)
        _lay(
            ground, old, (at / 2, off / 8), old_tall, (_QUIET, _MARGIN), angle, module, middle, pair.turn_deg
        )
        _lay(ground, new, (at / 2 - at, 0.0), new_tall, (gap, _MARGIN), angle, module, middle)
    soft = cv2.GaussianBlur(ground, (0, 0), 0.6 * _FINE)
    seen = cv2.resize(soft, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    noisy = seen + np.random.default_rng(seed).normal(0, 6, seen.shape)
    return np.asarray(np.rint(noisy).clip(0, 255), np.uint8), old, new


def _lay(
    ground: Gray, text: str, at: tuple[float, float], tall: float, margin: tuple[float, float],
    angle_deg: float, module: float, middle: float, turn_deg: float = 0.0,
) -> None:  # fmt: skip
    """Paste a label; `at`, `tall` and `margin` in modules, in the new label's own axes."""
    paper = _paper(text, tall, margin, module)
    axes, own = _turn(angle_deg), _turn(angle_deg + turn_deg)
    centre = middle + axes @ np.array(at) * module
    shift = centre - own @ ((np.array(paper.shape[::-1]) - 1) / 2)
    move = np.column_stack((own, shift))
    size = (ground.shape[1], ground.shape[0])
    cv2.warpAffine(paper, move, size, dst=ground, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)


def _paper(text: str, tall: float, margin: tuple[float, float], module: float) -> Gray:
    edges = np.cumsum([0, *code128(text)]) * module
    quiet, above = (round(one * module) for one in margin)
    columns = np.arange(round(edges[-1]))
    row = np.where(np.searchsorted(edges, columns + 0.5) % 2, _INK, _PAPER).astype(np.uint8)
    bars = np.tile(row, (round(tall * module), 1))
    return np.asarray(np.pad(bars, ((above, above), (quiet, quiet)), constant_values=_PAPER), np.uint8)


def _turn(angle_deg: float) -> NDArray[np.float64]:
    turn = math.radians(angle_deg)
    return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
