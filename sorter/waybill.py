"""Which of the codes on a parcel is its waybill, and whose: patterns from the configuration, no guessing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sorter.flow import CodeRead, Why
from sorter.frozen import made_fast

LONGEST = 64
"""Longer texts are never a waybill; bounds the work that an untrusted code can cause."""

_GOODS = re.compile(r"(ean|upc|isbn)", re.ASCII)
_URL = re.compile(r"(www\.|[a-z][a-z0-9+.-]*://)", re.ASCII | re.IGNORECASE)
_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@dataclass(frozen=True, slots=True)
class Courier:
    """One courier company that shares the hub."""

    key: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A waybill format: `regex` must match the whole text.

    valid_from, valid_to  first and last day, ISO dates compared as text; "" = open
    """

    courier: str
    regex: str
    valid_from: str
    valid_to: str

    def in_force(self, on_date: str) -> bool:
        """Whether this format is used on that ISO date, both ends included."""
        return self.valid_from <= on_date and (not self.valid_to or on_date <= self.valid_to)


@dataclass(frozen=True)
class Couriers:
    """The hub's couriers and their waybill formats, in the order of the configuration."""

    couriers: tuple[Courier, ...]
    patterns: tuple[Pattern, ...]

    def matching(self, text: str, on_date: str) -> tuple[str, ...]:
        """Keys of the couriers whose formats this text has on that day, distinct, in pattern order.

        A text of UPU S10 form (EMS) with a wrong check digit has nobody's format.
        """
        if len(text) > LONGEST or (_S10.fullmatch(text) and not s10_valid(text)):
            return ()
        keys = [courier for courier, regex in self._in_force(on_date) if regex.fullmatch(text)]
        return tuple(dict.fromkeys(keys)) if keys else ()

    def name(self, key: str) -> str:
        """Chinese and English name for an operator; the key itself when it is unknown."""
        courier = self._by_key.get(key)
        return f"{courier.name_zh} {courier.name_en}" if courier else key

    @cached_property
    def _by_key(self) -> dict[str, Courier]:
        return {courier.key: courier for courier in self.couriers}

    def _in_force(self, on_date: str) -> list[tuple[str, re.Pattern[str]]]:
        """Couriers and formats of one day; those of the last day asked for are kept."""
        if on_date not in self._by_date:
            self._by_date.clear()
            self._by_date[on_date] = [
                (pattern.courier, re.compile(pattern.regex, re.ASCII))
                for pattern in self.patterns
                if pattern.in_force(on_date)
            ]
        return self._by_date[on_date]

    @cached_property
    def _by_date(self) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
        return {}


@dataclass(frozen=True, slots=True)
class Choice:
    """The waybill among a parcel's codes. ROUTED: both are known; otherwise what is unknown is ""."""

    why: Why
    waybill: str
    courier: str


made_fast(Choice)


def choose(
    reads: Sequence[CodeRead], couriers: Couriers, advised: Mapping[str, str], on_date: str, dock: str = ""
) -> Choice:
    """The one waybill among everything read on a parcel, and its courier, or why there is none.

    advised  waybill -> courier key as the manifests say
    on_date  ISO date that the formats are judged by
    dock     courier whose parcels are being unloaded, "" = several's

    Between couriers whose formats fit, the manifest decides, and the dock for a waybill in no manifest.

    Never prefers one waybill or one courier to another: two of either is an exception.
    """
    if not reads:
        return Choice(Why.NO_CODE, "", "")
    texts = dict.fromkeys(read.text for read in reads if may_be_waybill(read))
    found = {text: keys for text in texts if (keys := couriers.matching(text, on_date))}
    if not found:
        return Choice(Why.NO_WAYBILL, "", "")
    if len(found) > 1:
        return Choice(Why.SEVERAL_WAYBILLS, "", "")
    [(waybill, keys)] = found.items()
    if len(keys) == 1:
        return Choice(Why.ROUTED, waybill, keys[0])
    if (told := advised.get(waybill, dock)) in keys:
        return Choice(Why.ROUTED, waybill, told)
    return Choice(Why.AMBIGUOUS_COURIER, waybill, "")


def s10_valid(text: str) -> bool:
    """Whether a text is a UPU S10 number (AA 12345678 C XX without spaces) with a right check digit."""
    if not _S10.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[2:10], _S10_WEIGHTS, strict=True))
    check = 11 - total % 11
    return int(text[10]) == {10: 0, 11: 5}.get(check, check)


def may_be_waybill(read: CodeRead) -> bool:
    """False for a shop's goods number, a web address and a text that no label printer prints."""
    text = read.text
    printable = text.isascii() and text.isprintable()
    return printable and not _is_goods(read.symbology) and not _URL.match(text)


@lru_cache(maxsize=64)
def _is_goods(symbology: str) -> bool:
    return _GOODS.match(symbology.lower()) is not None
