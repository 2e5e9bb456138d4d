"""Rendered belt frames, and what the belt's reader makes of them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from sorter.layout import Camera
from vision.belt import BeltReader
from vision.frame import Gray
from vision.render import render
from vision.render_print import PAPER
from vision.scene import HUB, Box, Label, Print

HUB_CAMERA = Camera(0, 1000, 600, 600, 2448, 2448, (0,))
SMALL = Camera(1, 0, 150, 150, 612, 612, (0,))  # the hub's scale, a sixteenth of its view
PX_PER_MM = 4.08

READER = BeltReader(budget_s=600.0)  # tests run on machines of any speed

PREFIXES = (("JT", 13), ("77", 13), ("43", 13), ("75", 12), ("YT", 13), ("SF", 13), ("98", 11))


def waybill(rnd: random.Random) -> str:
    prefix, digits = rnd.choice(PREFIXES)
    return prefix + "".join(rnd.choices("0123456789", k=digits))


def label(text: str, angle_deg: float, module_um: int = 375, torn: float = 0.0) -> Label:
    return Label(0, 0, angle_deg, 130, 76, (Print("CODE128", text, module_um, 25),), torn)


def four_boxes(rnd: random.Random, module_um: int = 375, torn: float = 0.0) -> tuple[list[Box], set[str]]:
    """Four parcels fill the hub camera's view, a label on each."""
    texts = [waybill(rnd) for _ in range(4)]
    places = [(along, across) for along in (148, -148) for across in (-150, 150)]
    boxes = [
        Box(along, across, 280, 270, label(text, rnd.uniform(0, 360), module_um, torn))
        for (along, across), text in zip(places, texts, strict=True)
    ]
    return boxes, set(texts)


def texts(frame: Gray) -> set[str]:
    return {read.text for read in READER.read(frame)}


def test_a_torn_label_is_not_read() -> None:
    boxes, _ = four_boxes(random.Random(4), torn=0.6)
    assert texts(render(HUB_CAMERA, boxes, 4)) == set()


def test_ean_and_qr_codes_are_drawn_as_readers_know_them() -> None:
    prints = (
        Print("EAN13", "6901234567892", 700, 20, y_mm=-25),
        Print("QR", "SF1234567890123", 1500, 0, y_mm=15),
    )
    frame = render(SMALL, [Box(0, 0, 140, 140, Label(0, 0, 3.0, 120, 120, prints))], 1)
    assert texts(frame) == {"6901234567892", "SF1234567890123"}


def test_the_same_arguments_give_the_same_pixels_and_another_seed_others() -> None:
    boxes, _ = four_boxes(random.Random(5))
    first = render(SMALL, boxes, 5)
    assert (first == render(SMALL, boxes, 5)).all()
    assert (first != render(SMALL, boxes, 6)).any()
    room = np.zeros_like(first)
    assert render(SMALL, boxes, 5, into=room) is room and (room == first).all()
    assert first.dtype == np.uint8 and first.shape == (612, 612)


def centre(mask: Gray) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return float(rows.mean()), float(columns.mean())


def test_downstream_is_up_and_across_is_right() -> None:
    # 30 mm downstream and 20 mm across at 4.08 px/mm: 122 rows up and 82 columns right of the middle.
    spot = Label(centre_across_mm=5, centre_along_mm=10, angle_deg=0, width_mm=20, height_mm=20, prints=())
    row, column = centre((render(SMALL, [Box(20, 15, 60, 60, spot)], 1) > 205).astype(np.uint8))
    assert abs(row - (306 - 30 * PX_PER_MM)) < 1 and abs(column - (306 + 20 * PX_PER_MM)) < 1


def test_a_labels_angle_turns_clockwise() -> None:
    (read,) = READER.read(render(SMALL, [Box(0, 0, 148, 148, label("98123456789", 90))], 1))
    top_left, top_right = read.corners[:2]
    assert top_right[1] - top_left[1] > 150 and abs(top_right[0] - top_left[0]) < 10


def test_noise_is_as_strong_as_stated() -> None:
    paper = Box(0, 0, 140, 140, Label(0, 0, 0.0, 130, 130, ()))
    middle = render(SMALL, [paper], 1)[200:400, 200:400]
    # The smallest part of the paper's noise is cut off at 255, five sigma above its grey.
    assert abs(float(middle.std()) - HUB.noise_greys) < 0.3 and abs(float(middle.mean()) - PAPER) < 0.5


def test_what_lies_outside_the_view_is_cut_off() -> None:
    far = [Box(centre, 0, 100, 100, label("98123456789", 10)) for centre in (75, -75, 10_000)]
    assert render(SMALL, far, 1).shape == (612, 612)


def test_a_camera_without_square_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        render(Camera(2, 0, 600, 300, 2448, 2448, (0,)), [], 1)
