"""What the console knows of a run: the journal's values, folded into the little that screens show."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from sorter.app.console.alarms import Acknowledged, Alarms
from sorter.codec import Started, Value
from sorter.flow import (
    REJECT,
    ChuteChanged,
    ChuteLocked,
    Decision,
    EventsLost,
    Inducted,
    LinkDown,
    LinkUp,
    Notice,
    Outcome,
    PackState,
    ParcelRecord,
    Rebooted,
    StateChanged,
    Us,
)

RECENT = 12
MINUTE_US: Us = 60_000_000
SHORTEST_BASIS_US: Us = 10_000_000
"""A rate over less than this says nothing."""


@dataclass(slots=True)
class OnBelt:
    """A parcel on the belt; decision None = not decided yet."""

    inducted: Inducted
    decision: Decision | None = None


class Board:
    """The state of one run, whatever its length: nothing here grows with the parcels.

    started       the configuration that the run began with; None = nothing was journalled yet
    left          parcels that left by each chute since the run began
    full, locked  chute numbers
    """

    def __init__(self, acknowledged: Sequence[Acknowledged] = ()) -> None:
        self.started: Started | None = None
        self.open: dict[int, OnBelt] = {}
        self.recent: deque[ParcelRecord] = deque(maxlen=RECENT)
        self.notices: deque[Notice] = deque(maxlen=RECENT)
        self.outcomes: Counter[Outcome] = Counter()
        self.left: Counter[int] = Counter()
        self.full: set[int] = set()
        self.locked: set[int] = set()
        self.alarms = Alarms(acknowledged)
        self.state = PackState.STOPPED
        self.connected = False
        self.inducted = 0
        self.last_us: Us = 0
        self._inductions: deque[Us] = deque()

    def note(self, value: Value) -> None:
        """Take in the journal's next value."""
        self.last_us = max(self.last_us, getattr(value, "at_us", 0))
        match value:
            case Started():
                self.started = value
            case Inducted():
                self._induct(value)
            case Decision():
                if (parcel := self.open.get(value.pid)) is not None:
                    parcel.decision = value
            case ParcelRecord():
                self._record(value)
            case Notice():
                self.notices.append(value)
                self.alarms.note(value)
                if value.key == "chute-out":  # as a locked one, it takes a person's unlocking
                    self.locked.add(int(value.about))
            case _:
                self._machine(value)

    def per_hour(self, now_us: Us) -> int | None:
        """Inductions of the last minute as parcels per hour, rounded down; None = too early to say."""
        while self._inductions and self._inductions[0] < now_us - MINUTE_US:
            self._inductions.popleft()
        basis_us = MINUTE_US
        if len(self._inductions) == self.inducted:
            basis_us = now_us - self._inductions[0] if self._inductions else 0
        if basis_us < SHORTEST_BASIS_US:
            return None
        return len(self._inductions) * 60 * MINUTE_US // basis_us

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
        if record.left != REJECT:
            self.left[record.left] += 1

    def _machine(self, value: Value) -> None:
        match value:
            case StateChanged():
                self.state = value.state
            case LinkUp():
                self.connected, self.state = True, value.state
            case LinkDown():
                self.connected = False
            case ChuteChanged():
                (self.full.add if value.full else self.full.discard)(value.chute)
            case ChuteLocked():
                (self.locked.add if value.locked else self.locked.discard)(value.chute)
            case Rebooted() | EventsLost():
                self.full.clear()
