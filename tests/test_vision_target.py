"""The printed target: what rendered views of it tell against the truth that they were drawn from."""

from __future__ import annotations

import math
import re

import cv2
import numpy as np
import pytest

from sorter.layout import Camera
from vision.frame import Gray
from vision.render_optics import leaning
from vision.target import Board, View, fit, picture_of, svg_of, view_of

BOARD = Board(9, 6, 40.0)
CAMERA = Camera(0, 1000, 600, 500, 1224, 1020, (0,))
SHAPE = (CAMERA.along_px, CAMERA.across_px)
UNIT_PX = 12


def seen(
    turn_deg: float = 0.0,
    at_mm: tuple[float, float] = (0, 0),
    tilt_deg: float = 0.0,
    camera_turn: float = 0.0,
    nearer: float = 1.0,
) -> Gray:
    """The board on the belt, its middle at at_mm across and downstream, as the camera sees it.

    nearer  how much larger it looks than on the belt
    """
    drawn = np.pad(picture_of(BOARD, UNIT_PX), 3 * UNIT_PX, constant_values=230)
    scale = nearer * CAMERA.across_px / CAMERA.across_mm * BOARD.square_mm / 8 / UNIT_PX
    turn = math.radians(turn_deg)
    middle = np.array([drawn.shape[1] - 1, drawn.shape[0] - 1]) / 2
    rotate = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    place = np.array(at_mm) * (1, -1) * CAMERA.across_px / CAMERA.across_mm
    lie = np.eye(3)
    lie[:2] = np.column_stack((rotate, place - rotate @ middle))
    spin, centre = math.radians(camera_turn), np.eye(3)
    centre[:2, 2] = (np.array([SHAPE[1], SHAPE[0]]) - 1) / 2
    look = np.array([[math.cos(spin), -math.sin(spin), 0], [math.sin(spin), math.cos(spin), 0], [0, 0, 1]])
    whole = leaning(CAMERA, tilt_deg) @ centre @ look @ lie
    fine = cv2.warpPerspective(drawn, whole, SHAPE[::-1], flags=cv2.INTER_AREA, borderValue=45.0)
    noise = np.random.default_rng(1).normal(0, 6, SHAPE)
    return np.asarray(np.rint(cv2.GaussianBlur(fine, (5, 5), 0.6) + noise).clip(0, 255), np.uint8)


def view(gray: Gray) -> View:
    found = view_of(gray, BOARD)
    assert found is not None
    return found


@pytest.mark.parametrize("turn_deg", [0.0, 33.0, 90.0, 200.0])
def test_the_views_size_is_found_at_any_angle_to_a_fifth_of_a_millimetre(turn_deg: float) -> None:
    told = fit([view(seen(turn_deg, (20, -15)))], SHAPE)
    assert abs(told.across_mm - 600) < 0.2 and abs(told.along_mm - 500) < 0.2
    assert told.corners >= 30 and told.error_mm < 0.1 and told.leaning_mm < 0.5
    assert told.turn_deg is None


def test_a_leaning_camera_is_told_by_how_far_a_plain_rectangle_is_off() -> None:
    upright, lean = (fit([view(seen(10, tilt_deg=tilt))], SHAPE) for tilt in (0.0, 6.0))
    corner = np.array([[[0.0, 0.0]]])
    middle = (np.array([SHAPE[1], SHAPE[0]]) - 1) / 2
    there = cv2.perspectiveTransform(corner, np.linalg.inv(leaning(CAMERA, 6.0)))[0, 0] - middle
    # Where that corner truly looks, against where a plain rectangle with the scale at the middle puts it.
    true_mm, plain_mm = there * 600 / 1224, -middle * np.array([lean.across_mm / 1224, lean.along_mm / 1020])
    assert lean.leaning_mm > 10 * upright.leaning_mm
    assert abs(lean.leaning_mm - np.linalg.norm(true_mm - plain_mm)) < 0.3 * lean.leaning_mm


def test_two_pictures_of_the_board_on_the_moving_belt_tell_how_the_camera_is_turned() -> None:
    first = view(seen(20, (0, -50), camera_turn=2.0))
    second = view(seen(20, (0, 50), camera_turn=2.0))
    told = fit([first, second], SHAPE)
    assert told.turn_deg is not None and abs(told.turn_deg - 2.0) < 0.1
    assert abs(told.across_mm - 600) < 0.3
    assert told.agree and told.apart_mm < 0.5 and told.error_mm < 0.1


@pytest.mark.parametrize("nearer", [1.01, 1.125])
def test_pictures_that_disagree_about_the_view_say_so_and_the_error_holds_it(nearer: float) -> None:
    pictures = seen(20, (0, -50)), seen(20, (0, 50), nearer=nearer)
    told = fit([view(picture) for picture in pictures], SHAPE)
    assert not told.agree and told.apart_mm == pytest.approx(600 - 600 / nearer, abs=0.5)
    # Of a corner 100 mm from the middle each picture puts half of their difference aside.
    aside_mm = 100 * (nearer - 1) / 2
    assert 0.7 * aside_mm < told.error_mm < 2 * aside_mm and told.worst_mm > aside_mm


def test_pictures_of_a_leaning_and_turned_camera_agree() -> None:
    pictures = [seen(angle, (0, mm), 3.0, 1.0) for angle, mm in ((5, -60), (40, 0), (100, 60))]
    assert fit([view(picture) for picture in pictures], SHAPE).agree


def test_a_picture_without_the_board_tells_nothing() -> None:
    assert view_of(np.full(SHAPE, 90, np.uint8), BOARD) is None


@pytest.mark.parametrize("turn_deg", [0.0, 90.0, 31.0])
def test_one_line_of_corners_is_too_little(turn_deg: float) -> None:
    # A strip of two rows of squares: eight inner corners, all in one line.
    strip = np.pad(picture_of(BOARD, UNIT_PX)[: 2 * 8 * UNIT_PX], 4 * UNIT_PX, constant_values=230)
    high, wide = strip.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), turn_deg, 1.0)
    turn[:, 2] += np.array([600 - wide / 2, 600 - high / 2])
    gray = cv2.warpAffine(strip, turn, (1200, 1200), flags=cv2.INTER_AREA, borderValue=45.0)
    assert view_of(np.asarray(gray, np.uint8), BOARD) is None


def test_two_lines_of_corners_are_enough() -> None:
    strip = np.pad(picture_of(BOARD, UNIT_PX)[: 3 * 8 * UNIT_PX], 4 * UNIT_PX, constant_values=230)
    found = fit([view(np.asarray(strip, np.uint8))], (strip.shape[0], strip.shape[1]))
    assert abs(found.across_mm - strip.shape[1] / UNIT_PX * 5) < 0.2


def test_the_printed_target_has_its_true_size() -> None:
    drawing = svg_of(BOARD)
    assert 'width="380mm" height="270mm"' in drawing and 'viewBox="-10 -10 380 270"' in drawing
    rects = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="5"', drawing)
    ink_mm2 = sum(float(width) * 5 for _, _, width in rects)
    dark = (picture_of(BOARD, 1) < 128).mean()
    assert abs(ink_mm2 - dark * 360 * 240) < 1e-6 * ink_mm2
