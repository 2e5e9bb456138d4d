"""The rows of eight words inside SORT-MAP's blocks: events (S.window) and assignments (C.slots). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import reduce
from operator import xor
from typing import TypeAlias

from plc.blocks import split32
from plc.clock import widen_ms
from sorter.flow import (
    Answered,
    Assign,
    ChuteChanged,
    CommChanged,
    EncoderTrouble,
    EyeSeen,
    Inducted,
    Jammed,
    Left,
    PackState,
    Result,
    StateChanged,
    Triggered,
    Us,
    Verdict,
)

OLDEST_MS = 0xFFFF

PlcEvent: TypeAlias = (
    Inducted | Left | Answered | Jammed | EncoderTrouble | ChuteChanged | StateChanged | CommChanged
    | Triggered | EyeSeen
)  # fmt: skip


class EventType(IntEnum):
    """High byte of a record's second word."""

    INDUCT = 1
    RESULT = 2
    ASSIGN = 3
    JAM = 4
    EYE = 5
    ENCODER = 6
    CHUTE = 7
    STATE = 8
    COMM = 9
    TRIGGER = 10


RECORD_TYPES = {int(kind): kind.name for kind in EventType}
"""Type number of a record -> its name."""


def _fields(event: PlcEvent) -> tuple[EventType, int, int, int, int]:
    """Type, code, pid, word 4 and encoder of an event."""
    match event:
        case Inducted():
            return EventType.INDUCT, 1, event.pid, event.length_mm, event.encoder
        case Left():
            return EventType.RESULT, event.result, event.pid, event.chute, event.encoder
        case Answered():
            return EventType.ASSIGN, event.verdict, event.pid, event.chute, event.encoder
        case Jammed():
            return EventType.JAM, event.code, 0, event.place, 0
        case EncoderTrouble():
            return EventType.ENCODER, event.code, 0, 0, 0
        case ChuteChanged():
            return EventType.CHUTE, 1 if event.full else 2, 0, event.chute, 0
        case StateChanged():
            return EventType.STATE, event.state, 0, 0, 0
        case CommChanged():
            return EventType.COMM, event.code, 0, event.session, 0
        case EyeSeen():
            return EventType.EYE, 1 if event.covered else 2, 0, event.eye, event.encoder
        case Triggered():
            return EventType.TRIGGER, event.camera, 0, event.frame, event.encoder


_Maker: TypeAlias = Callable[[Us, int, int, int, int], PlcEvent]
"""Event from at_us, code, pid, word 4 and encoder; a ValueError for a code it does not have."""

_MAKERS: dict[int, _Maker] = {
    EventType.INDUCT: lambda at, code, pid, word, encoder: Inducted(at, pid, word, encoder),
    EventType.RESULT: lambda at, code, pid, word, encoder: Left(at, pid, Result(code), word, encoder),
    EventType.ASSIGN: lambda at, code, pid, word, encoder: Answered(at, pid, Verdict(code), word, encoder),
    EventType.JAM: lambda at, code, pid, word, encoder: Jammed(at, word, 1 + (1, 2).index(code)),
    EventType.EYE: lambda at, code, pid, word, encoder: EyeSeen(at, word, (1, 2).index(code) == 0, encoder),
    EventType.ENCODER: lambda at, code, pid, word, encoder: EncoderTrouble(at, code),
    EventType.CHUTE: lambda at, code, pid, word, encoder: ChuteChanged(at, word, (1, 2).index(code) == 0),
    EventType.STATE: lambda at, code, pid, word, encoder: StateChanged(at, PackState(code)),
    EventType.COMM: lambda at, code, pid, word, encoder: CommChanged(at, code, word),
    EventType.TRIGGER: lambda at, code, pid, word, encoder: Triggered(at, code, word, encoder),
}


def pack_event(seq: int, event: PlcEvent, header_ms: int) -> list[int]:
    """Record of an event, shown under a header whose t_ms (u32) is header_ms.

    The record holds 16 bits of the time: an event that waited longer than 65,535 ms (the PC was away)
    is shown as exactly that old, so that its time is late, never in the future.
    """
    kind, code, pid, word, encoder = _fields(event)
    age_ms = min((header_ms - event.at_us // 1000) % (1 << 32), OLDEST_MS)
    return [seq, kind << 8 | code, *split32(pid), word, *split32(encoder), (header_ms - age_ms) & 0xFFFF]


def unpack_event(words: Sequence[int], header_ms: int) -> PlcEvent:
    """Event of a record under a header whose time (any clock, full width) is header_ms; at_us = ms * 1000.

    Raises ValueError, naming the type and code, for a record that this version of the map does not have.
    """
    kind, code = words[1] >> 8, words[1] & 0xFF
    at_us = widen_ms(words[7], header_ms) * 1000
    try:
        return _MAKERS[kind](at_us, code, words[2] << 16 | words[3], words[4], words[5] << 16 | words[6])
    except (KeyError, ValueError):
        raise ValueError(f"event {words[0]} has type {kind} code {code}, unknown to this map") from None


def slot_check(words: Sequence[int]) -> int:
    """Check word over the first seven words of a slot."""
    return reduce(xor, words[:7]) ^ 0xA55A


def pack_slot(seq: int, order: Assign) -> tuple[int, ...]:
    """Slot that offers an assignment under a sequence number."""
    words = (seq, *split32(order.pid), order.chute, order.alternate, *split32(order.deadline_encoder))
    return (*words, slot_check(words))


def unpack_slot(words: Sequence[int]) -> tuple[int, Assign] | None:
    """Sequence number and assignment of a slot that is not empty; None when its check is wrong."""
    if words[7] != slot_check(words):
        return None
    pid, deadline = words[1] << 16 | words[2], words[5] << 16 | words[6]
    return words[0], Assign(pid, words[3], words[4], deadline)
