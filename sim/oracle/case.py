"""A history, prepared for judgement: the journal's entries, the world's facts by kind, who is who."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from sim.oracle.belt import SWITCH_US, Way, spans
from sim.oracle.journal import Entry

END = 65535
TAKEN = -1
STRANGER = 1000
"""Objects from this number on were laid on the belt by hand, behind the induct eye."""
Fact = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was not kept: its number in promises.md, and what happened."""

    promise: int
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"promise {self.promise}: {self.what}"


class Ride(NamedTuple):
    """One object: when it came, the belt's way with its centre at the induct eye, its length, where it left.

    left_us, chute  None and END while it has not left
    """

    came_us: int
    centre_mm: float
    length_mm: int
    left_us: int | None
    chute: int


@dataclass
class Case:
    """What happened (facts: (instant, kind, ...)), and what the journal says of it."""

    facts: Sequence[Fact]
    journal: Sequence[Entry]
    kinds: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def by_kind(self) -> dict[str, list[Fact]]:
        """The facts of each kind, in order."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            found[fact[1]].append(fact)
        return found

    @cached_property
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The journal's rows of each kind, in order."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for entry in self.journal:
            found[entry.kind].append(entry.row)
        return found

    @cached_property
    def truths(self) -> dict[int, tuple[str, tuple[int, ...], bool, bool]]:
        """N -> (waybill, chutes by which it may leave, readable, advised)."""
        return {fact[2]: fact[3:7] for fact in self.by_kind["truth"]}

    @cached_property
    def exits(self) -> dict[int, tuple[int, int]]:
        """N -> (instant, chute | END | TAKEN): where it physically left."""
        return {n: (at, chute) for at, _, n, chute in self.by_kind["gone"]}

    @cached_property
    def rides(self) -> dict[int, Ride]:
        """N -> its way over the belt."""
        found = {}
        for at, _, n, zero_nm, length in self.by_kind["born"]:
            left, chute = self.exits.get(n, (None, END))
            found[n] = Ride(at, zero_nm / 1e6 + length / 2, length, left, chute)
        return found

    @cached_property
    def way(self) -> Way:
        """How far the belt has run."""
        return Way([(fact[0], fact[2]) for fact in self.by_kind["belt"]])

    @cached_property
    def inductions(self) -> list[tuple[int, int, bool]]:
        """(pid, n, no doubt is possible) of every induction; n = the parcel that had just cleared the eye."""
        lengths = {n: length for _, _, n, _, length in self.by_kind["born"]}
        found, cleared = list[tuple[int, int, bool]](), list[int]()
        for fact in self.facts:
            if fact[1] == "inducted":
                cleared.append(fact[2])
            elif fact[1] == "told" and type(fact[4]).__name__ == "Inducted" and cleared:
                sure = len(cleared) == 1 and abs(lengths[cleared[0]] - fact[4].length_mm) < 60
                found.append((fact[4].pid, cleared[-1], sure))
                cleared.clear()
        return found

    @cached_property
    def numbers(self) -> dict[int, int]:
        """Pid -> n, where no doubt is possible."""
        return {pid: n for pid, n, sure in self.inductions if sure}

    @cached_property
    def pids(self) -> dict[int, int]:
        """N -> pid, the likely one where there is doubt."""
        return {n: pid for pid, n, _ in self.inductions}

    @cached_property
    def told_left(self) -> dict[int, int]:
        """Pid -> instant at which the PLC told where it left."""
        return {fact[4].pid: fact[0] for fact in self._lefts}

    @cached_property
    def heard_left(self) -> dict[int, int]:
        """Pid -> instant at which the PLC learned that the controller has stored that."""
        acks = self.by_kind["acked"]
        return {
            fact[4].pid: at
            for fact in self._lefts
            if (at := next((ack[0] for ack in acks if ack[2] == fact[2] and ack[3] >= fact[3]), None))
        }

    @cached_property
    def _lefts(self) -> list[Fact]:
        return [fact for fact in self.by_kind["told"] if type(fact[4]).__name__ == "Left"]

    @cached_property
    def misread(self) -> set[int]:
        """Parcels of which a reader made another one's valid number, or a second one."""
        return {fact[2] for fact in self.by_kind["misread"]}

    def spans(self, kind: str, *place: Any) -> list[tuple[int, int]]:
        """(from, until) of a lasting condition."""
        key = (kind, *place)
        if key not in self._spans:
            self._spans[key] = spans(self.by_kind[kind], *place)
        return self._spans[key]

    @cached_property
    def _spans(self) -> dict[Any, list[tuple[int, int]]]:
        return {}

    def during(self, spans: Sequence[tuple[int, int]], first_us: int, last_us: int) -> bool:
        """One of the spans touches the time from first to last."""
        return any(begun <= last_us and ended >= first_us for begun, ended in spans)

    def wheel_bad(self, chute: int, at_us: int) -> bool:
        """The wheel of a chute was bad then, or still on its way back from that."""
        return self.during(self.spans("wheel-bad", chute // 2), at_us - SWITCH_US, at_us)
