"""Bytes of QR codes that do not say how they are encoded."""

from __future__ import annotations

import pytest

from vision.text import text_of

ADDRESS = "临淄区朱台镇槐行村 王"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_chinese_address_is_read_in_either_encoding_of_the_trade(encoding: str) -> None:
    raw = ADDRESS.encode(encoding)
    assert text_of(raw, guess=raw.decode("latin-1")) == ADDRESS


@pytest.mark.parametrize("text", ["今度のバージョン", "ﾃﾞｻﾞｲﾝQR"])
def test_japanese_beyond_doubt_stays_japanese(text: str) -> None:
    assert text_of(text.encode("shift_jis"), guess=text) == text


def test_half_width_kana_without_voicing_is_no_proof_of_japanese() -> None:
    raw = "镇村".encode("gb18030")
    assert text_of(raw, guess="ﾕﾂｴﾎ") == "镇村"


def test_bytes_of_no_known_encoding_keep_the_librarys_reading() -> None:
    assert text_of(b"AB\xff\xff", guess="ABÿÿ") == "ABÿÿ"
