"""The kinds of single values in configuration files: what is accepted, and the remedy for what is not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

from sorter.flow import Why
from sorter.plan import IDENTITY_CERTAIN

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,11}")
_REGEX = re.compile(r"[A-Z0-9\[\]{},()|-]+")
LONGEST_TEXT = 80


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy for a mistyped word: the nearest known one, or the known ones (the first twelve)."""
    words = list(known)
    if close := difflib.get_close_matches(word, words, 1):
        return f"did you mean '{close[0]}'?"
    return "known: " + ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")


def _refused(what: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("config", "{what}", {"what": what, "remedy": remedy})


@dataclass(frozen=True, slots=True)
class Checked(BeforeValidator):
    """A check with what a JSON Schema can tell an editor of it."""

    told: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Pydantic's hook: what it would say of the bare type is replaced."""
        return dict(self.told) or handler(core)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _refused("a text is wanted here", "write one value, no list and no mapping")
    if not value or not value.isprintable() or len(value) > LONGEST_TEXT:
        raise _refused(
            "not a text that can be shown", f"write 1 to {LONGEST_TEXT} visible characters on one line"
        )
    return value


def whole(low: int, high: int) -> Checked:
    """A whole number from low to high in plain ASCII digits; no 0533, 1_000, 1.0 or 1e3."""

    def check(value: object) -> int:
        limits = f"write a whole number from {low} to {high} in plain digits"
        if not _NUMBER.fullmatch(text := _text(value)):
            raise _refused(f"'{text}' is not a whole number", limits)
        if not low <= int(text) <= high:
            raise _refused(f"{text} is out of range", limits)
        return int(text)

    return Checked(check, told={"type": "integer", "minimum": low, "maximum": high})


def form(regex: str, remedy: str) -> Checked:
    """A text that matches the whole regex."""

    def check(value: object) -> str:
        if not re.fullmatch(regex, text := _text(value)):
            raise _refused(f"'{text}' does not have the form wanted here", remedy)
        return text

    # Digits alone are a number to an editor, and a text to us.
    told = {"type": ["string", "integer"], "pattern": f"^(?:{regex})$", "description": remedy}
    return Checked(check, told=told)


def one_of(words: Iterable[str]) -> Checked:
    """One of these words; the remedy names the nearest."""
    known = tuple(words)

    def check(value: object) -> str:
        if (text := _text(value)) not in known:
            raise _refused(f"'{text}' is not known here", nearest(text, known))
        return text

    return Checked(check, told={"enum": list(known)})


def flag(value: object) -> bool:
    """The words true and false only; yes, on and 1 are texts."""
    if (text := _text(value)) not in ("true", "false"):
        raise _refused(f"'{text}' is neither true nor false", "write true or false")
    return text == "true"


def day(value: object) -> str:
    """An ISO date that exists, always ten characters, so that dates compare as text."""
    text = _text(value)
    try:
        # fromisoformat alone would also take 20221001 and week dates.
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise _refused(f"'{text}' is not a day", "write year-month-day, for example 2022-10-01")


def clock(value: object) -> str:
    """A time of day as HH:MM, so that times compare as text."""
    text = _text(value)
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise _refused(f"'{text}' is not a time of day", "write hours and minutes, for example 04:30")
    return text


_IN_A_SET = re.compile(r"\[[^\]]*(\[|--|&&|~~|\|\|)")
"""What a set may mean one day (set operations): Python warns, and we would not know what was meant."""
_TOO_OFTEN = re.compile(r"[{,]0*([1-9][0-9]{2,}|[7-9][0-9]|6[5-9])")
"""A repetition beyond 64: no waybill is longer, and a search for common numbers would take for ever."""


def waybill_regex(value: object) -> str:
    """A regular expression of the small kind that no text can make slow; ASCII digits by [0-9]."""
    text = _text(value)
    remedy = "use capitals, digits, [0-9], {n}, {n,m} up to 64 and (a|b) only, and do not repeat a group"
    try:
        doubtful = "){" in text or _TOO_OFTEN.search(text) or _IN_A_SET.search(text)
        if _REGEX.fullmatch(text) and not doubtful:
            re.compile(text)
            return text
    except (re.error, OverflowError):
        pass
    raise _refused(f"'{text}' is not a waybill pattern", remedy)


def exception(value: object) -> str:
    """The reason of an exception that may have a chute of its own."""
    certain = sorted(why.value for why in IDENTITY_CERTAIN)
    text = _text(value)
    if text in certain:
        return text
    if text in {why.value for why in Why}:
        raise _refused(
            f"'{text}' has no chute of its own: such a parcel rides to the exception end",
            "delete this line; a chute can be named for " + ", ".join(certain),
        )
    raise _refused(f"'{text}' is not an exception", nearest(text, certain))


_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"

Text = Annotated[
    str, Checked(_text, told={"type": ["string", "integer"], "minLength": 1, "maxLength": LONGEST_TEXT})
]
Key = Annotated[str, form("[a-z][a-z0-9-]{0,39}", "use small letters, digits and hyphens, a letter first")]
Code = Annotated[str, form("[0-9A-Za-z]{1,20}", "use at most 20 digits or letters")]
Flag = Annotated[bool, Checked(flag, told={"type": "boolean"})]
Day = Annotated[str, Checked(day, told={"type": "string", "pattern": _DAY})]
Clock = Annotated[str, Checked(clock, told={"type": "string", "pattern": _CLOCK})]
Number = Annotated[int, whole(0, 255)]
Mm = Annotated[int, whole(1, 1_000_000)]
SignedMm = Annotated[int, whole(-10_000, 10_000)]
Ms = Annotated[int, whole(1, 60_000)]
Pixels = Annotated[int, whole(1, 65_535)]
