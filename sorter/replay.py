"""Replay: a journal's events through a fresh controller, its effects against the recorded ones.

A journal is: Started, then events, each followed by the effects it had; again Started whenever the
configuration changed. Every Started makes the handler anew. A restart with the same configuration is an
ordinary event (`Restarted`): the controller was rebuilt from the journal's turns since the last Started,
so replay simply goes on. Effects of the last event that a crash kept from the disk are appended after it,
before Restarted; `turns` shows the shell how many of them are there.

Compared per event: what was decided, sent and commanded, and of a record waybill, told, left, outcome,
reason, plan version and rule. Not compared: notices, instants, the order within one event. Another plan
has another version: that is one difference of the line for each plan of the journal, so that the parcels
named are those it treats otherwise; a parcel with any other pair of versions is a difference of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from itertools import zip_longest
from typing import Protocol

from sorter.codec import Started, Value
from sorter.errors import StoreError
from sorter.flow import REJECT, Assign, Command, Decision, Effect, Event, Notice, ParcelRecord


class Handler(Protocol):
    """What is replayed: the controller, or anything that decides like one."""

    def handle(self, event: Event) -> Sequence[Effect]:
        """What the event makes it want done."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """A journal's Started or event with the effects recorded after it."""

    cause: Started | Event
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A parcel that replay treats otherwise: pid (0 = the line), waybill ("" = none), in words what."""

    pid: int
    waybill: str
    what: str

    def __str__(self) -> str:
        """One line for a person."""
        parcel = f"parcel {self.pid} {self.waybill or 'without waybill'}" if self.pid else "the line"
        return f"{parcel}: {self.what}"


@dataclass(slots=True)
class _Parcel:
    waybill: str = ""
    words: list[str] = field(default_factory=list)


_COMPARED: dict[type, tuple[str, tuple[str, ...]]] = {
    Decision: (
        "decided",
        ("chute", "alternate", "why", "waybill", "courier", "place", "rule", "plan_version"),
    ),
    Assign: ("sent", ("chute", "alternate", "deadline_encoder")),
    Command: ("commanded", ("command",)),
    ParcelRecord: ("recorded", ("waybill", "told", "left", "outcome", "why", "plan_version", "rule")),
}


def turns(values: Iterable[Value], begun: bool = False) -> Iterator[Turn]:
    """The journal in turns. StoreError when it does not begin with Started, unless it has begun before."""
    cause: Started | Event | None = None
    effects: list[Effect] = []
    for value in values:
        if isinstance(value, Effect) and cause is not None:
            effects.append(value)
            continue
        if cause is not None:
            yield Turn(cause, tuple(effects))
        elif not (begun or isinstance(value, Started)):
            raise StoreError("the journal does not begin with a start\n  give its first segment too")
        assert not isinstance(value, Effect)
        cause, effects = value, []
    if cause is not None:
        yield Turn(cause, tuple(effects))


def replay(values: Iterable[Value], make: Callable[[Started], Handler]) -> Iterator[Difference]:
    """Differences between the journal and what the handlers made by `make` do, one for each parcel.

    In the order in which the parcels end; those without a record come last. StoreError as in `turns`.
    """
    handler: Handler | None = None
    comparison = _Comparison()
    for turn in turns(values):
        effects: Sequence[Effect] = ()
        if isinstance(turn.cause, Started):
            yield from comparison.rest()
            comparison = _Comparison()
            handler = make(turn.cause)
        else:
            assert handler is not None, "turns begin with Started"
            effects = handler.handle(turn.cause)
        yield from comparison.turn(turn.effects, effects)
    yield from comparison.rest()


class _Comparison:
    """The journal's way and the replay's since one start."""

    def __init__(self) -> None:
        self._parcels: dict[int, _Parcel] = {}
        self._versions: dict[object, object] = {}

    def turn(self, old: Sequence[Effect], new: Sequence[Effect]) -> Iterator[Difference]:
        """Takes in one turn; gives the differences of the parcels that ended in it, and of the line."""
        before, after = _by_subject(old), _by_subject(new)
        subjects = dict.fromkeys((*before, *after))
        for kind, pid in subjects:
            olds, news = before.get((kind, pid), []), after.get((kind, pid), [])
            parcel = self._parcels.setdefault(pid, _Parcel())
            parcel.waybill = parcel.waybill or _waybill((*olds, *news))
            pairs = zip_longest(olds, news)
            parcel.words += [words for pair in pairs if (words := self._difference(kind, *pair))]
        yield from self._close([0, *(pid for kind, pid in subjects if kind is ParcelRecord)])

    def rest(self) -> Iterator[Difference]:
        """The differences of parcels that have no record."""
        return self._close(list(self._parcels))

    def _close(self, pids: Iterable[int]) -> Iterator[Difference]:
        for pid in pids:
            parcel = self._parcels.pop(pid, None)
            if parcel and parcel.words:
                yield Difference(pid, parcel.waybill, "; ".join(parcel.words))

    def _difference(self, kind: type, old: Effect | None, new: Effect | None) -> str:
        """In words what differs; "" when nothing that is compared does."""
        verb, names = _COMPARED[kind]
        if old is None or new is None:
            what = ", ".join(f"{name} {_word(old or new, name)}" for name in names)
            return f"{verb} {'only in the journal' if new is None else 'only in the replay'} ({what})"
        changes = [
            f"{name} {_word(old, name)} -> {_word(new, name)}"
            for name in names
            if self._differs(name, getattr(old, name), getattr(new, name))
        ]
        return f"{verb} {', '.join(changes)}" if changes else ""

    def _differs(self, name: str, old: object, new: object) -> bool:
        if name != "plan_version" or not old or not new:
            return old != new
        if old not in self._versions and new not in self._versions.values():
            self._versions[old] = new
            if old != new:
                self._parcels.setdefault(0, _Parcel()).words.append(f"plan version {old} -> {new}")
        return self._versions.get(old) != new


def _by_subject(effects: Sequence[Effect]) -> dict[tuple[type, int], list[Effect]]:
    """The compared effects by kind and pid; a command has pid 0."""
    found: dict[tuple[type, int], list[Effect]] = {}
    for effect in effects:
        if not isinstance(effect, Notice):
            pid = 0 if isinstance(effect, Command) else effect.pid
            found.setdefault((type(effect), pid), []).append(effect)
    return found


def _waybill(effects: Iterable[Effect]) -> str:
    return next((e.waybill for e in effects if isinstance(e, Decision | ParcelRecord) and e.waybill), "")


def _word(effect: Effect | None, name: str) -> str:
    value = getattr(effect, name)
    if isinstance(value, Enum):
        return value.name if isinstance(value, IntEnum) else str(value.value)
    if value == REJECT and name in ("chute", "told", "left"):
        return "exception end"
    return "none" if value in ("", REJECT) else str(value)
