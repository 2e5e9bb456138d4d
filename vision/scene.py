"""What lies on the belt as a camera would see it: labels and boxes, in millimetres. No pixels here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sorter.flow import Mm


@dataclass(frozen=True, slots=True)
class Print:
    """One symbol on a label.

    module_um     width of one module
    bar_mm        height of the bars (of a QR code: ignored, it is square)
    x_mm, y_mm    its centre from the label's centre, x along the label's text, y downwards
    """

    symbology: Literal["CODE128", "EAN13", "QR"]
    text: str
    module_um: int
    bar_mm: Mm
    x_mm: Mm = 0
    y_mm: Mm = 0


@dataclass(frozen=True, slots=True)
class Label:
    """White paper with prints.

    centre_*_mm  from the parcel's centre; across positive = image columns rising, along = downstream
    angle_deg    of the label's text against the image's columns, clockwise as seen in the image
    torn         share 0..1 of every print's width, from its right end, that has been rubbed off
    """

    centre_across_mm: Mm
    centre_along_mm: Mm
    angle_deg: float
    width_mm: Mm
    height_mm: Mm
    prints: tuple[Print, ...]
    torn: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """A parcel in view.

    centre_mm  its centre from the camera's centre line, downstream positive
    across_mm  its centre from the belt's middle, positive = image columns rising
    """

    centre_mm: Mm
    across_mm: Mm
    length_mm: Mm
    width_mm: Mm
    label: Label | None = None
