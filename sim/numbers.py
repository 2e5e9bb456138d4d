"""Waybill numbers of the couriers' formats, for parcels that do not exist."""

from __future__ import annotations

FORMATS: dict[str, tuple[str, int]] = {
    "jt": ("JT", 13),
    "sto": ("77", 13),
    "yunda": ("43", 13),
    "zto": ("75", 12),
    "yto": ("YT", 13),
    "sf": ("SF", 13),
    "post": ("98", 11),
}
"""Prefix and number of further digits; Yunda's fit STO's format too, so that the manifest must decide."""


def sample_number(courier: str, bits: int) -> str:
    """A waybill of a courier; its digits are the last ones of `bits`."""
    prefix, digits = FORMATS[courier]
    return f"{prefix}{bits % 10**digits:0{digits}}"
