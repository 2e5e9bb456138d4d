"""Belt scenes from a seed, and what is true of them: parcels, labels of the trade, other codes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sorter.flow import Mm
from sorter.layout import Camera
from vision.scene import GOOD, Box, Label, Print, Wear, Words

LABELS_MM: tuple[tuple[Mm, Mm], ...] = ((76, 130), (100, 150), (100, 180))
"""Width and height of the labels that couriers print."""

_NUMBERS = (("SF", 13), ("YT", 13), ("JT", 13), ("77", 13), ("43", 13), ("75", 12), ("98", 11))
_BAR_MM, _SMALL_BAR_MM = 20, 10
_EDGE_MM = 5
_BELOW_BARS_MM, _MARGIN_MM, _QR_MM = 2.0, 6.0, 22.0
_LETTERS, _LINE_LETTERS, _PITCH = "ABCDEFGHKMNPRSTUVWXYZ 0123456789", 24, 2.4


@dataclass(frozen=True, slots=True)
class Knobs:
    """What a scene holds; shares are 0..1 of the labels or parcels.

    parcels    side by side along the longer side of the view
    gap_mm     free belt between them; 0 = they adjoin
    module_um  width of a module of every waybill
    angle_deg  labels lie at an angle between these two, clockwise
    copies     share with the waybill printed twice
    ean, qr    share with a shop's EAN-13 or a QR code beside it
    old        share with another waybill's label below, half covered by this one
    lines      of human-readable print: the waybill's number close below its bars, then others
    letter_mm  height of their capitals
    wear       of every label; each has its damage in another place
    """

    parcels: int = 1
    gap_mm: Mm = 20
    module_um: int = 375
    angle_deg: tuple[float, float] = (0.0, 360.0)
    copies: float = 0.3
    ean: float = 0.2
    qr: float = 0.2
    old: float = 0.0
    lines: int = 0
    letter_mm: float = 2.5
    wear: Wear = GOOD


@dataclass(frozen=True, slots=True)
class Scene:
    """Parcels in view and the texts on them: the waybills in the parcels' order, and all others."""

    boxes: tuple[Box, ...]
    waybills: tuple[str, ...]
    others: frozenset[str]


def staged(camera: Camera, knobs: Knobs, seed: int) -> Scene:
    """A scene for this camera; the same arguments give the same scene."""
    rng = np.random.default_rng((4, seed))
    boxes, waybills, others = [], [], set[str]()
    for box in _parcels(camera, knobs):
        waybill, label = _label(box, knobs, _number(rng), rng)
        below: tuple[Label, ...] = ()
        if rng.random() < knobs.old:
            old, under = _label(box, knobs, _number(rng), rng)
            below = (replace(under, centre_along_mm=label.centre_along_mm + label.height_mm // 2),)
            others.add(old)
        others |= {one.text for one in label.prints if one.text != waybill}
        others |= {one.text for one in (below[0].prints if below else ())}
        boxes.append(replace(box, label=label, below=below))
        waybills.append(waybill)
    return Scene(tuple(boxes), tuple(waybills), frozenset(others))


def _parcels(camera: Camera, knobs: Knobs) -> Iterator[Box]:
    """Bare boxes that share the view's longer side."""
    along = camera.along_mm >= camera.across_mm
    whole = camera.along_mm if along else camera.across_mm
    short = (camera.across_mm if along else camera.along_mm) - 2 * _EDGE_MM
    size = (whole - 2 * _EDGE_MM - (knobs.parcels - 1) * knobs.gap_mm) // knobs.parcels
    for number in range(knobs.parcels):
        middle = _EDGE_MM + number * (size + knobs.gap_mm) + size // 2 - whole // 2
        yield Box(middle, 0, size, short) if along else Box(0, middle, short, size)


def _label(box: Box, knobs: Knobs, waybill: str, rng: np.random.Generator) -> tuple[str, Label]:
    """A label of the trade that lies wholly on the box at any angle, if one does; else the smallest."""
    face = min(box.length_mm, box.width_mm)
    fitting = [size for size in LABELS_MM if math.hypot(*size) <= face] or LABELS_MM[:1]
    width, height = fitting[rng.integers(len(fitting))]
    half = math.hypot(width, height) / 2
    room = [max(0, int(side / 2 - half)) for side in (box.width_mm, box.length_mm)]
    label = Label(
        centre_across_mm=int(rng.integers(-room[0], room[0] + 1)),
        centre_along_mm=int(rng.integers(-room[1], room[1] + 1)),
        angle_deg=float(rng.uniform(*knobs.angle_deg)),
        width_mm=width,
        height_mm=height,
        prints=tuple(_prints(height, waybill, knobs, rng)),
        wear=replace(knobs.wear, seed=int(rng.integers(1 << 30))),
    )
    return waybill, replace(label, words=tuple(_words(label, waybill, knobs, rng.spawn(1)[0])))


def _words(label: Label, waybill: str, knobs: Knobs, rng: np.random.Generator) -> Iterator[Words]:
    """Lines from below the waybill's bars on, where no other code lies; drawn by lots of their own."""
    first, *others = label.prints
    top = first.y_mm + first.bar_mm / 2 + _BELOW_BARS_MM
    taken = [(one.y_mm - (one.bar_mm or _QR_MM) / 2, one.y_mm + (one.bar_mm or _QR_MM) / 2) for one in others]
    for number in range(knobs.lines):
        base = top + knobs.letter_mm * (1 + _PITCH * number)
        text = "".join(rng.choice(list(_LETTERS), _LINE_LETTERS)) if number else waybill
        ends = base - knobs.letter_mm, base + 1
        if ends[1] < label.height_mm / 2 and not any(ends[0] < last and ends[1] > top for top, last in taken):
            yield Words(text, knobs.letter_mm, _MARGIN_MM - label.width_mm / 2, base)


def _prints(height: Mm, waybill: str, knobs: Knobs, rng: np.random.Generator) -> Iterator[Print]:
    """The waybill in the upper part, what else there is below it."""
    yield Print("CODE128", waybill, knobs.module_um, _BAR_MM, y_mm=-height // 4)
    if rng.random() < knobs.copies:
        yield Print("CODE128", waybill, knobs.module_um, _SMALL_BAR_MM, y_mm=height // 2 - 12)
    if rng.random() < knobs.ean:
        yield Print("EAN13", _ean(rng), 330, 12, y_mm=height // 5)
    if rng.random() < knobs.qr:
        yield Print("QR", f"https://example.com/{waybill}", 600, 0, x_mm=-18, y_mm=2)


def _number(rng: np.random.Generator) -> str:
    """A number that one of the couriers could have given."""
    prefix, digits = _NUMBERS[rng.integers(len(_NUMBERS))]
    return prefix + "".join(map(str, rng.integers(0, 10, digits)))


def _ean(rng: np.random.Generator) -> str:
    digits = "69" + "".join(map(str, rng.integers(0, 10, 10)))
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)
