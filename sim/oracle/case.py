"""A history, prepared for judgement: the journal's entries, the world's facts by kind, who is who."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sim.oracle.belt import SWITCH_US, Way, spans
from sim.oracle.journal import Entry

END = 65535
TAKEN = -1
STRANGER = 1000
"""Objects from this number on were laid on the belt by hand, behind the induct eye."""
Fact = tuple[Any, ...]
Row = dict[str, Any]


class Ride(NamedTuple):
    """One object: when it came, the belt's way with its centre at the induct eye, its length, where it left.

    left_us, chute  None and END while it has not left
    """

    came_us: int
    centre_mm: float
    length_mm: int
    left_us: int | None
    chute: int


class Case:
    """What happened (facts: (instant, kind, ...)), and what the journal says of it.

    kinds       of fault that were planned
    by_kind     the facts of each kind, in order
    rows        the journal's rows of each kind, in order
    truths      n -> (waybill, chutes by which it may leave, readable, advised)
    exits       n -> (instant, chute | END | TAKEN): where it physically left
    rides       n -> its way over the belt
    way         how far the belt has run
    inductions  (pid, n, no doubt is possible) of every induction; n = what had just cleared the eye
    numbers     pid -> n, where no doubt is possible
    pids        n -> pid, the likely one where there is doubt
    told_left   pid -> instant at which the PLC told where it left
    misread     parcels of which a reader made another one's valid number, or a second one
    """

    def __init__(
        self, facts: Sequence[Fact], journal: Sequence[Entry], kinds: frozenset[str] = frozenset()
    ) -> None:
        self.facts, self.journal, self.kinds = facts, journal, kinds
        self.by_kind: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            self.by_kind[fact[1]].append(fact)
        self.rows: dict[str, list[Row]] = defaultdict(list)
        for entry in journal:
            self.rows[entry.kind].append(entry.row)
        self.truths: dict[int, Any] = {fact[2]: fact[3:7] for fact in self.by_kind["truth"]}
        self.exits: dict[int, tuple[int, int]] = {
            fact[2]: (fact[0], fact[3]) for fact in self.by_kind["gone"]
        }
        self.rides = {fact[2]: self._ride(fact) for fact in self.by_kind["born"]}
        self.way = Way([(fact[0], fact[2]) for fact in self.by_kind["belt"]])
        self.inductions = list(self._inductions())
        self.numbers = {pid: n for pid, n, sure in self.inductions if sure}
        self.pids = {n: pid for pid, n, _ in self.inductions}
        self._lefts = [fact for fact in self.by_kind["told"] if type(fact[4]).__name__ == "Left"]
        self.told_left: dict[int, int] = {fact[4].pid: fact[0] for fact in self._lefts}
        self.misread: set[int] = {fact[2] for fact in self.by_kind["misread"]}
        self._spans: dict[Any, list[tuple[int, int]]] = {}

    def _ride(self, born: Fact) -> Ride:
        at_us, _, n, zero_nm, length_mm = born
        left_us, chute = self.exits.get(n, (None, END))
        return Ride(at_us, zero_nm / 1e6 + length_mm / 2, length_mm, left_us, chute)

    def _inductions(self) -> Iterator[tuple[int, int, bool]]:
        cleared = list[int]()
        for fact in self.facts:
            if fact[1] == "inducted":
                cleared.append(fact[2])
            elif fact[1] == "told" and type(fact[4]).__name__ == "Inducted" and cleared:
                length_mm = self.rides[cleared[0]].length_mm
                sure = len(cleared) == 1 and abs(length_mm - fact[4].length_mm) < 60
                yield fact[4].pid, cleared[-1], sure
                cleared.clear()

    def heard_left(self, pid: int) -> int:
        """Instant at which the PLC learned that the controller has stored where it left; never = 2^62."""
        for left in reversed(self._lefts):
            if left[4].pid == pid:
                for ack in self.by_kind["acked"]:
                    if ack[2] == left[2] and ack[3] >= left[3]:
                        at_us: int = ack[0]
                        return at_us
        return 1 << 62

    def spans(self, kind: str, *place: Any) -> list[tuple[int, int]]:
        """(from, until) of a lasting condition."""
        key = (kind, *place)
        if key not in self._spans:
            self._spans[key] = spans(self.by_kind[kind], *place)
        return self._spans[key]

    def during(self, spans: Sequence[tuple[int, int]], first_us: int, last_us: int) -> bool:
        """One of the spans touches the time from first to last."""
        return any(begun <= last_us and ended >= first_us for begun, ended in spans)

    def unseen_mm(self, first_us: int, last_us: int) -> float:
        """How far the belt has run in that time while the encoder stood."""
        stalls = self.spans("encoder", "stall")
        stood = [(max(begun, first_us), min(ended, last_us)) for begun, ended in stalls]
        return sum(self.way.at(ended) - self.way.at(begun) for begun, ended in stood if ended > begun)

    def miscounted(self, first_us: int, last_us: int, how: Sequence[str] = ("stall",)) -> bool:
        """The encoder jumped in that time, or failed in one of these ways."""
        jumped = any(first_us <= fact[0] <= last_us for fact in self.by_kind["jump"])
        return jumped or any(self.during(self.spans("encoder", what), first_us, last_us) for what in how)

    def wheel_bad(self, chute: int, at_us: int) -> bool:
        """The wheel of a chute was bad then, or still on its way back from that."""
        return self.during(self.spans("wheel-bad", chute // 2), at_us - SWITCH_US, at_us)
