"""Our own symbol writers for Code 128 and EAN-13, so that no library is tested with itself.

A symbol is a tuple of widths in modules, alternately bar and space, beginning and ending with a bar
and without quiet zones.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

Widths: TypeAlias = tuple[int, ...]
Values: TypeAlias = tuple[int, ...]

_PATTERNS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 "
    "122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 "
    "322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 "
    "112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 "
    "331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 "
    "112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 "
    "411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
CODE128_WIDTHS: tuple[Widths, ...] = tuple(tuple(map(int, word)) for word in _PATTERNS.split())
"""Widths of the symbol characters 0..105 and of the stop (106). Source: ISO/IEC 15417, table 1."""

_STOP = 106
_START = {"B": 104, "C": 105, "A": 103}
_SWITCH = {"B": 100, "C": 99, "A": 101}
_OTHER = {"A": "B", "B": "A"}
_SHIFT = 98

# EAN-13: widths of the left odd set by digit, and the sets of the left half by the first digit.
_LEFT = ("3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112")
_PARITY = (
    "LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL",
)  # fmt: skip


def code128(text: str) -> Widths:
    """Widths of a whole Code 128 symbol: start, data in the fewest characters, check, stop.

    text is 1 or more ASCII characters (0-127). Raises ValueError otherwise.
    """
    return tuple(width for value in code128_values(text) for width in CODE128_WIDTHS[value])


@lru_cache(maxsize=256)
def code128_values(text: str) -> Values:
    """Character values of the symbol for `text`, start to stop; errors as in `code128`."""
    if not text or not text.isascii():
        raise ValueError(f"Code 128 takes 1 or more ASCII characters, not {text!r}")
    plans = _plans(text)
    first = min(plans, key=lambda code_set: len(plans[code_set]))
    values = (_START[first], *plans[first])
    check = sum(max(place, 1) * value for place, value in enumerate(values)) % 103
    return (*values, check, _STOP)


def _plans(text: str) -> dict[str, Values]:
    """Shortest character values for the whole text, by the code set it begins in; from the end backwards."""
    plans: dict[int, dict[str, Values]] = {len(text): dict.fromkeys(_START, ())}
    for at in reversed(range(len(text))):
        staying = {}
        for code_set in _START:
            ways = [values + plans[after][code_set] for values, after in _steps(text, at, code_set)]
            if ways:
                staying[code_set] = min(ways, key=len)
        plans[at] = {code_set: _or_switch(code_set, staying) for code_set in _START}
    return plans[0]


def _or_switch(code_set: str, staying: dict[str, Values]) -> Values:
    ways = [values if code_set == other else (_SWITCH[other], *values) for other, values in staying.items()]
    return min(ways, key=len)


def _steps(text: str, at: int, code_set: str) -> Iterator[tuple[Values, int]]:
    """Ways to write the next one or two characters without leaving the code set, and where they end."""
    if code_set == "C":
        pair = text[at : at + 2]
        if len(pair) == 2 and pair.isdigit():
            yield (int(pair),), at + 2
        return
    other = _OTHER[code_set]
    for prefix, alphabet in (((), code_set), ((_SHIFT,), other)):
        value = _value(ord(text[at]), alphabet)
        if value >= 0:
            yield (*prefix, value), at + 1


def _value(code: int, alphabet: str) -> int:
    """Character value of an ASCII code in set A or B, -1 when the set does not hold it."""
    if code >= 32:
        return code - 32 if alphabet == "B" or code < 96 else -1
    return code + 64 if alphabet == "A" else -1


def ean13(digits: str) -> Widths:
    """Widths of an EAN-13 symbol. Raises ValueError unless 13 ASCII digits with a right check digit."""
    if not (len(digits) == 13 and digits.isascii() and digits.isdigit()):
        raise ValueError(f"EAN-13 takes 13 digits, not {digits!r}")
    if sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10:
        raise ValueError(f"EAN-13 {digits} has a wrong check digit")
    parities = _PARITY[int(digits[0])]
    left = [
        _LEFT[int(digit)][:: 1 if parity == "L" else -1]
        for digit, parity in zip(digits[1:7], parities, strict=True)
    ]
    right = [_LEFT[int(digit)] for digit in digits[7:]]
    return tuple(map(int, "".join(["111", *left, "11111", *right, "111"])))
