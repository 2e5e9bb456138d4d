"""Histories of torture worlds that can be falsified in one place: for the tests of their judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sim.oracle.case import Case, Fact
from sim.oracle.journal import Entry, entries
from sim.oracle.judge import CHECKS
from sim.oracle.violation import Violation
from sim.torture.trial import told
from sorter.app.torture_bench import begin

S = 1_000_000


@cache
def world(seed: int, mix: str) -> tuple[tuple[Fact, ...], tuple[Entry, ...]]:
    _, made = told(seed, mix, begin)
    return tuple(made.facts), tuple(entries(made.disk.segments()))


@dataclass
class History:
    """What happened and what the journal says; every change is a falsification."""

    facts: list[Fact]
    journal: list[Entry]

    def add(self, *facts: Fact) -> None:
        self.facts = sorted([*self.facts, *facts], key=lambda fact: fact[0])

    def drop(self, which: Callable[[Fact], bool]) -> None:
        self.facts = [fact for fact in self.facts if not which(fact)]

    def say(self, kind: str, which: Callable[[dict[str, Any]], bool], **changed: Any) -> None:
        """Other words in the journal's rows of a kind."""
        self.journal = [
            entry._replace(row={**entry.row, **changed}) if entry.kind == kind and which(entry.row) else entry
            for entry in self.journal
        ]

    @property
    def case(self) -> Case:
        return Case(self.facts, self.journal, frozenset(f[2] for f in self.facts if f[1] == "fault"))

    def violations(self) -> list[Violation]:
        case = self.case
        return [violation for check in CHECKS for violation in check(case)]

    def broken(self) -> set[int]:
        return {violation.promise for violation in self.violations()}

    def told(self) -> list[str]:
        return [violation.what for violation in self.violations()]


def one_sorted(history: History) -> tuple[int, int, int, int]:
    """(pid, n, chute, instant) of a parcel that a chute got, with room for another one behind it."""
    case = history.case
    for row in case.rows["ParcelRecord"][10:]:
        n = case.numbers.get(row["pid"])
        if n is not None and row["outcome"] == "sorted" and row["left"] == case.exits[n][1]:
            return row["pid"], n, row["left"], case.exits[n][0]
    raise AssertionError("no parcel was sorted")


def of(pid: int) -> Callable[[dict[str, Any]], bool]:
    return lambda row: bool(row["pid"] == pid)


def mid(history: History) -> int:
    """An instant at which the belt has run for long."""
    at_us: int = history.case.by_kind["gone"][20][0]
    return at_us


def calm() -> History:
    """Ten's world: nothing fails in it."""
    facts, journal = world(10, "faultless")
    return History(list(facts), list(journal))


def troubled() -> History:
    """Eight's, in which much does."""
    facts, journal = world(8, "heavy")
    return History(list(facts), list(journal))
