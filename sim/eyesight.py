"""Vision without pixels: what a reader of the hub's camera makes of labels in view. Knows no truth.

The reads lie where the renderer would print them, so the controller's matching is exercised all the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from sim.parcel import Seen
from sorter.flow import CodeRead, Corners, FrameRead, FrameTag, NoRead, Unread, Us
from sorter.layout import Camera
from vision.scene import Label, Print

LEGIBLE_PX = 1.2
"""Least module width in pixels that is read; what is torn is not read at all."""


def answer(at_us: Us, tag: FrameTag, camera: Camera, seen: Iterable[Seen]) -> FrameRead:
    """Vision's answer to a picture of these parcels: what lies wholly inside it, read or not and why not."""
    codes, unread = [], []
    for code, corners, cause in _in_view(camera, seen):
        if cause is NoRead.NONE:
            codes.append(CodeRead(code.text, code.symbology, corners, "table"))
        else:
            unread.append(Unread(cause, corners))
    return FrameRead(at_us, tag, tuple(codes), unread=tuple(unread), judged=True)


def _in_view(camera: Camera, seen: Iterable[Seen]) -> Iterator[tuple[Print, Corners, NoRead]]:
    for one in seen:
        label = one.parcel.label
        for code in label.prints if label else ():
            assert label is not None
            corners = _corners(camera, one, label, code)
            if _inside(camera, corners):
                yield code, corners, _cause(camera, label, code)


def _cause(camera: Camera, label: Label, code: Print) -> NoRead:
    if label.torn:
        return NoRead.TORN
    px = code.module_um * camera.across_px / (camera.across_mm * 1000)
    return NoRead.NONE if px >= LEGIBLE_PX else NoRead.TOO_SMALL


def _corners(camera: Camera, one: Seen, label: Label, code: Print) -> Corners:
    turn = math.radians(label.angle_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    x = one.parcel.across_mm + label.centre_across_mm + code.x_mm * cos - code.y_mm * sin
    y = -(one.centre_mm + label.centre_along_mm) + code.x_mm * sin + code.y_mm * cos
    half_w, half_h = code.module_um * 80 / 1000, code.bar_mm / 2
    return (
        _pixel(camera, x + -half_w * cos - -half_h * sin, y + -half_w * sin + -half_h * cos),
        _pixel(camera, x + half_w * cos - -half_h * sin, y + half_w * sin + -half_h * cos),
        _pixel(camera, x + half_w * cos - half_h * sin, y + half_w * sin + half_h * cos),
        _pixel(camera, x + -half_w * cos - half_h * sin, y + -half_w * sin + half_h * cos),
    )


def _pixel(camera: Camera, across_mm: float, down_mm: float) -> tuple[int, int]:
    """Of a point by its distance from the picture's middle."""
    scale = camera.across_px / camera.across_mm
    return round(camera.across_px / 2 + across_mm * scale), round(camera.along_px / 2 + down_mm * scale)


def _inside(camera: Camera, corners: Corners) -> bool:
    return all(0 <= x < camera.across_px and 0 <= y < camera.along_px for x, y in corners)
