"""What people must be told, demanded from facts and not from the product's own words: 21, 23, 24, 31, 52.

A machine's word that the facts demand is one that it put into its ring or had no room for; that a word in the
ring comes to the journal is promise 2, and that it becomes a notice there is asked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sim.oracle.belt import COMM_US, LONGEST_MM, SCAN_US, WINDOW_MM
from sim.oracle.case import Case
from sim.oracle.stops import JUMP_MAX, JUMP_MIN
from sim.oracle.violation import Violation

_LOST, _COUNTS_FAIL = 1, 1
JAM_MM = 2 * (LONGEST_MM + WINDOW_MM)
"""So long an eye may be covered; counted from the scan that sees it."""
_FOREIGN_US, _OFF_US = 2_100_000, 3_100_000
"""How long somebody else may write; how long a processor that hung may be off until it boots."""
STATES = (
    "", "CLEARING", "STOPPED", "STARTING", "IDLE", "SUSPENDED", "EXECUTE", "STOPPING", "ABORTING", "ABORTED",
    "HOLDING", "HELD", "UNHOLDING", "SUSPENDING", "UNSUSPENDING", "RESETTING", "COMPLETING", "COMPLETE",
)  # fmt: skip
"""PackML's numbers."""


class _Said:
    """Words of one kind that the PLC kept or had no room for, in order of time."""

    def __init__(self, case: Case, kind: str) -> None:
        facts = [*case.by_kind["told"], *case.by_kind["dropped"]]
        words = [(fact[0], fact[-1]) for fact in facts if type(fact[-1]).__name__ == kind]
        self.words = sorted(words, key=lambda word: word[0])

    def between(self, first_us: int, last_us: int) -> list[Any]:
        """Those of that time, both ends included."""
        return [word for at_us, word in self.words if first_us <= at_us <= last_us]


def _off(case: Case) -> list[tuple[int, int]]:
    """When the PLC was off, or may have been."""
    hung = [fact[0] for fact in case.by_kind["fault"] if fact[2] == "cpu-stop"]
    return [(at, at + _OFF_US) for at in hung] + [(fact[0], fact[0]) for fact in case.by_kind["boot"]]


def stops_told(case: Case) -> Iterator[Violation]:
    """52: whenever the belt starts or stops, the machine says in that scan in which state it is now."""
    said, off = _Said(case, "StateChanged"), _off(case)
    for at, _, runs in case.by_kind["belt"]:
        if not said.between(at, at + SCAN_US) and not case.during(off, at, at):
            yield Violation(52, f"the belt runs: {runs} at {at}, and the machine told no state")


def jam_told(case: Case) -> Iterator[Violation]:
    """31: the belt stopped over a parcel that stuck for as long as none may, and a jam was told."""
    said = _Said(case, "Jammed")
    for at, _, n, eye in case.by_kind["held"]:
        stop = min((f[0] for f in case.by_kind["belt"] if f[0] > at and not f[2]), default=1 << 62)
        if case.exits.get(n, (1 << 62, 0))[0] < stop or stop == 1 << 62:
            continue
        lied = [*case.spans("bit", "stuck_on", eye), *case.spans("bit", "stuck_off", eye)]
        lied += [*case.spans("encoder", "stall"), *case.spans("encoder", "slip"), *_off(case)]
        lied += [(fact[0], fact[0]) for fact in case.by_kind["jump"]]
        long = case.way.at(stop) - case.way.at(at) >= JAM_MM
        if long and not case.during(lied, at, stop) and not said.between(stop - 2 * SCAN_US, stop + SCAN_US):
            yield Violation(31, f"parcel {n} stuck under eye {eye}, the belt stopped at {stop}: no jam told")


def loss_told(case: Case) -> Iterator[Violation]:
    """21: when no block has come for the timeout and two scans, a PLC that obeyed one tells the loss."""
    said, off = _Said(case, "CommChanged"), _off(case)
    off += [(f[0], f[0] + _FOREIGN_US) for f in case.by_kind["fault"] if f[2] == "second-master"]
    came = sorted(fact[5] for fact in case.by_kind["block"])
    for last, then in pairwise([*came, case.facts[-1][0]]):
        due = last + COMM_US + 2 * SCAN_US
        if then <= due or case.during(off, last, due) or (since := _obeyed(case, last)) is None:
            continue
        if all(word.code != _LOST for word in said.between(since, due)):
            yield Violation(21, f"no block came from {last} to {then}, and the PLC did not miss the PC")


def _obeyed(case: Case, at_us: int) -> int | None:
    """When a boot last forgot what it was told is stored: it obeyed somebody; None if no boot did before."""
    acks = [fact[0] for fact in case.by_kind["acked"] if fact[0] <= at_us]
    boots = [fact[0] for fact in case.by_kind["boot"] if fact[0] <= at_us]
    return acks[-1] if acks and acks[-1] > boots[-1] else None


def counts_told(case: Case) -> Iterator[Violation]:
    """24: counts that jump, or run backwards, by more than any belt makes are told in the next scan."""
    said, off = _Said(case, "EncoderTrouble"), _off(case)
    for at, _, counts in case.by_kind["jump"]:
        before = said.between(0, at)
        failing = before and before[-1].code == _COUNTS_FAIL
        if JUMP_MIN <= counts <= JUMP_MAX or failing or case.during(off, at, at + 3 * SCAN_US):
            continue
        stood = not case.way.running(at)
        if not stood and all(word.code != _COUNTS_FAIL for word in said.between(at, at + 3 * SCAN_US)):
            yield Violation(24, f"the encoder jumped by {counts} counts at {at}, and nobody was told")


def link_told(case: Case) -> Iterator[Violation]:
    """23: a link that the controller took for lost is told, unless it ends before that is stored."""
    ends = [fact[0] for fact in (*case.by_kind["died"], *case.by_kind["started"])]
    wanted = Counter[str]()
    for at, _, up, reason in case.by_kind["link"]:
        if not up and _stored(case, at, min((end for end in ends if end > at), default=1 << 62)):
            wanted[reason] += 1
    told = Counter(row["about"] for row in case.rows["Notice"] if row["key"] == "link-down")
    for reason, times in (wanted - told).items():
        yield Violation(23, f"the link was lost {times} times more than told: {reason}")


def starts_told(case: Case) -> Iterator[Violation]:
    """52: each start of the controller but the first, and each boot of the PLC that it has met, is told."""
    told = Counter((row["key"], row["about"]) for row in case.rows["Notice"])
    again = sum(times for (key, _), times in told.items() if key == "restarted")
    lives = [*case.by_kind["started"], (1 << 62, "started", None)]
    whole = sum(_stored(case, one[0], then[0]) for one, then in pairwise(lives))
    if again < whole - 1:
        yield Violation(52, f"the controller started {whole} times, {again} restarts are told")
    met = list(dict.fromkeys(fact[2] for fact in case.by_kind["acked"]))
    for boot in met[1:]:
        if not told["plc-rebooted", str(boot)]:
            yield Violation(52, f"the PLC started as boot {boot}, and nobody was told")


def _stored(case: Case, first_us: int, last_us: int) -> bool:
    """In that time the PLC was told that a word of that time is stored: what came before it is so, too.

    The first word that a start tells as stored may be one that an earlier life stored.
    """
    fresh: dict[int, int] = {}
    for at, _, boot, number, *_ in case.by_kind["told"]:
        if first_us < at < last_us:
            fresh.setdefault(boot, number)
    acks = (fact for fact in case.by_kind["acked"] if first_us < fact[0] < last_us)
    return any(boot in fresh and number >= fresh[boot] for _, _, boot, number in acks)


def words_noticed(case: Case) -> Iterator[Violation]:
    """52: each state, link and chute that the journal tells of is a notice for people there."""
    wanted = Counter(word for kind, row, _ in case.journal if (word := _notice(kind, row)))
    told = Counter((row["key"], row["about"]) for row in case.rows["Notice"])
    for (key, about), times in (wanted - told).items():
        yield Violation(52, f"{times} x {key} {about}, and nobody was told")


def _notice(kind: str, row: dict[str, Any]) -> tuple[str, str] | None:
    if kind == "StateChanged":
        return "state", STATES[row["state"]]
    if kind == "LinkUp":
        return "link-up", str(row["boot_id"])
    if kind == "ChuteChanged":
        return "chute-full" if row["full"] else "chute-clear", str(row["chute"])
    if kind == "ChuteLocked":
        return "chute-locked" if row["locked"] else "chute-unlocked", str(row["chute"])
    if kind == "ChuteBroken":
        return "chute-broken" if row["broken"] else "chute-works", str(row["chute"])
    return None
