"""A region's pixels as a band of bars: true angle, the part of its height that shows them, its profile."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from sorter.flow import Corners
from vision.compiled import compiled
from vision.frame import Gray
from vision.linear_decode import Decoded
from vision.linear_fit import Fit, Pose, Profile
from vision.linear_model import Floats, Singles
from vision.linear_profile import MOST_STRIPS, gather, patches_of, profile_of, slips_of, strips_of
from vision.linear_tilt import tilt_of
from vision.region import Region

_WIDEST_TILT = 0.06
_BEYOND = 1.9  # of the region's length is looked at
_MOST_BINS = 1800
_LEAST_PIXELS, _MOST_PIXELS = 60, 80_000
_LEAST_STRIP_PX = 2.5
_SHOWING = 0.5  # of the strip that shows most


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """Pixels of a region, how they lie, and their profile across the bars.

    pixels  place across, place along the region's bars, and grey of each
    turn    angle of the region's reading axis in rad; tilt: how much further the bars are turned
    strips  [2, strips]: 1 for those that show bars, and how far each lies behind its place, px
    extent  half the length and half the height looked at, px, and bins per px
    """

    profile: Profile
    pixels: tuple[Singles, Singles, Singles]
    x_px: float
    y_px: float
    turn: float
    tilt: float
    strips: Floats
    extent: Floats


def band_of(pixels: Gray, region: Region) -> Band | None:
    """The band in uint8[H, W]; None where the region holds hardly a pixel."""
    turn = math.radians(region.angle_deg)
    half_u, half_v = _BEYOND * region.length_px / 2, 0.47 * region.height_px
    per_px = min(8.0, max(1.0, _MOST_BINS / (2 * half_u)))
    axis = np.array([math.cos(turn), math.sin(turn)])
    # Large bars are seen well by every other row of pixels, and a huge region must not cost seconds.
    inside = min(4 * half_u * half_v, pixels.size)
    every = 1 + int(inside / _MOST_PIXELS)
    found = compiled(gather)(pixels, region.x_px, region.y_px, axis, half_u, half_v, every)
    if len(found[0]) < _LEAST_PIXELS:
        return None
    core, extent = 0.45 * region.length_px, np.array([half_u, half_v, per_px])
    tilt = compiled(tilt_of)(*found, core, half_v, _WIDEST_TILT)
    count = min(MOST_STRIPS, max(1, round(2 * half_v / _LEAST_STRIP_PX)))
    showing = compiled(strips_of)(*found, tilt, core, half_v, count) > _SHOWING
    strips = np.stack((showing.astype(np.float64), np.zeros(count)))
    profile = _profile(found, turn, tilt, strips, extent)
    return Band(profile, found, region.x_px, region.y_px, turn, tilt, strips, extent)


def _profile(
    pixels: tuple[Singles, Singles, Singles], turn: float, tilt: float, strips: Floats, extent: Floats
) -> Profile:
    place, grey, count, noise = compiled(profile_of)(*pixels, tilt, strips, extent)
    return Profile(place, grey, count, noise, extent[2], math.cos(turn + tilt), math.sin(turn + tilt))


def aligned(band: Band, profile: Profile, turned: bool, fit: Fit) -> Band:
    """The band with its tilt, and what is left of every strip, moved to where a fitted symbol wants them.

    profile: the part of the band's own that was fitted, turned or not.
    """
    slope = np.where(fit.weight > 0, np.gradient(fit.fitted, profile.place), 0.0)
    model = np.stack((profile.place, fit.fitted, slope))
    if turned:
        model = model[:, ::-1] * np.array([[-1.0], [1.0], [-1.0]])
    whole = np.zeros((3, len(band.profile.place)))
    first = np.searchsorted(band.profile.place, model[0, 0])
    whole[:, first : first + model.shape[1]] = model
    moved, sure = compiled(slips_of)(*band.pixels, band.tilt, band.strips[1], band.extent, whole)
    sure = sure * band.strips[0]
    count = band.strips.shape[1]
    along = (np.arange(count) + 0.5) / count * 2 * band.extent[1] - band.extent[1]
    middle = (sure * along).sum() / max(sure.sum(), 1e-9)
    spread = (sure * (along - middle) ** 2).sum()
    slips = band.strips[1] + moved.clip(-2, 2)
    tilted = (sure * slips * (along - middle)).sum() / max(spread, 1e-9)
    strips = np.stack((band.strips[0], slips - tilted * (along - middle)))
    tilt = band.tilt - tilted
    return replace(
        band, profile=_profile(band.pixels, band.turn, tilt, strips, band.extent), tilt=tilt, strips=strips
    )


def patchy(band: Band, pose: Pose, turned: bool) -> float:
    """Noise of a pixel as patches of a module's width tell it, where a symbol in this pose lies; greys.

    turned: the pose is in the band's profile turned round.
    """
    start, end = (-pose.end, -pose.start) if turned else (pose.start, pose.end)
    half_u = band.extent[0]
    ends = np.array([max(start, -half_u), min(end, half_u), max(pose.module, 1.0)])
    profile = np.ascontiguousarray(band.profile.grey)
    return float(compiled(patches_of)(band.pixels, band.tilt, band.strips, band.extent, profile, ends))


def rows_of(band: Band) -> tuple[float, float]:
    """Where along the bars, from the region's centre, the strips that show them begin and end."""
    seen, high = np.flatnonzero(band.strips[0]), 2 * band.extent[1] / band.strips.shape[1]
    return float(seen[0] * high - band.extent[1]), float((seen[-1] + 1) * high - band.extent[1])


def corners_of(band: Band, decoded: Decoded) -> Corners:
    """Pixels of the symbol's own top-left, top-right, bottom-right and bottom-left."""
    pose, profile = decoded.fit.pose, decoded.profile
    turn = band.turn + band.tilt
    same_way = profile.cosine * math.cos(turn) + profile.sine * math.sin(turn) > 0
    top, bottom = rows_of(band) if same_way else tuple(-row for row in reversed(rows_of(band)))

    def pixel(u: float, v: float) -> tuple[int, int]:
        x = band.x_px + u * profile.cosine - v * profile.sine
        y = band.y_px + u * profile.sine + v * profile.cosine
        return round(x), round(y)

    return (pixel(pose.start, top), pixel(pose.end, top), pixel(pose.end, bottom), pixel(pose.start, bottom))
