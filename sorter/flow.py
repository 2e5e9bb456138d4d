"""Every value that travels through the system, in travel order.

    FrameTag -> CodeRead -> FrameRead -> Decision -> Assign -> Answered -> Left -> ParcelRecord

All values are frozen. Time is integer microseconds on the line clock (`_us`), length integer
millimetres (`_mm`), speed mm/s; belt position is an encoder count, 32 bits, compared by signed
difference (`encoder_delta`). The texts of the enums are stored in journals: never reuse one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TypeAlias

Us: TypeAlias = int
Mm: TypeAlias = int

REJECT = 65535
"""The exception end as a chute number; as an alternate: none. Source: SORT-MAP 1.0, rule 6."""

ENCODER_SPAN = 1 << 32


def encoder_delta(later: int, earlier: int) -> int:
    """Counts from `earlier` to `later`, both u32; negative when the belt ran backwards. |delta| < 2^31."""
    return (later - earlier + (ENCODER_SPAN >> 1)) % ENCODER_SPAN - (ENCODER_SPAN >> 1)


class Outcome(Enum):
    """Where a parcel's way ended, the closed list: every parcel gets exactly one."""

    SORTED = "sorted"
    NO_READ = "no-read"
    NO_ROUTE = "no-route"
    AMBIGUOUS_ADDRESS = "ambiguous-address"
    AMBIGUOUS_COURIER = "ambiguous-courier"
    SEVERAL_CODES = "several-codes"
    INTERCEPTED = "intercepted"
    TOO_LATE = "too-late"
    CHUTE_FULL = "chute-full"
    CHUTE_LOCKED = "chute-locked"
    DIVERT_FAILED = "divert-failed"
    MISDIVERTED = "misdiverted"
    GAP_TOO_SMALL = "gap-too-small"
    MERGED = "merged"
    LOST = "lost"
    STRAY = "stray"
    PURGED = "purged"
    UNKNOWN_AFTER_RESTART = "unknown-after-restart"


class Why(Enum):
    """Reason of a decision and of an outcome; each belongs to exactly one outcome (`OUTCOME_OF`)."""

    ROUTED = "routed"
    ROUTED_ALTERNATE = "routed-to-alternate"
    NO_CODE = "no-code-seen"
    NO_WAYBILL = "no-waybill-among-codes"
    VISION_SILENT = "vision-did-not-answer"
    VISION_FAILED = "vision-failed"
    READ_AMBIGUOUS = "read-fits-two-parcels"
    NO_ADVICE = "waybill-without-advice"
    NO_RULE = "no-plan-rule"
    AMBIGUOUS_ADDRESS = "ambiguous-address"
    AMBIGUOUS_COURIER = "ambiguous-courier"
    SEVERAL_WAYBILLS = "several-waybills"
    INTERCEPTED = "intercepted"
    LATE_DECISION = "decision-too-late"
    LATE_DELIVERY = "delivered-too-late"
    CHUTE_FULL = "chute-full"
    CHUTE_LOCKED = "chute-locked"
    DIVERT_FAILED = "divert-failed"
    DIVERTER_FAULT = "diverter-fault"
    REFUSED = "refused-by-plc"
    MISDIVERTED = "left-by-another-chute"
    GAP_TOO_SMALL = "gap-too-small"
    MERGED = "merged"
    LOST = "lost"
    STRAY = "stray"
    PURGED = "purged"
    RESTARTED = "controller-restarted"
    REBOOTED = "plc-rebooted"
    EVENTS_LOST = "events-lost"


OUTCOME_OF: dict[Why, Outcome] = {
    Why.ROUTED: Outcome.SORTED,
    Why.ROUTED_ALTERNATE: Outcome.SORTED,
    Why.NO_CODE: Outcome.NO_READ,
    Why.NO_WAYBILL: Outcome.NO_READ,
    Why.VISION_SILENT: Outcome.NO_READ,
    Why.VISION_FAILED: Outcome.NO_READ,
    Why.READ_AMBIGUOUS: Outcome.NO_READ,
    Why.NO_ADVICE: Outcome.NO_ROUTE,
    Why.NO_RULE: Outcome.NO_ROUTE,
    Why.AMBIGUOUS_ADDRESS: Outcome.AMBIGUOUS_ADDRESS,
    Why.AMBIGUOUS_COURIER: Outcome.AMBIGUOUS_COURIER,
    Why.SEVERAL_WAYBILLS: Outcome.SEVERAL_CODES,
    Why.INTERCEPTED: Outcome.INTERCEPTED,
    Why.LATE_DECISION: Outcome.TOO_LATE,
    Why.LATE_DELIVERY: Outcome.TOO_LATE,
    Why.CHUTE_FULL: Outcome.CHUTE_FULL,
    Why.CHUTE_LOCKED: Outcome.CHUTE_LOCKED,
    Why.DIVERT_FAILED: Outcome.DIVERT_FAILED,
    Why.DIVERTER_FAULT: Outcome.DIVERT_FAILED,
    Why.REFUSED: Outcome.DIVERT_FAILED,
    Why.MISDIVERTED: Outcome.MISDIVERTED,
    Why.GAP_TOO_SMALL: Outcome.GAP_TOO_SMALL,
    Why.MERGED: Outcome.MERGED,
    Why.LOST: Outcome.LOST,
    Why.STRAY: Outcome.STRAY,
    Why.PURGED: Outcome.PURGED,
    Why.RESTARTED: Outcome.UNKNOWN_AFTER_RESTART,
    Why.REBOOTED: Outcome.UNKNOWN_AFTER_RESTART,
    Why.EVENTS_LOST: Outcome.UNKNOWN_AFTER_RESTART,
}


class Direction(Enum):
    """Which way a parcel travels through the three tiers."""

    DOWN = "down"
    UP = "up"
    RETURN = "return"


class Service(Enum):
    """Handling class of a parcel."""

    STANDARD = "standard"
    COLD = "cold"
    EMERGENCY = "emergency"


class Verdict(IntEnum):
    """The PLC's answer to an assignment (ASSIGN event). Source: SORT-MAP 1.0."""

    TAKEN = 1
    UNKNOWN_ID = 2
    TOO_LATE = 3
    NO_SUCH_CHUTE = 4
    CHUTE_DISABLED = 5
    SAME_AGAIN = 6
    CONFLICTING = 7


class Result(IntEnum):
    """How a parcel left the line (RESULT event). Source: SORT-MAP 1.0."""

    OK = 1
    UNASSIGNED = 2
    FULL_ALTERNATE = 3
    DIVERTER_FAULT = 4
    LOST = 5
    STRAY = 6
    GAP_TOO_SMALL = 7
    PURGED = 8
    MERGED = 9
    FULL_REJECT = 10


class PackState(IntEnum):
    """PackML states, numbered as in SORT-MAP 1.0 word S.5."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class PackCommand(IntEnum):
    """PackML commands, numbered as in PackTags CntrlCmd; 0 = nothing."""

    NONE = 0
    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    UNHOLD = 5
    SUSPEND = 6
    UNSUSPEND = 7
    ABORT = 8
    CLEAR = 9


# ---------------------------------------------------------------- from the camera


@dataclass(frozen=True, slots=True)
class FrameTag:
    """Which picture: camera number, the PLC's trigger number (u16) and the encoder at exposure (u32)."""

    camera: int
    frame: int
    encoder: int


Corners: TypeAlias = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
"""Four (x, y) pixels of a code: its own top-left, top-right, bottom-right, bottom-left."""


@dataclass(frozen=True, slots=True)
class CodeRead:
    """One code seen in one picture. The text is untrusted; `reader` names the rung that read it."""

    text: str
    symbology: str
    corners: Corners
    reader: str


# ---------------------------------------------------------------- events: what the controller is told


@dataclass(frozen=True, slots=True)
class FrameRead:
    """Vision's answer for one picture: every code in it, or none and the failure (empty: none failed)."""

    at_us: Us
    tag: FrameTag
    reads: tuple[CodeRead, ...]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Inducted:
    """A parcel passed the induct eye; encoder = counter when its centre was there."""

    at_us: Us
    pid: int
    length_mm: Mm
    encoder: int


@dataclass(frozen=True, slots=True)
class Triggered:
    """The PLC fired a camera: picture `frame` was exposed at `encoder`."""

    at_us: Us
    camera: int
    frame: int
    encoder: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The PLC's verdict on an assignment."""

    at_us: Us
    pid: int
    verdict: Verdict
    chute: int
    encoder: int


@dataclass(frozen=True, slots=True)
class Left:
    """A parcel left the line: the machine's own word. chute REJECT = exception end; pid 0 = no identity."""

    at_us: Us
    pid: int
    result: Result
    chute: int
    encoder: int


@dataclass(frozen=True, slots=True)
class ChuteChanged:
    """A chute's own sensor says full or clear."""

    at_us: Us
    chute: int
    full: bool


@dataclass(frozen=True, slots=True)
class Jammed:
    """An eye has been covered for longer than a parcel can cover it. place = eye number."""

    at_us: Us
    place: int


@dataclass(frozen=True, slots=True)
class EncoderTrouble:
    """The belt is commanded to run and the encoder does not move (code 1) or is well again (code 2)."""

    at_us: Us
    code: int


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The machine entered a PackML state."""

    at_us: Us
    state: PackState


@dataclass(frozen=True, slots=True)
class CommChanged:
    """The PLC's view of the PC link: 1 lost, 2 back, 3 session adopted, 4 session refused."""

    at_us: Us
    code: int
    session: int


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The driver reached the PLC and its map, version and positions agree with our own."""

    at_us: Us
    boot_id: int
    session: int
    state: PackState


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The driver lost the PLC; nothing may be shown as live."""

    at_us: Us
    reason: str


@dataclass(frozen=True, slots=True)
class Rebooted:
    """The PLC started anew: what was on the belt is unknown."""

    at_us: Us
    boot_id: int


@dataclass(frozen=True, slots=True)
class EventsLost:
    """The PLC's event ring overflowed; `count` events never reached us."""

    at_us: Us
    count: int


@dataclass(frozen=True, slots=True)
class Woken:
    """The moment asked for by `next_wake_us` has come; encoder = belt position now."""

    at_us: Us
    encoder: int


@dataclass(frozen=True, slots=True)
class Advised:
    """Pre-advice from a courier's system: where a waybill goes. place = code of a network node, "" = none."""

    at_us: Us
    waybill: str
    courier: str
    place: str
    direction: Direction = Direction.DOWN
    service: Service = Service.STANDARD


@dataclass(frozen=True, slots=True)
class InterceptSet:
    """A waybill must (or need no longer) be held: wins over every route."""

    at_us: Us
    waybill: str
    held: bool


@dataclass(frozen=True, slots=True)
class ChuteLocked:
    """An operator locked or unlocked a chute."""

    at_us: Us
    chute: int
    locked: bool


@dataclass(frozen=True, slots=True)
class Operated:
    """A person asked for a PackML command."""

    at_us: Us
    command: PackCommand


@dataclass(frozen=True, slots=True)
class Restarted:
    """This controller was recovered from its journal: older parcels get no command any more."""

    at_us: Us


Event: TypeAlias = (
    FrameRead | Inducted | Triggered | Answered | Left | ChuteChanged | Jammed | EncoderTrouble | StateChanged
    | CommChanged | LinkUp | LinkDown | Rebooted | EventsLost | Woken | Advised | InterceptSet | ChuteLocked
    | Operated | Restarted
)  # fmt: skip


# ---------------------------------------------------------------- effects: what the controller wants done


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a parcel shall go, and on whose authority. chute REJECT = it rides to the exception end."""

    pid: int
    at_us: Us
    chute: int
    alternate: int
    why: Why
    waybill: str
    courier: str
    place: str
    rule: str
    plan_version: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Tell the machine: parcel pid leaves by `chute`, or by `alternate` when that is full.

    The machine ignores it once the parcel has passed `deadline_encoder` (0 = no deadline).
    """

    pid: int
    chute: int
    alternate: int
    deadline_encoder: int


@dataclass(frozen=True, slots=True)
class Command:
    """Tell the machine a PackML command."""

    command: PackCommand


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know; key is stable, `about` names the object. Texts live in the shell."""

    at_us: Us
    key: str
    about: str


@dataclass(frozen=True, slots=True)
class ParcelRecord:
    """One parcel's way, the row kept. Instants are line-clock us; -1 = never happened.

    `told` is what the machine was asked, `left` what it reported: accuracy is measured, never assumed.
    The key is (epoch, pid, left_us): the epoch counts PLC boots as seen by this controller.
    """

    epoch: int
    pid: int
    outcome: Outcome
    why: Why
    waybill: str
    courier: str
    place: str
    rule: str
    plan_version: str
    told: int
    alternate: int
    left: int
    length_mm: Mm
    reads: tuple[CodeRead, ...]
    seen_us: Us
    read_us: Us
    decided_us: Us
    answered_us: Us
    left_us: Us


Effect: TypeAlias = Decision | Assign | Command | Notice | ParcelRecord
