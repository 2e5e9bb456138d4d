"""The likeliest Code 128 symbols of a given length: exact search over characters, check character included.

Scores are log-likelihoods in nats up to a common constant. Neighbouring characters are coupled, for blur
mixes their edges; characters further apart are not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vision.compiled import rule
from vision.linear_model import Floats, Singles

Bits = NDArray[np.float32]
Numbers = NDArray[np.int64]

FIRST_START, STOP, CHARACTERS = 103, 106, 107
CHECKED = 103
LANES = 16
NEVER = -1e30


@rule
def alone(bits: Bits, toward: Floats, among: Floats, slots: int) -> Singles:
    """Score of every character in every slot by itself, float32[slots, CHARACTERS]; the stop: 13 modules."""
    score = np.empty((slots, CHARACTERS), np.float32)
    for slot in range(slots):
        for character in range(CHARACTERS):
            score[slot, character] = NEVER
        low, high = (FIRST_START, STOP) if slot == 0 else (0, FIRST_START)
        if slot == slots - 1:
            low, high = STOP, CHARACTERS
        for character in range(low, high):
            total = 0.0
            width = 13 if character == STOP else 11
            for i in range(width):
                if bits[character, i] > 0:
                    total += toward[11 * slot + i] - 0.5 * among[11 * slot + i, 0]
                    for j in range(i + 1, min(width, i + 12)):
                        if bits[character, j] > 0:
                            total -= among[11 * slot + i, j - i]
            score[slot, character] = total
    return score


@rule
def together(bits: Bits, among: Floats, slot: int, pair: Singles) -> None:
    """Fill pair[c, d]: what character c in this slot and d in the next add to each other's scores.

    bits  of every module, whose it is: float32[13, CHARACTERS]
    """
    mixed = np.zeros((11, CHARACTERS), np.float32)
    for i in range(11):
        for j in range(i + 1):
            coupling = np.float32(among[11 * slot + i, 11 + j - i])
            for character in range(CHARACTERS):
                mixed[i, character] += bits[j, character] * coupling
    for character in range(STOP):
        for other in range(CHARACTERS):
            total = np.float32(0.0)
            for i in range(11):
                total -= bits[i, character] * mixed[i, other]
            pair[character, other] = total


@rule
def highest(one: Singles, other: Singles, lanes: Singles) -> float:
    """The largest sum of two rows' values, float32[CHARACTERS]; in lanes, which the machine takes at once."""
    for k in range(LANES):
        lanes[k] = one[k] + other[k]
    for first in range(LANES, CHARACTERS, LANES):
        begin = min(first, CHARACTERS - LANES)
        for k in range(LANES):
            value = one[begin + k] + other[begin + k]
            lanes[k] = value if value > lanes[k] else lanes[k]
    best: float = lanes[0]
    for k in range(1, LANES):
        best = max(best, lanes[k])
    return best


def prepare(bits: Bits, toward: Floats, among: Floats) -> tuple[Singles, Singles, Singles]:
    """Best scores, with couplings, of a symbol whose likelihood is given by `module_sums`.

    onward[slot, c]   best score of c in this slot and all that follows
    after[slot, c]    the same without c's own score
    pairs[slot, c, d] what c in this slot and d in the next add
    """
    slots = (len(toward) - 2) // 11
    onward = alone(bits, toward, among, slots)
    after = np.zeros((slots, CHARACTERS), np.float32)
    pairs = np.empty((slots - 1, CHARACTERS, CHARACTERS), np.float32)
    by_module, lanes = np.ascontiguousarray(bits.T), np.empty(LANES, np.float32)
    for slot in range(slots - 2, -1, -1):
        together(by_module, among, slot, pairs[slot])
        for character in range(STOP):
            best = highest(pairs[slot, character], onward[slot + 1], lanes)
            after[slot, character] = best
            onward[slot, character] += best
    return onward, after, pairs


def search(
    onward: Singles, after: Singles, pairs: Singles, gap: float, budget: int
) -> tuple[Numbers, Floats, bool]:
    """The two likeliest valid symbols that are at most `gap` less likely than the likeliest of any kind.

    Depth first, leaving what cannot reach the gap or the second best. Returns values int64[2, slots], scores
    relative to that likeliest (NEVER: none), and whether the budget of characters visited was enough.
    """
    slots = len(onward)
    found, scores = np.zeros((2, slots), np.int64), np.full(2, NEVER)
    path, turn, sums = np.zeros(slots, np.int64), np.zeros(slots, np.int64), np.zeros(slots, np.int64)
    reached = np.zeros(slots)  # the best score that the path up to this slot can still come to
    path[slots - 1] = STOP
    top = float(max(onward[0, FIRST_START], onward[0, FIRST_START + 1], onward[0, FIRST_START + 2]))
    slot, turn[0], floor = 0, FIRST_START, -gap
    while slot >= 0 and budget > 0:
        end = sums[slot - 1] + 1 if slot == slots - 2 else FIRST_START if slot else STOP
        chosen, score, last = -1, NEVER, path[slot - 1]
        for character in range(turn[slot], end):
            score = onward[0, character] - top
            if slot > 0:
                more = pairs[slot - 1, last, character] + onward[slot, character]
                score = reached[slot - 1] + more - after[slot - 1, last]
            if score >= floor:
                chosen = character
                break
        if chosen < 0:
            slot -= 1
            continue
        budget -= 1
        turn[slot], path[slot], reached[slot] = chosen + 1, chosen, score
        if slot == slots - 2:
            keep(path, score, found, scores)
            floor = max(floor, scores[1])
            continue
        sums[slot] = ((sums[slot - 1] + slot * chosen) if slot else chosen) % CHECKED
        slot += 1
        turn[slot] = sums[slot - 1] if slot == slots - 2 else 0
    return found, scores, budget > 0


@rule
def keep(path: Numbers, score: float, found: Numbers, scores: Floats) -> None:
    """Enter a symbol among the two best."""
    place = 0 if score > scores[0] else 1
    if score <= scores[place]:
        return
    if place == 0:
        scores[1] = scores[0]
    scores[place] = score
    for slot in range(len(path)):
        if place == 0:
            found[1, slot] = found[0, slot]
        found[place, slot] = path[slot]


def likeliest(onward: Singles, pairs: Singles) -> Numbers:
    """The likeliest characters, whether their check character is right or not."""
    slots = len(onward)
    path = np.empty(slots, np.int64)
    path[0], path[slots - 1] = FIRST_START, STOP
    for character in range(FIRST_START, STOP):
        if onward[0, character] > onward[0, path[0]]:
            path[0] = character
    for slot in range(1, slots - 1):
        best = np.float32(3 * NEVER)
        for character in range(FIRST_START):
            score = pairs[slot - 1, path[slot - 1], character] + onward[slot, character]
            if score > best:
                best, path[slot] = score, character
    return path
