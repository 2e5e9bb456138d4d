"""From the machine's word and our own decision to the one reason a parcel's way ended with."""

from __future__ import annotations

from collections.abc import Mapping

from sorter.flow import REJECT, Decision, Left, Result, Verdict, Why

_BY_RESULT: Mapping[Result, Why] = {
    Result.LOST: Why.LOST,
    Result.STRAY: Why.STRAY,
    Result.GAP_TOO_SMALL: Why.GAP_TOO_SMALL,
    Result.PURGED: Why.PURGED,
    Result.MERGED: Why.MERGED,
}
"""Results that say all, whatever was decided."""

_BY_VERDICT: Mapping[Verdict | None, Why] = {
    None: Why.LATE_DELIVERY,
    Verdict.TOO_LATE: Why.LATE_DELIVERY,
    Verdict.CHUTE_DISABLED: Why.DIVERTER_FAULT,
    Verdict.UNKNOWN_ID: Why.REFUSED,
    Verdict.NO_SUCH_CHUTE: Why.REFUSED,
    Verdict.CONFLICTING: Why.REFUSED,
}
"""Why a parcel that we sent to a chute was unassigned to the machine."""


def reason(result: Result, left: int, decision: Decision | None, verdict: Verdict | None, silent: Why) -> Why:
    """RESULT x decision -> reason.

    left     the chute it left by, REJECT = exception end
    verdict  the machine's answer to our assignment, None before it came
    silent   the reason when nothing was ever decided
    """
    if result in _BY_RESULT:
        return _BY_RESULT[result]
    if left != REJECT:
        return _by_chute(left, decision)
    if decision is None:
        return silent
    if decision.chute == REJECT:
        return decision.why
    return _not_diverted(result, verdict)


def _by_chute(left: int, decision: Decision | None) -> Why:
    """It left by a chute: by one it was told, or by another."""
    if decision is None or left not in (decision.chute, decision.alternate):
        return Why.MISDIVERTED
    if left != decision.chute and decision.why is Why.ROUTED:
        return Why.ROUTED_ALTERNATE
    return decision.why


def _not_diverted(result: Result, verdict: Verdict | None) -> Why:
    """It was meant for a chute and rode to the exception end."""
    if result is Result.FULL_REJECT:
        return Why.CHUTE_FULL
    if result is Result.UNASSIGNED:
        return _BY_VERDICT.get(verdict, Why.DIVERT_FAILED)
    return Why.DIVERT_FAILED


def missed_by(event: Left, decision: Decision | None) -> int:
    """The chute that should have got the parcel and did not, as its diverter or eye failed; else REJECT.

    Lost behind a turned diverter: the chute it was fired for. Not diverted: the chute it was told, unless
    an alternate was told, too: then nobody can say at which of the two it was missed.
    """
    if event.result is Result.LOST:
        return event.chute
    failed = event.result is Result.DIVERTER_FAULT and event.chute == REJECT
    return decision.chute if failed and decision is not None and decision.alternate == REJECT else REJECT
