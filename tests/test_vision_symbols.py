"""Our symbol writers, judged by a reader that we did not write."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from vision.frame import Gray
from vision.symbols import CODE128_WIDTHS, Widths, code128, code128_values, ean13


def drawn(widths: Widths) -> Gray:
    greys = np.where(np.arange(len(widths)) % 2 == 0, 0, 255).astype(np.uint8)
    return np.pad(np.tile(np.repeat(greys, np.array(widths) * 3), (40, 1)), 40, constant_values=255)


def read(widths: Widths, kind: zxingcpp.BarcodeFormat) -> list[bytes]:
    found = zxingcpp.read_barcodes(drawn(widths), formats=zxingcpp.BarcodeFormats(kind))
    return [code.bytes for code in found]


def test_every_code_128_character_is_eleven_modules_wide_and_like_no_other() -> None:
    assert [sum(widths) for widths in CODE128_WIDTHS] == [11] * 106 + [13]
    assert len(set(CODE128_WIDTHS)) == 107


@given(st.text(st.characters(max_codepoint=127), min_size=1, max_size=24))
def test_code_128_carries_any_ascii_text(text: str) -> None:
    assert read(code128(text), zxingcpp.BarcodeFormat.Code128) == [text.encode()]


@given(st.from_regex(r"[A-Z]{0,3}[0-9]{1,15}", fullmatch=True))
def test_code_128_carries_any_waybill(text: str) -> None:
    assert read(code128(text), zxingcpp.BarcodeFormat.Code128) == [text.encode()]


def test_digits_are_packed_in_pairs() -> None:
    # start C, 7 pairs, check, stop
    assert len(code128_values("12345678901234")) == 10
    # start B, S, F, 1, switch to C, 6 pairs, check, stop
    assert len(code128_values("SF1234567890123")) == 13


@pytest.mark.parametrize("text", ["", "圆通"])
def test_what_code_128_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        code128(text)


@given(st.integers(0, 10**12 - 1))
def test_ean_13_carries_any_number(number: int) -> None:
    digits = f"{number:012}"
    check = -sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10
    text = f"{digits}{check}"
    assert read(ean13(text), zxingcpp.BarcodeFormat.EAN13) == [text.encode()]


@pytest.mark.parametrize("digits", ["690123456789", "6901234567890", "69012345678９2", ""])
def test_an_ean_13_of_wrong_length_check_or_digits_is_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="EAN-13"):
        ean13(digits)
