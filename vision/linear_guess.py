"""First guesses of where in a profile a symbol begins and ends, how many characters it has and which way it runs.

Every character begins with a bar and ends with a space, start and stop are known: their mean over all
characters is a pattern that only the right length, place and direction match throughout.
"""

from __future__ import annotations

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
def typical(slots: int) -> Floats:
    """Mean ink of each half module of a symbol with that many characters, quiet zones before and after."""
    known = bits().astype(np.float64)
    middle = known[:103, :11].mean(axis=0)
    modules = np.concatenate((known[103:106, :11].mean(axis=0), np.tile(middle, slots - 2), known[106]))
    return np.repeat(np.pad(modules, _QUIET), 2)


def even(profile: Profile) -> tuple[Floats, float]:
    """The profile at every half pixel, gaps filled in, and the place of the first value."""
    low = float(profile.place[0])
    slot = ((profile.place - low) / _STEP_PX).astype(np.int64).clip(0)
    count = np.bincount(slot, profile.count)
    has = count > 0
    middle = np.bincount(slot, profile.count * profile.place)[has] / count[has]
    grey = np.bincount(slot, profile.count * profile.grey)[has] / count[has]
    return np.interp(low + _STEP_PX * np.arange(len(count)), middle, grey), low


def ends_of(grey: Floats, low: float, length_px: float) -> tuple[Floats, Floats]:
    """Places where bars may begin and where they may end, likeliest first; empty: there are none."""
    lag = 2
    change = np.zeros_like(grey)
    change[lag // 2 : -lag // 2] = grey[lag:] - grey[:-lag]
    window = max(4, int(length_px / 30 / _STEP_PX))
    active = np.convolve(change**2, np.full(window, 1 / window), mode="same")
    middle, half = int(-low / _STEP_PX), int(0.3 * length_px / _STEP_PX)
    core = active[max(0, middle - half) : middle + half]
    if not len(core):
        return np.empty(0), np.empty(0)
    lively = active > 0.12 * np.median(core)
    first, last = _run(lively, middle, window)
    falls = _edges(-change, first - window, first + 2 * window)
    rises = _edges(change, last - 2 * window, last + window)[::-1]
    return low + falls * _STEP_PX, low + rises * _STEP_PX


def _run(lively: NDArray[np.bool_], middle: int, gap: int) -> tuple[int, int]:
    """First and last lively place about the middle; the next one never is more than `gap` away."""
    where = np.flatnonzero(lively)
    if not len(where):
        return middle, middle
    breaks = np.flatnonzero(np.diff(where) > gap)
    firsts, lasts = where[np.concatenate(([0], breaks + 1))], where[np.concatenate((breaks, [-1]))]
    nearest = int(np.argmin(np.maximum(firsts - middle, 0) + np.maximum(middle - lasts, 0)))
    return int(firsts[nearest]), int(lasts[nearest])


def _edges(change: Floats, low: int, high: int) -> Floats:
    """Peaks of `change` between two indices that are not much lower than the highest, in order."""
    low, high = max(low, 1), min(high, len(change) - 2)
    if high <= low:
        return np.empty(0)
    part = np.arange(low, high)
    here, before, after = change[part], change[part - 1], change[part + 1]
    peak = (here > before) & (here >= after) & (here > 0.35 * here.max())
    bend = np.minimum(before + after - 2 * here, -1e-9)
    return np.asarray((part + 0.5 * (before - after) / bend)[peak][:4], np.float64)


@rule
def likeness(
    grey: Floats, low: float, start: float, end: float, pattern: Floats, quiet: int, turned: bool
) -> float:
    """Correlation of the even profile with a pattern laid from start to end."""
    half = (end - start) / (len(pattern) - 4 * quiet)
    sums = np.zeros(5)
    for i in range(len(pattern)):
        index = (start + (i + 0.5 - 2 * quiet) * half - low) / 0.5
        if index < 0.0 or index >= len(grey) - 1:
            continue
        whole = int(index)
        value = -(grey[whole] + (index - whole) * (grey[whole + 1] - grey[whole]))
        like = pattern[len(pattern) - 1 - i] if turned else pattern[i]
        sums[0] += 1.0
        sums[1] += value
        sums[2] += like
        sums[3] += value * like
        sums[4] += value * value
    return correlation(sums, pattern)


@rule
def correlation(sums: Floats, pattern: Floats) -> float:
    if sums[0] < 0.9 * len(pattern):
        return -1.0
    mean = sums[1] / sums[0]
    spread = sums[4] / sums[0] - mean * mean
    typical = sums[2] / sums[0]
    power = (pattern * pattern).mean() - typical * typical
    return (sums[3] / sums[0] - mean * typical) / np.sqrt(max(spread * power, 1e-9))


def refined(
    grey: Floats, low: float, ends: Floats, pattern: Floats, quiet: int, turned: bool, step: float
) -> Floats:
    """Start, end and likeness of the best match with either end moved by up to 3 steps."""
    best = np.array([ends[0], ends[1], -1.0])
    for i in range(-3, 4):
        for j in range(-3, 4):
            start, end = ends[0] + i * step, ends[1] + j * step
            like = likeness(grey, low, start, end, pattern, quiet, turned)
            if like > best[2]:
                best[0], best[1], best[2] = start, end, like
    return best


def guesses(profile: Profile, length_px: float, most: int) -> list[Guess]:
    """The likeliest `most` guesses, best first."""
    grey, low = even(profile)
    falls, rises = ends_of(grey, low, length_px)
    rough = []
    for start in falls:
        for end in rises:
            longest = min(MOST_SLOTS, int(((end - start) / LEAST_MODULE_PX - 2) / 11))
            for slots in range(LEAST_SLOTS, longest + 1):
                for turned in (False, True):
                    like = compiled(likeness)(grey, low, start, end, typical(slots), _QUIET, turned)
                    rough.append(Guess(slots, start, end, turned, like))
    rough.sort(key=lambda guess: -guess.likeness)
    fine = [_finer(grey, low, guess) for guess in rough[: 3 * most]]
    fine.sort(key=lambda guess: -guess.likeness)
    return _distinct(fine)[:most]


def _finer(grey: Floats, low: float, guess: Guess) -> Guess:
    ends = np.array([guess.start, guess.end])
    step = 0.25 * (guess.end - guess.start) / (11 * guess.slots + 2)
    start, end, like = compiled(refined)(grey, low, ends, typical(guess.slots), _QUIET, guess.turned, step)
    return Guess(guess.slots, start, end, guess.turned, like)


def _distinct(sorted_guesses: list[Guess]) -> list[Guess]:
    kept: list[Guess] = []
    for guess in sorted_guesses:
        near = (guess.end - guess.start) / (11 * guess.slots + 2)
        if not any(
            (guess.slots, guess.turned) == (other.slots, other.turned)
            and abs(guess.start - other.start) < near
            and abs(guess.end - other.end) < near
            for other in kept
        ):
            kept.append(guess)
    return kept


def posed(profile: Profile, guess: Guess) -> Pose:
    """The guess with light and blur guessed too, in the direction of reading (`profile` so turned)."""
    start, end = (-guess.end, -guess.start) if guess.turned else (guess.start, guess.end)
    modules = 11 * guess.slots + 2
    module = (end - start) / modules
    count, place, grey = profile.count, profile.place, profile.grey
    papers = []
    for low, high in ((start - 6 * module, start - 1.5 * module), (end + 1.5 * module, end + 6 * module)):
        near = (place > low) & (place < high) & (count > 0)
        papers.append(float(np.median(grey[near])) if near.any() else float(grey.max()))
    inside = (place > start) & (place < end)
    mean = float((grey * count)[inside].sum() / max(count[inside].sum(), 1.0))
    inked = float(typical(guess.slots)[2 * _QUIET : -2 * _QUIET].mean())
    depth = max((sum(papers) / 2 - mean) / inked, 1.0)
    return Pose(modules, start, end, 0.0, 0.7, 0.0, 0.0, papers[0], papers[1] - papers[0], depth, 0.0)
