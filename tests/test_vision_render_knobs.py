"""The renderer's knobs: each does what its unit says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from sorter.layout import Camera
from tests.test_vision_render import SMALL, texts
from vision.frame import Gray
from vision.render import render
from vision.render_print import INK, PAPER
from vision.render_scene import Knobs, staged
from vision.scene import GOOD, Box, Label, Optics, Print, Wear
from vision.symbols import code128

STILL = Optics(noise_greys=0)


def blank(wear: Wear = GOOD, optics: Optics = STILL, side_mm: int = 130) -> Gray:
    return render(SMALL, [Box(0, 0, 140, 140, Label(0, 0, 0.0, side_mm, side_mm, (), wear=wear))], 1, optics)


def bars(wear: Wear = GOOD, optics: Optics = STILL) -> Gray:
    """Rows through the middle of one symbol, bars across the columns; nothing but its label."""
    label = Label(0, 0, 0.0, 130, 130, (Print("CODE128", "98123456789", 625, 40),), wear=wear)
    return render(SMALL, [Box(0, 0, 140, 140, label)], 1, optics)[286:326, 60:550]


def test_the_belt_moves_by_speed_times_exposure() -> None:
    # 2000 mm/s for 2450 us is 4.9 mm, 20 px: the edge of a label across the belt is a ramp of that length.
    moving = Optics(noise_greys=0, defocus_px=0, belt_mm_s=2000, exposure_us=2450)
    column = blank(optics=moving, side_mm=60)[140:230, 306].astype(int)
    ramp = (column > column[0] + 2) & (column < PAPER - 2)
    assert 17 <= ramp.sum() <= 21
    still = Optics(noise_greys=0, defocus_px=0)
    assert (bars(optics=moving) == bars(optics=still)).all(), "along the bars nothing changes"


@pytest.mark.parametrize("moved_px", [0.25, 0.5, 0.98, 1.0, 2.0, 3.5])
def test_a_movement_below_a_pixel_is_drawn_too(moved_px: float) -> None:
    # 1000 mm/s under 4.08 px/mm. At 1 px an edge gives an eighth of its height to the pixel beyond it.
    moving = Optics(noise_greys=0, defocus_px=0, belt_mm_s=1000, exposure_us=round(moved_px / 4.08 * 1000))
    still = Optics(noise_greys=0, defocus_px=0)
    edge, moved = (
        blank(optics=optics, side_mm=60)[140:230, 306].astype(float) / PAPER for optics in (still, moving)
    )
    places = np.arange(len(edge) - 1)

    def variance(column: NDArray[np.float64]) -> float:
        slope = np.diff(column)
        middle = (slope * places).sum() / slope.sum()
        return float((slope * (places - middle) ** 2).sum() / slope.sum())

    # Of a box over straight lines: w / 4 below a pixel, w * w / 12 + 1 / 6 on average above it.
    wide = moved_px / 4 if moved_px <= 1 else moved_px**2 / 12 + 1 / 6
    assert abs(variance(moved) - variance(edge) - wide) < 0.15 * wide + 0.02


def test_defocus_is_a_standard_deviation_in_pixels() -> None:
    # The derivative of a blurred edge has the blur's standard deviation.
    row = blank(optics=Optics(noise_greys=0, defocus_px=3), side_mm=60)[306, 150:220].astype(float)
    slope = np.abs(np.diff(row))
    places = np.arange(len(slope))
    middle = (slope * places).sum() / slope.sum()
    assert 2.8 < float(np.sqrt((slope * (places - middle) ** 2).sum() / slope.sum())) < 3.2


def test_light_that_falls_off_leaves_its_share_in_the_corners() -> None:
    sheet = Box(0, 0, 150, 150, Label(0, 0, 0.0, 150, 150, ()))
    lit = render(SMALL, [sheet], 1, Optics(noise_greys=0, light_fall=0.4))
    assert abs(int(lit[306, 306]) - PAPER) <= 1 and abs(int(lit[3, 3]) - 0.6 * PAPER) < 4


def test_a_leaning_camera_shows_what_is_downstream_smaller() -> None:
    label = Label(0, 0, 0.0, 100, 100, ())
    leaning_frame = render(SMALL, [Box(0, 0, 102, 102, label)], 1, Optics(noise_greys=0, tilt_deg=12))
    upper, lower = ((leaning_frame[row] > 200).sum() for row in (306 - 150, 306 + 150))
    assert upper < lower - 10
    assert abs(int((leaning_frame[306] > 200).sum()) - 408) < 12, "the middle stays as it was"


def test_ink_that_spreads_widens_every_bar_by_as_much() -> None:
    def ink(wear: Wear) -> float:
        return float((PAPER - bars(wear)[20].astype(float).clip(0, PAPER)).sum()) / (PAPER - INK)

    # Each bar grows by 100 um = 0.408 px.
    grown = ink(Wear(spread_um=100)) - ink(GOOD)
    assert abs(grown / 0.408 - len(code128("98123456789")[::2])) < 1


def test_fading_takes_its_share_of_the_contrast() -> None:
    faded, good = bars(Wear(fade=0.5)), bars()
    assert abs((PAPER - int(faded.min())) / (PAPER - int(good.min())) - 0.5) < 0.03


def test_dead_dots_are_white_lines_down_the_label() -> None:
    worn = bars(Wear(seed=2, dead_dots=40))
    changed = np.flatnonzero((worn != bars()).any(axis=0))
    assert len(changed) > 20
    assert (np.ptp(worn[5:-5].astype(int), axis=0) <= 1).all(), "the same in every row"


def test_a_reflection_and_a_strip_cover_their_share_of_the_label() -> None:
    shone, covered = blank(Wear(glare=0.2)), blank(Wear(covered=0.3))
    label = 530 * 530
    assert 0.15 < (shone[41:571, 41:571] > 250).sum() / label < 0.35
    assert 0.28 < (covered[41:571, 41:571] < PAPER - 5).sum() / label < 0.32


def test_creases_move_bars_and_leave_lines() -> None:
    for seed in range(5):
        assert 0.02 < (bars(Wear(seed=seed, creases=2)) != bars()).mean() < 0.9


def test_a_staged_scene_is_the_same_for_its_seed_and_holds_what_its_knobs_say() -> None:
    knobs = Knobs(parcels=3, gap_mm=0, copies=1.0, ean=1.0, qr=1.0, old=1.0, wear=Wear(creases=1))
    wide = Camera(0, 1000, 510, 250, 2448, 1200, (0,))
    scene = staged(wide, knobs, 7)
    assert scene == staged(wide, knobs, 7) and scene != staged(wide, knobs, 8)
    assert len(scene.waybills) == 3 and len(set(scene.waybills)) == 3
    assert len(scene.others) == 3 * 5, "EAN and link of each label and of the old one below, and its waybill"
    edges = [(box.across_mm - box.width_mm // 2, box.across_mm + box.width_mm // 2) for box in scene.boxes]
    assert all(0 <= later[0] - sooner[1] <= 1 for sooner, later in pairwise(edges))
    assert len({box.label.wear.seed for box in scene.boxes if box.label}) == 3


def test_a_staged_frame_shows_its_waybills() -> None:
    near = Camera(1, 0, 160, 160, 1280, 1280, (0,))
    scene = staged(near, Knobs(module_um=400, angle_deg=(-3.0, 3.0), ean=0, qr=0, copies=0), 1)
    assert texts(render(near, scene.boxes, 1)) == set(scene.waybills)
