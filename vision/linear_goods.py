"""Whether bars look as the EAN-13 that a library read in them would: our own model is its witness."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sorter.flow import CodeRead
from vision.frame import Gray
from vision.linear_band import band_of
from vision.linear_decode import about, unlike_by_part
from vision.linear_fit import fit
from vision.linear_guess import Guess, posed
from vision.region import Region
from vision.symbols import ean13

_MODULES, _DIGIT = 95, 7
_STEPS = 12
_MOST_UNLIKE, _MOST_WORST = 0.06, 0.3
"""As the reader of bars asks of its own texts: of the whole, and of any digit."""


def explains(gray: Gray, region: Region, read: CodeRead) -> bool:
    """Whether the EAN-13 read in this region of bars of uint8[H, W] leaves hardly anything unexplained.

    Of right texts 0.0002 stays unexplained and 0.002 of the worst digit, of texts with two wrong digits 0.09
    and 0.7 at least (88 and 264 of 1.2 to 2.2 px per module, blurred and noisy).
    """
    band = band_of(gray, region)
    if band is None or len(read.text) != 13 or not read.text.isdigit():
        return False
    turn = math.radians(region.angle_deg)
    cosine, sine = math.cos(turn), math.sin(turn)
    across = [(x - region.x_px) * cosine + (y - region.y_px) * sine for x, y in read.corners]
    start, end = (across[0] + across[3]) / 2, (across[1] + across[2]) / 2
    turned = start > end
    profile = band.profile.turned() if turned else band.profile
    pose = posed(profile, Guess(8, min(start, end), max(start, end), turned, 0.0))
    pose = replace(pose, modules=_MODULES)
    profile = about(profile, pose)
    edges = np.concatenate(([0.0], np.cumsum(ean13(read.text))))
    fitted = fit(profile, edges, pose, _STEPS)
    if fitted.unlike > _MOST_UNLIKE:
        return False
    return unlike_by_part(profile, fitted, _DIGIT)[0] <= _MOST_WORST
