"""Everything that one look at a picture gave: the codes, and what was tried where to get them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from sorter.flow import CodeRead
from vision.linear import LinearRead, Refused
from vision.region import Region


class Outcome(Enum):
    """What one rung made of one place."""

    READ = "read"
    NOTHING = "nothing"
    UNSURE = "unsure"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Try:
    """One rung of the ladder on one place.

    rung     as in `CodeRead.reader`
    region   where it looked; None = the whole picture
    outcome  READ: a text that counts, by itself or with the rungs before. UNSURE: a text on one witness that
             is not enough. CONFLICT: a text other than the one another rung read at this place
    text     what it read, whether it counts or not
    answer   the reader of bars' own words: evidence and quality, or its refusal; None for other rungs
    """

    rung: str
    region: Region | None
    outcome: Outcome
    took_us: int
    text: str = ""
    answer: LinearRead | Refused | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """One picture's answer.

    reads    the codes that count, each place once
    tries    every rung on every place, in order
    regions  the candidates that were looked at, the likeliest first, read or not
    late     the time budget ended before the ladder did
    disputed texts of which another one was read at the same place: none of them counts
    left     the regions that it left without a code that counts; only of those that it came to
    """

    reads: tuple[CodeRead, ...]
    tries: tuple[Try, ...] = ()
    regions: tuple[Region, ...] = ()
    late: bool = False
    left: tuple[Region, ...] = ()
    disputed: tuple[CodeRead, ...] = ()
