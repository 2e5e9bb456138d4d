"""The reader of bars on labels too small, blurred or faint for libraries, and on what is no Code 128."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.specimens import ROWS, located, read_row, read_strange, specimen, spread_over, total, wrong_check
from vision.frame import Gray
from vision.linear import GAP_NATS, LEAST_MARGIN, LinearRead, Refusal, Refused, examine, read_linear
from vision.region import Region
from vision.specimen import Drawn, Specimen, draw

GOOD = Specimen("SF1234567890123", 1.5, 20.0)

# Of ten; the others are all read. Many more are read in tests/test_vision_invented.py.
LEAST = {"0.9 of the height hidden": 6, "contrast 0.1": 9, "2 creases": 9}


@pytest.mark.parametrize("row", ROWS)
def test_labels_are_read_and_none_wrongly_at(row: str) -> None:
    tally = read_row(row, 1, 10)
    assert tally.wrong == []
    assert tally.read >= LEAST.get(row, 10)


def test_what_is_no_code_128_gives_no_text() -> None:
    tally = read_strange(1, 40)
    assert (tally.read, tally.wrong) == (0, [])


@pytest.mark.full
def test_no_text_comes_of_ten_thousand_pictures_without_code_128(report_line: Callable[[str], None]) -> None:
    tally = total(list(spread_over(read_strange, [(first, 250) for first in range(1000, 11_000, 250)])))
    # Rule of three: none in n is at most 3 / n with 95 % confidence.
    report_line(f"{tally.drawn} without Code 128, {len(tally.wrong)} texts; <= {3 / tally.drawn:.5f} (95 %)")
    assert tally.wrong == []


def read_of(drawn: Drawn, region: Region | None = None) -> LinearRead:
    answer = examine(drawn.pixels, region or drawn.region)
    assert isinstance(answer, LinearRead), answer
    return answer


@pytest.mark.parametrize("angle", [0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0])
def test_corners_and_direction_are_the_symbols_own_at(angle: float) -> None:
    drawn = draw(replace(GOOD, angle_deg=angle), 1)
    read = read_of(drawn, located(drawn.region, 1))
    turn, half, up = math.radians(angle), drawn.region.length_px / 2, drawn.region.height_px / 2
    along, down = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    centre = np.array([drawn.region.x_px, drawn.region.y_px])
    truth = [centre + x * half * along + y * up * down for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    off = np.array(read.corners) - truth
    assert np.abs(off @ along).max() < 1.5
    # Along the bars the region is believed, which is up to 15 % and 4 px off.
    assert np.abs(off @ down).max() < 0.15 * drawn.region.height_px + 5
    assert abs((read.quality.angle_deg - angle + 180) % 360 - 180) < 0.3


@pytest.mark.parametrize("share", [0.65, 0.8, 1.25, 1.4])
def test_a_region_much_too_short_or_long_does(share: float) -> None:
    drawn = draw(GOOD, 2)
    region = replace(drawn.region, length_px=drawn.region.length_px * share)
    assert read_of(drawn, region).text == GOOD.text


def test_a_region_off_to_one_side_does() -> None:
    drawn = draw(GOOD, 3)
    turn, off = math.radians(drawn.region.angle_deg), 0.15 * drawn.region.length_px
    x, y = drawn.region.x_px + off * math.cos(turn), drawn.region.y_px + off * math.sin(turn)
    assert read_of(drawn, replace(drawn.region, x_px=x, y_px=y)).text == GOOD.text


def test_quality_measures_what_was_drawn() -> None:
    drawn = draw(replace(GOOD, module_px=3.0, angle_deg=90.0, blur_px=4.0, noise_greys=5.0), 4)
    quality = read_of(drawn).quality
    assert abs(quality.module_px - 3.0) < 0.02
    assert abs(quality.blur_px - 4.0) < 0.4 and abs(quality.defocus_px - 0.6) < 0.3
    assert abs(quality.noise_greys - 5.0) < 0.5
    assert 0.7 < quality.contrast < 0.76  # (225 - 35) / 255 where wide bars and spaces are


def test_quality_falls_with_contrast_and_with_focus() -> None:
    sharp = read_of(draw(replace(GOOD, module_px=3.0), 5)).quality
    faint = read_of(draw(replace(GOOD, module_px=3.0, ink=150), 5)).quality
    soft = read_of(draw(replace(GOOD, module_px=3.0, defocus_px=1.8), 5)).quality
    assert faint.contrast < 0.5 * sharp.contrast
    assert soft.modulation < 0.7 * sharp.modulation and soft.edge_contrast < 0.7 * sharp.edge_contrast
    assert soft.decodability < sharp.decodability


def test_faint_ink_beside_a_bright_ground_is_read() -> None:
    # What shouts beside the label hid its first and last bars: 4 of 12 were read, and 9 are.
    for seed in (1, 4):
        drawn = draw(Specimen("SF1234567890123", 1.53, 20.0 * seed, paper=100, ink=85, noise_greys=3.0), seed)
        beside = np.pad(drawn.pixels, 150, constant_values=240)
        region = replace(drawn.region, x_px=drawn.region.x_px + 150, y_px=drawn.region.y_px + 150)
        read = read_linear(beside, region)
        assert read is not None and read.text == "SF1234567890123"


def test_a_good_label_is_sure_and_shows_why() -> None:
    read = read_of(draw(GOOD, 6))
    assert read.margin == GAP_NATS > LEAST_MARGIN
    evidence = read.evidence
    assert len(evidence.place_px) == len(evidence.measured) == len(evidence.fitted) > 400
    assert np.abs(evidence.measured - evidence.fitted).mean() < 5
    assert evidence.log_likelihood - evidence.runner_up == pytest.approx(read.margin)


REASONS = {
    Refusal.TOO_SMALL: replace(GOOD, module_px=0.45),
    Refusal.BLURRED: replace(GOOD, module_px=2.0, defocus_px=8.0),
    Refusal.LOW_CONTRAST: replace(GOOD, paper=120, ink=117),
    Refusal.INVALID: replace(GOOD, widths=wrong_check(random.Random(1))),
}


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.value)
def test_a_refusal_says(reason: Refusal) -> None:
    drawn = draw(REASONS[reason], 7)
    answer = examine(drawn.pixels, drawn.region)
    assert isinstance(answer, Refused) and answer.reason is reason
    assert read_linear(drawn.pixels, drawn.region) is None


def test_a_ruled_line_in_the_quiet_zone_is_named() -> None:
    drawn = draw(replace(GOOD, angle_deg=0.0, module_px=2.0), 8)
    edge = round(drawn.region.x_px - drawn.region.length_px / 2)
    pixels = drawn.pixels.copy()
    pixels[:, edge - 9 : edge - 7] = 40
    answer = examine(pixels, drawn.region)
    assert isinstance(answer, Refused) and answer.reason is Refusal.QUIET_ZONE


def test_nothing_and_noise_are_no_bars() -> None:
    rng = np.random.default_rng(9)
    region = Region(150, 100, 10.0, 200, 60, "bars")
    for greys in (3.0, 60.0):
        pixels = rng.normal(128, greys, (200, 300)).clip(0, 255).astype(np.uint8)
        answer = examine(pixels, region)
        assert isinstance(answer, Refused)
        assert answer.reason in (Refusal.NO_BARS, Refusal.LOW_CONTRAST)


@pytest.mark.parametrize(
    "region",
    [
        Region(-500, -500, 0.0, 100, 40, "bars"),
        Region(5, 5, 30.0, 4, 2, "bars"),
        Region(100, 100, -90.0, 5000, 3000, "bars"),
        Region(100, 100, 0.0, 200, 1, "bars"),
    ],
    ids=["outside", "tiny", "huge", "flat"],
)
def test_a_region_that_cannot_be_is_refused_not_an_error(region: Region) -> None:
    pixels: Gray = draw(specimen("1.5 px/module", 1), 1).pixels
    assert isinstance(examine(pixels, region), Refused | LinearRead)


def test_squares_and_other_symbologies_are_not_its_business() -> None:
    drawn = draw(GOOD, 10)
    assert read_linear(drawn.pixels, replace(drawn.region, kind="matrix")) is None
    assert read_linear(drawn.pixels, drawn.region, ("QR", "EAN13")) is None


def test_a_picture_that_is_not_grey_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="uint8"):
        read_linear(np.zeros((5, 5), np.float32), Region(2, 2, 0.0, 4, 4, "bars"))
