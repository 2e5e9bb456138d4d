"""Runs for tests: records made by hand, tallies fed with them, and a short judged run of the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from sim.arrivals import advice, draw
from sim.judge import Judgement, judge
from sim.virtual import VirtualLine
from sorter.app.tally import Tally
from sorter.flow import OUTCOME_OF, REJECT, CodeRead, Decision, Inducted, Outcome, ParcelRecord, Why
from sorter.hub import Hub
from tests.hubs import ON_DATE, hub

CORNERS = ((0, 0), (9, 0), (9, 9), (0, 9))
HOSTILE = "<script>alert('1')</script>\"&\x00\x1b[31m\u202e\ud800\n凤凰镇"
"""What a malicious barcode may hold: markup, quotes, controls, a direction override, half a character."""


def record(pid: int, why: Why = Why.ROUTED, **parts: Any) -> ParcelRecord:
    """Parcel pid, inducted at pid seconds, left by chute 0 five seconds later as told, or as `why` says."""
    left = 0 if OUTCOME_OF[why] is Outcome.SORTED else REJECT
    made = ParcelRecord(
        epoch=1, pid=pid, outcome=OUTCOME_OF[why], why=why, waybill=f"JT{pid:013}", courier="jt", place="",
        rule="", plan_version="", told=0, alternate=REJECT, left=left, length_mm=300, reads=(),
        seen_us=pid * 1_000_000, read_us=-1, decided_us=-1, answered_us=-1,
        left_us=pid * 1_000_000 + 5_000_000,
    )  # fmt: skip
    return replace(made, **parts)


def decision(pid: int, chute: int, why: Why = Why.ROUTED, **parts: Any) -> Decision:
    """Parcel pid shall leave by `chute`."""
    made = Decision(pid, 0, chute, REJECT, why, f"JT{pid:013}", "jt", "", "", "")
    return replace(made, **parts)


def code(text: str) -> CodeRead:
    return CodeRead(text, "CODE128", CORNERS, "reader-1")


def tally_of(records: Iterable[ParcelRecord]) -> Tally:
    """A tally that saw each record's induction (pid 0 had none) and then the record."""
    tally = Tally(hub().layout)
    for one in records:
        if one.pid:
            tally.note(Inducted(one.seen_us, one.pid, one.length_mm, 0))
        tally.note(one)
    return tally


@cache
def simulated(count: int = 60) -> tuple[Hub, Tally, Judgement]:
    """A run of the simulated line, judged; do not change what it gives."""
    made = hub()
    drawn = draw(made, 3, count, 6000)
    tally = Tally(made.layout)
    line = VirtualLine(made, ON_DATE, [one.parcel for one in drawn], 3, keep=tally.note)
    run = line.run(advice(one.truth for one in drawn))
    return made, tally, judge(made, [one.truth for one in drawn], run.left, run.records)
