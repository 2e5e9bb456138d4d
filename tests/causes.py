"""Labels that cannot be read, each for one cause, on a belt frame of the hub's scale."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from sorter.flow import NoRead
from sorter.layout import Camera
from tests.specimens import wrong_check
from tests.two_labels import number
from vision.frame import Gray
from vision.region import Region
from vision.render import render
from vision.render_scene import Knobs, staged
from vision.scene import HUB, Box, Optics, Wear
from vision.specimen import Specimen, draw

NEAR = Camera(0, 1000, 200, 200, 816, 816, (0,))  # the hub's scale, 1.53 px per module
ALONE = Knobs(copies=0, ean=0, qr=0)
_MODULE_PX = 1.53

Drawing = Callable[[int], Gray]


def scene(seed: int, optics: Optics = HUB, torn: float = 0.0, **knobs: object) -> Gray:
    """A parcel with a label as knobs, optics and a torn end make it."""
    boxes = staged(NEAR, replace(ALONE, **knobs), seed).boxes  # type: ignore[arg-type]
    boxes = tuple(replace(box, label=replace(box.label, torn=torn)) for box in boxes if box.label)
    return render(NEAR, boxes, seed, optics)


def on_box(
    seed: int, done: Callable[[Gray, Region, random.Random], None] | None = None, **kind: object
) -> Gray:
    """A specimen pasted on a box, after something was done to it."""
    rnd = random.Random(seed)
    kind = {"text": number(rnd), "module_px": _MODULE_PX, "angle_deg": rnd.uniform(0, 360), **kind}
    drawn = draw(Specimen(**kind), seed)  # type: ignore[arg-type]
    pixels = drawn.pixels.copy()
    if done:
        done(pixels, drawn.region, rnd)
    frame = render(NEAR, [Box(0, 0, 190, 190)], seed)
    high, wide = pixels.shape
    top, left = (
        rnd.randint(40, side - 40 - own) for side, own in zip(frame.shape, pixels.shape, strict=True)
    )
    frame[top : top + high, left : left + wide] = pixels
    return frame


def strap(share: float) -> Callable[[Gray, Region, random.Random], None]:
    """Lays a strap of one grey across the bars' middle, this share of their length wide."""

    def lay(pixels: Gray, region: Region, rnd: random.Random) -> None:
        pixels[np.abs(_along(pixels, region)) < share * region.length_px / 2] = rnd.choice((60, 130, 235))

    return lay


def no_quiet(pixels: Gray, region: Region, rnd: random.Random) -> None:
    """Print that touches both ends of the bars."""
    beyond = np.abs(_along(pixels, region)) - region.length_px / 2
    pixels[(beyond >= -0.5) & (beyond < 40)] = rnd.randint(30, 60)


def _along(pixels: Gray, region: Region) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    turn = math.radians(region.angle_deg)
    return np.asarray((x - region.x_px) * math.cos(turn) + (y - region.y_px) * math.sin(turn), np.float64)


def _faded(share: float) -> Drawing:
    return lambda seed: scene(seed, wear=Wear(fade=share))


def _defocused(px: float) -> Drawing:
    return lambda seed: scene(seed, optics=Optics(defocus_px=px))


def _hidden(share: float) -> Drawing:
    return lambda seed: on_box(seed, hidden=share)


def _strapped(share: float) -> Drawing:
    return lambda seed: on_box(seed, strap(share))


def _torn(share: float) -> Drawing:
    return lambda seed: scene(seed, torn=share)


def _invalid(seed: int) -> Gray:
    return on_box(seed, text="", module_px=2.2, widths=wrong_check(random.Random(seed)))


CAUSES: dict[tuple[str, NoRead], Drawing] = {
    **{(f"defocus {px} px", NoRead.BLURRED): _defocused(px) for px in (3, 4.5, 6)},
    ("belt moves 4 mm", NoRead.BLURRED): lambda s: scene(s, optics=Optics(belt_mm_s=2000, exposure_us=2000)),
    **{(f"faded {share}", NoRead.LOW_CONTRAST): _faded(share) for share in (0.92, 0.95)},
    **{(f"hidden {share} of the height", NoRead.TORN): _hidden(share) for share in (0.85, 0.9)},
    **{(f"strap {share} of the length", NoRead.TORN): _strapped(share) for share in (0.15, 0.25, 0.5)},
    **{(f"torn {share}", NoRead.TORN): _torn(share) for share in (0.3, 0.6)},
    ("0.11 mm modules", NoRead.TOO_SMALL): lambda s: scene(s, module_um=110),
    ("glare", NoRead.GLARE): lambda s: scene(s, wear=Wear(glare=0.5)),
    ("print up to the bars", NoRead.QUIET_ZONE): lambda s: on_box(s, no_quiet, module_px=2.2),
    ("wrong check character", NoRead.INVALID): _invalid,
}
"""By what was done, and the cause that it is."""

PRINTED: dict[tuple[str, NoRead, int], Drawing] = {
    (name, cause, lines): partial(scene, optics=optics, torn=torn, lines=lines, **knobs)
    for lines in (6, 14)
    for name, cause, optics, torn, knobs in (
        ("defocus 4 px", NoRead.BLURRED, Optics(defocus_px=4.0), 0.0, {}),
        ("defocus 6 px", NoRead.BLURRED, Optics(defocus_px=6.0), 0.0, {}),
        ("defocus 4 px, large letters", NoRead.BLURRED, Optics(defocus_px=4.0), 0.0, {"letter_mm": 4.0}),
        ("belt moves 5 mm", NoRead.BLURRED, Optics(belt_mm_s=2000, exposure_us=2500), 0.0, {}),
        ("faded 0.95", NoRead.LOW_CONTRAST, HUB, 0.0, {"wear": Wear(fade=0.95)}),
        ("torn 0.3", NoRead.TORN, HUB, 0.3, {}),
        ("torn 0.6", NoRead.TORN, HUB, 0.6, {}),
        ("0.11 mm modules", NoRead.TOO_SMALL, HUB, 0.0, {"module_um": 110}),
    )
}
"""The same on labels with so many lines of human-readable print."""


def bare(seed: int) -> Iterator[Gray]:
    """An empty belt, a bare box, two bare boxes side by side."""
    for boxes in ([], [Box(0, 0, 180, 150)], [Box(-50, 0, 90, 150), Box(50, 5, 95, 180)]):
        yield render(NEAR, boxes, seed)


def written(lines: int, letter_mm: float, seed: int) -> Gray:
    """A label with so many lines of human-readable print and no code."""
    boxes = staged(NEAR, replace(ALONE, lines=lines, letter_mm=letter_mm), seed).boxes
    return render(
        NEAR, [replace(box, label=replace(box.label, prints=())) for box in boxes if box.label], seed
    )
