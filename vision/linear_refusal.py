"""Why bars gave no text."""

from __future__ import annotations

from enum import Enum

import numpy as np

from vision.linear_decode import Decoded
from vision.linear_fit import Profile

_USUAL_MODULES = 11 * 12 + 2  # of a waybill number's symbol, when its own length is not known
_FAINT_GREYS = 25.0
_CLEAR = 5.0  # times the noise of the profile: less is no pattern
_SMALL_PX = 0.75
_BLURRED_MODULES = 1.3  # softness
_GOOD_PART = 0.3
_FITS = 0.06
_VAGUE = 0.5


class Refusal(Enum):
    """Why bars gave no text. The values are stored in records; never reuse one."""

    NO_BARS = "no bars"
    TOO_SMALL = "too small"
    BLURRED = "blurred"
    LOW_CONTRAST = "low contrast"
    QUIET_ZONE = "quiet zone missing"
    INVALID = "code seen but invalid"


def why(decoded: Decoded, length_px: float) -> Refusal:
    """The likeliest reason for which a symbol of about that length was not believed."""
    fit, module = decoded.fit, length_px / _USUAL_MODULES
    sound = fit.unlike <= _FITS and decoded.worst <= _GOOD_PART
    seen = swing(decoded.profile, length_px)
    if not sound and seen < _FAINT_GREYS:
        return Refusal.LOW_CONTRAST
    if not sound and seen < _CLEAR * unsteady(decoded.profile):
        return Refusal.NO_BARS
    if decoded.outside > _GOOD_PART and decoded.inner <= _GOOD_PART:
        return Refusal.QUIET_ZONE
    if not sound and module < _SMALL_PX:
        return Refusal.TOO_SMALL
    if fit.pose.softness > _BLURRED_MODULES * module:
        return Refusal.BLURRED
    return Refusal.INVALID if fit.unlike < _VAGUE else Refusal.NO_BARS


def swing(profile: Profile, length_px: float) -> float:
    """Greys between the dark and the bright parts of the middle of a profile."""
    seen = profile.grey[(profile.count > 0) & (np.abs(profile.place) < 0.3 * length_px)]
    return float(np.percentile(seen, 95) - np.percentile(seen, 5)) if len(seen) else 0.0


def unsteady(profile: Profile) -> float:
    """Noise of the profile, greys."""
    seen = profile.count[profile.count > 0]
    return float(profile.noise / np.sqrt(seen.mean())) if len(seen) else 0.0
