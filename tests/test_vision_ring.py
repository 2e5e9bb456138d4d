"""The ring of frames between two processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sorter.errors import SorterError
from sorter.flow import FrameTag
from vision.frame import Frame
from vision.ring import RingReader, RingWriter

SHAPE = (30, 20)


def frame(number: int) -> Frame:
    return Frame(FrameTag(3, number, 4_000_000_000 + number), np.full(SHAPE, number, np.uint8))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RingWriter]:
    ring = RingWriter.create(tmp_path / "ring", 4, SHAPE)
    yield ring
    ring.close()


@pytest.fixture
def reader(writer: RingWriter) -> Iterator[RingReader]:
    ring = RingReader.attach(writer.path)
    yield ring
    ring.close()


def numbers(reader: RingReader) -> list[int]:
    taken = []
    while (one := reader.take()) is not None:
        assert (one.pixels == one.tag.frame).all(), "pixels of another frame"
        taken.append(one.tag.frame)
    return taken


def test_frames_arrive_whole_and_in_order_with_their_tags(writer: RingWriter, reader: RingReader) -> None:
    for number in range(3):
        writer.put(frame(number))
    one = reader.take()
    assert one is not None and one.tag == FrameTag(3, 0, 4_000_000_000)
    assert [*numbers(reader)] == [1, 2]
    assert reader.dropped == 0 and reader.take() is None


def test_a_slow_reader_loses_the_oldest_and_counts_them(writer: RingWriter, reader: RingReader) -> None:
    for number in range(10):
        writer.put(frame(number))
    assert numbers(reader) == [6, 7, 8, 9]
    assert reader.dropped == 6


def test_a_frame_overwritten_while_it_is_copied_is_dropped(writer: RingWriter, reader: RingReader) -> None:
    writer.put(frame(0))
    overtaking = iter(range(1, 5))

    def overtake() -> None:
        for number in overtaking:
            writer.put(frame(number))

    one = reader.take_with(overtake)
    assert one is not None and one.tag.frame == 1 and (one.pixels == 1).all()
    assert reader.dropped == 1


def test_a_camera_may_write_into_the_ring_itself(writer: RingWriter, reader: RingReader) -> None:
    writer.put(frame(0))
    for number in range(1, 4):
        writer.room()[:] = number
        writer.give(FrameTag(3, number, number))
    assert numbers(reader) == [0, 1, 2, 3]


def test_the_frame_whose_room_a_camera_writes_to_is_dropped(writer: RingWriter, reader: RingReader) -> None:
    for number in range(4):
        writer.put(frame(number))
    writer.room()[:5] = 4
    assert numbers(reader) == [1, 2, 3] and reader.dropped == 1
    writer.give(FrameTag(3, 0, 0))
    one = reader.take()
    assert one is not None and (one.pixels[:5] == 4).all() and (one.pixels[5:] == 0).all()


def test_a_frame_taken_stays_as_it_was(writer: RingWriter, reader: RingReader) -> None:
    writer.put(frame(0))
    one = reader.take()
    for number in range(1, 9):
        writer.put(frame(number))
    assert one is not None and (one.pixels == 0).all()


def test_a_late_reader_starts_with_the_next_frame(writer: RingWriter) -> None:
    writer.put(frame(1))
    late = RingReader.attach(writer.path)
    assert late.take() is None
    writer.put(frame(2))
    assert numbers(late) == [2]
    late.close()


def test_a_successor_goes_on_where_its_predecessor_stood(writer: RingWriter, reader: RingReader) -> None:
    for number in range(3):
        writer.put(frame(number))
    reader.take()
    successor = RingReader.attach(writer.path, reader.position)
    assert numbers(successor) == [1, 2]
    successor.close()


def test_a_frame_of_another_size_is_refused(writer: RingWriter) -> None:
    with pytest.raises(ValueError, match="30, 20"):
        writer.put(Frame(FrameTag(0, 0, 0), np.zeros((20, 30), np.uint8)))


def test_the_file_goes_with_its_writer(tmp_path: Path) -> None:
    RingWriter.create(tmp_path / "ring", 2, SHAPE).close()
    assert list(tmp_path.iterdir()) == []


def spoil(path: Path, how: str) -> None:
    whole = path.read_bytes()
    path.unlink()
    if how != "missing":
        path.write_bytes({"empty": b"", "foreign": b"x" * len(whole), "short": whole[:5000]}[how])


@pytest.mark.parametrize("how", ["missing", "empty", "foreign", "short"])
def test_what_is_no_whole_ring_is_refused_with_its_name_and_a_remedy(tmp_path: Path, how: str) -> None:
    path = tmp_path / "ring"
    writer = RingWriter.create(path, 4, SHAPE)
    spoil(path, how)
    with pytest.raises(SorterError, match=f"{path}: .*\n  start the camera"):
        RingReader.attach(path)
    writer.close()
