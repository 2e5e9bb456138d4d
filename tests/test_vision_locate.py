"""Where codes may be: found at any angle, straightened to their true ends, nothing where there is none."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import cv2
import numpy as np
import pytest
import zxingcpp

from sorter.layout import Camera
from tests.test_vision_render import HUB_CAMERA, PX_PER_MM, four_boxes, label
from vision.frame import Gray
from vision.locate import ALL, FINE, locate
from vision.region import Region
from vision.render import render
from vision.scene import Box
from vision.specimen import Specimen, draw
from vision.straight import straighten
from vision.upright import upright

MARGIN_PX = 60
TWELVE_MEGAPIXELS = Camera(0, 1000, 980, 735, 4000, 3000, (0,))
SQUARE_KINDS = [
    (zxingcpp.BarcodeFormat.QRCode, 2.4), (zxingcpp.BarcodeFormat.QRCode, 5.0),
    (zxingcpp.BarcodeFormat.DataMatrix, 3.0), (zxingcpp.BarcodeFormat.DataMatrix, 6.0),
]  # fmt: skip
"""Square symbols and pixels per module."""


def bars(gray: Gray) -> list[Region]:
    return [part for region in locate(gray, matrix=False) for part in straighten(gray, region)]


def on_belt(specimen: Specimen, seed: int) -> tuple[Gray, Region]:
    """The specimen on dark rubber, and where its bars are."""
    drawn = draw(specimen, seed)
    noise = np.random.default_rng(seed).normal(45, 6, np.add(drawn.pixels.shape, 2 * MARGIN_PX))
    gray = noise.clip(0, 255).astype(np.uint8)
    gray[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] = drawn.pixels
    true = drawn.region
    return gray, Region(
        true.x_px + MARGIN_PX, true.y_px + MARGIN_PX, true.angle_deg, true.length_px, true.height_px, "bars"
    )


def is_near(found: Region, true: Region) -> bool:
    """Within 2 degrees, a quarter of the bars' height and 40 % of their length: what our reader asks for."""
    turned = abs((found.angle_deg - true.angle_deg + 90) % 180 - 90)
    away = math.hypot(found.x_px - true.x_px, found.y_px - true.y_px)
    return turned < 2 and away < true.height_px / 4 and 0.8 < found.length_px / true.length_px < 1.4


KINDS = [
    Specimen("", 0.8), Specimen("", 1.0), Specimen("", 1.2), Specimen("", 1.5), Specimen("", 4.0),
    Specimen("", 1.5, blur_px=2), Specimen("", 3.0, blur_px=4), Specimen("", 2.0, across_modules=2),
    Specimen("", 2.0, creases=2), Specimen("", 1.53, height_modules=20),
    Specimen("", 1.5, paper=190, ink=120),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.module_px}px")
def test_bars_are_found_at_every_angle(kind: Specimen) -> None:
    rnd = random.Random(1)
    for seed in range(16):
        text = "SF" + "".join(rnd.choices("0123456789", k=13))
        angle = 22.5 * seed + rnd.uniform(-11, 11)
        gray, true = on_belt(replace(kind, text=text, angle_deg=angle), seed)
        found = bars(gray)
        assert any(is_near(region, true) for region in found), (angle, true, found)


def holds(found: Region, true: Region) -> bool:
    """All of the symbol lies in it, and it is less than twice as long: cells reach into the margin."""
    away = math.hypot(found.x_px - true.x_px, found.y_px - true.y_px)
    sides = found.length_px, found.height_px
    return away < true.length_px / 8 and true.length_px < min(sides) and max(sides) < 2 * true.length_px


def square_on_belt(
    kind: zxingcpp.BarcodeFormat, module_px: float, angle_deg: float, seed: int
) -> tuple[Gray, Region]:
    """A square symbol on a label on dark rubber, and where its modules are."""
    code = zxingcpp.create_barcode(f"SF{seed:013d} YUAN XIU", kind, force_square=True)
    ink = np.array(code.to_image(scale=8, add_quiet_zones=False))
    sheet = np.pad(ink, 160, constant_values=255)
    side, paper = ink.shape[0] * module_px / 8, sheet.shape[0] * module_px / 8
    whole = math.ceil(1.5 * paper) + 2 * MARGIN_PX
    middle, at = (sheet.shape[0] / 2 - 0.5, whole / 2 + seed / 7)
    to_frame = cv2.getRotationMatrix2D((middle, middle), -angle_deg, module_px / 8)
    to_frame[:, 2] += at - middle
    fine = cv2.GaussianBlur(sheet, (0, 0), 0.6 * 8 / module_px)  # what is drawn smaller must not alias
    frame = cv2.warpAffine(fine, to_frame, (whole, whole), flags=cv2.INTER_LINEAR, borderValue=45)
    noisy = frame * 0.8 + 20 + np.random.default_rng(seed).normal(0, 6, frame.shape)
    return noisy.clip(0, 255).astype(np.uint8), Region(at, at, angle_deg, side, side, "matrix")


@pytest.mark.parametrize(("kind", "module_px"), SQUARE_KINDS, ids=lambda part: str(part))
def test_square_symbols_are_found_at_every_angle(kind: zxingcpp.BarcodeFormat, module_px: float) -> None:
    for seed in range(16):
        gray, true = square_on_belt(kind, module_px, 22.5 * seed + seed % 5, seed)
        for scales in (FINE, ALL):
            found = [region for region in locate(gray, scales) if region.kind == "matrix"]
            assert any(holds(region, true) for region in found), (seed, scales, true, found)


def test_bars_are_no_square_symbols() -> None:
    for seed in range(16):
        gray, _ = on_belt(Specimen(f"SF{seed:013d}", 1.53, 22.5 * seed), seed)
        assert [region for region in locate(gray) if region.kind == "matrix"] == []


def test_a_label_in_a_frame_of_twelve_megapixels_is_found() -> None:
    across_mm, along_mm, angle_deg = 400, 290, 33.0
    box = Box(along_mm, across_mm, 150, 150, label("SF1234567890123", angle_deg))
    frame = render(TWELVE_MEGAPIXELS, [box], 1)
    assert frame.shape == (3000, 4000)
    x, y = 2000 + PX_PER_MM * across_mm, 1500 - PX_PER_MM * along_mm
    found = bars(frame)
    assert len(found) == 1 and math.hypot(found[0].x_px - x, found[0].y_px - y) < 20
    assert abs((found[0].angle_deg - angle_deg + 90) % 180 - 90) < 2


def test_an_empty_belt_and_bare_boxes_hold_no_bars() -> None:
    boxes, _ = four_boxes(random.Random(1))
    bare = [replace(box, label=None) for box in boxes]
    for seed, scene in enumerate(([], bare)):
        assert bars(render(HUB_CAMERA, scene, seed)) == []


def test_labels_of_several_parcels_are_all_found_and_first() -> None:
    boxes, truth = four_boxes(random.Random(2), 375)
    assert len(bars(render(HUB_CAMERA, boxes, 2))) == len(truth)


def test_two_codes_side_by_side_are_two_regions() -> None:
    one, two = (draw(Specimen("98123456789", 2.0, noise_greys=2), seed).pixels for seed in (1, 2))
    rows = min(one.shape[0], two.shape[0])
    gray = np.hstack((one[:rows], two[:rows]))
    found = sorted(region.x_px for region in bars(gray))
    assert len(found) == 2 and found[1] - found[0] > 200


def test_large_bars_are_found_in_large_cells() -> None:
    gray, true = on_belt(Specimen("98123456789", 12.0, 30.0, height_modules=30), 3)
    found = [part for region in locate(gray, ALL) for part in straighten(gray, region)]
    assert any(is_near(region, true) for region in found)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (8, 8), (17, 40_000), (40_000, 9)])
def test_no_shape_of_picture_is_too_odd(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    for gray in (noise, np.zeros(shape, np.uint8)):
        for region in locate(gray, ALL):
            straighten(gray, region)


def test_a_region_laid_straight_knows_its_way_back() -> None:
    # The bars of a specimen at 37 degrees, 2 px per module, enlarged three times.
    gray, true = on_belt(Specimen("98123456789", 2.0, 37.0), 4)
    straight = upright(gray, true, 3.0, 5.0)
    height, width = straight.pixels.shape
    assert (width, height) == (round(3 * (true.length_px + 10)), round(3 * (true.height_px + 10)))
    (x, y), *_ = straight.corners(((width // 2, height // 2),) * 4)
    assert math.hypot(x - true.x_px, y - true.y_px) < 1.5
