"""First guesses of where in a profile a symbol lies, how many characters it has and which way it runs.

Every character begins with a bar and ends with a space, start and stop are known: the ink's mean and
variance at every half module of a typical symbol fit only where length, place and direction are right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vision.compiled import compiled, rule
from vision.linear_fit import Pose, Profile
from vision.linear_model import Floats
from vision.symbols import CODE128_WIDTHS

LEAST_SLOTS, MOST_SLOTS = 5, 60
LEAST_MODULE_PX = 0.55

_STEP_PX = 0.5
_QUIET = 4  # modules of paper looked for at either end
_BLURS = (0.45, 0.9, 1.5)  # standard deviations in modules that typical symbols are known for
_DOUBT = 0.012  # variance added to that of the ink, for light and noise
_CANDIDATES = 2  # ends looked at on either side, by each score
_FIRST = 3  # guesses refined before the others


@dataclass(frozen=True, slots=True)
class Guess:
    """A symbol of `slots` characters from start to end (px); turned: read from its other end."""

    slots: int
    start: float
    end: float
    turned: bool
    likeness: float


@cache
def bits() -> NDArray[np.float32]:
    """Modules of every character, 1 for ink: float32[107, 13]."""
    made = np.zeros((len(CODE128_WIDTHS), 13), np.float32)
    for row, widths in zip(made, CODE128_WIDTHS, strict=True):
        row[: sum(widths)] = np.repeat(np.arange(len(widths)) % 2 == 0, widths)
    return made


@cache
def typical() -> Floats:
    """Log-likelihood of ink, as a polynomial in it: float64[half module, power of ink x blur].

    Half modules: 8 of quiet zone, 22 of start, 22 of any character, 26 of stop, 8 of quiet zone.
    """
    rng, known, made = np.random.default_rng(1), bits(), []
    rows = np.zeros((600, 66 + 13 + 4 * _QUIET))
    for row in rows:
        values = [rng.integers(103, 106), *rng.integers(0, 103, 5), 106]
        row[2 * _QUIET : -2 * _QUIET] = np.concatenate([known[value][:11] for value in values] + [[1, 1]])
    fine = np.repeat(rows, 8, axis=1)
    offsets = np.arange(-48, 49) / 8
    for blur in _BLURS:
        kernel = np.exp(-0.5 * (offsets / blur) ** 2)
        soft = np.array([np.convolve(row, kernel / kernel.sum(), mode="same") for row in fine])
        half = soft[:, 1::4] * 0.5 + soft[:, 2::4] * 0.5
        part = np.r_[2 * _QUIET : 4 * _QUIET + 22, 4 * _QUIET + 66 : 4 * _QUIET + 88]
        part = np.concatenate((part, np.arange(half.shape[1] - 4 * _QUIET - 26, half.shape[1] - 2 * _QUIET)))
        mean, variance = half[:, part].mean(axis=0), half[:, part].var(axis=0) + _DOUBT
        made.append(_polynomial(mean, variance))
    return np.ascontiguousarray(np.array(made).transpose(2, 1, 0).reshape(-1, 3 * len(_BLURS)))


def _polynomial(mean: Floats, variance: Floats) -> Floats:
    """Log-likelihood as a polynomial in the ink: float64[3, N]."""
    constant = -0.5 * (mean**2 / variance + np.log(variance))
    return np.array((constant, mean / variance, -0.5 / variance))


def even(profile: Profile) -> tuple[Floats, float]:
    """The profile at every half pixel, gaps filled in, and the place of the first value."""
    low = float(profile.place[0])
    slot = ((profile.place - low) / _STEP_PX + 0.5).astype(np.int64).clip(0)
    count = np.bincount(slot, profile.count)
    has = count > 0
    middle = np.bincount(slot, profile.count * profile.place)[has] / count[has]
    grey = np.bincount(slot, profile.count * profile.grey)[has] / count[has]
    return np.interp(low + _STEP_PX * np.arange(len(count)), middle, grey), low


def tamed(grey: Floats, middle: int, reach: int) -> Floats:
    """The profile without what is far brighter or darker than the bars: beside faint ones all else shouts.

    Bars lie `reach` to either side of index `middle`. Twice their range is left, for blurred ones have less
    of it than ink and paper.
    """
    seen = np.sort(grey[max(middle - reach, 0) : middle + reach])
    dark, bright = seen[len(seen) // 20], seen[len(seen) * 19 // 20]
    return np.asarray(np.clip(grey, 3 * dark - 2 * bright, 3 * bright - 2 * dark))


def outer(grey: Floats, windows: NDArray[np.int64], middle: int, most: int) -> Floats:
    """Edges into the dark, left of the middle, with bars behind them and paper before: [edges, 2].

    Of each the index and the mean grey before it; index 0: there are no more. By each of two scores and of
    the windows looked at, the `most` best are taken; so one may come several times.
    """
    steepness = 0.0
    for i in range(1, len(grey) - 1):
        steepness += abs(grey[i - 1] - grey[i + 1]) / len(grey)
    found, best = np.zeros((2 * len(windows) * most, 2)), np.empty(most)
    for k in range(2 * len(windows)):
        window, ranks = windows[k // 2], found[k * most : (k + 1) * most]
        for j in range(most):
            best[j] = -1e9
        worst = 0
        for i in range(2, min(len(grey) - 2, middle)):
            here = grey[i - 1] - grey[i + 1]
            if here < 0.6 * steepness or here <= grey[i - 2] - grey[i] or here < grey[i] - grey[i + 2]:
                continue
            paper, flat = mean_and_spread(grey, i - 2 - window, window)
            bars, lively = mean_and_spread(grey, i + 2, window)
            score = paper - bars - flat if k % 2 else (lively + 1.0) / (flat + 1.0 + 0.1 * lively)
            if score > best[worst]:
                best[worst], ranks[worst, 0], ranks[worst, 1] = score, peak_of(grey, i), paper
                for j in range(most):
                    worst = j if best[j] < best[worst] else worst
    return found


@rule
def peak_of(grey: Floats, i: int) -> float:
    """Where about index i the fall is steepest."""
    before, here, after = grey[i - 2] - grey[i], grey[i - 1] - grey[i + 1], grey[i] - grey[i + 2]
    return float(i + 0.5 * (before - after) / min(before + after - 2.0 * here, -1e-9))


@rule
def mean_and_spread(grey: Floats, first: int, count: int) -> tuple[float, float]:
    """Of `count` values from an index on; at the profile's ends of those that there are."""
    low, high = min(max(first, 0), len(grey) - 2), max(min(first + count, len(grey)), 2)
    total, squares = 0.0, 0.0
    for i in range(low, high):
        total += grey[i]
        squares += grey[i] * grey[i]
    mean = total / (high - low)
    return mean, math.sqrt(max(squares / (high - low) - mean * mean, 0.0))


@rule
def likely(row: Floats, blur: int, ink: float) -> float:
    """The polynomial of a half module's ink for one of the blurs."""
    return float(row[blur] + ink * (row[blur + 3] + ink * row[blur + 6]))


@rule
def likeness(
    grey: Floats, low: float, ends: Floats, slots: int, typical: Floats, half: int, both: Floats
) -> None:
    """Mean log-likelihood of a typical symbol from ends[0] to ends[1] px, into both[forward, turned].

    It is compared with noise of the mean and variance found there. ends[2:5]: grey of paper at
    either end, mean grey between. half: 2 to look at every half module, 1 at every whole one.
    """
    known, quiet = len(typical), (len(typical) - 70) // 2
    size = 22 * slots + 4 + 2 * quiet
    step = 2.0 * (ends[1] - ends[0]) / (22 * slots + 4)
    first = (ends[0] - low) * 2.0
    scale = 0.49 / max(0.5 * (ends[2] + ends[3]) - ends[4], 0.49)
    slope = (ends[3] - ends[2]) / (size - 2 * quiet)
    sharp, soft, dim, total = 0.0, 0.0, 0.0, 0.0
    turned_sharp, turned_soft, turned_dim, squares = 0.0, 0.0, 0.0, 1e-6
    # The typical symbol has one middle character for all: its 22 rows are gone through again and again.
    ahead, behind, inner, outer, stride = 0, known - 1, quiet + 22, size - quiet - 26, 3 - half
    for i in range(0, size, stride):
        if ahead >= inner + 22 and i < outer:
            ahead -= 22
        if behind < inner and size - 1 - i >= inner:
            behind += 22
        index = first + (i + 0.5 - quiet) * step
        whole = min(max(int(index), 0), len(grey) - 2)
        value = grey[whole] + (index - whole) * (grey[whole + 1] - grey[whole])
        ink = (ends[2] + (i - quiet) * slope - value) * scale
        total, squares = total + ink, squares + ink * ink
        row = typical[ahead]
        sharp, soft, dim = sharp + likely(row, 0, ink), soft + likely(row, 1, ink), dim + likely(row, 2, ink)
        row = typical[behind]
        turned_sharp, turned_soft = turned_sharp + likely(row, 0, ink), turned_soft + likely(row, 1, ink)
        turned_dim += likely(row, 2, ink)
        ahead, behind = ahead + stride, behind - stride
    count = size / stride
    variance = squares / count - (total / count) ** 2 + 1e-3
    usual = 0.5 * (1.0 + math.log(variance))
    both[0] = max(sharp, soft, dim) / count + usual
    both[1] = max(turned_sharp, turned_soft, turned_dim) / count + usual


def rough(grey: Floats, low: float, begins: Floats, finishes: Floats, typical: Floats, most: int) -> Floats:
    """The `most` best guesses with ends as given: likeness, start, end, papers, mean, slots, turned."""
    best, worst = np.zeros((most, 8)), 0
    for i in range(most):
        best[i, 0] = -1e9
    ends, both = np.empty(5), np.empty(2)
    for i in range(len(begins)):
        for j in range(len(finishes)):
            ends[0], ends[1], ends[2], ends[3] = begins[i, 0], finishes[j, 0], begins[i, 1], finishes[j, 1]
            ends[4] = mean_and_spread(grey, int((ends[0] - low) * 2.0), int((ends[1] - ends[0]) * 2.0))[0]
            longest = int(((ends[1] - ends[0]) / LEAST_MODULE_PX - 2) / 11)
            for slots in range(LEAST_SLOTS, min(MOST_SLOTS, longest) + 1):
                likeness(grey, low, ends, slots, typical, 1, both)
                for turned in range(2):
                    if both[turned] > best[worst, 0]:
                        best[worst, 0], best[worst, 6], best[worst, 7] = both[turned], slots, turned
                        for k in range(5):
                            best[worst, 1 + k] = ends[k]
                        for k in range(most):
                            worst = k if best[k, 0] < best[worst, 0] else worst
    return best


def refined(grey: Floats, low: float, best: Floats, typical: Floats) -> None:
    """Move the ends of every guess by up to three quarters of a module, to where it is likeliest."""
    both, ends = np.empty(2), np.empty(5)
    for row in range(len(best)):
        slots, turned = int(best[row, 6]), int(best[row, 7])
        if slots < 1:
            continue
        for k in range(5):
            ends[k] = best[row, 1 + k]
        step = 0.25 * (ends[1] - ends[0]) / (11 * slots + 2)
        best[row, 0] = -1e9
        for turn in range(4):
            side = turn % 2
            middle = best[row, 1 + side]
            for i in range(-3, 4):
                ends[side] = middle + i * step
                likeness(grey, low, ends, slots, typical, 2, both)
                if both[turned] > best[row, 0]:
                    best[row, 0], best[row, 1 + side] = both[turned], ends[side]
            ends[side] = best[row, 1 + side]


def guesses(profile: Profile, length_px: float, most: int) -> Iterator[Guess]:
    """At most `most` guesses, likely ones first."""
    grey, low = even(profile)
    steps = length_px / _STEP_PX
    grey = tamed(grey, int(-low / _STEP_PX), int(0.45 * steps))
    windows = np.array((max(6, int(steps / 40)), max(10, int(steps / 22))))
    middle = int(-low / _STEP_PX)
    begins = _once(compiled(outer)(grey, windows, middle, _CANDIDATES))
    finishes = compiled(outer)(np.ascontiguousarray(grey[::-1]), windows, len(grey) - 1 - middle, _CANDIDATES)
    finishes = _once(finishes)
    begins[:, 0] = low + begins[:, 0] * _STEP_PX
    finishes[:, 0] = low + (len(grey) - 1 - finishes[:, 0]) * _STEP_PX
    best = compiled(rough)(grey, low, begins, finishes, typical(), 2 * most)
    best = best[np.argsort(-best[:, 0])]
    given: list[Guess] = []
    for part in (best[:_FIRST], best[_FIRST:]):
        compiled(refined)(grey, low, part, typical())
        made = [Guess(int(row[6]), row[1], row[2], row[7] > 0, row[0]) for row in part if row[6] > 0]
        for guess in sorted(made, key=lambda guess: -guess.likeness):
            if len(given) < most and not any(_same(guess, other) for other in given):
                given.append(guess)
                yield guess


def _once(edges: Floats) -> Floats:
    places = np.unique(edges[:, 0], return_index=True)[1]
    return np.ascontiguousarray(edges[places[edges[places, 0] > 0]])


def _same(one: Guess, other: Guess) -> bool:
    near = (one.end - one.start) / (11 * one.slots + 2)
    return (
        (one.slots, one.turned) == (other.slots, other.turned)
        and abs(one.start - other.start) < near
        and abs(one.end - other.end) < near
    )


def posed(profile: Profile, guess: Guess) -> Pose:
    """The guess with light and blur guessed too, in the direction of reading (`profile` so turned)."""
    start, end = (-guess.end, -guess.start) if guess.turned else (guess.start, guess.end)
    modules = 11 * guess.slots + 2
    module = (end - start) / modules
    count, place, grey = profile.count, profile.place, profile.grey
    papers = []
    for low, high in ((start - 6 * module, start - 1.5 * module), (end + 1.5 * module, end + 6 * module)):
        first, last = np.searchsorted(place, (low, high))
        near = grey[first:last][count[first:last] > 0]
        papers.append(float(np.median(near)) if near.size else float(grey.max()))
    first, last = np.searchsorted(place, (start, end))
    many = count[first:last]
    mean = float((grey[first:last] * many).sum() / max(many.sum(), 1.0))
    depth = max((sum(papers) / 2 - mean) / 0.49, 1.0)
    return Pose(modules, start, end, 0.0, 0.7, 0.0, 0.0, papers[0], papers[1] - papers[0], depth, 0.0)
