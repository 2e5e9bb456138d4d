"""Replay: a journal's events through a fresh controller, its effects against the recorded ones.

A journal is: Started, then events, each followed by the effects it had; again Started whenever the
configuration changed. Every Started makes the handler anew. A restart with the same configuration is an
ordinary event (`Restarted`): the controller was rebuilt from the journal's turns since the last Started,
so replay simply goes on. Effects of the last event that a crash kept from the disk are appended after it,
before Restarted; `turns` shows the shell how many of them are there.

Compared per event: what was decided, sent and commanded, and of a record waybill, told, left, outcome,
reason, plan version and rule. Not compared: notices, instants, the order within one event.
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


def turns(values: Iterable[Value]) -> Iterator[Turn]:
    """The journal in turns. StoreError when it does not begin with Started."""
    cause: Started | Event | None = None
    effects: list[Effect] = []
    for value in values:
        if isinstance(value, Effect) and cause is not None:
            effects.append(value)
            continue
        if cause is not None:
            yield Turn(cause, tuple(effects))
        elif not isinstance(value, Started):
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
    open_parcels: dict[int, _Parcel] = {}
    for turn in turns(values):
        effects: Sequence[Effect] = ()
        if isinstance(turn.cause, Started):
            yield from _close(open_parcels, list(open_parcels))
            handler = make(turn.cause)
        else:
            assert handler is not None, "turns begin with Started"
            effects = handler.handle(turn.cause)
        yield from _close(open_parcels, _compare(turn.effects, effects, open_parcels))
    yield from _close(open_parcels, list(open_parcels))


def _compare(old: Sequence[Effect], new: Sequence[Effect], parcels: dict[int, _Parcel]) -> list[int]:
    """Notes the differences of one turn; the pids that ended in it, or 0 for the line itself."""
    ended = []
    before, after = _by_subject(old), _by_subject(new)
    for kind, pid in dict.fromkeys((*before, *after)):
        if kind in (Command, ParcelRecord):
            ended.append(pid)
        olds, news = before.get((kind, pid), []), after.get((kind, pid), [])
        parcel = parcels.setdefault(pid, _Parcel())
        parcel.waybill = parcel.waybill or _waybill((*olds, *news))
        parcel.words += [words for pair in zip_longest(olds, news) if (words := _difference(kind, *pair))]
    return ended


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


def _difference(kind: type, old: Effect | None, new: Effect | None) -> str:
    """In words what differs; "" when nothing that is compared does."""
    verb, names = _COMPARED[kind]
    if old is None or new is None:
        there = old or new
        what = ", ".join(f"{name} {_word(there, name)}" for name in names)
        return f"{verb} {'only in the journal' if new is None else 'only in the replay'} ({what})"
    changes = [
        f"{name} {_word(old, name)} -> {_word(new, name)}"
        for name in names
        if getattr(old, name) != getattr(new, name)
    ]
    return f"{verb} {', '.join(changes)}" if changes else ""


def _word(effect: Effect | None, name: str) -> str:
    value = getattr(effect, name)
    if isinstance(value, Enum):
        return value.name if isinstance(value, IntEnum) else str(value.value)
    if value == REJECT and name in ("chute", "told", "left"):
        return "exception end"
    return "none" if value in ("", REJECT) else str(value)


def _close(parcels: dict[int, _Parcel], pids: Iterable[int]) -> Iterator[Difference]:
    """The differences of parcels that are through."""
    for pid in pids:
        parcel = parcels.pop(pid, None)
        if parcel and parcel.words:
            yield Difference(pid, parcel.waybill, "; ".join(parcel.words))
