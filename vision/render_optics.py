"""What camera and lamp make of a drawn belt: a leaning camera, motion, light that falls off; then noise."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sorter.layout import Camera
from vision.frame import Gray
from vision.scene import Optics

_HEIGHT_OF_VIEW = 1.7  # the camera hangs this many times its view's length above the belt


def through(frame: Gray, camera: Camera, optics: Optics) -> Gray:
    """The frame uint8[H, W] as these optics show it; the same array where they change nothing."""
    if optics.tilt_deg:
        size = (frame.shape[1], frame.shape[0])
        shown = cv2.warpPerspective(frame, leaning(camera, optics.tilt_deg), size, flags=cv2.INTER_CUBIC)
        frame = np.asarray(shown, np.uint8)
    motion_px = optics.motion_mm * camera.along_px / camera.along_mm
    if motion_px:
        frame = np.asarray(cv2.sepFilter2D(frame, -1, np.ones(1), _box(motion_px)), np.uint8)
    if optics.light_fall:
        fall = _light(frame.shape[0], frame.shape[1], optics.light_fall)
        frame = np.asarray(cv2.multiply(frame, fall, dtype=cv2.CV_8U), np.uint8)
    return frame


def leaning(camera: Camera, tilt_deg: float) -> NDArray[np.float64]:
    """Homography [3, 3] from pixels of the upright camera to those of one that leans downstream.

    It leans about its own place above the view's middle, which stays where it is.
    """
    across, along = camera.across_px / 2, camera.along_px / 2
    far = _HEIGHT_OF_VIEW * camera.along_px
    turn = math.radians(tilt_deg)
    upright = np.array([[1, 0, -across], [0, 1, -along], [0, 0, far]], np.float64)
    turned = np.array(
        [[1, 0, 0], [0, math.cos(turn), math.sin(turn)], [0, -math.sin(turn), math.cos(turn)]], np.float64
    )
    look = np.array([[far, 0, across], [0, far, along], [0, 0, 1]], np.float64)
    shown = look @ turned @ upright
    middle = shown @ np.array([across, along, 1.0])
    back = np.eye(3)
    back[:2, 2] = np.array([across, along]) - middle[:2] / middle[2]
    return np.asarray(back @ shown, np.float64)


def _box(width: float) -> NDArray[np.float64]:
    """A box this many pixels wide over a picture that is linear between its pixels; weights that sum to 1.

    A box of 1 px or less takes width / 8 of each neighbour: movement is seen below a pixel, too.
    """
    side = math.ceil(width / 2 + 1) - 1
    places = np.arange(-side, side + 1, dtype=np.float64)
    return np.asarray((_hat(width / 2 - places) - _hat(-width / 2 - places)) / width, np.float64)


def _hat(end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area under a hat of height 1 from -1 to 1, up to `end`."""
    end = end.clip(-1, 1)
    return np.asarray((1 + end) - np.sign(end) * end**2 / 2 - 0.5, np.float64)


@lru_cache(maxsize=2)
def _light(rows: int, columns: int, fall: float) -> NDArray[np.float32]:
    """Share of the light at each pixel: 1 in the middle, 1 - fall in the corners, by the square between."""
    across = np.linspace(-1, 1, columns, dtype=np.float32) ** 2
    along = np.linspace(-1, 1, rows, dtype=np.float32)[:, None] ** 2
    return np.asarray(1 - np.float32(fall) * (across + along) / 2, np.float32)
