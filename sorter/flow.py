"""Every value that travels through the system, in travel order.

    FrameTag -> CodeRead, Unread -> FrameRead -> Decision -> Assign -> Answered -> Left -> ParcelRecord

All values are frozen. Time is integer microseconds on the line clock (`_us`), length integer
millimetres (`_mm`), speed mm/s; belt position is an encoder count, 32 bits, compared by signed
difference (`encoder_delta`). The closed vocabularies they use stand in `sorter.words`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sorter.counts import ENCODER_SPAN as ENCODER_SPAN
from sorter.counts import encoder_delta as encoder_delta
from sorter.frozen import made_fast
from sorter.rules import PlanData
from sorter.words import OUTCOME_OF as OUTCOME_OF
from sorter.words import Direction as Direction
from sorter.words import Mark as Mark
from sorter.words import NoRead as NoRead
from sorter.words import Outcome as Outcome
from sorter.words import PackCommand as PackCommand
from sorter.words import PackState as PackState
from sorter.words import Result as Result
from sorter.words import Room as Room
from sorter.words import Service as Service
from sorter.words import Verdict as Verdict
from sorter.words import Why as Why

Us: TypeAlias = int
Mm: TypeAlias = int

REJECT = 65535
"""The exception end as a chute number; as an alternate: none. Source: SORT-MAP 1.0, rule 6."""


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
class Grade:
    """How good a symbol looked when it was read; every field -1 when nobody measured it.

    contrast_pm      lightest space minus darkest bar, per mille of full scale
    edge_pm          least difference between neighbouring bar and space, per mille of full scale
    modulation_pm    edge_pm as a share of contrast_pm, per mille
    decodability_pm  how far the greys lie from where a bar would be taken for a space, per mille of that
                     distance; 0 where narrow ones nearly vanish in blur, though the text was sure
    module_cpx       width of one module, hundredths of a pixel
    blur_cpx         motion blur across the bars, hundredths of a pixel
    Compared between reads of one camera, not with a verifier's. Source: the idea of ISO/IEC 15416.
    """

    contrast_pm: int
    edge_pm: int
    modulation_pm: int
    decodability_pm: int
    module_cpx: int
    blur_cpx: int


UNGRADED = Grade(-1, -1, -1, -1, -1, -1)


@dataclass(frozen=True, slots=True)
class CodeRead:
    """One code seen in one picture. The text is untrusted; `reader` names the rung that read it."""

    text: str
    symbology: str
    corners: Corners
    reader: str
    grade: Grade = UNGRADED


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in one picture that looks like a code and gave no text; corners as of a `CodeRead`.

    waybill  it has a waybill's bars: as many, as long and as high, beside one that was read
    """

    cause: NoRead
    corners: Corners
    waybill: bool = False


# ---------------------------------------------------------------- events: what the controller is told


@dataclass(frozen=True, slots=True)
class FrameRead:
    """Vision's answer for one picture: every code in it, or none and the failure (empty: none failed).

    unread  what looked like a code and was not read, the likeliest code first
    judged  somebody looked for what was not read: no read and no unread means that no label was there
    """

    at_us: Us
    tag: FrameTag
    reads: tuple[CodeRead, ...]
    failure: str = ""
    unread: tuple[Unread, ...] = ()
    judged: bool = False


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
class ChuteBroken:
    """The machine says that a chute cannot be reached, its diverter being broken, or that it can again."""

    at_us: Us
    chute: int
    broken: bool


@dataclass(frozen=True, slots=True)
class Jammed:
    """What lies on the line has stopped it. place: code 1 = eye number, 2 = diverter number.

    code  1 an eye has been covered for longer than a parcel can cover it; 2 a diverter stands turned and
          took two parcels in a row that were not sent there
    """

    at_us: Us
    place: int
    code: int = 1


@dataclass(frozen=True, slots=True)
class EncoderTrouble:
    """The encoder and the belt disagree.

    code  1 the belt is commanded to run and the encoder does not move, 2 it is well again; 3 objects come
          later than the encoder says, which a slipping belt does, 4 they come in time again
    """

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
class EyeSeen:
    """An eye was covered or cleared; told in maintenance mode only, to learn the line's true distances.

    eye  number in belt order, induct eye = 0; 32768 + chute = the eye in that chute
    """

    at_us: Us
    eye: int
    covered: bool
    encoder: int


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
class CommandRefused:
    """The PLC did not carry out a command: 1 not in this state, 2 not permitted, 3 under local control."""

    at_us: Us
    command: PackCommand
    result: int


@dataclass(frozen=True, slots=True)
class Rebooted:
    """The PLC started anew: what was on the belt is unknown."""

    at_us: Us
    boot_id: int


@dataclass(frozen=True, slots=True)
class EventsLost:
    """The PLC's event ring overflowed; `count` events never reached us.

    state  PackML state of the machine when we noticed, 0 = not told: a change of it may be among them
    """

    at_us: Us
    count: int
    state: int = 0


@dataclass(frozen=True, slots=True)
class Woken:
    """The moment asked for by `next_wake_us` has come; encoder = belt position now."""

    at_us: Us
    encoder: int


@dataclass(frozen=True, slots=True)
class Advised:
    """Pre-advice from a courier's system: where a waybill goes. place = code of a network node, "" = none.

    unclear    its address was refused: it fits several places, or lies outside the network
    inspected  it went through the security check
    """

    at_us: Us
    waybill: str
    courier: str
    place: str
    direction: Direction = Direction.DOWN
    service: Service = Service.STANDARD
    unclear: bool = False
    inspected: bool = False


@dataclass(frozen=True, slots=True)
class DockChanged:
    """From now on this courier's parcels are unloaded, "" = several's: it decides between look-alikes."""

    at_us: Us
    courier: str


@dataclass(frozen=True, slots=True)
class PlanOrdered:
    """Sort by this plan, at once or, when `wave` is named, from its beginning on. by = who ordered it."""

    at_us: Us
    plan: PlanData
    wave: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class PlanRolledBack:
    """Undo the order of this plan version: wait for it no more, or return to the plan before it.

    Changes nothing when that version is neither awaited nor in force: told twice is told once.
    """

    at_us: Us
    version: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class WaveBegan:
    """A wave of the day begins; "" = between two waves."""

    at_us: Us
    wave: str


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
class Coded:
    """A person said where a parcel goes: by its waybill, by a place's code (either may be ""), or by a mark.

    pid  0 = it lies on no belt: waybill and place are advice for its next lap
    by   who said it
    """

    at_us: Us
    pid: int
    waybill: str
    place: str
    mark: Mark
    by: str


@dataclass(frozen=True, slots=True)
class BagChanged:
    """A chute got a new bag; `bag` is the code on it, `by` who scanned it."""

    at_us: Us
    chute: int
    bag: str
    by: str


@dataclass(frozen=True, slots=True)
class Serviced:
    """A person asked for maintenance mode, or for production again; chute = the one to jog, -1 = none.

    For the machine, which refuses what its state does not allow; the controller only keeps it.
    """

    at_us: Us
    maintenance: bool
    chute: int
    by: str


@dataclass(frozen=True, slots=True)
class Attended:
    """A person saw to the alarm that the console names `alarm`, as it was raised at raised_us.

    shelved_us  -1 = they have seen it; else it is put aside for so long from at_us on, 0 = it is back
    For people who look at alarms; the controller only keeps it.
    """

    at_us: Us
    alarm: str
    raised_us: Us
    by: str
    shelved_us: Us = -1


@dataclass(frozen=True, slots=True)
class ClockTold:
    """The wall clock at this instant of the line clock, Unix time in us: so that history has hours.

    Told when the line clock is known and again from time to time. The controller only keeps it.
    """

    at_us: Us
    unix_us: Us


@dataclass(frozen=True, slots=True)
class Taken:
    """The PLC's events up to number `tail` (u16) of this boot stand before this in the journal.

    lost  how many events the PLC's ring had dropped by then, u16
    """

    at_us: Us
    boot_id: int
    tail: int
    lost: int = 0


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """The controller starts with another configuration: what was on the belt ends as unknown."""

    at_us: Us


@dataclass(frozen=True, slots=True)
class Restarted:
    """This controller was recovered from its journal: older parcels get no command any more."""

    at_us: Us


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """How much room the journal's disk has now; told when that changes. free_mb: 10^6 bytes, rounded down."""

    at_us: Us
    room: Room
    free_mb: int


Event: TypeAlias = (
    FrameRead | Inducted | Triggered | Answered | Left | ChuteChanged | ChuteBroken | Jammed | EncoderTrouble
    | StateChanged | CommChanged | LinkUp | LinkDown | Rebooted | EventsLost | Woken | Advised | InterceptSet
    | ChuteLocked | Operated | Taken | Restarted | ConfigChanged | EyeSeen | DockChanged | PlanOrdered
    | PlanRolledBack | WaveBegan | CommandRefused | Coded | BagChanged | Serviced | DiskSpace | Attended
    | ClockTold
)  # fmt: skip


ONLY_KEPT = (Taken, EyeSeen, Serviced, Attended, ClockTold)
"""Events that stand in the journal for others: the controller does nothing by them."""


# ---------------------------------------------------------------- effects: what the controller wants done


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a parcel shall go, and on whose authority. chute REJECT = it rides to the exception end.

    pictures  those taken of it so far
    """

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
    pictures: tuple[FrameTag, ...] = ()


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
    cause     why no waybill was read, by the pixels; NONE when one was, or when nobody can tell
    pictures  which were taken of it, in order
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
    cause: NoRead = NoRead.NONE
    pictures: tuple[FrameTag, ...] = ()


Effect: TypeAlias = Decision | Assign | Command | Notice | ParcelRecord

made_fast(
    FrameTag, Grade, CodeRead, Unread, FrameRead, Inducted, Triggered, Answered, Left, ChuteChanged,
    ChuteBroken, Jammed, EncoderTrouble, StateChanged, CommChanged, EyeSeen, LinkUp, LinkDown, CommandRefused,
    Rebooted, EventsLost, Woken, Advised, DockChanged, PlanOrdered, PlanRolledBack, WaveBegan,
    InterceptSet, ChuteLocked, Operated, Coded, BagChanged, Serviced, Taken, ConfigChanged, Restarted,
    Decision, Assign, Command, Notice, ParcelRecord,
)  # fmt: skip
