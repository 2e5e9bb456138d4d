"""Pictures of exceptions: kept whole, found by their tag, within limits, and never waited for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from sorter.flow import FrameTag
from vision import keeper
from vision.frame import Frame
from vision.image import load
from vision.keeper import HELD_BYTES, Keeper, Retention, picture_file, prune
from vision.ring import RingWriter

SHAPE = (64, 96)
ROOMY = Retention(least_free_bytes=0)


def tag(number: int) -> FrameTag:
    return FrameTag(0, number, 1000 + number)


@contextmanager
def kept(
    tmp_path: Path, retention: Retention = ROOMY, held_bytes: int = HELD_BYTES
) -> Iterator[tuple[RingWriter, Keeper]]:
    writer = RingWriter.create(tmp_path / "ring", 4, SHAPE)
    one = Keeper(writer.path, tmp_path / "pictures", retention, held_bytes=held_bytes)
    try:
        yield writer, one
    finally:
        one.close()
        writer.close()


def put(writer: RingWriter, *numbers: int) -> None:
    for number in numbers:
        writer.put(Frame(tag(number), np.full(SHAPE, 10 * number, np.uint8)))


def settled(one: Keeper, count: int) -> tuple[int, int, int]:
    end = time.monotonic() + 10
    while one.kept + one.missed + one.refused < count and time.monotonic() < end:
        time.sleep(0.01)
    return one.kept, one.missed, one.refused


def wait_for(one: Keeper, held: int) -> None:
    end = time.monotonic() + 10
    while one.held < held and time.monotonic() < end:
        time.sleep(0.01)


def test_a_wanted_picture_is_kept_whole_under_its_tag(tmp_path: Path) -> None:
    with kept(tmp_path) as (writer, one):
        put(writer, 1, 2, 3)
        one.keep(tag(2))
        assert settled(one, 1) == (1, 0, 0)
        pixels = load(picture_file(tmp_path / "pictures", tag(2)))
    assert isinstance(pixels, np.ndarray) and pixels.shape == SHAPE and abs(int(pixels.mean()) - 20) <= 1
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["0-00002-0000001002.jpg"]


def test_a_picture_that_is_overwritten_or_never_was_is_missed(tmp_path: Path) -> None:
    with kept(tmp_path) as (writer, one):
        put(writer, *range(9))
        for number in (1, 8, 20):
            one.keep(tag(number))
        assert settled(one, 3) == (1, 2, 0)


def test_a_held_picture_is_kept_after_the_ring_has_lost_it(tmp_path: Path) -> None:
    with kept(tmp_path) as (writer, one):
        put(writer, 1)
        one.hold(tag(1))
        wait_for(one, 1)
        put(writer, *range(2, 9))
        one.keep(tag(1))
        assert settled(one, 1) == (1, 0, 0)
    pixels = load(picture_file(tmp_path / "pictures", tag(1)))
    assert isinstance(pixels, np.ndarray) and pixels.mean() == pytest.approx(10, abs=1)


def test_of_held_pictures_the_oldest_go_when_there_is_no_more_room(tmp_path: Path) -> None:
    with kept(tmp_path, held_bytes=1500) as (writer, one):  # a JPEG of SHAPE has about 400 bytes
        for number in range(1, 9):
            put(writer, number)
            one.hold(tag(number))
            wait_for(one, number)
        put(writer, *range(20, 24))
        for number in range(1, 9):
            one.keep(tag(number))
        settled(one, 8)
        names = [path.name for path in sorted((tmp_path / "pictures").iterdir())]
        assert names == [picture_file(tmp_path, tag(number)).name for number in (6, 7, 8)]
        assert (one.kept, one.missed) == (3, 5)


def test_a_picture_is_written_once_however_often_it_is_wanted(tmp_path: Path) -> None:
    with kept(tmp_path) as (writer, one):
        put(writer, 1)
        for number in (1, 1, 9, 9):
            one.keep(tag(number))
        one.close()
        assert (one.kept, one.missed, one.refused) == (1, 1, 0)


def test_a_ring_made_anew_is_looked_into(tmp_path: Path) -> None:
    with kept(tmp_path) as (writer, one):
        put(writer, 1)
        one.keep(tag(1))
        assert settled(one, 1) == (1, 0, 0)
        again = RingWriter.create(tmp_path / "ring", 4, SHAPE)
        put(again, 7)
        one.keep(tag(7))
        assert settled(one, 2) == (2, 0, 0)
        again.close()


def test_on_a_disk_that_is_nearly_full_nothing_is_written(tmp_path: Path) -> None:
    with kept(tmp_path, Retention(least_free_bytes=1 << 60)) as (writer, one):
        put(writer, 1)
        one.keep(tag(1))
        assert settled(one, 1) == (0, 0, 1)
        assert list((tmp_path / "pictures").iterdir()) == []


def test_a_folder_that_cannot_be_made_costs_pictures_only(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file in its place", encoding="utf-8")
    with kept(tmp_path) as (writer, one):
        put(writer, 1)
        one.keep(tag(1))
        assert settled(one, 1) == (0, 0, 1)


def child_of(one: Keeper) -> int:
    pid = one._process.pid
    assert pid is not None
    return pid


def test_asking_never_waits_however_many_are_wanted_of_a_keeper_that_stands(tmp_path: Path) -> None:
    with kept(tmp_path) as (writer, one):
        put(writer, 1)
        os.kill(child_of(one), signal.SIGSTOP)
        began = time.monotonic()
        for _ in range(10 * keeper.WANTED):
            one.keep(tag(1))
        assert time.monotonic() - began < 0.5
        assert (one.kept, one.missed) == (0, 9 * keeper.WANTED)
        os.kill(child_of(one), signal.SIGCONT)
        assert settled(one, 9 * keeper.WANTED + 1) == (1, 9 * keeper.WANTED, 0)


def test_a_keeper_that_dies_costs_the_pictures_in_its_hands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "_RESTART_PAUSE_S", 0.0)
    with kept(tmp_path) as (writer, one):
        put(writer, 1)
        os.kill(child_of(one), signal.SIGSTOP)
        one.keep(tag(1))
        os.kill(child_of(one), signal.SIGKILL)
        assert settled(one, 1) == (0, 1, 0)
        one.keep(tag(1))
        assert settled(one, 2) == (1, 1, 0)


def make(folder: Path, number: int, size: int, days_old: float) -> Path:
    path = picture_file(folder, tag(number))
    path.write_bytes(bytes(size))
    then = time.time() - days_old * 86400
    os.utime(path, (then, then))
    return path


def test_old_pictures_go_and_then_the_oldest_until_the_rest_fits(tmp_path: Path) -> None:
    a, b, c, d = (make(tmp_path, number, 100, days) for number, days in enumerate((9.0, 3.0, 2.0, 1.0)))
    assert prune(tmp_path, Retention(days=7, most_bytes=10**6)) == 1
    assert set(tmp_path.iterdir()) == {b, c, d} and not a.exists()
    assert prune(tmp_path, Retention(days=7, most_bytes=250)) == 1
    assert set(tmp_path.iterdir()) == {c, d}


def test_files_that_are_not_ours_stay_whatever_their_age(tmp_path: Path) -> None:
    holiday = tmp_path / "holiday.jpg"
    holiday.write_bytes(b"x")
    os.utime(holiday, (0, 0))
    assert prune(tmp_path, Retention(days=1, most_bytes=0)) == 0 and holiday.exists()


def test_pictures_of_older_runs_go_when_their_time_is_up(tmp_path: Path) -> None:
    old, young = make(tmp_path, 1, 10, 8.0), make(tmp_path, 2, 10, 6.0)
    one = Keeper(tmp_path / "ring", tmp_path / "new", Retention(days=7), [tmp_path, tmp_path / "gone"])
    one.close()
    assert young.exists() and not old.exists()


def test_a_quiet_run_lets_its_own_pictures_and_older_ones_go_by_the_clock(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    one = Keeper(tmp_path / "ring", own, Retention(days=7), [other], prune_every_s=0.05)
    try:
        one.hold(tag(1))
        end = time.monotonic() + 10
        while one._waiting and time.monotonic() < end:
            one._hear()
            time.sleep(0.01)
        old = [make(folder, 1, 10, 8.0) for folder in (own, other)]
        young = make(own, 2, 10, 6.0)
        while any(path.exists() for path in old) and time.monotonic() < end:
            time.sleep(0.01)
        assert young.exists() and not any(path.exists() for path in old)
    finally:
        one.close()
