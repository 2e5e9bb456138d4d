"""Our own reader of linear symbols that are small, blurred or faint: the most likely text, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sorter.flow import Corners
from vision.frame import Gray, check_gray
from vision.linear_band import Band, aligned, band_of, corners_of, patchy
from vision.linear_decode import GAP_NATS, WORTHLESS, Decoded, about, decided, settle
from vision.linear_fit import Fit, Profile
from vision.linear_guess import guesses, posed
from vision.linear_refusal import Refusal, swing, why
from vision.linear_text import text_of
from vision.quality import Quality, quality_of
from vision.region import Region

__all__ = ["GAP_NATS", "Evidence", "LinearRead", "Refusal", "Refused", "examine", "read_linear"]

READER = "bars"
"""The rung's name in `CodeRead.reader`."""


LEAST_MARGIN = 12.0
"""Nats by which a text must be likelier than any other."""

MOST_UNLIKE = 0.06
"""Share of the profile's variance that a text may leave unexplained."""

MOST_WORST = 0.3
"""The same of any one character, as a share of the variance of a usual character."""

MOST_DEFICIT = 0.5
"""Nats by which a symbol with a wrong check character may be likelier than the text: one that only the demand
for a right check character brings about has not been checked by it."""

STRANGE_MARGIN, STRANGE_UNLIKE = 20.0, WORTHLESS
"""A picture that no lens makes (drawn from points, sharpened) is explained less well: then the text must
stand out more."""

_GUESSES = 5
_LEAST_LIKENESS = -0.2
_ALIGNMENTS = 4
_NOTHING_GREYS = 12.0
_FOUND = 0.03  # a fit so good that no other guess is tried
_PLAIN, _HOPELESS = 0.01, 0.35  # between these a fit is worth more effort


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """What the read was judged by, for pictures to engineers; all arrays float64[N], equally long.

    place_px   along the reading axis from the region's centre, in the direction of reading
    measured   mean grey at that place along the bars
    fitted     the grey that the text should give there
    log_likelihood   of the whole profile under the text, in nats, up to a constant; runner_up of the best
                     other text
    """

    place_px: NDArray[np.float64]
    measured: NDArray[np.float64]
    fitted: NDArray[np.float64]
    log_likelihood: float
    runner_up: float


@dataclass(frozen=True, slots=True)
class LinearRead:
    """One symbol read.

    corners   pixels of the bars' corners, in the order of the symbol's own top-left, top-right,
              bottom-right, bottom-left; top-left is where the first bar begins
    margin    nats by which the text is likelier than the best other one
    """

    text: str
    symbology: str
    corners: Corners
    margin: float
    quality: Quality
    evidence: Evidence = field(compare=False, repr=False)
    reader: str = READER


@dataclass(frozen=True, slots=True)
class Refused:
    """No text, and why; the evidence, where there was a profile at all."""

    reason: Refusal
    evidence: Evidence | None = field(default=None, compare=False, repr=False)


def read_linear(gray: Gray, region: Region, symbologies: Sequence[str] = ("CODE128",)) -> LinearRead | None:
    """The symbol in the region of uint8[H, W], or None when no text is sure enough; see `examine`."""
    answer = examine(gray, region, symbologies)
    return answer if isinstance(answer, LinearRead) else None


def examine(gray: Gray, region: Region, symbologies: Sequence[str] = ("CODE128",)) -> LinearRead | Refused:
    """The symbol in the region, or why there is none.

    The region may be off by a few pixels and degrees and reach 40 % too far or too short at either end.
    Of `symbologies` those that this reader does not know are ignored. Raises ValueError for any other array.
    """
    pixels = check_gray(gray)
    if "CODE128" not in symbologies or region.kind != "bars":
        return Refused(Refusal.NO_BARS)
    found = candidate(pixels, region)
    return found if isinstance(found, Refused) else _judged(*found, region.length_px)


def candidate(pixels: Gray, region: Region) -> tuple[Band, Decoded] | Refused:
    """The likeliest symbol in the region, believed or not (`sure` tells); refused where nothing is fitted."""
    band = band_of(pixels, region)
    if band is None:
        return Refused(Refusal.NO_BARS)
    found = _likeliest(band, region)
    if found is None:
        return Refused(
            Refusal.LOW_CONTRAST
            if swing(band.profile, region.length_px) < _NOTHING_GREYS
            else Refusal.NO_BARS
        )
    band, profile, turned, fit = found
    if _PLAIN < fit.unlike < _HOPELESS:
        fit = settle(profile, fit.pose, thorough=True)
    for _ in range(_ALIGNMENTS):
        if not _PLAIN < fit.unlike < _HOPELESS:
            break
        moved = aligned(band, profile, turned, fit)
        other = about(moved.profile.turned() if turned else moved.profile, fit.pose)
        again = settle(other, fit.pose, thorough=True)
        if again.unlike >= fit.unlike:
            break
        band, profile, fit = moved, other, again
    return band, decided(profile, fit, patchy(band, fit.pose, turned))


def _likeliest(band: Band, region: Region) -> tuple[Band, Profile, bool, Fit] | None:
    """The guess that explains the band best: the part of the profile, whether turned, and the fit."""
    best: tuple[Band, Profile, bool, Fit] | None = None
    for guess in guesses(band.profile, region.length_px, _GUESSES):
        profile = band.profile.turned() if guess.turned else band.profile
        pose = posed(profile, guess)
        profile = about(profile, pose)
        fit = settle(profile, pose, thorough=False)
        if best is None or fit.unlike < best[3].unlike:
            best = band, profile, guess.turned, fit
        if fit.unlike < _FOUND or guess.likeness < _LEAST_LIKENESS:
            break
    return best


def _judged(band: Band, decoded: Decoded, length_px: float) -> LinearRead | Refused:
    evidence = _evidence(decoded)
    text = text_of(decoded.values) if decoded.values else ""
    if not (text and sure(decoded)):
        return Refused(why(decoded, length_px), evidence)
    corners, quality = corners_of(band, decoded), quality_of(decoded)
    return LinearRead(text, "CODE128", corners, decoded.margin, quality, evidence)


def sure(decoded: Decoded) -> bool:
    """Whether a candidate is believed. Source of the bounds: docs/decisions/0004, "The bounds"."""
    if max(decoded.worst, decoded.outside) > MOST_WORST or decoded.deficit > MOST_DEFICIT:
        return False
    if decoded.fit.unlike <= MOST_UNLIKE:
        return decoded.margin >= LEAST_MARGIN
    return decoded.fit.unlike <= STRANGE_UNLIKE and decoded.margin >= STRANGE_MARGIN


def _evidence(decoded: Decoded) -> Evidence:
    profile, pose = decoded.profile, decoded.fit.pose
    near = 8 * pose.module
    seen = (profile.count > 0) & (profile.place > pose.start - near) & (profile.place < pose.end + near)
    return Evidence(
        profile.place[seen],
        profile.grey[seen],
        decoded.fit.fitted[seen],
        decoded.likelihood,
        decoded.likelihood - decoded.margin,
    )
