"""A region's pixels as a band of bars: its true angle, the part of its height that shows them, its profile."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sorter.flow import Corners
from vision.compiled import compiled
from vision.frame import Gray
from vision.linear_decode import Decoded
from vision.linear_fit import Profile
from vision.linear_model import Floats
from vision.linear_profile import gather, profile_of, strips_of, tilt_of
from vision.region import Region

_WIDEST_TILT = 0.06
_BEYOND = 1.5  # of the region's length is looked at
_MOST_BINS = 3600
_LEAST_PIXELS = 60
_SHOWING = 0.5  # of the strip that shows most


@dataclass(frozen=True, slots=True)
class Band:
    """The profile of a region, and which part of the pixels it was made of.

    turn    angle of the reading axis in rad
    top, bottom  along the bars from the region's centre, px
    """

    profile: Profile
    x_px: float
    y_px: float
    turn: float
    top: float
    bottom: float


def band_of(pixels: Gray, region: Region) -> Band | None:
    """The band in uint8[H, W]; None where the region holds hardly a pixel."""
    turn = math.radians(region.angle_deg)
    axis = np.array([math.cos(turn), math.sin(turn)])
    half_u, half_v = _BEYOND * region.length_px / 2, 0.45 * region.height_px
    per_px = min(8.0, max(1.0, _MOST_BINS / (2 * half_u)))
    found = compiled(gather)(pixels, region.x_px, region.y_px, axis, half_u, half_v, 1)
    if len(found[0]) < _LEAST_PIXELS:
        return None
    core = 0.45 * region.length_px
    tilt = compiled(tilt_of)(*found, core, half_v, _WIDEST_TILT, 1.0)
    showing = compiled(strips_of)(*found, tilt, core, half_v) > _SHOWING
    extent = np.array([half_u, half_v])
    strips: Floats = showing.astype(np.float64)
    place, grey, count, noise = compiled(profile_of)(*found, tilt, strips, extent, per_px)
    turn += tilt
    profile = Profile(place, grey, count, noise, per_px, math.cos(turn), math.sin(turn))
    top, bottom = _rows(showing, half_v)
    return Band(profile, region.x_px, region.y_px, turn, top, bottom)


def _rows(showing: NDArray[np.bool_], half_v: float) -> tuple[float, float]:
    seen = np.flatnonzero(showing)
    high = 2 * half_v / len(showing)
    return seen[0] * high - half_v, (seen[-1] + 1) * high - half_v


def corners_of(band: Band, decoded: Decoded) -> Corners:
    """Pixels of the symbol's own top-left, top-right, bottom-right and bottom-left."""
    pose, profile = decoded.fit.pose, decoded.profile
    same_way = profile.cosine * math.cos(band.turn) + profile.sine * math.sin(band.turn) > 0
    top, bottom = (band.top, band.bottom) if same_way else (-band.bottom, -band.top)

    def pixel(u: float, v: float) -> tuple[int, int]:
        x = band.x_px + u * profile.cosine - v * profile.sine
        y = band.y_px + u * profile.sine + v * profile.cosine
        return round(x), round(y)

    return (pixel(pose.start, top), pixel(pose.end, top), pixel(pose.end, bottom), pixel(pose.start, bottom))
