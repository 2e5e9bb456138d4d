"""Fits a symbol of known characters to a profile: where it lies, how it is blurred and how it is lit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vision.compiled import compiled, rule
from vision.linear_model import LEAST_SIGMA, STEPS, Floats, at, blur_tables
from vision.symbols import CODE128_WIDTHS

FACES = 7
"""Rows that `faces` fills: the ink seen, and its change with start, end, bend, sigma, blur and spread."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A region across its bars: place in px from the region's centre, mean grey, pixels counted; per bin.

    noise      greys, standard deviation of one pixel
    per_px     bins per px
    cosine, sine  of the reading axis in the image: a pixel's own area blurs by them
    """

    place: Floats
    grey: Floats
    count: Floats
    noise: float
    per_px: float
    cosine: float
    sine: float

    def part(self, low: float, high: float) -> Profile:
        """What lies between two places."""
        first, last = np.searchsorted(self.place, (low, high))
        columns = (self.place[first:last], self.grey[first:last], self.count[first:last])
        place, grey, count = (np.ascontiguousarray(column) for column in columns)
        return replace(self, place=place, grey=grey, count=count)

    def turned(self) -> Profile:
        """The same read from its other end."""
        flipped = (-self.place[::-1], self.grey[::-1], self.count[::-1])
        place, grey, count = (np.ascontiguousarray(column) for column in flipped)
        return replace(self, place=place, grey=grey, count=count, cosine=-self.cosine, sine=-self.sine)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a symbol of `modules` lies in a profile and how it is seen; px and greys.

    Place t from 0 to 1 along the symbol lies at start + t (end - start) + 4 bend t (1 - t); there paper has
    the grey paper + t paper_slope, and ink is darker by depth + t depth_slope.
    """

    modules: int
    start: float
    end: float
    bend: float
    sigma: float
    blur: float
    spread: float
    paper: float
    paper_slope: float
    depth: float
    depth_slope: float

    @property
    def module(self) -> float:
        """Width of a module in px."""
        return (self.end - self.start) / self.modules

    @property
    def softness(self) -> float:
        """Standard deviation of all blur but the pixel's own, px."""
        return float(np.sqrt(self.sigma**2 + self.blur**2 / 12))

    def share(self, place: Floats) -> Floats:
        """Where between start (0) and end (1) each place lies."""
        return (place - self.start) / (self.end - self.start)

    def straight(self, place: Floats) -> Floats:
        """The places with the bend taken out."""
        share = self.share(place).clip(-0.1, 1.1)
        return np.asarray(place - 4 * self.bend * share * (1 - share))

    def tables(self, profile: Profile) -> Floats:
        """Its blur, as `blur_tables`."""
        tables = compiled(blur_tables)(float(self.sigma), float(self.blur), profile.cosine, profile.sine)
        return np.asarray(tables)


def edges_of(values: Iterable[int]) -> Floats:
    """Edges of a Code 128 symbol in modules from its first bar; bars begin at even ones."""
    widths = [width for value in values for width in CODE128_WIDTHS[value]]
    return np.concatenate(([0.0], np.cumsum(widths)))


def faces(place: Floats, edges: Floats, pose: Floats, tables: Floats, rows: Floats) -> None:
    """Fill rows[FACES, bins] for bars with these edges; pose is start, end, bend, spread."""
    start, end, bend, spread = pose[0], pose[1], pose[2], pose[3]
    modules = edges[-1]
    reach = (tables.shape[1] - 1) / (2.0 * STEPS)
    first = 0
    for i in range(len(place)):
        while first < len(edges) - 1 and spot(edges[first], start, end, bend, modules) < place[i] - reach - 1:
            first += 1
        # Whatever lies wholly before is done: an even number of edges leaves paper, an odd one ink.
        for row in range(FACES):
            rows[row, i] = 0.0
        rows[0, i] = 1.0 if first % 2 else 0.0
        for k in range(first, len(edges)):
            sign = 1.0 if k % 2 == 0 else -1.0
            t = edges[k] / modules
            away = place[i] - spot(edges[k], start, end, bend, modules) + 0.5 * sign * spread
            if away < -reach:
                break
            slope = at(tables[1], away)
            rows[0, i] += sign * at(tables[0], away)
            rows[1, i] -= sign * slope * (1.0 - t)
            rows[2, i] -= sign * slope * t
            rows[3, i] -= sign * slope * 4.0 * t * (1.0 - t)
            rows[4, i] += sign * at(tables[2], away)
            rows[5, i] += sign * at(tables[3], away)
            rows[6, i] += 0.5 * slope


@rule
def spot(edge: float, start: float, end: float, bend: float, modules: float) -> float:
    """Place in px of an edge so many modules from the first bar."""
    t = edge / modules
    return start + t * (end - start) + 4.0 * bend * t * (1.0 - t)


@dataclass(frozen=True, slots=True)
class Fit:
    """A symbol fitted to a profile: float64 per bin, and which bins count.

    noise     greys, standard deviation of one pixel, with what the model cannot explain added as if it were
              noise of its own in every px of the profile
    unlike    share of the bars' variance that the model does not explain, noise taken off (so about 0, a
              little below it too, where all is explained)
    """

    pose: Pose
    fitted: Floats
    weight: Floats
    noise: float
    unlike: float


def fit(profile: Profile, edges: Floats, pose: Pose, rounds: int) -> Fit:
    """The pose nearby at which these edges explain the profile best, by damped least squares."""
    rows, trial = np.zeros((2, FACES, len(profile.place)))
    seen = _seen(profile, edges, pose, rows)
    weight = _weights(profile, pose, profile.grey - seen)
    damping = 1.0
    for _ in range(rounds):
        before = _cost(weight, profile.grey - seen)
        other = _stepped(profile, pose, rows, weight, profile.grey - seen, damping)
        again = _seen(profile, edges, other, trial)
        after = _cost(weight, profile.grey - again)
        if after >= before:
            damping *= 8
            continue
        pose, seen, rows, trial = other, again, trial, rows
        if after > 0.98 * before:
            break
        weight = _weights(profile, pose, profile.grey - seen)
        damping = max(damping / 4, 1.0)
    rest = profile.grey - seen
    # What is far off counts less for the pose, but in full against the symbol.
    misfit = _misfit(profile, np.where(weight > 0, profile.count, 0.0), rows[0], pose, rest)
    return Fit(pose, seen, weight, *misfit)


def _cost(weight: Floats, rest: Floats) -> float:
    return float((weight * rest**2).sum() / max(weight.sum(), 1e-9))


def _seen(profile: Profile, edges: Floats, pose: Pose, rows: Floats) -> Floats:
    place = np.array([pose.start, pose.end, pose.bend, pose.spread])
    compiled(faces)(profile.place, edges, place, pose.tables(profile), rows)
    share = pose.share(profile.place)
    seen: Floats = pose.paper + pose.paper_slope * share - (pose.depth + pose.depth_slope * share) * rows[0]
    return seen


def _weights(profile: Profile, pose: Pose, rest: Floats) -> Floats:
    """Pixels that each bin counts for: those about the symbol, and less for what is far off (folds, dirt)."""
    quiet = 5 * pose.module
    inside = (profile.place > pose.start - quiet) & (profile.place < pose.end + quiet)
    weight = np.where(inside, profile.count, 0.0)
    spread = np.sqrt((weight * rest**2).sum() / max(weight.sum(), 1.0))
    return np.asarray(weight / (1 + (rest / max(3 * spread, 1e-6)) ** 2) ** 2)


_LOOSE = np.array([0.5, 0.5, 0.2, 0.5, 0.7, 0.15])
"""How far start, end, bend (modules), sigma, blur (px) and spread (modules) may be expected to move."""

_LEAST_LOOSE = 1e-3
"""A step may end at ink as bright as paper; what does not move at all cannot be divided by."""


def normal_of(rows: Floats, share: Floats, rest: Floats, weight: Floats, depth: Floats) -> Floats:
    """Normal equations of the ten numbers of a pose, float64[10, 11]; the last column is the right side.

    rows as `faces` fills them; rest: what of the grey the pose leaves; depth: of the ink, and its slope.
    """
    bins = len(share)
    columns, heavy, made = np.empty((10, bins)), np.empty(bins), np.empty((10, 11))
    for k in range(6):
        for i in range(bins):
            columns[k, i] = -(depth[0] + depth[1] * share[i]) * rows[k + 1, i]
    for i in range(bins):
        columns[6, i], columns[7, i] = 1.0, share[i]
        columns[8, i], columns[9, i] = -rows[0, i], -rows[0, i] * share[i]
    for k in range(10):
        right = 0.0
        for i in range(bins):
            heavy[i] = weight[i] * columns[k, i]
            right += heavy[i] * rest[i]
        made[k, 10] = right
        for other in range(k, 10):
            total = 0.0
            for i in range(bins):
                total += heavy[i] * columns[other, i]
            made[k, other] = made[other, k] = total
    return made


def _stepped(
    profile: Profile, pose: Pose, rows: Floats, weight: Floats, rest: Floats, damping: float
) -> Pose:
    depth = np.array([pose.depth, pose.depth_slope])
    normal = compiled(normal_of)(rows, pose.share(profile.place), rest, weight, depth)
    normal /= max(profile.noise, 1.0) ** 2
    loose = np.concatenate((_LOOSE, [pose.depth] * 4))
    loose[[0, 1, 2, 5]] *= pose.module
    loose = np.maximum(loose, _LEAST_LOOSE)
    square = normal[:, :10]
    stiff = 1 / loose**2 + (damping - 1) * 1e-2 * np.diag(square)
    step = np.linalg.solve(square + np.diag(stiff), normal[:, 10])
    step = np.clip(step, -loose, loose)
    return Pose(
        pose.modules,
        pose.start + step[0],
        pose.end + step[1],
        pose.bend + step[2],
        max(pose.sigma + step[3], LEAST_SIGMA),
        max(pose.blur + step[4], 0.0),
        pose.spread + step[5],
        pose.paper + step[6],
        pose.paper_slope + step[7],
        pose.depth + step[8],
        pose.depth_slope + step[9],
    )


def _misfit(
    profile: Profile, weight: NDArray[np.float64], ink: Floats, pose: Pose, rest: Floats
) -> tuple[float, float]:
    """Noise of a pixel with the model's errors in it, and the unexplained share of variance."""
    total = max(weight.sum(), 1.0)
    noise = max(profile.noise, 0.5) ** 2
    bins = max(int((weight > 0).sum()), 1)
    per_bin = (weight * rest**2).sum() / bins  # the noise of a pixel where the model is right
    inked = (weight * ink).sum() / total
    variance = (weight * (ink - inked) ** 2).sum() / total * pose.depth**2
    extra = per_bin - noise
    return float(np.sqrt(noise + profile.per_px * max(extra, 0.0))), float(
        extra * bins / total / max(variance, 1e-9)
    )
