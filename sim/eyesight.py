"""Vision without pixels: what a reader of the hub's camera makes of labels in view. Knows no truth.

The reads lie where the renderer would print them, so the controller's matching is exercised all the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.parcel import Seen
from sorter.flow import CodeRead, Corners
from sorter.layout import Camera
from vision.scene import Label, Print

LEGIBLE_PX = 2.5
"""Least module width in pixels that is read; what is torn is not read at all."""


def reads(camera: Camera, seen: Iterable[Seen]) -> tuple[CodeRead, ...]:
    """Codes that are legible in a picture of these parcels, wholly inside it."""
    found = []
    for one in seen:
        label = one.parcel.label
        for code in label.prints if label else ():
            corners = _corners(camera, one, label, code) if label else None
            if corners is not None and _legible(camera, label, code) and _inside(camera, corners):
                found.append(CodeRead(code.text, code.symbology, corners, "table"))
    return tuple(found)


def _legible(camera: Camera, label: Label | None, code: Print) -> bool:
    px = code.module_um * camera.across_px / (camera.across_mm * 1000)
    return label is not None and label.torn == 0 and px >= LEGIBLE_PX


def _corners(camera: Camera, one: Seen, label: Label, code: Print) -> Corners:
    turn = math.radians(label.angle_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    middle_x = one.parcel.across_mm + label.centre_across_mm + code.x_mm * cos - code.y_mm * sin
    middle_y = -(one.centre_mm + label.centre_along_mm) + code.x_mm * sin + code.y_mm * cos
    half_w, half_h = code.module_um * 80 / 1000, code.bar_mm / 2
    scale = camera.across_px / camera.across_mm

    def pixel(x: float, y: float) -> tuple[int, int]:
        across, down = middle_x + x * cos - y * sin, middle_y + x * sin + y * cos
        return round(camera.across_px / 2 + across * scale), round(camera.along_px / 2 + down * scale)

    return (
        pixel(-half_w, -half_h), pixel(half_w, -half_h), pixel(half_w, half_h), pixel(-half_w, half_h),
    )  # fmt: skip


def _inside(camera: Camera, corners: Corners) -> bool:
    return all(0 <= x < camera.across_px and 0 <= y < camera.along_px for x, y in corners)
