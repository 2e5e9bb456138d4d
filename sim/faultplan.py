"""What shall go wrong in a run, as frozen values: which fault, where, how often or when, for how long.

A plan says nothing of a seed: `sim.planned` makes a line's faults of a plan, a seed and a stream of parcels.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from sim.draws import below, exponential, logarithms, word
from sorter.flow import Us

FOREVER: Us = 1 << 60
HOUR_US: Us = 3_600_000_000
WHOLE_PPM = 1_000_000
_LOGS = logarithms()

Span: TypeAlias = tuple[Us, Us]
"""From, until: on the line clock, or the least and the most of a time that is drawn."""

ALWAYS: tuple[Span, ...] = ((0, FOREVER),)
ANYWHERE = -1


class Kind(Enum):
    """Kinds of faults. The texts stand in fault files; their order numbers random streams: append only."""

    NO_READ = "no-read"
    MISREAD = "misread"
    JAM = "jam"
    BELT_STOP = "belt-stop"
    BELT_SLIP = "belt-slip"
    FAILED_DIVERTER = "failed-diverter"
    STUCK_DIVERTER = "stuck-diverter"
    STUCK_EYE = "stuck-eye"
    CHATTERING_EYE = "chattering-eye"
    BLIND_EYE = "blind-eye"
    PLC_SILENCE = "plc-silence"
    SLOW_UPSTREAM = "slow-upstream"
    SLOW_VISION = "slow-vision"
    CHUTE_FULL = "chute-full"
    LATE_CREW = "late-crew"
    ABSENT_OPERATOR = "absent-operator"
    TAKEN_OFF = "taken-off"
    SLIDING = "sliding"
    E_STOP = "e-stop"
    LINK_CUT = "link-cut"
    PLC_FROZEN = "plc-frozen"
    PLC_REBOOT = "plc-reboot"
    SLOW_PLC = "slow-plc"
    BAD_ANSWER = "bad-answer"
    SECOND_MASTER = "second-master"


WIRED = frozenset({Kind.LINK_CUT, Kind.PLC_FROZEN, Kind.PLC_REBOOT, Kind.SLOW_PLC, Kind.BAD_ANSWER,
                   Kind.SECOND_MASTER})  # fmt: skip
"""Kinds that befall a PLC behind a wire: only the emulator has one."""


class Cause(Enum):
    """Why a label is not read, or read as another; what is wrong with a PLC's answer."""

    NO_LABEL = "no-label"
    TORN = "torn"
    TINY = "tiny"
    GLARE = "glare"
    SMEARED = "smeared"
    WRONG_DIGIT = "wrong-digit"
    OLD_LABEL = "old-label"
    BUSY = "busy"
    DEVICE_FAILURE = "device-failure"
    ILLEGAL_ADDRESS = "illegal-address"
    ZERO_ID = "zero-id"
    WRONG_ID = "wrong-id"
    WRONG_UNIT = "wrong-unit"
    WRONG_FUNCTION = "wrong-function"
    FEWER_WORDS = "fewer-words"
    MORE_WORDS = "more-words"
    ODD_COUNT = "odd-count"
    WRONG_ECHO = "wrong-echo"
    SHORT = "short"
    TWICE = "twice"
    TORN_STATUS = "torn-status"


NO_READ_CAUSES = (Cause.NO_LABEL, Cause.TORN, Cause.TINY, Cause.GLARE, Cause.SMEARED)
MISREAD_CAUSES = (Cause.WRONG_DIGIT, Cause.OLD_LABEL)
ANSWER_CAUSES = tuple(Cause)[list(Cause).index(Cause.BUSY) :]


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of a plan; what a kind has no use for stays as it is here.

    share_ppm       of the occasions while it is in force: parcels, passages, pictures, bag changes
    spans           when it is in force (a jam: the moments from which the next parcel sticks), in order
    per_hour_milli  0, or it comes at random so often in 1,000 hours of its absence; then spans is not used
    lasts_us        how long each random span lasts (a jam: hands on it), drawn evenly
    place           eye, diverter or chute by its number, or ANYWHERE
    courier, cause  only this courier's parcels; why, None = any cause of its kind
    delay_us        how much later than usual, drawn evenly
    slip_ppm        of the drum's way that the belt does not make
    slide_mm        most that a parcel slides back over the whole line
    side            where a diverter is stuck, -1, 0, 1; None = as it stands then
    told            a stuck diverter's fault input is set
    covered         what a stuck eye shows
    """

    kind: Kind
    share_ppm: int = WHOLE_PPM
    spans: tuple[Span, ...] = ALWAYS
    per_hour_milli: int = 0
    lasts_us: Span = (0, 0)
    place: int = ANYWHERE
    courier: str = ""
    cause: Cause | None = None
    delay_us: Span = (0, 0)
    slip_ppm: int = 0
    slide_mm: int = 0
    side: int | None = None
    told: bool = False
    covered: bool = True


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """A fault file's content; the order of its faults of one kind numbers their random streams."""

    name: str
    faults: tuple[Fault, ...] = ()


class Timeline:
    """Spans in order of time that do not overlap, taken one by one as far as they are asked for."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = iter(spans)
        self._edges: list[Us] = []

    def covers(self, at_us: Us) -> bool:
        """at_us lies in a span; its beginning does, its end does not."""
        return self._index(at_us) % 2 == 1

    def next_edge(self, at_us: Us) -> Us | None:
        """The first beginning or end after at_us; None when there is none."""
        index = self._index(at_us)
        return self._edges[index] if index < len(self._edges) and self._edges[index] < FOREVER else None

    def begun(self, at_us: Us) -> int:
        """How many spans have begun by at_us."""
        return (self._index(at_us) + 1) // 2

    def _index(self, at_us: Us) -> int:
        while not self._edges or self._edges[-1] <= at_us:
            span = next(self._spans, None)
            if span is None:
                break
            assert span[0] <= span[1] and (not self._edges or self._edges[-1] <= span[0]), span
            self._edges += span
        return bisect_right(self._edges, at_us)


def timeline(fault: Fault, stream: int) -> Timeline:
    """When the fault is in force; random spans are drawn from the stream with this key."""
    return Timeline(_random_spans(fault, stream) if fault.per_hour_milli else fault.spans)


def _random_spans(fault: Fault, stream: int) -> Iterator[Span]:
    """Gaps exponential, from the end of one span to the beginning of the next; all rounded down to us."""
    mean_us = HOUR_US * 1000 / fault.per_hour_milli
    at_us: Us = 0
    number = 0
    while True:
        begins = at_us + int(exponential(word(stream, 2 * number), _LOGS) * mean_us)
        at_us = begins + drawn_us(fault.lasts_us, word(stream, 2 * number + 1))
        yield begins, at_us
        number += 1


def drawn_us(span: Span, bits: int) -> Us:
    """A time from least to most, both possible, in whole milliseconds above the least."""
    least, most = span
    return least + below(bits, (most - least) // 1000 + 1) * 1000
