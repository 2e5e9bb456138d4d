"""`sorter camera`: what a camera will read, the target to print, and millimetres from its pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from sorter.app.camera_check import outlook, told
from sorter.app.cli import main
from sorter.app.knee import Knee, lower_limit, measured
from sorter.layout import Camera
from tests.linzi import FOLDER as LINZI
from tests.test_vision_target import BOARD, seen
from vision.target import picture_of

HUB = Camera(0, 1000, 600, 600, 2448, 2448, (0,))
KNEE = Knee((1.0, 2.0, 3.0), (0.0, 2.0), ((0.8, 0.0), (1.0, 0.5), (1.0, 0.9)), 40, "abc")


def test_the_rate_between_two_points_lies_on_the_line_between_them() -> None:
    # Half-way between 1 and 2 px: 0.9 at blur 0 and 0.25 at blur 2; half-way between these: 0.575.
    assert KNEE.rate(1.5, 1.0) == pytest.approx(0.575)
    assert KNEE.rate(2.0, 0.0) == 1.0 and KNEE.rate(9.0, 2.0) == 0.9


def test_beyond_what_was_measured_nothing_is_promised() -> None:
    assert KNEE.rate(0.9, 0.0) == KNEE.rate(3.0, 2.1) == 0.0


def test_a_limit_is_the_share_at_which_what_was_seen_is_a_surprise_of_one_in_twenty() -> None:
    # All of n: 0.05 ** (1 / n); of 30 that is 90.5 %, of 400 99.25 %. 9 of 10: tables of Clopper and Pearson.
    assert lower_limit(30, 30) == pytest.approx(0.905, abs=5e-4)
    assert lower_limit(400, 400) == pytest.approx(0.05 ** (1 / 400), abs=1e-9)
    assert lower_limit(9, 10) == pytest.approx(0.6058, abs=1e-4)
    assert lower_limit(0, 10) == 0.0


def test_a_camera_is_judged_by_the_limit_and_not_by_a_lucky_few(capsys: pytest.CaptureFixture[str]) -> None:
    few = Knee((1.0, 3.0), (0.0, 2.0), ((1.0, 1.0), (1.0, 1.0)), 30, "abc")
    one = outlook(HUB, 375, 1600, 150, few)
    assert one.rate == 1.0 and one.low == pytest.approx(0.905, abs=5e-4)
    lines = list(told(one, few, 0.99))
    assert any("100.0 %" in line and "at least 90.4 % with 95 % confidence" in line for line in lines)
    assert any("->" in line for line in lines)
    assert not any("->" in line for line in told(one, few, 0.9))


@given(st.integers(0, 400), st.sampled_from((30, 40, 399, 400)))
def test_the_limit_that_is_printed_may_be_asked_for(read: int, labels: int) -> None:
    rate = min(read, labels) / labels
    knee = Knee((1.0, 3.0), (0.0, 2.0), ((rate, rate), (rate, rate)), labels, "abc")
    one = outlook(HUB, 375, 1600, 150, knee)
    (line,) = [line for line in told(one, knee, 0.0) if "confidence" in line]
    limit = float(line.split("at least ")[1].split(" %")[0])
    assert limit / 100 <= one.low < limit / 100 + 0.0011
    assert not any("->" in line for line in told(one, knee, limit / 100))


@given(st.floats(0.1, 5), st.floats(0, 8))
def test_a_rate_is_a_share(module_px: float, blur_px: float) -> None:
    assert 0 <= measured().low(module_px, blur_px) <= measured().rate(module_px, blur_px) <= 1


def test_the_shipped_table_is_of_this_reader_and_names_its_commit() -> None:
    knee = measured()
    assert knee.labels >= 300 and len(knee.commit) >= 7 and knee.px[0] < 1 < knee.px[-1]
    assert knee.rate(3.0, 0.0) == 1.0


def test_pixels_per_module_and_blur_follow_from_view_speed_and_exposure() -> None:
    # 2448 px over 600 mm are 4.08 px/mm: 0.375 mm = 1.53 px; 1600 mm/s for 150 us = 0.24 mm = 0.98 px.
    one = outlook(HUB, 375, 1600, 150, KNEE)
    assert one.module_px == pytest.approx(1.53) and one.blur_px == pytest.approx(0.979, abs=1e-3)


def test_the_hubs_camera_is_good_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["camera", "check", str(LINZI), "--least", "99"]) == 0
    said = capsys.readouterr().out
    assert "0.375 mm = 1.53 px" in said and "= 0.98 px" in said and "->" not in said


def test_a_camera_that_is_not_good_enough_is_told_with_what_would_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["camera", "check", str(LINZI), "--exposure-us", "1500", "--across-px", "1200"]) == 1
    said = capsys.readouterr().out
    assert "1200 x 1200 px" in said and ("at most" in said or "at least" in said)


@pytest.mark.parametrize("view", [("20", "600"), ("600", "20")])
def test_bars_that_do_not_fit_into_the_view_are_not_read(
    view: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--across-mm", view[0], "--along-mm", view[1], "--across-px", "2448", "--along-px", "2448"]
    assert main(["camera", "check", str(LINZI), *words, "--least", "1"]) == 1
    said = capsys.readouterr().out
    assert "expected read rate: 0.0 %" in said and "at least 0.0 %" in said
    assert "bars of 54 mm do not fit into a view of 20 mm" in said and "放不下 54 mm 的条码" in said
    assert "expose at most" not in said and "px across" not in said


def test_a_view_must_hold_the_bars_at_any_angle() -> None:
    # 145 modules of 0.375 mm are 54.4 mm; with bars 18.75 mm high the diagonal is 57.5 mm.
    slit, enough = (
        outlook(replace(HUB, along_mm=mm, along_px=round(4.08 * mm)), 375, 1600, 150, KNEE) for mm in (57, 58)
    )
    assert (slit.rate, slit.low) == (0.0, 0.0) and enough.rate > 0.5
    assert any("at any angle (diagonal 58 mm)" in line for line in told(slit, KNEE, 0.5))
    assert not any("->" in line for line in told(enough, KNEE, 0.1))


def test_the_bars_of_a_waybill_are_as_long_as_a_writer_of_codes_draws_them() -> None:
    drawn = np.array(zxingcpp.create_barcode("SF1234567890123", zxingcpp.BarcodeFormat.Code128).to_image())
    dark = np.flatnonzero((drawn.min(axis=0) < 128).reshape(-1))
    modules = (dark[-1] - dark[0] + 1) / np.diff(dark[:3]).min()
    assert outlook(HUB, 1000, 1600, 150, KNEE).bars_mm == pytest.approx(modules)


def test_what_no_number_of_pixels_can_prove_is_not_advised(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["camera", "check", str(LINZI), "--least", "100"]) == 1
    said = capsys.readouterr().out
    assert "cannot be promised: 400 labels" in said and "prove 99.2 %" in said and "无法保证" in said
    assert "pixels" not in said and "px across" not in said


def test_what_is_not_given_keeps_the_pixels_square(capsys: pytest.CaptureFixture[str]) -> None:
    main(["camera", "check", str(LINZI), "--across-px", "4096", "--across-mm", "800"])
    assert "4096 x 3072 px, 800 x 600 mm, 5.12 px/mm" in capsys.readouterr().out


def test_the_target_is_written_and_a_wrong_one_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "target.svg"
    assert main(["camera", "target", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<svg")
    assert main(["camera", "target", "--out", str(tmp_path / "no" / "target.svg")]) == 2
    assert main(["camera", "target", "--columns", "2"]) == 2
    assert "--out" in capsys.readouterr().err


def test_pictures_of_the_target_give_the_view_and_a_picture_without_it_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, along_mm in (("a.png", -45.0), ("b.png", 45.0)):
        cv2.imwrite(str(tmp_path / name), seen(15, (0, along_mm), camera_turn=1.0))
    cv2.imwrite(str(tmp_path / "c.png"), np.full((1020, 1224), 90, np.uint8))
    (tmp_path / "d.txt").write_text("no picture", encoding="utf-8")
    words = ["camera", "calibrate", str(tmp_path), "--columns", str(BOARD.columns), "--rows", str(BOARD.rows)]
    assert main([*words, "--json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert abs(found["across_mm"] - 600) < 0.3 and abs(found["along_mm"] - 500) < 0.3
    assert abs(found["turn_deg"] - 1) < 0.1 and found["error_mm"] < 0.1
    assert "c.png" in told.err and "no target" in told.err and "d.txt" in told.err
    assert main(words) == 0
    assert "across_mm: 600, along_mm: 500" in capsys.readouterr().out


def test_pictures_of_different_views_are_refused_with_what_each_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, nearer in (("a.png", 1.0), ("b.png", 1.125)):
        cv2.imwrite(str(tmp_path / name), seen(15, nearer=nearer))
    words = ["--columns", str(BOARD.columns), "--rows", str(BOARD.rows), str(tmp_path)]
    for more in ([], ["--json"]):
        assert main(["camera", "calibrate", *words, *more]) == 2
        told = capsys.readouterr()
        assert told.out == "" and "disagree about the view" in told.err and "不一致" in told.err
        assert "a.png: 600." in told.err and "b.png: 533." in told.err


def test_no_target_in_any_picture_is_a_no(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "c.png"), np.full((300, 300), 90, np.uint8))
    assert main(["camera", "calibrate", str(tmp_path / "c.png")]) == 1


def test_an_empty_folder_and_one_line_of_corners_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["camera", "calibrate", "--columns", str(BOARD.columns), "--rows", str(BOARD.rows), str(tmp_path)]
    assert main(words) == 1
    assert "no files in it" in capsys.readouterr().err
    strip = np.pad(picture_of(BOARD, 12)[: 2 * 8 * 12], 50, constant_values=230)
    cv2.imwrite(str(tmp_path / "strip.png"), strip)
    assert main(words) == 1
    assert "only one line of its corners" in capsys.readouterr().err
