"""Why bars gave no text."""

from __future__ import annotations

from enum import Enum

import numpy as np

from vision.linear_decode import Decoded
from vision.linear_fit import Profile

_USUAL_MODULES = 11 * 12 + 2  # of a waybill number's symbol, when its own length is not known
_FAINT_GREYS = 25.0
_SMALL_PX = 0.9
_BLURRED_MODULES = 1.3  # standard deviation of all blur
_QUIET_ENOUGH = 0.15
_CERTAIN = 0.06
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
    pose, unlike = decoded.fit.pose, decoded.fit.unlike
    if unlike <= _CERTAIN:
        return Refusal.QUIET_ZONE if decoded.outside > _QUIET_ENOUGH else Refusal.INVALID
    if swing(decoded.profile) < _FAINT_GREYS:
        return Refusal.LOW_CONTRAST
    module = pose.module if unlike < _VAGUE / 2 else length_px / _USUAL_MODULES
    if module < _SMALL_PX:
        return Refusal.TOO_SMALL
    if np.sqrt(pose.sigma**2 + pose.blur**2 / 12) > _BLURRED_MODULES * module:
        return Refusal.BLURRED
    return Refusal.INVALID if unlike < _VAGUE else Refusal.NO_BARS


def swing(profile: Profile) -> float:
    """Greys between the dark and the bright parts of a profile."""
    seen = profile.grey[profile.count > 0]
    return float(np.percentile(seen, 95) - np.percentile(seen, 5)) if len(seen) else 0.0
