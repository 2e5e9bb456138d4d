"""A reader of the journal's files of its own, from the description of the format, to judge the product's.

header  magic 8 | format u32 | number u32 | chain u32 | crc u32
record  length u32 | previous u32 (inverted: a write begins here) | crc u32 | JSON
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

HEADER, HEAD = 24, 12
_words = Struct(">III").unpack_from
_value = json.JSONDecoder().decode
FIELDS: dict[str, tuple[str, ...]] = {
    "Started": ("format", "epoch", "on_date", "hub", "plan_version", "files"),
    "FrameRead": ("at_us", "tag", "reads", "failure"),
    "Inducted": ("at_us", "pid", "length_mm", "encoder"),
    "Triggered": ("at_us", "camera", "frame", "encoder"),
    "Answered": ("at_us", "pid", "verdict", "chute", "encoder"),
    "Left": ("at_us", "pid", "result", "chute", "encoder"),
    "ChuteChanged": ("at_us", "chute", "full"),
    "ChuteBroken": ("at_us", "chute", "broken"),
    "Jammed": ("at_us", "place", "code"),
    "EncoderTrouble": ("at_us", "code"),
    "StateChanged": ("at_us", "state"),
    "CommChanged": ("at_us", "code", "session"),
    "LinkUp": ("at_us", "boot_id", "session", "state"),
    "LinkDown": ("at_us", "reason"),
    "Rebooted": ("at_us", "boot_id"),
    "EventsLost": ("at_us", "count"),
    "Woken": ("at_us", "encoder"),
    "Advised": ("at_us", "waybill", "courier", "place", "direction", "service", "unclear"),
    "InterceptSet": ("at_us", "waybill", "held"),
    "ChuteLocked": ("at_us", "chute", "locked"),
    "Operated": ("at_us", "command"),
    "EyeSeen": ("at_us", "eye", "covered", "encoder"),
    "Serviced": ("at_us", "maintenance", "chute", "by"),
    "PlanOrdered": ("at_us", "plan", "wave", "by"),
    "PlanRolledBack": ("at_us", "version", "by"),
    "WaveBegan": ("at_us", "wave"),
    "Taken": ("at_us", "boot_id", "tail", "lost"),
    "Restarted": ("at_us",),
    "Decision": (
        "pid", "at_us", "chute", "alternate", "why", "waybill", "courier", "place", "rule", "plan_version",
    ),
    "Assign": ("pid", "chute", "alternate", "deadline_encoder"),
    "Command": ("command",),
    "Notice": ("at_us", "key", "about"),
    "ParcelRecord": (
        "epoch", "pid", "outcome", "why", "waybill", "courier", "place", "rule", "plan_version", "told",
        "alternate", "left", "length_mm", "reads", "seen_us", "read_us", "decided_us", "answered_us",
        "left_us",
    ),
}  # fmt: skip
"""What the journal's rows mean, written down a second time. A kind that is not here is passed over."""

PLC_KINDS = frozenset(
    {"Inducted", "Triggered", "Answered", "Left", "ChuteChanged", "Jammed", "EncoderTrouble", "StateChanged",
     "CommChanged", "EyeSeen"}
)  # fmt: skip


class Entry(NamedTuple):
    """One value: its kind, its fields by name, and (segment, byte behind it)."""

    kind: str
    row: dict[str, Any]
    end: tuple[str, int]


class Unreadable(Exception):  # noqa: N818  (what the journal is)
    """The journal's bytes are no journal."""


def entries(segments: Sequence[tuple[str, bytes]]) -> Iterator[Entry]:
    """Every value of these files, oldest first; Unreadable at the first byte that cannot be."""
    payloads, ends = list[bytes](), list[tuple[str, int]]()
    for payload, end in _payloads(segments):
        payloads.append(payload)
        ends.append(end)
    try:
        rows = _value("[" + b",".join(payloads).decode("ascii") + "]")  # at once, for that is quicker
    except ValueError as error:
        raise Unreadable(f"a record is no JSON: {error}") from None
    for (kind, *row), end in zip(rows, ends, strict=True):
        yield Entry(kind, dict(zip(FIELDS.get(kind, ()), row, strict=False)), end)


def _payloads(segments: Sequence[tuple[str, bytes]]) -> Iterator[tuple[bytes, tuple[str, int]]]:
    chain = 0
    for name, data in segments:
        if len(data) < HEADER and name == segments[-1][0]:
            return
        if data[:8] != b"PSLJRNL\n" or crc32(data[:20]) != int.from_bytes(data[20:24], "big"):
            raise Unreadable(f"{name}: no header")
        if int.from_bytes(data[16:20], "big") != chain:
            raise Unreadable(f"{name}: does not continue")
        at = HEADER
        while at < len(data):
            length, previous, crc = _words(data, at) if at + HEAD <= len(data) else (0, 0, 0)
            payload = data[at + HEAD : at + HEAD + length]
            placed = previous == chain or previous == chain ^ 0xFFFFFFFF
            if not payload or len(payload) != length or not placed or crc32(payload, chain) != crc:
                raise Unreadable(f"{name}: byte {at}: no record")
            chain, at = crc, at + HEAD + length
            yield payload, (name, at)
