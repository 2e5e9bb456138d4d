"""What becomes of a label that is not read, or read as another: for the table of reads and for pixels."""

from __future__ import annotations

from dataclasses import replace

from sim.draws import below, mix
from sim.faultplan import Cause
from vision.scene import Label

_RUBBED_OFF = {Cause.TORN: 0.6, Cause.SMEARED: 0.9}
_TINY_MODULE_UM = 120
_SERIAL = 8
"""A wrong digit lies among a waybill's last digits: its format, and so its courier, stay as they are."""


def spoilt(label: Label, cause: Cause) -> Label | None:
    """The label as a camera sees it that makes nothing of it; glare leaves white paper."""
    if cause is Cause.NO_LABEL:
        return None
    if cause is Cause.GLARE:
        return replace(label, prints=())
    if cause is Cause.TINY:
        return replace(label, prints=tuple(replace(p, module_um=_TINY_MODULE_UM) for p in label.prints))
    return replace(label, torn=_RUBBED_OFF[cause])


def waybill_on(label: Label) -> str | None:
    """The text of the first symbol that may be a waybill; None = there is none."""
    return next((symbol.text for symbol in label.prints if symbol.symbology == "CODE128"), None)


def with_waybill(label: Label, was: str, text: str) -> Label:
    """The same label with another text where `was` stands."""
    prints = tuple(replace(p, text=text) if p.text == was else p for p in label.prints)
    return replace(label, prints=prints)


def wrong_digit(text: str, bits: int) -> str:
    """The text with one of its last digits another one; one that ends without a digit stays as it is."""
    digits = [at for at in range(max(0, len(text) - _SERIAL), len(text)) if text[at] in "0123456789"]
    if not digits:
        return text
    at = digits[below(bits, len(digits))]
    other = (int(text[at]) + 1 + below(mix(bits), 9)) % 10
    return text[:at] + str(other) + text[at + 1 :]
