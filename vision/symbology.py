"""Names of the kinds of code, and what a text of each kind must look like to be believed."""

from __future__ import annotations

from collections.abc import Iterable

LINEAR = ("CODE128", "CODE39", "ITF", "EAN13", "EAN8", "UPCA", "UPCE")
MATRIX = ("QR", "DATAMATRIX", "PDF417")
SYMBOLOGIES = LINEAR + MATRIX
"""Everything that can be read, in the names that `CodeRead.symbology` uses."""

SHORTEST_ITF = 6
"""Digits of the shortest ITF that is believed wherever it is seen."""


def plausible(symbology: str, text: str, short_itf: bool = False) -> bool:
    """Whether a text can be the whole symbol.

    ITF has no check and no fixed end, so a cut through part of it reads well: '1334' out of 2167361334.
    It counts only in even lengths, from 6 digits, or from 2 when nothing lies beyond its ends (short_itf).
    """
    if symbology == "ITF":
        return len(text) >= (2 if short_itf else SHORTEST_ITF) and len(text) % 2 == 0
    return bool(text)


def known(symbologies: Iterable[str]) -> tuple[str, ...]:
    """The same names without repeats. Raises ValueError when there is none or one that is not known."""
    names = tuple(dict.fromkeys(symbologies))
    strange = [name for name in names if name not in SYMBOLOGIES]
    if strange or not names:
        what = ", ".join(strange) or "none given"
        raise ValueError(f"no such symbology: {what}; known: {', '.join(SYMBOLOGIES)}")
    return names
