"""The whole judgement over one history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sim.oracle import (
    alarms,
    chutes,
    decisions,
    motion,
    outlets,
    pictures,
    reasons,
    recalls,
    records,
    slips,
    stops,
    truth,
    upkeep,
)
from sim.oracle.case import Case, Fact
from sim.oracle.journal import Unreadable, entries
from sim.oracle.violation import Violation

CHECKS: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    records.one_outcome, records.stored_once, records.intent_first, records.nothing_old,
    records.losses_counted, records.alarms_told,
    decisions.by_the_plan, decisions.never_guessed, decisions.all_kept, decisions.right_parcel,
    decisions.plain_text, reasons.follows, outlets.called_full, pictures.trouble_told,
    pictures.still_refused, pictures.dark_told,
    motion.commanded, motion.in_time, motion.right_chute, motion.neighbours, motion.not_into_full,
    motion.lively,
    truth.told_truly,
    stops.stands_when_told, stops.started_by_people, stops.quiet_when_open, stops.infeed_without_pc,
    stops.frozen_noticed, stops.encoder_noticed, stops.jam_holds, stops.second_refused,
    chutes.usable, recalls.called_back, recalls.obeyed_in_time, recalls.late_told,
    alarms.stops_told, alarms.jam_told, alarms.loss_told, alarms.counts_told, alarms.link_told,
    alarms.starts_told, alarms.words_noticed, slips.not_diverted,
    upkeep.entered_at_rest, upkeep.jogged_at_rest,
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
