"""How good a symbol looked when it was read, after the idea of ISO/IEC 15416."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vision.linear_decode import Decoded
from vision.linear_fit import edges_of


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one symbol as the camera saw it; a falling one tells of a dying lamp, lens or printer.

    The standard scans one line of a sharp picture; here the profile is averaged along the bars and holds
    the camera's blur too, so that figures compare between reads of one camera, not with a verifier's.

    contrast        symbol contrast: lightest space minus darkest bar of the profile, share of full scale
    edge_contrast   least difference between neighbouring bar and space, share of full scale
    modulation      edge_contrast / contrast, 0 to 1
    decodability    1 minus what the text leaves unexplained (rms, greys) over half the least difference of
                    neighbouring bar and space, 0 to 1; 0 where narrow ones nearly vanish, though it was read
    module_px       width of one module along the reading axis
    blur_px         motion blur along the reading axis, a box's full width
    defocus_px      standard deviation of the remaining, round blur
    noise_greys     standard deviation of one pixel about the fitted symbol
    angle_deg       direction of reading, first character to last, clockwise from rising columns, [0, 360)
    """

    contrast: float
    edge_contrast: float
    modulation: float
    decodability: float
    module_px: float
    blur_px: float
    defocus_px: float
    noise_greys: float
    angle_deg: float


def quality_of(decoded: Decoded) -> Quality:
    """Measures of a symbol that was read, from its profile and the pose that was fitted to it."""
    pose, profile = decoded.fit.pose, decoded.profile
    edges = edges_of(decoded.values)
    share = (edges[:-1] + edges[1:]) / 2 / edges[-1]
    middles = pose.start + share * (pose.end - pose.start) + 4 * pose.bend * share * (1 - share)
    seen = profile.count > 0
    greys = np.interp(middles, profile.place[seen], profile.grey[seen])
    quiet = [float(np.interp(pose.start - 3 * pose.module, profile.place[seen], profile.grey[seen]))]
    contrast = (max([*greys, *quiet]) - min(greys)) / 255
    least = float(np.abs(np.diff(greys)).min()) / 255
    rest = (profile.grey - decoded.fit.fitted)[decoded.fit.weight > 0]
    swing = float(np.abs(np.diff(greys)).min()) / 2
    return Quality(
        contrast=float(contrast),
        edge_contrast=least,
        modulation=float(min(1.0, least / max(contrast, 1e-6))),
        decodability=float(np.clip(1 - np.sqrt((rest**2).mean()) / max(swing, 1e-6), 0, 1)),
        module_px=pose.module,
        blur_px=pose.blur,
        defocus_px=pose.sigma,
        noise_greys=profile.noise,
        angle_deg=math.degrees(math.atan2(profile.sine, profile.cosine)) % 360,
    )
