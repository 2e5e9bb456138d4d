"""What a decoder says: plain values. Whoever hears them loads nothing that computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sorter.flow import CodeRead, FrameTag, Unread, Us

TIME_OVER = "time-over"
"""Why a frame has no answer: time was over before all that looked like a code had been looked at."""

STILL, DARK = "camera-still", "camera-dark"
"""Why a frame shows nothing: the camera gave this view before; it is dark, as those before it were."""


class Sight(NamedTuple):
    """Codes, things that look like codes and gave none, whether somebody looked for these, or why nobody."""

    reads: tuple[CodeRead, ...]
    unread: tuple[Unread, ...] = ()
    judged: bool = False
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The worker has read frame `tag`, which arrived in the ring at written_us (monotonic)."""

    tag: FrameTag
    sight: Sight
    written_us: Us
