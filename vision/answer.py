"""What a decoder says: plain values. Whoever hears them loads nothing that computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sorter.flow import CodeRead, FrameTag, Unread, Us


class Sight(NamedTuple):
    """Codes, things that look like codes and gave none, and whether somebody looked for these."""

    reads: tuple[CodeRead, ...]
    unread: tuple[Unread, ...] = ()
    judged: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The worker has read frame `tag`, which arrived in the ring at written_us (monotonic)."""

    tag: FrameTag
    sight: Sight
    written_us: Us
