"""From where a symbol may lie to its likeliest characters: search and fit in turn, until they agree."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from vision.compiled import compiled
from vision.linear_fit import Fit, Pose, Profile, edges_of, fit
from vision.linear_guess import bits
from vision.linear_model import Floats, Singles, module_sums
from vision.linear_search import NEVER, likeliest, prepare, search

GAP_NATS = 40.0
"""How far below the likeliest symbol of any kind valid ones are looked for; no margin is told beyond it."""

WORTHLESS = 0.2
"""Unexplained share from which on no text is believed, whatever its margin."""

_BUDGET = 20_000
_ROUNDS = 3
_MARGIN = 7  # modules
_HOPELESS = 0.35  # and beyond which no symbol was ever found
_PLAIN = 0.01  # the same at which the kind of blur is not in question
_SOFT_PX = 1.0  # softness from which on the kinds of blur can be told apart
_PATIENCE = 12  # steps of a fit that is not good yet
_EDGE, _QUIET = 1, 5  # modules beyond the symbol for which its end characters and its quiet zones answer
_GOOD = 0.003  # unexplained share at which the fit need not go on


@dataclass(frozen=True, slots=True)
class Decoded:
    """The likeliest symbol for one guess.

    values    its characters, start to stop; empty where none has a right check character
    margin    nats to the next valid symbol, at most GAP_NATS
    deficit   nats by which the likeliest symbol of any kind, check character wrong, is likelier
    worst     the largest unexplained part of any character, share of a character's mean variance
    outside   the same of the quiet zones; inner: of the characters but the first and the last
    likelihood  of the profile under the symbol in nats, up to a constant
    """

    values: tuple[int, ...]
    margin: float
    deficit: float
    likelihood: float
    fit: Fit
    profile: Profile
    worst: float = 1.0
    outside: float = 1.0
    inner: float = 1.0


def about(profile: Profile, pose: Pose) -> Profile:
    """The part of a profile that a symbol in this pose can be judged by."""
    return profile.part(pose.start - _MARGIN * pose.module, pose.end + _MARGIN * pose.module)


def settle(profile: Profile, pose: Pose, thorough: bool) -> Fit:
    """The symbol that, checked or not, explains the profile best from this pose on.

    thorough: fit it to the end, also with blur of the other kind; else as far as it takes to know its worth.
    """
    path = np.empty(0, np.int64)
    for _ in range(_ROUNDS):
        onward, _, pairs = _scores(profile, pose, profile.noise)
        before, path = path, compiled(likeliest)(onward, pairs)
        if np.array_equal(before, path):
            break
        fitted = fit(profile, edges_of(path), pose, 3)
        pose = fitted.pose
        if not _GOOD < fitted.unlike < _HOPELESS:
            return fitted
    if not thorough:
        return fitted
    found = fit(profile, edges_of(path), pose, _PATIENCE)
    return _blurred(profile, path, found) if found.unlike > _PLAIN else found


def _blurred(profile: Profile, path: Iterable[int], found: Fit) -> Fit:
    """The same symbol with a blur of the other kind, lens or motion, when that explains more.

    A box and a bell of one width differ too little for small steps to lead from one to the other.
    """
    width = found.pose.softness
    for sigma, blur in ((0.7, math.sqrt(12 * max(width**2 - 0.5, 0.0))), (width, 0.0)):
        other = fit(profile, edges_of(path), replace(found.pose, sigma=sigma, blur=blur), _PATIENCE)
        found = other if other.unlike < found.unlike else found
    return found


def decided(profile: Profile, fitted: Fit, rough: float) -> Decoded:
    """The likeliest valid symbol at the fitted pose, and how sure it is; none where little is explained.

    rough: noise of a pixel as patches along the bars tell it, greys; what exceeds the profile's own counts.
    """
    if fitted.unlike > WORTHLESS:
        return Decoded((), 0.0, 0.0, 0.0, fitted, profile, *unlike_by_part(profile, fitted))
    noise = math.sqrt(fitted.noise**2 + max(rough**2 - profile.noise**2, 0.0))
    scores = _scores(profile, fitted.pose, noise)
    gap, done = 2 * GAP_NATS, False
    while not done and gap > 1:
        gap /= 2
        found, reached, done = compiled(search)(*scores, gap, _BUDGET)
    if reached[0] <= NEVER:
        return Decoded((), 0.0, gap, 0.0, fitted, profile, *unlike_by_part(profile, fitted))
    values = tuple(int(value) for value in found[0])
    fitted = fit(profile, edges_of(values), fitted.pose, 2 if fitted.unlike < _GOOD else _PATIENCE)
    if fitted.pose.softness > _SOFT_PX:
        fitted = _blurred(profile, values, fitted)
    margin = float(reached[0] - max(reached[1], -gap))
    likelihood = -0.5 * float((fitted.weight * (profile.grey - fitted.fitted) ** 2).sum()) / fitted.noise**2
    margin = margin if done else 0.0
    parts = unlike_by_part(profile, fitted)
    return Decoded(values, margin, float(-reached[0]), likelihood, fitted, profile, *parts)


def unlike_by_part(profile: Profile, fitted: Fit, wide: int = 11) -> tuple[float, float, float]:
    """What the fit leaves unexplained, noise off: in a character, a quiet zone, an inner character at most.

    All as shares of a character's mean variance; wide: modules of a character.
    """
    pose = fitted.pose
    module = pose.share(profile.place) * pose.modules
    counted = (module >= -_QUIET) & (module < pose.modules + _QUIET) & (profile.count > 0)
    slots = pose.modules // wide
    module = module[counted]
    slot = (module / wide + 1).astype(np.int64).clip(1, slots)
    slot[module < -_EDGE], slot[module > pose.modules + _EDGE] = 0, slots + 1
    count, rest = profile.count[counted], (profile.grey - fitted.fitted)[counted]
    noise = max(profile.noise, 0.5) ** 2
    extra = np.bincount(slot, count * rest**2 - noise, minlength=slots + 2)
    greys = fitted.fitted[counted]
    mean = np.bincount(slot, count * greys) / np.maximum(np.bincount(slot, count), 1)
    variance = np.bincount(slot, count * (greys - mean[slot]) ** 2, minlength=slots + 2)
    share = extra / max(variance[1:-1].mean(), 1e-9)
    return float(share[1:-1].max()), float(max(share[0], share[-1])), float(share[2:-2].max())


def _scores(profile: Profile, pose: Pose, noise: float) -> tuple[Singles, Singles, Singles]:
    share = pose.share(profile.place)
    depth = np.maximum(pose.depth + pose.depth_slope * share, 0.2 * pose.depth)
    ink = (pose.paper + pose.paper_slope * share - profile.grey) / depth
    weight = profile.count * (depth / max(noise, 0.5)) ** 2
    step: Floats = np.ascontiguousarray(pose.tables(profile)[0])
    sums = compiled(module_sums)(
        pose.straight(profile.place), ink, weight, pose.start, pose.module, pose.modules, step
    )
    made: tuple[Singles, Singles, Singles] = compiled(prepare)(bits(), *sums)
    return made
