"""Image files of every kind, whole and broken: pixels or a reason, never an exception."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.broken_images import compressed, make_all, png, scans_bomb
from tests.shared import ROOT
from vision.files import read_files
from vision.frame import Frame, Gray
from vision.header import header_of, jpeg_scans
from vision.image import MOST_SCANS, Unreadable, load
from vision.ring import RingReader, RingWriter
from vision.source import Folder, Ring, Stream

WAYBILL = "SF1234567890123"
FORMATS = ("png", "jpg", "gif", "bmp", "tiff", "webp")


def label() -> Gray:
    image = np.array(zxingcpp.create_barcode(WAYBILL, zxingcpp.BarcodeFormat.Code128).to_image(scale=3))
    return np.pad(image, 20, constant_values=255)


def encoded(pixels: NDArray[np.integer[Any]], extension: str = "png") -> bytes:
    done, data = cv2.imencode(f".{extension}", np.dstack([pixels] * 3) if extension == "gif" else pixels)
    assert done
    return bytes(data)


def loaded(folder: Path, data: bytes, name: str = "image.png") -> Gray | Unreadable:
    path = folder / name
    path.write_bytes(data)
    return load(path)


def reason(folder: Path, data: bytes, name: str = "image.png") -> str:
    result = loaded(folder, data, name)
    assert isinstance(result, Unreadable) and result.reason, "broken, and yet there are pixels"
    return result.reason


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_gives_its_pixels_and_announces_its_size(tmp_path: Path, extension: str) -> None:
    data = encoded(label(), extension)
    pixels = loaded(tmp_path, data)
    header = header_of(data)
    assert header is not None and (header.height, header.width) == label().shape
    assert isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.shape == label().shape
    assert abs(pixels.astype(int) - label().astype(int)).mean() < 4  # a GIF's palette is coarse


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("kept", [0.0, 0.02, 0.5, 0.9])
def test_a_file_cut_short_is_a_reason(tmp_path: Path, extension: str, kept: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (90, 120), np.uint8)
    data = encoded(noise, extension)
    assert reason(tmp_path, data[: int(len(data) * kept)])


def test_16_bit_greys_are_scaled_not_wrapped(tmp_path: Path) -> None:
    deep = np.array([[0, 255, 256, 257, 32768, 65535]], np.uint16)
    pixels = loaded(tmp_path, encoded(deep))
    assert isinstance(pixels, np.ndarray) and pixels.tolist() == [[0, 0, 0, 1, 127, 255]]


def test_what_is_transparent_is_white_paper(tmp_path: Path) -> None:
    bars = np.zeros((*label().shape, 4), np.uint8)
    bars[..., 3] = 255 - label()
    pixels = loaded(tmp_path, encoded(bars))
    assert isinstance(pixels, np.ndarray) and (pixels == label()).all()


def test_one_pixel_is_a_picture(tmp_path: Path) -> None:
    assert isinstance(loaded(tmp_path, encoded(np.zeros((1, 1), np.uint8))), np.ndarray)


def test_a_text_named_as_an_image_is_a_reason(tmp_path: Path) -> None:
    assert "not an image" in reason(tmp_path, b"SF1234567890123\n" * 9)


def test_a_missing_file_and_a_folder_are_reasons(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.png", tmp_path):
        assert isinstance(load(path), Unreadable)


@pytest.mark.parametrize("size", [(40_000, 40_000), (0, 10), (1 << 31, 1 << 31)])
def test_a_bomb_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    began = time.monotonic()
    assert "pixels" in reason(tmp_path, png(*size, zlib.compress(bytes(1 << 20), 9)))
    assert time.monotonic() - began < 1


def test_a_jpeg_of_many_scans_is_refused_before_they_are_gone_through(tmp_path: Path) -> None:
    began = time.process_time()
    for side in (8900, 16):
        assert "scans" in reason(tmp_path, scans_bomb(3000, side))
    assert time.process_time() - began < 1


def test_a_progressive_photograph_of_any_size_has_fewer_scans_than_are_read() -> None:
    colours = np.dstack([label()] * 3)
    photo = cv2.imencode(".jpg", colours, (cv2.IMWRITE_JPEG_PROGRESSIVE, 1))[1].tobytes()
    assert jpeg_scans(photo, MOST_SCANS) == 10 <= 12 < MOST_SCANS


def test_scans_are_counted_in_the_picture_only_and_to_the_limit_only() -> None:
    whole = encoded(np.random.default_rng(1).integers(0, 256, (900, 900), np.uint8), "jpg")
    thumbnail = b"\xff\xe1\x01\x02" + b"\xff\xda" * 128
    assert b"\xff\x00" in whole
    assert jpeg_scans(whole[:2] + thumbnail + whole[2:] + whole + b"\xff\xda" * 99, 9) == 1
    assert jpeg_scans(scans_bomb(3, 16), 1000) == 18 and jpeg_scans(scans_bomb(3000, 16), 7) == 8


def test_a_picture_40000_pixels_wide_is_read(tmp_path: Path) -> None:
    pixels = loaded(tmp_path, encoded(np.zeros((20, 40_000), np.uint8)))
    assert isinstance(pixels, np.ndarray) and pixels.shape == (20, 40_000)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6))
def test_no_damage_to_a_file_is_an_exception(
    tmp_path: Path, extension: str, bytes_changed: list[tuple[int, int]]
) -> None:
    data = bytearray(encoded(label(), extension))
    for place, value in bytes_changed:
        data[place % len(data)] = value
    pixels = loaded(tmp_path, bytes(data))
    assert isinstance(pixels, Unreadable) or (pixels.dtype == np.uint8 and pixels.ndim == 2)


TRIED = """
import json, resource, sys, time
from pathlib import Path
from vision.image import load
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
for path in sorted(Path(sys.argv[1]).iterdir()):
    took_s = []
    while len(took_s) < 3 and min(took_s, default=9) > float(sys.argv[3]):  # half a core is slower than one
        began = time.process_time()
        result = load(path)
        took_s.append(time.process_time() - began)
    found = list(result.shape) if hasattr(result, "shape") else result.reason
    print(json.dumps([path.name, found, min(took_s)]))
"""
MOST_MEMORY = 2 << 30  # address space, of which an idle Python with OpenCV takes half
LARGE = (("grey.png", 8, 0, 1), ("alpha.png", 8, 6, 4), ("16-bit-alpha.png", 16, 6, 8),
         ("16-bit.png", 16, 2, 6), ("16-bit-grey-alpha.png", 16, 4, 4))  # fmt: skip
MOST_S = 3.0  # of CPU: how busy the machine is says nothing of a file; a hang ends with the process


def test_every_broken_or_odd_file_gives_pixels_or_a_reason_in_time_and_memory(tmp_path: Path) -> None:
    bad, shapes = make_all(tmp_path)
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    bad |= {"gone.png", "folder.png", "pipe.png"}
    done = subprocess.run(
        [sys.executable, "-c", TRIED, str(tmp_path), str(MOST_MEMORY), str(MOST_S)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("libpng warning")] == []
    tried = {name: (found, took_s) for name, found, took_s in map(json.loads, done.stdout.splitlines())}
    assert tried.keys() == bad | shapes.keys() and len(tried) >= 50
    assert {name: tuple(tried[name][0]) for name in shapes} == shapes
    assert [name for name in bad if not isinstance(tried[name][0], str) or not tried[name][0]] == []
    assert [name for name, (_, took_s) in tried.items() if took_s > MOST_S] == []


@pytest.mark.parametrize("limit", [1100 << 20, 1300 << 20, MOST_MEMORY])
def test_a_large_picture_that_memory_is_short_for_is_a_reason(tmp_path: Path, limit: int) -> None:
    for name, depth, colour, of_pixel in LARGE:
        (tmp_path / name).write_bytes(png(8900, 8900, compressed(8900, of_pixel * 8900), depth, colour))
    done = subprocess.run(
        [sys.executable, "-c", TRIED, str(tmp_path), str(limit), str(MOST_S)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    tried = {name: found for name, found, _ in map(json.loads, done.stdout.splitlines())}
    reasons = {name: found for name, found in tried.items() if found != [8900, 8900]}
    too_deep = {name for name, reason in reasons.items() if "decodes to 604 MiB" in reason}
    assert len(tried) == len(LARGE) and too_deep == {"16-bit-alpha.png", "16-bit-grey-alpha.png"}
    assert all("too little memory" in reasons[name] for name in reasons.keys() - too_deep)
    assert (limit == MOST_MEMORY) == (not reasons.keys() - too_deep)


READ = """
import json, resource, sys, time
from pathlib import Path
from sorter.app.cli import main
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
for path in sorted(Path(sys.argv[1]).iterdir()):
    began = time.process_time()
    code = main(["read", str(path), "--json"])
    print(json.dumps([code, time.process_time() - began]))
"""
MOST_READ_S = 20.0  # of CPU: loading, the 10 s by the clock that a person waits, OpenCV's threads beside


@pytest.mark.full
@pytest.mark.timeout(900)
def test_reading_odd_files_says_for_each_why_there_is_no_waybill_in_time_and_memory(tmp_path: Path) -> None:
    bad, shapes = make_all(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path), str(MOST_MEMORY)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    answers = {
        Path(answer["file"]).name: (answer, *told)
        for answer, told in zip(lines[::2], lines[1::2], strict=True)
    }
    assert answers.keys() == bad | shapes.keys() and len(answers) >= 50
    assert all(answer["reason"] and code == 1 for answer, code, _ in answers.values())
    assert [name for name, (answer, *_) in answers.items() if "too little memory" in answer["reason"]] == []
    assert [name for name, (*_, took_s) in answers.items() if took_s > MOST_READ_S] == []


def test_a_folder_gives_its_files_in_order_and_a_reason_for_each_bad_one(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(encoded(label()))
    (tmp_path / "a.png").write_bytes(b"")
    bad, good = Folder(tmp_path, camera=2)
    assert isinstance(bad, Unreadable) and bad.file.endswith("a.png") and "empty" in bad.reason
    assert isinstance(good, Frame) and (good.tag.camera, good.tag.frame) == (2, 1)
    (missing,) = Folder(tmp_path / "absent")
    assert isinstance(missing, Unreadable)


def test_a_video_gives_its_pictures_numbered_and_a_missing_one_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "belt.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for grey in (40, 120, 200):
        video.write(np.full((48, 64, 3), grey, np.uint8))
    video.release()
    frames = [frame for frame in Stream(path, camera=1) if isinstance(frame, Frame)]
    assert [frame.tag.frame for frame in frames] == [0, 1, 2]
    greys = [round(float(frame.pixels.mean()), -1) for frame in frames]
    assert greys == [40, 120, 200] and frames[0].pixels.shape == (48, 64)
    (missing,) = Stream(tmp_path / "absent.avi")
    assert isinstance(missing, Unreadable)


def test_a_ring_as_a_source_gives_what_is_there_and_ends(tmp_path: Path) -> None:
    writer = RingWriter.create(tmp_path / "ring", 4, (8, 8))
    reader = RingReader.attach(writer.path)
    (frame,) = Folder(_folder_of_one(tmp_path))
    assert isinstance(frame, Frame)
    writer.put(Frame(frame.tag, np.ascontiguousarray(frame.pixels[:8, :8])))
    assert [one.tag for one in Ring(reader) if isinstance(one, Frame)] == [frame.tag]
    assert list(Ring(reader)) == []
    reader.close()
    writer.close()


def _folder_of_one(tmp_path: Path) -> Path:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded(label()))
    return folder


def test_reading_files_answers_for_each_of_them_folders_expanded(tmp_path: Path) -> None:
    folder = _folder_of_one(tmp_path)
    (folder / "deeper").mkdir()
    (folder / "deeper" / "blank.png").write_bytes(encoded(np.full((50, 50), 255, np.uint8)))
    (folder / "z.png").write_bytes(b"no image")
    answers = list(read_files([folder, tmp_path / "absent.png"]))
    assert [Path(answer.file).name for answer in answers] == ["a.png", "blank.png", "z.png", "absent.png"]
    assert [[code.text for code in answer.codes] for answer in answers] == [[WAYBILL], [], [], []]
    assert [bool(answer.reason) for answer in answers] == [False, False, True, True]
