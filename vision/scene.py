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
class Words:
    """A line of human-readable print.

    letter_mm   height of its capitals; strokes are a sixth of it
    x_mm, y_mm  its left end on the base line, from the label's centre as of a Print
    """

    text: str
    letter_mm: float
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class Wear:
    """What print head, film and handling did to a label; the default is a good one.

    seed       where on the label the damage lies
    fade       share 0..1 of the ink's contrast that is gone
    spread_um  how much wider every bar is printed, negative = narrower
    dead_dots  dots of the print head that stay white: lines of 0.125 mm down the label, each another place
    creases    folds at any angle: each a bright or dark line, the paper beyond it moved by up to 0.3 mm
    glare      share 0..1 of the label's area under a white reflection of the lamp in its film
    covered    share 0..1 of the label's height under a strip of tape or cloth across its middle part
    """

    seed: int = 0
    fade: float = 0.0
    spread_um: int = 0
    dead_dots: int = 0
    creases: int = 0
    glare: float = 0.0
    covered: float = 0.0


GOOD = Wear()


@dataclass(frozen=True, slots=True)
class Optics:
    """How camera and lamp see the belt; the default is the hub's.

    defocus_px   standard deviation of the lens's blur
    noise_greys  standard deviation of the sensor's noise
    belt_mm_s, exposure_us  the belt moves by their product while the picture is taken
    tilt_deg     camera leaning downstream: what lies downstream is farther away and smaller
    light_fall   share 0..1 of the light that is missing in the corners
    """

    defocus_px: float = 0.6
    noise_greys: float = 6.0
    belt_mm_s: int = 0
    exposure_us: int = 0
    tilt_deg: float = 0.0
    light_fall: float = 0.0

    @property
    def motion_mm(self) -> float:
        """How far the belt moves during the exposure."""
        return self.belt_mm_s * self.exposure_us / 1e6


HUB = Optics()


@dataclass(frozen=True, slots=True)
class Label:
    """White paper with prints, and lines of words where they are drawn.

    centre_*_mm  from the parcel's centre; across positive = image columns rising, along = downstream
    angle_deg    of the label's text against the image's columns, clockwise as seen in the image
    torn         share 0..1 of every print's and line's width, from its right end, that has been rubbed off
    """

    centre_across_mm: Mm
    centre_along_mm: Mm
    angle_deg: float
    width_mm: Mm
    height_mm: Mm
    prints: tuple[Print, ...]
    torn: float = 0.0
    wear: Wear = GOOD
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A parcel in view.

    centre_mm  its centre from the camera's centre line, downstream positive
    across_mm  its centre from the belt's middle, positive = image columns rising
    below      labels under the uppermost one, the lowest first: an old waybill that nobody tore off
    """

    centre_mm: Mm
    across_mm: Mm
    length_mm: Mm
    width_mm: Mm
    label: Label | None = None
    below: tuple[Label, ...] = ()
