"""What the console knows of a run: the journal's values, folded into the little that screens show."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from sorter.app.config import hub_from_files
from sorter.app.console.alarms import Alarms
from sorter.app.console.shift import Hours, town_of
from sorter.app.console.sights import Sights
from sorter.app.console.watchers import Watchers
from sorter.codec import Started, Value
from sorter.coding import CODABLE
from sorter.errors import ConfigError
from sorter.flow import (
    REJECT,
    Advised,
    Attended,
    BagChanged,
    ChuteBroken,
    ChuteChanged,
    ChuteLocked,
    ClockTold,
    Coded,
    Decision,
    DockChanged,
    EventsLost,
    FrameRead,
    Inducted,
    InterceptSet,
    Jammed,
    LinkDown,
    LinkUp,
    Notice,
    Outcome,
    PackState,
    ParcelRecord,
    PlanOrdered,
    PlanRolledBack,
    Rebooted,
    Restarted,
    StateChanged,
    Triggered,
    Us,
    WaveBegan,
)
from sorter.hub import Hub
from sorter.matching import Span
from sorter.parcels import OpenParcel
from sorter.rulings import Rulings

RECENT = 12
BAGS_KEPT = 200
PLANS_KEPT = 50
PLAN_WORDS = frozenset({"plan-in-force", "plan-rolled-back", "plan-refused", "plan-no-earlier", "plan-waits"})
REMEMBERED = 5000
MINUTE_US: Us = 60_000_000
SHORTEST_BASIS_US: Us = 10_000_000
"""A rate over less than this says nothing."""


@dataclass(slots=True)
class OnBelt:
    """A parcel on the belt; decision None = not decided yet; closed = older than the controller's start."""

    inducted: Inducted
    decision: Decision | None = None
    closed: bool = False

    @property
    def waits(self) -> bool:
        """A person's word could still send it somewhere."""
        made = self.decision
        return made is not None and not self.closed and made.chute == REJECT and made.why in CODABLE

    def as_open(self) -> OpenParcel:
        """The parcel as the controller's laws look at it; what was read of it beside the waybill is lost."""
        span = Span(self.inducted.pid, self.inducted.encoder, 0)
        return OpenParcel(self.inducted, span, None, decision=self.decision, closed=self.closed)


@dataclass(slots=True)
class Bag:
    """The bag at a chute: its code ("" = never scanned), since when, how many parcels fell into it."""

    chute: int
    code: str = ""
    since_us: Us = 0
    parcels: int = 0
    until_us: Us = -1


@dataclass(slots=True)
class Trouble:
    """What happened since the line ran last, for the way back.

    jams    eyes that were covered too long
    strange what lies on the belt is not known: PLC boot or lost events
    """

    jams: set[int] = field(default_factory=set)
    strange: bool = False


class Board:
    """The state of one run, whatever its length: nothing here grows with the parcels.

    started       the configuration that the run began with; None = nothing was journalled yet
    left          parcels that left by each chute since the run began
    full, locked  chute numbers
    rulings       what the controller knows of waybills and plans; grows with the manifests
    zero_us       Unix time of line clock 0 as it was told last; None = never
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.rulings = Rulings(hub, "")
        self.started: Started | None = None
        self.open: dict[int, OnBelt] = {}
        self.recent: deque[ParcelRecord] = deque(maxlen=RECENT)
        self.notices: deque[Notice] = deque(maxlen=RECENT)
        self.outcomes: Counter[Outcome] = Counter()
        self.left: Counter[int] = Counter()
        self.full: set[int] = set()
        self.broken: set[int] = set()
        self.locked: set[int] = set()
        self.bags: dict[int, Bag] = {}
        self.closed_bags: deque[Bag] = deque(maxlen=BAGS_KEPT)
        self.plans: deque[Notice] = deque(maxlen=PLANS_KEPT)
        self.sights = Sights()
        self.trouble = Trouble()
        self.alarms = Alarms()
        self.hours = Hours()
        self.zero_us: Us | None = None
        self.state = PackState.STOPPED
        self.connected = False
        self.inducted = 0
        self.again = 0
        self.last_us: Us = 0
        self._inductions: deque[Us] = deque()
        self._started_us: Us = 0
        self._watchers = Watchers()
        self._exceptions: dict[str, None] = {}
        self._bag: BagChanged | None = None

    def note(self, value: Value) -> None:
        """Take in the journal's next value."""
        self.last_us = max(self.last_us, getattr(value, "at_us", 0))
        match value:
            case Started():
                self.started = value
                self.rulings = Rulings(self._hub_of(value), value.on_date)
            case Inducted():
                self._induct(value)
            case Decision():
                if (parcel := self.open.get(value.pid)) is not None:
                    parcel.decision = value
            case ParcelRecord():
                self._record(value)
            case Notice():
                self._notice(value)
            case Attended():
                self.alarms.attended(value)
            case ClockTold():
                self.zero_us = value.unix_us - value.at_us
            case Triggered() | FrameRead():
                self.sights.note(value)
            case Advised() | InterceptSet() | DockChanged() | PlanOrdered() | PlanRolledBack() | WaveBegan():
                self.rulings.told(value)
            case Coded():
                self._coded(value)
            case BagChanged():
                self._bag = value
            case _:
                self._machine(value)

    def per_hour(self, now_us: Us) -> int | None:
        """Inductions of the last minute as parcels per hour, rounded down; None = too early to say."""
        while len(self._inductions) > 1 and self._inductions[0] < now_us - MINUTE_US:
            self._inductions.popleft()
        lately = sum(at >= now_us - MINUTE_US for at in self._inductions)
        basis_us = MINUTE_US
        if len(self._inductions) == self.inducted:
            basis_us = now_us - self._inductions[0] if self._inductions else 0
        if basis_us < SHORTEST_BASIS_US:
            return None
        return lately * 60 * MINUTE_US // basis_us

    def since_us(self) -> Us:
        """When the last parcel came or the line was started, whichever is later."""
        last = self._inductions[-1] if self._inductions else 0
        return max(last, self._started_us)

    def _hub_of(self, start: Started) -> Hub:
        """The configuration that this start was made with; our own when it is that, or cannot be read."""
        if dict(start.files) == dict(self._hub.files):
            return self._hub
        try:
            return hub_from_files(dict(start.files), start.hub)
        except ConfigError:
            return self._hub

    def _induct(self, event: Inducted) -> None:
        self.inducted += 1
        self.open[event.pid] = OnBelt(event)
        self._inductions.append(event.at_us)
        while self._inductions[0] < event.at_us - MINUTE_US:
            self._inductions.popleft()

    def _record(self, record: ParcelRecord) -> None:
        self.open.pop(record.pid, None)
        self.recent.append(record)
        self.outcomes[record.outcome] += 1
        self.hours.note(record, town_of(record, self._hub), self.zero_us)
        if record.waybill in self._exceptions:
            self.again += 1
        if record.left != REJECT:
            self.left[record.left] += 1
            self.bags.setdefault(record.left, Bag(record.left)).parcels += 1
        elif record.waybill:
            self._exceptions[record.waybill] = None
            if len(self._exceptions) > REMEMBERED:
                self._exceptions.pop(next(iter(self._exceptions)))
        for notice in self._watchers.note(record):
            self._notice(notice)

    def _notice(self, notice: Notice) -> None:
        self.notices.append(notice)
        self.alarms.note(notice)
        if notice.key == "chute-out":  # as a locked one, it takes a person's unlocking
            self.locked.add(int(notice.about))
        if notice.key in PLAN_WORDS:
            self.plans.append(notice)
        if notice.key == "bag-changed" and self._bag is not None:
            self._hang(self._bag)

    def _coded(self, word: Coded) -> None:
        """What a person taught the controller of a waybill."""
        parcel = self.open.get(word.pid)
        told = self.rulings.by_hand(word, parcel.as_open() if parcel else None)[1]
        if told is not None:
            self.rulings.told(told)

    def _hang(self, change: BagChanged) -> None:
        """The controller took the change: the old bag is closed, the chute is open again."""
        old = self.bags.get(change.chute)
        if old is not None:
            old.until_us = change.at_us
            self.closed_bags.append(old)
        self.bags[change.chute] = Bag(change.chute, change.bag, change.at_us)
        self.locked.discard(change.chute)

    def _machine(self, value: Value) -> None:
        match value:
            case StateChanged():
                self.state = value.state
                if value.state is PackState.EXECUTE:
                    self._started_us = value.at_us
                    self.trouble = Trouble()
            case LinkUp():
                self.connected, self.state = True, value.state
            case LinkDown():
                self.connected = False
            case ChuteChanged():
                (self.full.add if value.full else self.full.discard)(value.chute)
            case ChuteBroken():
                (self.broken.add if value.broken else self.broken.discard)(value.chute)
            case ChuteLocked():
                (self.locked.add if value.locked else self.locked.discard)(value.chute)
            case Jammed():
                self.trouble.jams.add(value.place)
            case Restarted():
                self.broken.clear()
                for parcel in self.open.values():
                    parcel.closed = True
            case Rebooted() | EventsLost():
                self.full.clear()
                self.trouble.strange = True
