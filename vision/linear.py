"""Our own reader of linear symbols that are small, blurred or faint: the most likely text, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sorter.flow import Corners
from vision.frame import Gray, check_gray
from vision.quality import Quality
from vision.region import Region

READER = "bars"
"""The rung's name in `CodeRead.reader`."""


class Refusal(Enum):
    """Why bars gave no text. The values are stored in records; never reuse one."""

    NO_BARS = "no bars"
    TOO_SMALL = "too small"
    BLURRED = "blurred"
    LOW_CONTRAST = "low contrast"
    QUIET_ZONE = "quiet zone missing"
    INVALID = "code seen but invalid"


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """What the read was judged by, for pictures to engineers; all arrays float64[N], equally long.

    place_px   along the reading axis from the region's centre, in the direction of reading
    measured   mean grey at that place along the bars
    fitted     the grey that the text should give there
    log_likelihood   of the whole profile under the text, in nats, up to a constant; runner_up of the best
                     other text
    """

    place_px: NDArray[np.float64]
    measured: NDArray[np.float64]
    fitted: NDArray[np.float64]
    log_likelihood: float
    runner_up: float


@dataclass(frozen=True, slots=True)
class LinearRead:
    """One symbol read.

    corners   pixels of the bars' corners, in the order of the symbol's own top-left, top-right,
              bottom-right, bottom-left; top-left is where the first bar begins
    margin    nats by which the text is likelier than the best other one
    """

    text: str
    symbology: str
    corners: Corners
    margin: float
    quality: Quality
    evidence: Evidence = field(compare=False, repr=False)
    reader: str = READER


@dataclass(frozen=True, slots=True)
class Refused:
    """No text, and why; the evidence, where there was a profile at all."""

    reason: Refusal
    evidence: Evidence | None = field(default=None, compare=False, repr=False)


def read_linear(
    gray: Gray, region: Region, symbologies: Sequence[str] = ("CODE128",)
) -> LinearRead | None:
    """The symbol in the region of uint8[H, W], or None when no text is sure enough; see `examine`."""
    answer = examine(gray, region, symbologies)
    return answer if isinstance(answer, LinearRead) else None


def examine(
    gray: Gray, region: Region, symbologies: Sequence[str] = ("CODE128",)
) -> LinearRead | Refused:
    """The symbol in the region, or why there is none.

    The region may be off by a few pixels and degrees and reach 40 % too far or too short at either end.
    Of `symbologies` those that this reader does not know are ignored. Raises ValueError for any other array.
    """
    check_gray(gray)
    return Refused(Refusal.NO_BARS)


def warm() -> None:
    """Compile, or load what was compiled before, so that the first read does not wait for it."""
