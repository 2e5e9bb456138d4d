"""Alarms that no single event tells: nothing is sorted any more, too much is not read. Pure."""

from __future__ import annotations

from collections import Counter, deque

from sorter.flow import Notice, Outcome, ParcelRecord, Us

ALL_EXCEPTIONS = 12
"""So many exceptions one after the other are no accident."""

READ_OF = 200
NO_READ_HIGH, NO_READ_WELL = 4, 2
"""Unread among the last READ_OF: above the first it is told, at the second it is well again."""

_OF_THE_HUB = frozenset({Outcome.INTERCEPTED, Outcome.PURGED, Outcome.STRAY, Outcome.UNKNOWN_AFTER_RESTART})
"""Ends that say nothing about whether the line sorts."""


class Watchers:
    """Fed with every record; each answer is the notices to raise or end."""

    def __init__(self) -> None:
        self._row: list[Outcome] = []
        self._told_nothing = self._told_read = False
        self._reads: deque[bool] = deque(maxlen=READ_OF)

    def note(self, record: ParcelRecord) -> list[Notice]:
        """What follows from one more record."""
        if record.outcome in _OF_THE_HUB:
            return []
        return [*self._nothing_sorted(record), *self._unread(record)]

    def _nothing_sorted(self, record: ParcelRecord) -> list[Notice]:
        if record.outcome is Outcome.SORTED:
            self._row.clear()
            told, self._told_nothing = self._told_nothing, False
            return [Notice(record.left_us, "sorted-again", "")] if told else []
        self._row = [*self._row[-ALL_EXCEPTIONS + 1 :], record.outcome]
        if self._told_nothing or len(self._row) < ALL_EXCEPTIONS:
            return []
        self._told_nothing = True
        most = Counter(self._row).most_common(1)[0][0]
        return [Notice(record.left_us, "nothing-sorted", most.value)]

    def _unread(self, record: ParcelRecord) -> list[Notice]:
        self._reads.append(record.outcome is Outcome.NO_READ)
        unread = sum(self._reads)
        if not self._told_read and unread > NO_READ_HIGH and len(self._reads) == READ_OF:
            self._told_read = True
            return [_unread(record.left_us, "no-read-high", unread)]
        if self._told_read and unread <= NO_READ_WELL:
            self._told_read = False
            return [_unread(record.left_us, "no-read-well", unread)]
        return []


def _unread(at_us: Us, key: str, unread: int) -> Notice:
    return Notice(at_us, key, f"{unread}/{READ_OF}")
