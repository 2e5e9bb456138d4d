"""First guesses of where in a profile a symbol lies, how many characters it has and which way it runs.

Every character begins with a bar and ends with a space, start and stop are known: the ink's mean and
variance at every half module of a typical symbol fit only where length, place and direction are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vision.compiled import compiled, rule
from vision.linear_fit import Pose, Profile
from vision.linear_model import Floats, Singles
from vision.symbols import CODE128_WIDTHS

LEAST_SLOTS, MOST_SLOTS = 5, 60
LEAST_MODULE_PX = 0.55

_STEP_PX = 0.5
_QUIET = 4  # modules of paper looked for at either end
_BLURS = (0.45, 0.9, 1.5)  # standard deviations in modules that typical symbols are known for
_DOUBT = 0.012  # variance added to that of the ink, for light and noise
_INKED = 0.49  # mean ink of a symbol
_CANDIDATES = 5  # ends looked at on either side


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
def typical() -> Singles:
    """Log-likelihood ratio of ink, typical against any: float32[blur, power of ink, half module].

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
        made.append(_ratio(mean, variance) - _ratio(np.full_like(mean, _INKED), np.full_like(mean, 0.2)))
    return np.array(made, np.float32)


def _ratio(mean: Floats, variance: Floats) -> Floats:
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


def ends_of(grey: Floats, low: float, length_px: float) -> tuple[Floats, Floats]:
    """Places where bars may begin and where they may end, likeliest first; empty: there are none."""
    window = max(6, int(length_px / 40 / _STEP_PX))
    falls = _outer(grey, window, -low / _STEP_PX)
    rises = len(grey) - 1 - _outer(grey[::-1], window, len(grey) - 1 + low / _STEP_PX)
    return low + falls * _STEP_PX, low + rises * _STEP_PX


def _outer(grey: Floats, window: int, middle: float) -> Floats:
    """Edges into the dark, left of the middle, with much going on behind them and little before."""
    change = np.zeros_like(grey)
    change[1:-1] = grey[:-2] - grey[2:]
    sums = np.concatenate((np.zeros(window), np.cumsum(change**2), np.zeros(window)))
    sums[-window:] = sums[-window - 1]
    part = np.arange(2, min(len(grey) - 2, int(middle)))
    here, before, after = change[part], change[part - 1], change[part + 1]
    part = part[(here > before) & (here >= after) & (here > 0.6 * np.abs(change).mean())]
    behind = sums[part + 2 * window - 1] - sums[part + window - 1]
    ahead = sums[part + window - 3] - sums[np.maximum(part - 3, 0)]
    score = (behind + 1) / (ahead + 1 + 0.02 * behind)
    part = part[np.argsort(-score)[:_CANDIDATES]]
    bend = np.minimum(change[part - 1] + change[part + 1] - 2 * change[part], -1e-9)
    return np.asarray(part + 0.5 * (change[part - 1] - change[part + 1]) / bend, np.float64)


@rule
def likeness(
    grey: Floats, low: float, ends: Floats, slots: int, typical: Singles, half: int, both: Floats
) -> None:
    """Mean log-likelihood ratio of a typical symbol from ends[0] to ends[1] px: both[forward, turned].

    ends[2:4]: grey of paper at either end. half: 2 to look at every half module, 1 at every whole one.
    """
    quiet = (typical.shape[2] - 70) // 2
    size = 22 * slots + 4 + 2 * quiet
    step = 2.0 * (ends[1] - ends[0]) / (22 * slots + 4)
    first = (ends[0] - low) * 2.0
    inside = grey[max(int(first), 0) : min(int((ends[1] - low) * 2.0), len(grey))]
    scale = 1.0 / max((0.5 * (ends[2] + ends[3]) - inside.mean()) / 0.49, 1.0)
    sums = np.zeros((2, typical.shape[0]))
    for i in range(0, size, 3 - half):
        index = first + (i + 0.5 - quiet) * step
        whole = min(max(int(index), 0), len(grey) - 2)
        value = grey[whole] + (index - whole) * (grey[whole + 1] - grey[whole])
        share = (i - quiet) / (size - 2 * quiet)
        ink = (ends[2] + share * (ends[3] - ends[2]) - value) * scale
        for way in range(2):
            at = place_of(size - 1 - i if way else i, size, quiet, typical.shape[2])
            for blur in range(typical.shape[0]):
                sums[way, blur] += typical[blur, 0, at] + ink * (
                    typical[blur, 1, at] + ink * typical[blur, 2, at]
                )
    for way in range(2):
        both[way] = sums[way].max() / size * (3 - half)


@rule
def place_of(at: int, size: int, quiet: int, known: int) -> int:
    """Where in the typical symbol, with one middle character, a half module of a longer one is."""
    if at < quiet + 22:
        return at
    return quiet + 22 + (at - quiet) % 22 if at < size - quiet - 26 else at - size + known


def rough(
    grey: Floats, low: float, falls: Floats, rises: Floats, papers: Floats, typical: Singles, most: int
) -> Floats:
    """The `most` best guesses with ends as given: rows of likeness, start, end, papers, slots, turned."""
    best = np.full((most, 7), -1e9)
    ends, both = np.empty(4), np.empty(2)
    for i in range(len(falls)):
        for j in range(len(rises)):
            ends[0], ends[1], ends[2], ends[3] = falls[i], rises[j], papers[0, i], papers[1, j]
            length = rises[j] - falls[i]
            for slots in range(LEAST_SLOTS, min(MOST_SLOTS, int((length / LEAST_MODULE_PX - 2) / 11)) + 1):
                likeness(grey, low, ends, slots, typical, 1, both)
                for turned in range(2):
                    worst = np.argmin(best[:, 0])
                    if both[turned] > best[worst, 0]:
                        best[worst, 0], best[worst, 5], best[worst, 6] = both[turned], slots, turned
                        best[worst, 1:5] = ends
    return best


def refined(grey: Floats, low: float, best: Floats, typical: Singles) -> None:
    """Move the ends of every guess by up to three quarters of a module, to where it is likeliest."""
    both = np.empty(2)
    for row in best:
        slots, turned = int(row[5]), int(row[6])
        if slots < 1:
            continue
        ends = row[1:5].copy()
        step = 0.25 * (ends[1] - ends[0]) / (11 * slots + 2)
        row[0] = -1e9
        for side in (0, 1, 0, 1):
            middle = row[1 + side]
            for i in range(-3, 4):
                ends[side] = middle + i * step
                likeness(grey, low, ends, slots, typical, 2, both)
                if both[turned] > row[0]:
                    row[0], row[1 + side] = both[turned], ends[side]
            ends[side] = row[1 + side]


def guesses(profile: Profile, length_px: float, most: int) -> list[Guess]:
    """The likeliest `most` guesses, best first."""
    grey, low = even(profile)
    falls, rises = ends_of(grey, low, length_px)
    if not (len(falls) and len(rises)):
        return []
    reach = max(4, int(length_px / 40 / _STEP_PX))
    sums = np.concatenate((np.zeros(1), np.cumsum(grey)))
    papers = np.zeros((2, _CANDIDATES))
    papers[0, : len(falls)] = _papers(sums, (falls - low) / _STEP_PX - reach, reach - 2)
    papers[1, : len(rises)] = _papers(sums, (rises - low) / _STEP_PX + 3, reach - 2)
    best = compiled(rough)(grey, low, falls, rises, papers, typical(), most + most // 2)
    compiled(refined)(grey, low, best, typical())
    made = [Guess(int(row[5]), row[1], row[2], row[6] > 0, row[0]) for row in best if row[5] > 0]
    made.sort(key=lambda guess: -guess.likeness)
    return _distinct(made)[:most]


def _papers(sums: Floats, first: Floats, count: int) -> Floats:
    """Mean grey of `count` values from each index on."""
    low = np.clip(first.astype(np.int64), 0, len(sums) - 2)
    high = np.minimum(low + count, len(sums) - 1)
    return np.asarray((sums[high] - sums[low]) / (high - low))


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
    depth = max((sum(papers) / 2 - mean) / 0.49, 1.0)
    return Pose(modules, start, end, 0.0, 0.7, 0.0, 0.0, papers[0], papers[1] - papers[0], depth, 0.0)
