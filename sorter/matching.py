"""Which parcel a code belongs to, by belt position: exactly one candidate, or nobody's.

A parcel's *place* is the encoder count at which its centre was at the induct eye; a code seen by a
camera has the same kind of place, from the picture's encoder count and the camera's calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import dist

from sorter.flow import Corners, FrameTag, Mm, encoder_delta
from sorter.layout import Camera, Layout


@dataclass(frozen=True, slots=True)
class Span:
    """Where one parcel lies on the belt: place (u32) and half its length, counts."""

    pid: int
    place: int
    half: int


def code_place(layout: Layout, camera: Camera, tag: FrameTag, corners: Corners) -> int:
    """Place of a code: the middle of its corners, carried back to the induct eye; u32 counts."""
    (_, first), (_, second), (_, third), (_, fourth) = corners
    row = (first + second + third + fourth) // 4
    return tag.encoder - layout.counts(camera.position_mm + camera.downstream_mm(row))


def code_aside_mm(camera: Camera, corners: Corners) -> Mm:
    """Distance of a code's middle from the belt's middle, columns rising positive."""
    (first, _), (second, _), (third, _), (fourth, _) = corners
    return camera.aside_mm((first + second + third + fourth) // 4)


def code_size_mm(camera: Camera, corners: Corners) -> Mm:
    """A code's shorter side, rounded down."""
    first, second, third, _ = corners
    return int(min(dist(first, second), dist(second, third)) * camera.across_mm) // camera.across_px


def picture_place(layout: Layout, camera: Camera, tag: FrameTag, look_mm: int) -> int:
    """Place of the parcel that a picture was taken of; u32 counts."""
    return tag.encoder - layout.counts(camera.position_mm + look_mm)


def owners(place: int, spans: Sequence[Span], slack: int) -> list[int]:
    """Parcels on which a code at `place` can lie: one = its owner, several = nobody can tell.

    spans  in order along the belt; slack = most that positions may be off, counts. Each parcel's slack
    ends half-way to its neighbour's edge, so that only touching parcels can share a code.
    """
    found = []
    for index, span in enumerate(spans):
        before = _gap(span, spans[index - 1]) if index else 2 * slack
        after = _gap(spans[index + 1], span) if index + 1 < len(spans) else 2 * slack
        offset = encoder_delta(place % (1 << 32), span.place)
        if -span.half - min(slack, before // 2) <= offset <= span.half + min(slack, after // 2):
            found.append(span.pid)
    return found


def nearest(place: int, spans: Sequence[Span], window: int) -> int | None:
    """The one parcel whose centre is within `window` of `place`; None when there is none or two."""
    near = [s.pid for s in spans if abs(encoder_delta(place % (1 << 32), s.place)) <= window]
    return near[0] if len(near) == 1 else None


def _gap(later: Span, earlier: Span) -> int:
    """Free belt between two neighbours, not negative."""
    return max(0, encoder_delta(later.place, earlier.place) - later.half - earlier.half)
