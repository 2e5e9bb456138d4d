"""The whole judgement over one history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sim.oracle import decisions, motion, records
from sim.oracle.case import Case, Fact, Violation
from sim.oracle.journal import Unreadable, entries

CHECKS: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    records.one_outcome, records.stored_once, records.intent_first, records.nothing_old,
    decisions.by_the_plan, decisions.never_guessed, decisions.right_parcel,
    motion.commanded, motion.right_chute, motion.told_truly, motion.neighbours, motion.not_into_full,
    motion.stands_when_told, motion.infeed_without_pc, motion.quiet_when_open, motion.second_refused,
    motion.lively,
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """violations: none when every promise was kept. sorted of readable: the floor beside the safety."""

    violations: tuple[Violation, ...]
    sorted: int
    readable: int
    outcomes: Counter[str]


def judge(facts: Sequence[Fact], segments: Sequence[tuple[str, bytes]]) -> Verdict:
    """Facts as the world told them; segments: the journal's files, oldest first."""
    try:
        journal = list(entries(segments))
    except Unreadable as error:
        return Verdict((Violation(40, str(error)),), 0, 0, Counter())
    case = Case(facts, journal, frozenset(fact[2] for fact in facts if fact[1] == "fault"))
    found = [violation for check in CHECKS for violation in check(case)]
    return Verdict(tuple(found), *motion.sorted_share(case), motion.outcomes(case))
