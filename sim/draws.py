"""Random numbers by counting: number n of a stream is a hash of (seed, stream, n), whoever asks and when.

So a parcel is the same however many are drawn, in whatever order, on whatever host; and two scenarios see
the same parcels. All arithmetic is on 63-bit integers and IEEE + - * /, which interpreter and compiled
code do alike to the last bit; logarithms of the C library stand in one table that both read.

The mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014; constants: Stafford's variant 13) taken
modulo 2^63, where it is a bijection for the same reason: odd factors and right shifts.
"""

from __future__ import annotations

from math import log

MASK = (1 << 63) - 1
_STEP = 0x1E3779B97F4A7C15
_FIRST = 0x3F58476D1CE4E5B9
_SECOND = 0x14D049BB133111EB
_LN_2 = 0.6931471805599453
_PER_UNIT = 1.0 / (1 << 53)


def wrapped(a: int, b: int, c: int) -> int:
    """A * b + c modulo 2^63; a, b, c below 2^63, not negative.

    Compiled code has its own (sim/compiled.py): a signed product that overflows is undefined there.
    """
    return (a * b + c) & MASK


def trailing_ones(bits: int) -> int:
    """How many of the lowest bits are 1 before the first 0; bits below 2^63, not negative.

    Compiled code has its own (sim/compiled.py): one instruction.
    """
    return (bits ^ (bits + 1)).bit_length() - 1


def mix(bits: int) -> int:
    """A 63-bit word whose every bit depends on every bit of `bits` (63 of them)."""
    bits = wrapped(bits ^ (bits >> 30), _FIRST, 0)
    bits = wrapped(bits ^ (bits >> 27), _SECOND, 0)
    return bits ^ (bits >> 31)


def key(seed: int, stream: int) -> int:
    """Key of one stream of a seed; both at least 0 and below 2^31."""
    return mix(wrapped(stream, _STEP, mix(wrapped(1, seed, _STEP))))


def word(stream: int, n: int) -> int:
    """Number n of the stream with this key: 63 random bits."""
    return mix(wrapped(n, _STEP, stream))


def unit(bits: int) -> float:
    """A 63-bit word as a number in [0, 1), 53 bits of it."""
    return (bits >> 10) * _PER_UNIT


def below(bits: int, limit: int) -> int:
    """An integer in [0, limit) from the word's upper 32 bits; limit below 2^31."""
    return ((bits >> 31) * limit) >> 32


def exponential(bits: int, logs: list[float]) -> float:
    """A 63-bit word as an exponential variable of mean 1; within 1e-11 of -ln of a uniform one.

    Its binary exponent is the number of trailing ones, its fraction the upper 32 bits. The upper 8 of these
    find a point of `logs` nearby, and a short series goes on from there: the next arrival waits for it.
    """
    point = bits >> 54 & 0x1FE
    r = ((bits >> 31 & 0xFFFFFF) - 0x800000) * logs[point]
    return trailing_ones(bits) * _LN_2 + (logs[point + 1] - r * (1.0 - r * (0.5 - r * (1 / 3))))


def logarithms() -> list[float]:
    """For each of 256 intervals of [1, 2) with middle m: 2^-32 / m, and ln(2 / m)."""
    middles = [1 + (n + 0.5) / 256 for n in range(256)]
    return [number for m in middles for number in (1 / (m * (1 << 32)), log(2 / m))]


RULES = (mix, key, word, unit, below, exponential)
"""What a compiled engine that draws must be given."""
