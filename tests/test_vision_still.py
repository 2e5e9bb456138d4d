"""A camera that stands: what it shows a second time is read on no parcel, and that is said."""

from __future__ import annotations

from pathlib import Path

from sorter.flow import FrameTag
from tests.test_vision_pipeline import answers, line, put, told
from vision.answer import STILL
from vision.repeats import KEPT, Repeats


def test_one_view_under_new_numbers_is_read_once_and_then_called_still(tmp_path: Path) -> None:
    with line(tmp_path) as (writer, vision):
        put(writer, 10, 10, 11, 10, still=True)
        assert told(answers(vision, 4)) == [(0, "10", ""), (1, "", STILL), (2, "11", ""), (3, "", STILL)]


def test_a_camera_whose_buffers_are_filled_no_more_is_still(tmp_path: Path) -> None:
    with line(tmp_path, slots=4) as (writer, vision):
        put(writer, 10, 11, 12, 13)
        assert [read.failure for read in answers(vision, 4)] == [""] * 4
        for number in range(4, 10):
            writer.room()
            writer.give(FrameTag(1, number, 500 + number))
            assert told(answers(vision, 1)) == [(number, "", STILL)]


def test_a_view_given_before_is_known_by_its_camera_and_for_a_while() -> None:
    seen = Repeats()
    assert not seen.again(0, 7) and not seen.again(1, 7)
    assert seen.again(0, 7) and seen.again(1, 7)
    assert not any(seen.again(0, view) for view in range(100, 100 + KEPT))
    assert not seen.again(0, 7), "it is kept for ever"
    assert seen.again(0, 100 + KEPT - 1)
