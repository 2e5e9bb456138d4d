"""The text that the characters of a Code 128 symbol stand for."""

from __future__ import annotations

from collections.abc import Sequence

_SET_OF_START = {103: "A", 104: "B", 105: "C"}
_SWITCH = {"A": {99: "C", 100: "B"}, "B": {99: "C", 101: "A"}, "C": {100: "B", 101: "A"}}
_OTHER = {"A": "B", "B": "A"}
_SHIFT, _FNC1 = 98, 102
_SEPARATOR = "\x1d"


def text_of(values: Sequence[int]) -> str:
    """Text of the character values start to stop, check and stop left out; empty when they make none.

    FNC1 is left out where it marks a GS1 symbol (first) and a separator, GS, elsewhere. FNC2, FNC3 and FNC4
    (messages to readers, Latin-1 letters) are not texts of waybills: they make none. Source: ISO/IEC 15417.
    """
    code_set, shifted, text = _SET_OF_START[values[0]], "", ""
    for place, value in enumerate(values[1:-2]):
        now = shifted or code_set
        shifted = ""
        if value in _SWITCH[code_set]:
            code_set = _SWITCH[code_set][value]
        elif value == _FNC1:
            text += _SEPARATOR if place else ""
        elif now == "C":
            text += f"{value:02d}"
        elif value < 96:
            text += chr(value - 64 if now == "A" and value >= 64 else value + 32)
        elif value == _SHIFT:
            shifted = _OTHER[code_set]
        else:
            return ""
    return "" if shifted else text
