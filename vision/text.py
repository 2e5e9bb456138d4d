"""The text behind a QR code's bytes when the code does not say how they are encoded."""

from __future__ import annotations

_VOICED = frozenset("ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ")
_MARKS = "ﾞﾟ"


def text_of(raw: bytes, guess: str) -> str:
    """Text of bytes without a declared encoding: UTF-8, else GB18030 as the trade prints it.

    guess is the library's own reading; it wins when it is Japanese beyond doubt (Shift_JIS bytes are
    valid GB18030 too), and when the bytes are neither UTF-8 nor GB18030.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if _is_japanese(guess):
            return guess
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return guess


def _is_japanese(text: str) -> bool:
    """Full-width kana, or half-width kana whose voicing marks all stand where Japanese puts them.

    GB2312 text misread as Shift_JIS gives neither: kana's lead bytes are outside it, and two marks in
    their right places among half-width kana alone come about by chance in less than 1 of 1000 texts.
    """
    if any("\u3041" <= letter <= "\u30fe" for letter in text):
        return True
    marks = [place for place, letter in enumerate(text) if letter in _MARKS]
    half_width = all(letter.isascii() or "｡" <= letter <= "ﾟ" for letter in text)
    return half_width and len(marks) >= 2 and all(place and text[place - 1] in _VOICED for place in marks)
