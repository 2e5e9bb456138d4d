"""What a fault file may hold: the kinds with their names and keys in one table, and the forms of values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sim.faultplan import ANSWER_CAUSES, HOUR_US, MISREAD_CAUSES, NO_READ_CAUSES, Cause, Kind, Span
from sorter.app.fields import Flag, Key, Text, form, one_of, whole
from sorter.flow import Us


class Comes(Enum):
    """How a fault of a kind comes over the line, and so which of share, at, per_hour and for it takes.

    BY_PARCEL  a share of the parcels, on all of their way
    BY_SHARE   a share of its occasions, always or only while it is in force; or all of them while it is
    IN_SPANS   it lasts: at given times or at random
    BY_MOMENT  it befalls one parcel: a share of them, or the first from a given or random moment on
    """

    BY_PARCEL = "by parcel"
    BY_SHARE = "by share"
    IN_SPANS = "in spans"
    BY_MOMENT = "by moment"


@dataclass(frozen=True, slots=True)
class Form:
    """One kind in a fault file: its names, how it comes, the keys it needs, and those it may have besides.

    takes  all of its keys
    """

    zh: str
    en: str
    comes: Comes
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()

    @property
    def takes(self) -> tuple[str, ...]:
        """Every key that may stand in an entry of this kind."""
        return ("kind", *_WHEN[self.comes], *(key for key in (*self.needs, *self.may) if key != "for"))


_WHEN: Mapping[Comes, tuple[str, ...]] = {
    Comes.BY_PARCEL: ("share",),
    Comes.BY_SHARE: ("share", "at", "per_hour", "for"),
    Comes.IN_SPANS: ("at", "per_hour", "for"),
    Comes.BY_MOMENT: ("share", "at", "per_hour", "for"),
}

_PARCEL, _SHARE, _SPANS, _MOMENT = Comes.BY_PARCEL, Comes.BY_SHARE, Comes.IN_SPANS, Comes.BY_MOMENT

FORMS: Mapping[Kind, Form] = {
    Kind.NO_READ: Form("读不出", "no read", _SHARE, may=("cause", "courier"), causes=NO_READ_CAUSES),
    Kind.MISREAD: Form("读错码", "misread", _SHARE, may=("cause", "courier"), causes=MISREAD_CAUSES),
    Kind.JAM: Form("堵件", "jam", _MOMENT, needs=("for",), may=("eye",)),
    Kind.BELT_STOP: Form("皮带停转", "belt stop", _SPANS),
    Kind.BELT_SLIP: Form("皮带打滑", "belt slip", _SPANS, needs=("slip",)),
    Kind.FAILED_DIVERTER: Form("摆轮失效", "failed diverter", _SHARE, may=("diverter",)),
    Kind.STUCK_DIVERTER: Form("摆轮卡死", "stuck diverter", _SPANS, ("diverter",), may=("side", "told")),
    Kind.STUCK_EYE: Form("光电卡死", "stuck eye", _SPANS, needs=("eye", "shows")),
    Kind.CHATTERING_EYE: Form("光电抖动", "chattering eye", _SHARE, may=("eye",)),
    Kind.BLIND_EYE: Form("光电漏检", "blind eye", _PARCEL, may=("eye",)),
    Kind.PLC_SILENCE: Form("PLC无应答", "PLC silence", _SPANS),
    Kind.SLOW_UPSTREAM: Form("上游数据迟到", "slow upstream", _SHARE, needs=("delay",), may=("courier",)),
    Kind.SLOW_VISION: Form("识读迟缓", "slow vision", _SHARE, needs=("delay",)),
    Kind.CHUTE_FULL: Form("格口满", "chute full", _SPANS, needs=("chute",)),
    Kind.LATE_CREW: Form("换袋迟缓", "late bag crew", _SHARE, needs=("delay",), may=("chute",)),
    Kind.ABSENT_OPERATOR: Form("操作员不在", "absent operator", _SPANS),
    Kind.TAKEN_OFF: Form("人工取走", "parcel taken off", _SHARE, may=("eye",)),
    Kind.SLIDING: Form("包裹滑移", "sliding parcel", _PARCEL, needs=("up_to_mm",)),
    Kind.E_STOP: Form("急停", "emergency stop", _SPANS),
    Kind.LINK_CUT: Form("断网", "link cut", _SPANS),
    Kind.PLC_FROZEN: Form("PLC死机", "PLC frozen", _SPANS),
    Kind.PLC_REBOOT: Form("PLC重启", "PLC reboot", _SPANS),
    Kind.SLOW_PLC: Form("PLC迟缓", "slow PLC", _SHARE, needs=("delay",)),
    Kind.BAD_ANSWER: Form("PLC错答", "bad answer", _SHARE, may=("cause",), causes=ANSWER_CAUSES),
    Kind.SECOND_MASTER: Form("第二主站", "second master", _SPANS),
}
"""Every kind: its names in both languages, which may both stand in a file, and its keys."""

SIDES: Mapping[str, int] = {"left": -1, "straight": 0, "right": 1}

KIND_OF: Mapping[str, Kind] = {word: kind for kind in Kind for word in (kind.value, FORMS[kind].zh)}

_UNITS_US = {"ms": 1000, "s": 1_000_000, "min": 60_000_000, "h": HOUR_US}
_PARTS_PPM = {"%": 10_000, "ppm": 1}
_TIME = r"[1-9][0-9]{0,5} ?(?:ms|s|min|h)"
_CLOCK = r"(?:[0-3][0-9]|4[0-7]):[0-5][0-9]:[0-5][0-9]"


def _time_us(text: str) -> Us:
    number, unit = re.findall("[0-9]+|[a-z]+", text)
    return int(number) * _UNITS_US[unit]


def _span_us(text: str) -> Span:
    least, _, most = text.partition("..")
    return _time_us(least), _time_us(most or least)


def _clock_us(text: str) -> Us:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return (hours * 3600 + minutes * 60 + seconds) * 1_000_000


def _share_ppm(text: str) -> int:
    number, unit = re.findall("[0-9.]+|[%a-z]+", text)
    return int(Decimal(number) * _PARTS_PPM[unit])


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Lasts = Annotated[
    Span,
    BeforeValidator(_span_us),
    form(rf"{_TIME}(?:\.\.{_TIME})?", "write 90s, 400ms, 15min, 1h or a range such as 40s..3min"),
]
Clock = Annotated[
    Us, BeforeValidator(_clock_us), form(_CLOCK, "write hours:minutes:seconds, for example 06:10:00")
]
Share = Annotated[
    int,
    BeforeValidator(_share_ppm),
    form(r"(?:100|[0-9]{1,2}(?:\.[0-9]{1,4})?) ?%|[0-9]{1,6} ?ppm", "write 2%, 0.05% or 150ppm, up to 100%"),
]
Often = Annotated[
    int,
    BeforeValidator(lambda text: int(Decimal(text) * 1000)),
    form(r"(?![0.]+$)[0-9]{1,3}(?:\.[0-9]{1,3})?", "write how often, for example 2 or 0.5: 0.001 to 999.999"),
]


class FaultModel(BaseModel):
    """One fault; which keys its kind needs and takes stands in FORMS."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, one_of(KIND_OF)]
    share: Share | None = None
    at: Annotated[tuple[Clock, ...], BeforeValidator(_listed), Field(min_length=1)] | None = None
    per_hour: Often | None = None
    lasts: Annotated[Lasts | None, Field(alias="for")] = None
    eye: Text | None = None
    diverter: Text | None = None
    chute: Text | None = None
    courier: Text | None = None
    cause: Text | None = None
    delay: Lasts | None = None
    slip: Share | None = None
    up_to_mm: Annotated[int, whole(1, 10_000)] | None = None
    side: Annotated[str, one_of(SIDES)] | None = None
    told: Flag | None = None
    shows: Annotated[str, one_of(("covered", "clear"))] | None = None


class FaultsFile(BaseModel):
    """A fault file. begins: the time of day at which the line clock starts; every `at` is a time of day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Key
    begins: Clock = 0
    faults: Annotated[tuple[FaultModel, ...], Field(max_length=200)] = ()
