"""Symbols one above the other in one region: an old waybill beside a new one, hardly any paper between."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Change = NDArray[np.float32]
Rows = tuple[int, int]

_LINKED = 0.5
"""Correlation of bands: within one symbol of 1.0 px per module 0.96 and more, of two below 0.4."""
_ALIKE = 0.6
_LEAST_BANDS = 4
_NEAR = 3
_LAGS = 3
_LEAST_STRENGTH = 0.3
_PARTS, _UNLIKE, _LIVELY = 12, 0.4, 0.3


def symbols_of(change: Change) -> list[Rows]:
    """First and behind-last band of every symbol in `change`, float32[bands, width], the upper one first.

    change  differences along bands of about 4 px of height. Symbols are told apart by bars that are unlike
            even when moved by up to 3 px, as a fold moves them; what is no bars all the way is left out
    """
    runs = _runs(change)
    if len(runs) < 2:
        return runs
    runs = [run for run in runs if _goes_on(change[slice(*run)])]
    if len(runs) < 2:
        return runs
    strength = [float(np.square(change[slice(*run)].mean(axis=0)).sum()) for run in runs]
    least = _LEAST_STRENGTH**2 * max(strength)
    runs = [run for run, own in zip(runs, strength, strict=True) if own >= least]
    found = runs[:1]
    for upper, lower in pairwise(runs):
        if _one_symbol(change[slice(*upper)], change[slice(*lower)]):
            found[-1] = found[-1][0], lower[1]
        else:
            found.append(lower)
    return found


def _runs(change: Change) -> list[Rows]:
    """Stretches of enough bands, each of which is like the next and the one after.

    A band that holds a bit of two symbols is like both.
    """
    if len(change) < _LEAST_BANDS:
        return []
    size = np.sqrt(np.einsum("ij,ij->i", change, change)) + 1e-6
    linked = np.einsum("ij,ij->i", change[:-1], change[1:]) > _LINKED * size[:-1] * size[1:]
    far = np.einsum("ij,ij->i", change[:-2], change[2:]) > _LINKED * size[:-2] * size[2:]
    linked[1:] &= far
    linked[:-1] &= far
    ends = np.flatnonzero(np.diff(np.concatenate(([False], linked, [False])).astype(np.int8)))
    runs = zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True)
    return [(first, last + 1) for first, last in runs if last + 1 - first >= _LEAST_BANDS]


def _goes_on(change: Change) -> bool:
    """Whether the last bands of a run show what the first ones do: bars do, letters do not."""
    return _compared(change[:2].mean(axis=0), change[-2:].mean(axis=0))[0] > _LINKED


def _one_symbol(upper: Change, lower: Change) -> bool:
    """Two stretches of one symbol: by what lies next to what is between them, or on the whole."""
    near, unlike_near = _compared(upper[-_NEAR:].mean(axis=0), lower[:_NEAR].mean(axis=0))
    whole, unlike = _compared(upper.mean(axis=0), lower.mean(axis=0))
    other = unlike & unlike_near
    return max(near, whole) > _ALIKE and not (other[:-1] & other[1:]).any()


def _compared(one: Change, other: Change) -> tuple[float, NDArray[np.bool_]]:
    """The highest correlation of two profiles moved by a few pixels, and which parts differ there.

    Parts of a twelfth, about a character. One without bars has faded or shines, and differs from nothing.
    """
    parts = np.zeros(_PARTS, np.bool_)
    if len(one) <= 2 * _LAGS + _PARTS:
        return 1.0, parts
    inner, width = one[_LAGS:-_LAGS], len(one) - 2 * _LAGS
    own, size = float(np.square(inner).sum()), math.sqrt(float(np.square(other).sum()))
    match = [float((inner * other[at : at + width]).sum()) for at in range(2 * _LAGS + 1)]
    best = max(range(len(match)), key=match.__getitem__)
    edges = np.arange(_PARTS) * width // _PARTS
    there = other[best : best + width]
    both, first, second = (
        np.add.reduceat(product, edges) for product in (inner * there, inner * inner, there * there)
    )
    lively = (first > _LIVELY * first.mean()) & (second > _LIVELY * second.mean())
    parts = lively & (both < _UNLIKE * np.sqrt(first * second))
    return match[best] / (math.sqrt(own) * size + 1e-6), parts
