"""A history, prepared for judgement: the journal's entries, the world's facts by kind, who is who."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sim.oracle.journal import Entry

END = 65535
TAKEN = -1
Fact = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was not kept: its number in promises.md, and what happened."""

    promise: int
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"promise {self.promise}: {self.what}"


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

    def during(self, kind: str, place: Any, at_us: int, before_us: int, after_us: int = 0) -> bool:
        """A lasting condition (facts kind, place, True/False) held at some time around an instant."""
        begun = None
        for fact in self.by_kind[kind]:
            if fact[2:-1] != place:
                continue
            if fact[-1]:
                begun = fact[0]
            elif begun is not None:
                if begun <= at_us + after_us and fact[0] >= at_us - before_us:
                    return True
                begun = None
        return begun is not None and begun <= at_us + after_us
