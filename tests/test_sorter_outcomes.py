from __future__ import annotations

import pytest

from sorter.flow import OUTCOME_OF, REJECT, Decision, Outcome, Result, Verdict, Why
from sorter.outcomes import reason


def decided(chute: int, alternate: int = REJECT, why: Why = Why.ROUTED) -> Decision:
    return Decision(1, 0, chute, alternate, why, "SF1234567890123", "sf", "370305109", "r", "p@1")


CASES = [
    # result, left, decision, verdict -> reason
    (Result.OK, 4, decided(4), Verdict.TAKEN, Why.ROUTED),
    (Result.FULL_ALTERNATE, 6, decided(4, 6), Verdict.TAKEN, Why.ROUTED_ALTERNATE),
    (Result.OK, 25, decided(25, why=Why.NO_ADVICE), Verdict.TAKEN, Why.NO_ADVICE),
    (Result.OK, 24, decided(24, why=Why.INTERCEPTED), Verdict.TAKEN, Why.INTERCEPTED),
    (Result.OK, 5, decided(4), Verdict.TAKEN, Why.MISDIVERTED),
    (Result.DIVERTER_FAULT, 5, decided(4), Verdict.TAKEN, Why.MISDIVERTED),
    (Result.DIVERTER_FAULT, 5, None, None, Why.MISDIVERTED),
    (Result.DIVERTER_FAULT, REJECT, decided(4), Verdict.TAKEN, Why.DIVERT_FAILED),
    (Result.UNASSIGNED, REJECT, None, None, Why.VISION_SILENT),
    (Result.UNASSIGNED, REJECT, decided(REJECT, why=Why.NO_CODE), None, Why.NO_CODE),
    (Result.UNASSIGNED, REJECT, decided(REJECT, why=Why.CHUTE_LOCKED), None, Why.CHUTE_LOCKED),
    (Result.UNASSIGNED, REJECT, decided(4), None, Why.LATE_DELIVERY),
    (Result.UNASSIGNED, REJECT, decided(4), Verdict.TOO_LATE, Why.LATE_DELIVERY),
    (Result.UNASSIGNED, REJECT, decided(4), Verdict.CHUTE_DISABLED, Why.DIVERTER_FAULT),
    (Result.UNASSIGNED, REJECT, decided(4), Verdict.NO_SUCH_CHUTE, Why.REFUSED),
    (Result.UNASSIGNED, REJECT, decided(4), Verdict.TAKEN, Why.DIVERT_FAILED),
    (Result.FULL_REJECT, REJECT, decided(4), Verdict.TAKEN, Why.CHUTE_FULL),
    (Result.LOST, 4, decided(4), Verdict.TAKEN, Why.LOST),
    (Result.GAP_TOO_SMALL, REJECT, decided(4), Verdict.TAKEN, Why.GAP_TOO_SMALL),
    (Result.MERGED, REJECT, None, None, Why.MERGED),
    (Result.PURGED, REJECT, decided(4), Verdict.TAKEN, Why.PURGED),
    (Result.STRAY, 3, None, None, Why.STRAY),
]


@pytest.mark.parametrize(("result", "left", "decision", "verdict", "why"), CASES)
def test_the_machines_word_and_our_decision_give_one_reason(
    result: Result, left: int, decision: Decision | None, verdict: Verdict | None, why: Why
) -> None:
    assert reason(result, left, decision, verdict, Why.VISION_SILENT) is why


def test_every_reason_belongs_to_one_outcome_and_every_outcome_has_a_reason() -> None:
    assert set(OUTCOME_OF) == set(Why)
    assert set(OUTCOME_OF.values()) == set(Outcome)


@pytest.mark.parametrize("result", list(Result))
@pytest.mark.parametrize("left", [4, 5, REJECT])
def test_nothing_is_called_sorted_that_left_by_a_chute_it_was_not_told(result: Result, left: int) -> None:
    for decision in (None, decided(4), decided(4, 6), decided(REJECT, why=Why.NO_CODE)):
        why = reason(result, left, decision, Verdict.TAKEN, Why.VISION_SILENT)
        told = decision is not None and left in (decision.chute, decision.alternate)
        assert OUTCOME_OF[why] is not Outcome.SORTED or (told and left != REJECT)
