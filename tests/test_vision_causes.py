"""Why a label was not read, by its pixels: the cause that was drawn is the cause that is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sorter.flow import UNGRADED, CodeRead, NoRead
from tests.causes import ALONE, CAUSES, NEAR, PRINTED, Drawing, bare, written
from vision.answer import Sight
from vision.belt import BeltReader
from vision.causes import cause_of, signs_of
from vision.look import Look
from vision.region import Region
from vision.render import render
from vision.render_scene import Knobs, staged
from vision.scene import HUB, Box, Optics, Wear
from vision.sight import BeltSight, sight_of
from vision.specimen import Specimen, draw
from vision.symbols import CODE128_WIDTHS, code128_values

PRINTED_NAMES = [f"{name}, {lines} lines" for name, _, lines in PRINTED]
FRAMES = 6
DRAWN = {cause for _, cause in CAUSES}
KINDS = [cause for cause in NoRead if cause in DRAWN]
READER = BeltReader(budget_s=600.0)


@pytest.fixture(scope="module")
def eyes() -> BeltSight:
    return BeltSight()


def told(eyes: BeltSight, knobs: Knobs, optics: Optics = HUB, torn: float = 0.0) -> Counter[str]:
    """What is told of FRAMES labels: a cause, or "read"."""
    counts: Counter[str] = Counter()
    for seed in range(FRAMES):
        scene = staged(NEAR, knobs, seed)
        boxes = [replace(box, label=replace(box.label, torn=torn)) for box in scene.boxes if box.label]
        sight = eyes.look(render(NEAR, boxes, seed, optics))
        assert sight.judged and {read.text for read in sight.reads} <= set(scene.waybills)
        unread = sight.unread[0].cause.value if sight.unread else NoRead.NO_LABEL.value
        counts["read" if sight.reads else unread] += 1
    return counts


@pytest.mark.parametrize(
    ("cause", "knobs", "optics", "torn"),
    [
        (NoRead.TORN, ALONE, HUB, 0.6),
        (NoRead.TORN, ALONE, HUB, 0.3),
        (NoRead.TOO_SMALL, replace(ALONE, module_um=110), HUB, 0.0),
        (NoRead.BLURRED, ALONE, Optics(belt_mm_s=2000, exposure_us=2000), 0.0),
        (NoRead.GLARE, replace(ALONE, wear=Wear(glare=0.5)), HUB, 0.0),
    ],
    ids=["torn in the middle", "torn at the end", "small", "moving", "glare"],
)
def test_the_cause_that_was_drawn_is_told_of_most_labels_that_are_not_read(
    eyes: BeltSight, cause: NoRead, knobs: Knobs, optics: Optics, torn: float
) -> None:
    counts = told(eyes, knobs, optics, torn)
    unread = FRAMES - counts["read"]
    assert unread >= FRAMES // 2 and counts[cause.value] >= 0.7 * unread, counts


def share_told(cause: NoRead, seeds: range) -> tuple[int, int]:
    """Of all labels that are unreadable for this cause and were not read: how many are told right."""
    right = unread = 0
    for (_, drawn), make in CAUSES.items():
        for seed in seeds if drawn is cause else ():
            gray = make(seed)
            sight = sight_of(gray, READER.look(gray))
            unread += not sight.reads
            right += not sight.reads and bool(sight.unread) and sight.unread[0].cause is cause
    return right, unread


@pytest.mark.parametrize("cause", KINDS)
def test_every_cause_is_told_by_the_belts_own_look(cause: NoRead) -> None:
    right, unread = share_told(cause, range(8))
    assert unread >= 3 and right >= 0.8 * unread, (right, unread)


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("cause", KINDS)
def test_of_many_labels_the_right_cause_is_told(cause: NoRead, report_line: Callable[[str], None]) -> None:
    right, unread = share_told(cause, range(100, 160))
    report_line(f"{cause.value}: {right} of {unread} told right")
    assert right >= 0.85 * unread


def first_told(make: Drawing, seeds: range) -> Counter[str]:
    """What a record would keep of these drawings: the first cause, "none", or "read"."""
    told: Counter[str] = Counter()
    for seed in seeds:
        gray = make(seed)
        sight = sight_of(gray, READER.look(gray))
        cause = sight.unread[0].cause.value if sight.unread else "none"
        told["read" if sight.reads else cause] += 1
    return told


@pytest.mark.parametrize(
    ("kind", "make"),
    [pytest.param(*item, marks=[pytest.mark.full] if item[0][2] == 14 else []) for item in PRINTED.items()],
    ids=PRINTED_NAMES,
)
def test_print_beside_the_bars_changes_no_cause(kind: tuple[str, NoRead, int], make: Drawing) -> None:
    told = first_told(make, range(4))
    assert told[kind[1].value] >= 0.7 * (4 - told["read"]) > 0, told


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("kind", "make"), PRINTED.items(), ids=PRINTED_NAMES)
def test_of_many_labels_with_print_the_right_cause_is_told(
    kind: tuple[str, NoRead, int], make: Drawing, report_line: Callable[[str], None]
) -> None:
    told = first_told(make, range(100, 120))
    name, cause, lines = kind
    report_line(f"{name}, {lines} lines of print: {told[cause.value]} of {20 - told['read']} told right")
    least = 0.55 if name.startswith("belt moves") else 0.85  # print smeared along the belt is like bars
    assert told[cause.value] >= least * (20 - told["read"]) > 0, told


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 100), marks=pytest.mark.full)])
def test_an_empty_belt_and_bare_boxes_have_no_cause_but_that_no_label_was_seen(seeds: range) -> None:
    for seed in seeds:
        for gray in bare(seed):
            assert sight_of(gray, READER.look(gray)) == Sight((), (), judged=True)


WRITTEN = [(3, 2.5), (6, 1.8), (6, 2.5), (14, 2.5), (10, 3.0)]
"""Lines of print and height of its letters, mm."""


@pytest.mark.parametrize(("lines", "letter_mm"), WRITTEN)
def test_a_label_with_print_and_no_code_has_no_cause(lines: int, letter_mm: float) -> None:
    told = first_told(lambda seed: written(lines, letter_mm, seed), range(4))
    assert told == {"none": 4}


@pytest.mark.full
@pytest.mark.parametrize(("lines", "letter_mm"), WRITTEN)
def test_of_many_labels_with_print_and_no_code_hardly_one_has_a_cause(
    lines: int, letter_mm: float, report_line: Callable[[str], None]
) -> None:
    told = first_told(lambda seed: written(lines, letter_mm, seed), range(100, 140))
    report_line(f"{lines} lines of {letter_mm} mm: {told['none']} of 40 without a cause, {dict(told)}")
    assert told["none"] >= 0.9 * 40, told


def test_a_picture_of_hardly_a_pixel_has_no_cause() -> None:
    for shape in ((1, 1), (3, 900), (900, 3), (20, 20)):
        gray = np.full(shape, 200, np.uint8)
        assert sight_of(gray, READER.look(gray)).unread == ()


def test_a_good_label_is_read_with_its_grade_and_nothing_is_left_over(eyes: BeltSight) -> None:
    scene = staged(NEAR, ALONE, 3)
    sight = eyes.look(render(NEAR, scene.boxes, 3))
    (read,) = sight.reads
    assert read.grade != UNGRADED and sight.unread == ()
    # 0.375 mm at 4.08 px/mm; paper 225 and ink 35 of 255 are 745.
    assert abs(read.grade.module_cpx - 153) <= 2 and 650 <= read.grade.contrast_pm <= 800


def test_a_fading_print_shows_in_the_grade_before_it_is_not_read(eyes: BeltSight) -> None:
    def contrast_pm(fade: float) -> int:
        scene = staged(NEAR, replace(ALONE, wear=Wear(fade=fade)), 3)
        return eyes.look(render(NEAR, scene.boxes, 3)).reads[0].grade.contrast_pm

    assert contrast_pm(0.0) > contrast_pm(0.3) + 100 > contrast_pm(0.6) + 200


def test_texts_in_dispute_reach_the_vote_at_one_place() -> None:
    one, other = (CodeRead(text, "CODE128", ((0, 0), (9, 0), (9, 5), (0, 5)), "bars") for text in "12")
    look = Look((), disputed=(one, other))
    assert sight_of(np.full((40, 60), 200, np.uint8), look).reads == (one, other)


def test_a_bare_parcel_has_no_label(eyes: BeltSight) -> None:
    assert eyes.look(render(NEAR, [Box(0, 0, 150, 150)], 1)) == Sight((), (), judged=True)


@pytest.mark.parametrize(("module_px", "high"), [(3.0, 53), (16.0, 12), (20.0, 12), (24.0, 12)])
def test_a_symbol_with_a_wrong_check_character_is_seen_but_invalid_at_any_size(
    module_px: float, high: int
) -> None:
    values = code128_values("SF1234567890123")
    wrong = (*values[:-2], (values[-2] + 1) % 103, values[-1])
    widths = tuple(width for value in wrong for width in CODE128_WIDTHS[value])
    drawn = draw(
        Specimen("", module_px, 20.0 if module_px < 4 else 0.0, widths=widths, height_modules=high), 1
    )
    assert cause_of(drawn.pixels, drawn.region) is NoRead.INVALID
    assert abs(signs_of(drawn.pixels, drawn.region).module_px / module_px - 1) < 0.1


@pytest.mark.parametrize("shape", [(200, 10000), (100, 8192)])
def test_bars_as_long_as_a_very_wide_picture_have_a_cause(shape: tuple[int, int]) -> None:
    row = np.where(np.arange(shape[1]) // 2 % 2, 220, 40).astype(np.uint8)
    whole = Region(shape[1] / 2, shape[0] / 2, 0.0, shape[1], shape[0], "bars")
    assert cause_of(np.tile(row, (shape[0], 1)), whole) is not NoRead.NO_LABEL


def test_evenly_spaced_lines_are_no_code_and_a_codes_bars_are_never_so() -> None:
    gray = np.full((300, 400), 220, np.uint8)
    gray[60:240, 50:350] = np.where(np.arange(300) // 8 % 2, 220, 60)
    assert signs_of(gray, Region(200, 150, 0.0, 300, 180, "bars")).even
    for seed in range(20):
        drawn = draw(Specimen(f"SF{seed:013d}", 2.0), seed)
        assert not signs_of(drawn.pixels, drawn.region).even


def test_black_print_right_beside_the_bars_leaves_no_quiet_zone() -> None:
    drawn = draw(Specimen("SF1234567890123", 3.0), 1)
    pixels, region = drawn.pixels.copy(), drawn.region
    pixels[:, round(region.x_px + region.length_px / 2) + 3 :] = 40
    assert cause_of(pixels, region) is NoRead.QUIET_ZONE


def test_faint_ink_is_low_contrast() -> None:
    drawn = draw(Specimen("SF1234567890123", 3.0, 20.0, paper=120, ink=95), 1)
    assert cause_of(drawn.pixels, drawn.region) is NoRead.LOW_CONTRAST


@pytest.mark.parametrize("module_px", [1.5, 2.5, 4.0])
def test_modules_are_measured_where_bars_can_be_told_apart(module_px: float) -> None:
    drawn = draw(Specimen("SF1234567890123", module_px, 33.0), 2)
    signs = signs_of(drawn.pixels, drawn.region)
    assert signs.told_apart and abs(signs.module_px / module_px - 1) < 0.1
