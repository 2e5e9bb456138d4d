"""Alarms and their life: raised, acknowledged, shelved, cleared, history.

An alarm is active or cleared, acknowledged or not; what is cleared and acknowledged is history. A shelved
alarm is out of the list until its time is up. Practice: ISA-18.2. Everything is told by the journal, what
people did about them too, so that a console that starts late knows the same alarms; the catalogue is
`alarm_kinds`.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace

from sorter.app.console.alarm_kinds import ENDS, KINDS, OF_ONE_THING
from sorter.flow import Attended, Notice, Us

HISTORY = 500
FLOOD, FLOOD_US = 10, 600_000_000
"""More alarms than this within this time is a flood: nobody can follow them one by one."""

HOUR_US: Us = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. raised_us, cleared_us: line clock, -1 = still active. count: raised how often since."""

    id: str
    key: str
    about: str
    raised_us: Us
    cleared_us: Us = -1
    acknowledged: str = ""
    count: int = 1

    @property
    def active(self) -> bool:
        """Its cause lasts."""
        return self.cleared_us < 0


@dataclass(frozen=True, slots=True)
class Load:
    """How many alarms a person gets: in the last ten minutes, in the last hour; flood = too many."""

    ten_minutes: int
    hour: int
    flood: bool


class Alarms:
    """The list of one run, fed with notices and with what people did.

    raised  how often each alarm was raised in this run
    """

    def __init__(self) -> None:
        self.raised: Counter[str] = Counter()
        self._when: deque[Us] = deque(maxlen=10 * HISTORY)
        self._shelved: dict[str, Attended] = {}
        self.history: deque[Alarm] = deque(maxlen=HISTORY)
        self._open: dict[str, Alarm] = {}

    def note(self, notice: Notice) -> None:
        """Raise, count or clear what this notice is about; notices that ask for nobody change nothing."""
        if (notice.key, notice.about) in (("encoder", "2"), ("belt-slip", "4")):
            self._clear(notice.key, notice.at_us)
        elif notice.key in ENDS:
            self._clear(_identity(ENDS[notice.key], notice.about), notice.at_us)
        elif notice.key in KINDS:
            self._raise(notice)

    def attended(self, word: Attended) -> bool:
        """A person has seen it, or puts it aside; False when it is not open as they saw it.

        A latched one is over with being seen.
        """
        alarm = self._open.get(word.alarm)
        if alarm is None or alarm.raised_us > word.raised_us:
            return False
        if word.shelved_us >= 0:
            self._shelved[word.alarm] = word
        else:
            over_us = word.at_us if alarm.active and KINDS[alarm.key].latched else alarm.cleared_us
            self._settle(replace(alarm, acknowledged=word.by, cleared_us=over_us))
        return True

    def open(self, now_us: Us | None = None) -> list[Alarm]:
        """What is active or unacknowledged: the most urgent first, of those the newest first.

        now_us  line clock: leaves out what is shelved, too young, or the consequence of another alarm
        """
        every = sorted(self._open.values(), key=lambda one: (KINDS[one.key].priority, -one.raised_us))
        return every if now_us is None else [one for one in every if self._shown(one, now_us)]

    def shelved(self, now_us: Us) -> list[tuple[Alarm, Attended]]:
        """What is put aside now and would stand in the list otherwise."""
        words = [(one, self._shelved.get(one.id)) for one in self.open()]
        return [(one, word) for one, word in words if word is not None and now_us < back_us(word)]

    def load(self, now_us: Us) -> Load:
        """How many were raised lately."""
        ten, hour = (sum(at > now_us - span for at in self._when) for span in (FLOOD_US, HOUR_US))
        return Load(ten, hour, ten > FLOOD)

    def _shown(self, one: Alarm, now_us: Us) -> bool:
        kind, word = KINDS[one.key], self._shelved.get(one.id)
        young = one.active and now_us - one.raised_us < kind.delay_us
        root = self._open.get(kind.root)
        aside = word is not None and now_us < back_us(word)
        return not (young or aside or (root is not None and root.active))

    def _raise(self, notice: Notice) -> None:
        identity = _identity(notice.key, notice.about)
        known = self._open.get(identity)
        fresh = Alarm(identity, notice.key, notice.about, notice.at_us)
        if known is not None:
            fresh = replace(fresh, count=known.count + 1, acknowledged=known.acknowledged * known.active)
        if known is not None and known.active:
            fresh = replace(fresh, raised_us=known.raised_us)
        self._open[identity] = fresh
        if known is None or not known.active:
            self.raised[identity] += 1
            self._when.append(notice.at_us)

    def _clear(self, identity: str, at_us: Us) -> None:
        alarm = self._open.get(identity)
        if alarm is None or not alarm.active:
            return
        if at_us - alarm.raised_us < KINDS[alarm.key].delay_us:
            self._open.pop(identity)
            self.raised[identity] -= 1
            self._when.remove(alarm.raised_us)
        else:
            self._settle(replace(alarm, cleared_us=at_us))

    def _settle(self, alarm: Alarm) -> None:
        """Cleared and acknowledged is history; everything else stays in the list."""
        if alarm.active or not alarm.acknowledged:
            self._open[alarm.id] = alarm
        else:
            self._open.pop(alarm.id, None)
            self.history.append(alarm)


def back_us(word: Attended) -> Us:
    """When a shelved alarm returns."""
    return word.at_us + word.shelved_us


def _identity(key: str, about: str) -> str:
    return f"{key}-{about}" if key in OF_ONE_THING else key
