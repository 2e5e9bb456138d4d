"""From a guess of where a symbol lies to its likeliest characters: search and fit in turn, until they agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.compiled import compiled
from vision.linear_fit import Fit, Pose, Profile, edges_of, fit
from vision.linear_guess import Guess, bits, posed
from vision.linear_model import Floats, Singles, module_sums
from vision.linear_search import NEVER, likeliest, prepare, search

GAP_NATS = 40.0
"""How far below the likeliest symbol of any kind valid ones are looked for; no margin is told beyond it."""

_BUDGET = 20_000
_ROUNDS = 3
_GOOD = 0.003  # unexplained share at which the fit need not go on


@dataclass(frozen=True, slots=True)
class Decoded:
    """The likeliest symbol for one guess.

    values    its characters, start to stop; empty where none has a right check character
    margin    nats to the next valid symbol, at most GAP_NATS
    deficit   nats by which the likeliest symbol of any kind, check character wrong, is likelier
    likelihood  of the profile under the symbol in nats, up to a constant
    """

    values: tuple[int, ...]
    margin: float
    deficit: float
    likelihood: float
    fit: Fit
    profile: Profile


def settle(profile: Profile, guess: Guess) -> tuple[Profile, Fit]:
    """The symbol that, checked or not, explains the profile best from this guess on."""
    profile = profile.turned() if guess.turned else profile
    pose, path = posed(profile, guess), np.empty(0, np.int64)
    for _ in range(_ROUNDS):
        onward, _, pairs = _scores(profile, pose, profile.noise)
        before, path = path, compiled(likeliest)(onward, pairs)
        if np.array_equal(before, path):
            break
        fitted = fit(profile, edges_of(path), pose, 3)
        pose = fitted.pose
    return profile, fit(profile, edges_of(path), pose, 4) if fitted.unlike > _GOOD else fitted


def decided(profile: Profile, fitted: Fit) -> Decoded:
    """The likeliest valid symbol at the fitted pose, and how sure it is."""
    scores = _scores(profile, fitted.pose, fitted.noise)
    gap, done = 2 * GAP_NATS, False
    while not done and gap > 1:
        gap /= 2
        found, reached, done = compiled(search)(*scores, gap, _BUDGET)
    if reached[0] <= NEVER:
        return Decoded((), 0.0, gap, 0.0, fitted, profile)
    values = tuple(int(value) for value in found[0])
    margin = float(reached[0] - max(reached[1], -gap))
    likelihood = -0.5 * float((fitted.weight * (profile.grey - fitted.fitted) ** 2).sum()) / fitted.noise**2
    return Decoded(values, margin if done else 0.0, float(-reached[0]), likelihood, fitted, profile)


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
