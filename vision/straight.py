"""A candidate region looked at closely: exact angle, true ends of its bars, codes side by side in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.compiled import compiled
from vision.frame import Gray
from vision.region import Region
from vision.stacked import symbols_of
from vision.upright import upright

_BAND_PX = 4
_LAGS = 3
_BEYOND_PX = 8.0
_FINE_TURN_DEG = 0.4
_LIKE_THE_MIDDLE = 0.35
_STILL = 0.2
_QUIET_ELEMENTS = 3.0
_LEAST_QUIET_PX = 4.0
_WIDEST, _WIDER = 7, 1.6
_EDGES = 4
_LEAST_ELEMENTS = 15
"""An EAN-8 has 43 bars and spaces, a Code 128 of one character 25; some run together when small."""

Profile = NDArray[np.float32]


def straighten(gray: Gray, region: Region) -> list[Region]:
    """The linear codes that a region of uint8[H, W] holds, each with its own ends; none: those are no bars.

    Square regions are given back as they are.
    """
    if region.kind == "matrix":
        return [region]
    region, bands = _turned(gray, region)
    stacked = symbols_of(np.diff(bands, axis=1))
    if len(stacked) > 1:
        whole = (0, bands.shape[1], 0)
        parts = [_turned(gray, _part(region, bands.shape, whole, rows)) for rows in stacked]
    else:
        parts = [(region, bands)]
    return [code for part in parts for code in _codes_in(*part)]


def _turned(gray: Gray, region: Region) -> tuple[Region, Profile]:
    """The region at its bars' own angle, and its bands."""
    for _ in range(2):
        bands = _bands(gray, region)
        turn = _skew_deg(bands)
        region = replace(region, angle_deg=(region.angle_deg + turn + 90) % 180 - 90)
        if abs(turn) > _FINE_TURN_DEG:
            bands = _bands(gray, region)
        if abs(turn) < 4 * _FINE_TURN_DEG:
            break
    return region, bands


def _codes_in(region: Region, bands: Profile) -> Iterator[Region]:
    """The codes of one row of them, each with its own ends."""
    top, bottom = _rows(bands)
    for code in _codes(bands[top:bottom].mean(axis=0)):
        yield _part(region, bands.shape, code, (top, bottom))


def _bands(gray: Gray, region: Region) -> Profile:
    """Mean grey of bands of about 4 px of height, float32[bands, width]."""
    pixels = upright(gray, region, beyond_px=_BEYOND_PX).pixels
    count = max(3, pixels.shape[0] // _BAND_PX)
    return np.asarray(
        cv2.resize(pixels.astype(np.float32), (pixels.shape[1], count), interpolation=cv2.INTER_AREA)
    )


def _skew_deg(bands: Profile) -> float:
    """How much further the bars are turned, from the shift of each band against the next."""
    change = np.diff(bands, axis=1)
    upper, lower = change[:-1, _LAGS:-_LAGS], change[1:]
    if upper.shape[1] < 2 * _LAGS:
        return 0.0
    width = upper.shape[1]
    match = [float((upper * lower[:, at : at + width]).sum()) for at in range(2 * _LAGS + 1)]
    best = int(np.argmax(match))
    shift = float(best - _LAGS)
    if 0 < best < 2 * _LAGS:
        before, here, after = match[best - 1 : best + 2]
        bend = before - 2 * here + after
        shift += 0.5 * (before - after) / bend if bend < 0 else 0.0
    return -math.degrees(math.atan2(shift, _BAND_PX))


def _rows(bands: Profile) -> tuple[int, int]:
    """First and behind-last band that shows the same bars as the middle ones."""
    change = np.diff(bands, axis=1)
    count = len(change)
    middle = change[count // 3 : max(count // 3 + 1, count - count // 3)].mean(axis=0)
    size = np.sqrt((change**2).sum(axis=1)) * math.sqrt(float((middle**2).sum())) + 1e-6
    like = (change * middle).sum(axis=1) / size > _LIKE_THE_MIDDLE  # @ may wake threads
    unlike = np.flatnonzero(~like)
    centre = count // 2
    above, below = unlike[unlike < centre], unlike[unlike > centre]
    return int(above[-1]) + 1 if above.size else 0, int(below[0]) if below.size else count


def _codes(profile: Profile) -> Iterator[tuple[int, int, int]]:
    """Ends and elements of every stretch that changes all the way without a quiet zone in between."""
    moving = cv2.blur(np.abs(np.diff(profile))[None, :], (3, 1))[0]
    usual = float(moving.mean())
    at = np.flatnonzero(moving > _STILL * usual)
    if not at.size or usual <= 0:
        return
    quiet = max(_LEAST_QUIET_PX, _QUIET_ELEMENTS * len(profile) / max(1, _elements(profile)))
    for own in np.split(at, np.flatnonzero(np.diff(at) > quiet) + 1):
        start, end = _trimmed(profile, own)
        elements = _elements(profile[start:end])
        if elements >= _LEAST_ELEMENTS:
            yield start, end, elements


def _trimmed(profile: Profile, at: NDArray[np.int64]) -> tuple[int, int]:
    """Ends of the bars without the edges of paper behind a narrower quiet zone.

    Small bars run together, so that they are too few and their usual width too large; but how wide the wide
    ones are can be seen. Inside a blurred code there are stretches as still as these quiet zones.
    """
    gaps = np.diff(at)
    wide = float(np.partition(gaps, -_WIDEST)[-_WIDEST]) if len(gaps) > _WIDEST else len(profile)
    pieces = np.split(at, np.flatnonzero(gaps > max(_LEAST_QUIET_PX, _WIDER * wide)) + 1)
    few = [_elements(profile[piece[0] : piece[-1] + 2]) <= _EDGES for piece in pieces]
    first = few.index(False) if False in few else 0
    last = len(few) - 1 - few[::-1].index(False) if False in few else len(few) - 1
    return int(pieces[first][0]), int(pieces[last][-1]) + 2


def _elements(profile: Profile) -> int:
    """Bars and spaces in the profile: how often it turns, wiggles of less than a tenth of its range aside."""
    greys = np.sort(profile)
    least = 0.1 * float(greys[len(greys) * 9 // 10] - greys[len(greys) // 10])
    return int(compiled(turns)(profile, least))


def turns(profile: Profile, least: float) -> int:
    """How often a profile of at least one value turns after having gone on by `least`."""
    count, high, low, rising = 0, profile[0], profile[0], True
    for grey in profile:
        high, low = max(high, grey), min(low, grey)
        if rising and grey < high - least:
            count, rising, low = count + 1, False, grey
        elif not rising and grey > low + least:
            count, rising, high = count + 1, True, grey
    return count


def _part(
    region: Region, shape: tuple[int, ...], code: tuple[int, int, int], rows: tuple[int, int]
) -> Region:
    """The part of the upright region between two columns and two bands."""
    start, end, elements = code
    tall = (region.height_px + 2 * _BEYOND_PX) / shape[0]
    u = (start + end) / 2 - shape[1] / 2
    v = ((rows[0] + rows[1]) / 2 - shape[0] / 2) * tall
    turn = math.radians(region.angle_deg)
    return replace(
        region,
        x_px=region.x_px + u * math.cos(turn) - v * math.sin(turn),
        y_px=region.y_px + u * math.sin(turn) + v * math.cos(turn),
        length_px=float(end - start),
        height_px=(rows[1] - rows[0]) * tall,
        elements=elements,
    )
