"""A physical parcel: what the line carries and a camera sees. It does not know where it should go."""

from __future__ import annotations

from dataclasses import dataclass

from sorter.flow import Mm, Us
from vision.scene import Label


@dataclass(frozen=True, slots=True)
class PhysicalParcel:
    """Number n of a stream, offered to the infeed at arr_us; across_mm = off the belt's middle."""

    n: int
    arr_us: Us
    length_mm: Mm
    width_mm: Mm
    across_mm: Mm
    label: Label | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A parcel under a camera: its centre is centre_mm downstream of the camera's centre line."""

    parcel: PhysicalParcel
    centre_mm: Mm
