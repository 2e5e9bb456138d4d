"""The PLC's verdict on an order of the controller. SORT-MAP 1.0, rule 5."""

from __future__ import annotations

from plc.jobs import Job, Ledger
from sorter.flow import REJECT, Assign, Verdict, encoder_delta
from sorter.layout import Layout


def verdict_on(order: Assign, ledger: Ledger, layout: Layout, faults: int) -> Verdict:
    """The order of these questions is part of the contract. faults: bit map of broken diverters."""
    job = ledger.jobs.get(order.pid)
    if job is None:
        return Verdict.UNKNOWN_ID
    if job.told is not None:
        same = (job.told, job.alternate) == (order.chute, order.alternate)
        return Verdict.SAME_AGAIN if same else _recall(order, job, job.told, ledger, layout)
    if order.chute == REJECT:
        return Verdict.TAKEN
    if order.chute >= len(layout.chutes):
        return Verdict.NO_SUCH_CHUTE
    if _too_late(order, job, ledger, layout):
        return Verdict.TOO_LATE
    broken = faults >> layout.chutes[order.chute].diverter & 1
    return Verdict.CHUTE_DISABLED if broken else Verdict.TAKEN


def _recall(order: Assign, job: Job, told: int, ledger: Ledger, layout: Layout) -> Verdict:
    """The first accepted order stands, but for one: back to the exception end, which is always safe."""
    if order.chute != REJECT or told == REJECT:
        return Verdict.CONFLICTING
    at_decision = ledger.count >= job.track.place + layout.decision_counts[told]
    return Verdict.TOO_LATE if at_decision else Verdict.TAKEN


def _too_late(order: Assign, job: Job, ledger: Ledger, layout: Layout) -> bool:
    expired = order.deadline_encoder and encoder_delta(ledger.encoder, order.deadline_encoder) > 0
    return bool(expired) or ledger.count > job.track.place + layout.decision_counts[order.chute]
