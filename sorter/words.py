"""The closed vocabularies: outcomes, reasons, verdicts, results, states. Their texts are for ever.

Journals and records store them; never reuse or change one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum


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
    READS_DISAGREE = "reads-disagree"
    NO_LABEL = "no-label"
    LABEL_DAMAGED = "label-damaged"
    TO_SECURITY = "sent-to-security"


OUTCOME_OF: Mapping[Why, Outcome] = {
    Why.ROUTED: Outcome.SORTED,
    Why.ROUTED_ALTERNATE: Outcome.SORTED,
    Why.NO_CODE: Outcome.NO_READ,
    Why.NO_WAYBILL: Outcome.NO_READ,
    Why.VISION_SILENT: Outcome.NO_READ,
    Why.VISION_FAILED: Outcome.NO_READ,
    Why.READ_AMBIGUOUS: Outcome.NO_READ,
    Why.READS_DISAGREE: Outcome.NO_READ,
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
    Why.NO_LABEL: Outcome.NO_READ,
    Why.LABEL_DAMAGED: Outcome.NO_READ,
    Why.TO_SECURITY: Outcome.INTERCEPTED,
}


class Mark(Enum):
    """What a person at the coding desk saw instead of a code."""

    NONE = ""
    NO_LABEL = "no-label"
    DAMAGED = "label-damaged"
    SECURITY = "security"


class NoRead(Enum):
    """Why a code that vision saw gave no text, or that it saw none at all: told by the pixels."""

    NONE = ""
    NO_LABEL = "no-label-seen"
    TOO_SMALL = "too-small"
    BLURRED = "blurred"
    LOW_CONTRAST = "low-contrast"
    GLARE = "glare"
    TORN = "torn-or-covered"
    QUIET_ZONE = "quiet-zone-missing"
    INVALID = "code-seen-but-invalid"
    BESIDE = "another-beside-it"


class AddressLevel(Enum):
    """What an address was resolved to; from AMBIGUOUS on it must not be sorted by."""

    VILLAGE = "village"
    TOWN = "town"
    DISTRICT = "district"
    AMBIGUOUS = "ambiguous"
    OUT_OF_AREA = "out_of_area"
    CONFLICT = "conflict"
    NONE = "none"


class AddressWhy(Enum):
    """How an address was resolved or why it was refused; each belongs to one level (`LEVEL_OF`)."""

    OFFICIAL = "official-name"
    OTHER_SUFFIX = "name-with-other-suffix"
    NO_SUFFIX = "name-without-suffix"
    AFTER_STREET = "name-after-a-street"
    CORRECTED = "one-character-corrected"
    NO_VILLAGE = "no-village-named"
    VILLAGE_UNKNOWN = "village-not-in-this-town"
    VILLAGE_UNCLEAR = "several-villages-of-this-town"
    NO_TOWN = "only-the-district-named"
    HOMONYM = "name-in-several-towns"
    NO_AREA = "neither-district-nor-town-named"
    ELSEWHERE = "another-district-named"
    UNKNOWN_TOWN = "unknown-town-named"
    OTHER_TOWN = "village-of-another-town"
    TWO_TOWNS = "two-towns-named"
    NOTHING = "no-place-named"


LEVEL_OF: Mapping[AddressWhy, AddressLevel] = {
    AddressWhy.OFFICIAL: AddressLevel.VILLAGE,
    AddressWhy.OTHER_SUFFIX: AddressLevel.VILLAGE,
    AddressWhy.NO_SUFFIX: AddressLevel.VILLAGE,
    AddressWhy.AFTER_STREET: AddressLevel.VILLAGE,
    AddressWhy.CORRECTED: AddressLevel.VILLAGE,
    AddressWhy.NO_VILLAGE: AddressLevel.TOWN,
    AddressWhy.VILLAGE_UNKNOWN: AddressLevel.TOWN,
    AddressWhy.VILLAGE_UNCLEAR: AddressLevel.TOWN,
    AddressWhy.NO_TOWN: AddressLevel.DISTRICT,
    AddressWhy.HOMONYM: AddressLevel.AMBIGUOUS,
    AddressWhy.NO_AREA: AddressLevel.AMBIGUOUS,
    AddressWhy.ELSEWHERE: AddressLevel.OUT_OF_AREA,
    AddressWhy.UNKNOWN_TOWN: AddressLevel.OUT_OF_AREA,
    AddressWhy.OTHER_TOWN: AddressLevel.CONFLICT,
    AddressWhy.TWO_TOWNS: AddressLevel.CONFLICT,
    AddressWhy.NOTHING: AddressLevel.NONE,
}


class Authority(Enum):
    """Who may say where a parcel goes, the highest first."""

    INTERCEPT = "intercept"
    OVERRIDE = "override"
    MANIFEST = "manifest"
    SITE_CODE = "site-code"
    ADDRESS = "address"
    COURIER_DEFAULT = "courier-default"
    EXCEPTION = "exception"


class Word(Enum):
    """What an authority other than an address said; a site code's word is the prefix that was found."""

    HELD = "held"
    PLACE_NAMED = "place-named"
    UNKNOWN_PLACE = "place-not-in-network"
    UNKNOWN_SITE = "site-code-unknown-to-courier"
    NOBODY_KNOWS = "nobody-knows"


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
    PRODUCE = "produce"


class Room(IntEnum):
    """How much room the journal's disk has: enough; little, a person is told; too little for new parcels."""

    ENOUGH = 0
    LITTLE = 1
    NONE = 2


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
