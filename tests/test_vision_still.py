"""A camera that stands or is in the dark: nothing in its pictures is any parcel's, and that is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sorter.flow import FrameTag
from tests.test_vision_pipeline import SHAPE, answers, line, put, told
from vision.answer import DARK, STILL
from vision.frame import Frame, Gray
from vision.ring import RingReader, RingWriter
from vision.watch import KEPT, Watch


def test_one_view_under_new_numbers_is_read_once_and_then_called_still(tmp_path: Path) -> None:
    with line(tmp_path) as (writer, vision):
        put(writer, 110, 110, 111, 110, still=True)
        assert told(answers(vision, 4)) == [(0, "110", ""), (1, "", STILL), (2, "111", ""), (3, "", STILL)]


def test_a_camera_whose_buffers_are_filled_no_more_is_still(tmp_path: Path) -> None:
    with line(tmp_path, slots=4) as (writer, vision):
        put(writer, 110, 111, 112, 113)
        assert [read.failure for read in answers(vision, 4)] == [""] * 4
        for number in range(4, 10):
            writer.room()
            writer.give(FrameTag(1, number, 500 + number))
            assert told(answers(vision, 1)) == [(number, "", STILL)]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RingWriter]:
    ring = RingWriter.create(tmp_path / "ring", 4, (600, 800))
    yield ring
    ring.close()


def doubts(writer: RingWriter, pictures: list[Gray]) -> list[str]:
    reader, found = RingReader.attach(writer.path), []
    for number, pixels in enumerate(pictures):
        writer.put(Frame(FrameTag(0, number, number), pixels))
        taken = reader.take()
        assert taken is not None
        found.append(taken.doubt)
    reader.close()
    return found


def noisy(grey: int, seed: int, noise: int = 6) -> Gray:
    drawn = np.random.default_rng(seed).normal(grey, noise, (600, 800))
    return drawn.clip(0, 255).astype(np.uint8)


def test_a_counter_drawn_into_a_picture_makes_it_no_other_view(writer: RingWriter) -> None:
    first, second = noisy(90, 1), noisy(90, 1)
    second[:20, :200] = 255
    assert doubts(writer, [first, second, noisy(90, 2)]) == ["", STILL, ""]


@pytest.mark.parametrize(("grey", "noise"), [(0, 0), (12, 6), (28, 6)])
def test_three_dark_pictures_in_a_row_are_the_lamps_or_the_lenss(
    writer: RingWriter, grey: int, noise: int
) -> None:
    pictures = [noisy(grey, seed, noise) for seed in range(5)]
    assert doubts(writer, [*pictures, noisy(90, 9), *pictures[:2]]) == ["", "", DARK, DARK, DARK, "", "", ""]


def test_a_belt_without_a_parcel_is_not_dark_and_a_flood_of_light_does_not_stand(writer: RingWriter) -> None:
    assert doubts(writer, [noisy(45, seed) for seed in range(5)]) == [""] * 5
    assert doubts(writer, [noisy(255, 1, 0)] * 5) == [""] * 5


def test_what_is_read_in_the_dark_counts(tmp_path: Path) -> None:
    with line(tmp_path) as (writer, vision):
        put(writer, 10, 11, 12, 13)
        assert [(read.reads != (), read.failure) for read in answers(vision, 4)] == [(True, "")] * 4
    assert SHAPE[0] > 8, "more rows than are looked at together"


def test_a_view_given_before_is_known_by_its_camera_and_for_a_while() -> None:
    seen = Watch()
    assert [seen.doubt(camera, (7,), False) for camera in (0, 1, 0, 1)] == ["", "", STILL, STILL]
    assert not any(seen.doubt(0, (view,), False) for view in range(100, 100 + KEPT))
    assert not seen.doubt(0, (7,), False), "it is kept for ever"
    assert seen.doubt(0, (100 + KEPT - 1,), False)
