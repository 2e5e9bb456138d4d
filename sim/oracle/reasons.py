"""Whether a record's words follow from what the journal holds before it: promises 3, 4, 8, 13, 15, 18.

The journal is walked once, and from its rows alone is told what each order, each refusal and each record has
to say. Numbers of verdicts and results: SORT-MAP 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.oracle.belt import COUNTS_PER_MM
from sim.oracle.case import END, Case
from sim.oracle.outlets import Outlets
from sim.oracle.violation import Violation

Row = dict[str, Any]
OUTCOMES = {
    **dict.fromkeys(("routed", "routed-to-alternate"), "sorted"),
    **dict.fromkeys(
        ("no-code-seen", "no-waybill-among-codes", "vision-did-not-answer", "vision-failed",
         "read-fits-two-parcels", "reads-disagree", "no-label", "label-damaged"), "no-read"),
    **dict.fromkeys(("waybill-without-advice", "no-plan-rule"), "no-route"),
    **dict.fromkeys(("intercepted", "sent-to-security"), "intercepted"),
    **dict.fromkeys(("decision-too-late", "delivered-too-late"), "too-late"),
    **dict.fromkeys(("divert-failed", "diverter-fault", "refused-by-plc"), "divert-failed"),
    **dict.fromkeys(("controller-restarted", "plc-rebooted", "events-lost"), "unknown-after-restart"),
    **{why: why for why in ("ambiguous-address", "ambiguous-courier", "chute-full", "chute-locked",
                            "gap-too-small", "merged", "lost", "stray", "purged")},
    "several-waybills": "several-codes", "left-by-another-chute": "misdiverted",
}  # fmt: skip
"""The outcome that each reason belongs to."""
_BY_RESULT = {5: "lost", 6: "stray", 7: "gap-too-small", 8: "purged", 9: "merged"}
_FULL_REJECT, _UNASSIGNED, _TAKEN, _SAME_AGAIN = 10, 2, 1, 6
_BY_VERDICT = {
    -1: "delivered-too-late", 3: "delivered-too-late", 5: "diverter-fault",
    **dict.fromkeys((2, 4, 7), "refused-by-plc"), _TAKEN: "divert-failed",
}  # fmt: skip
"""Why what was meant for a chute was unassigned to the machine, by its answer; -1 = none came."""
_SILENT = ("vision-did-not-answer", "vision-failed", "no-code-seen")
_ENDS_ALL = {"plc-rebooted": "boot", "events-lost": "EventsLost", "controller-restarted": "ConfigChanged"}
"""Reason of a record without a word of where it left -> what must have happened on its way."""
_PINNED = ("waybill", "courier", "place", "rule", "alternate", "plan_version")
_NUMBERS = {"plan_version": 18, "epoch": 13}
"""Promise that a false word breaks, where it is not 8."""
_NOTHING: Row = {
    **dict.fromkeys(("why", "waybill", "courier", "place", "rule", "plan_version"), ""),
    "chute": END, "alternate": END, "at_us": -1,
}  # fmt: skip


class _Open:
    """A parcel without a record yet. closed: older than the controller's start. left  how it left

    shut  a chute that it was told, first or as alternate, was locked after that
    """

    def __init__(self, inducted: Row, place: int) -> None:
        self.inducted, self.place = inducted, place
        self.decision, self.left = _NOTHING, _NOTHING
        self.orders = 0
        self.verdict, self.answered_us = -1, -1
        self.closed = self.shut = False


def follows(case: Case) -> Iterator[Violation]:
    """3, 4, 8, 13, 15, 18: each order has its decision, each record says what was decided, told and done."""
    walk = _Walk(case)
    for place, (kind, row, _) in enumerate(case.journal):
        if kind == "ParcelRecord":
            if row["pid"]:
                yield from walk.record(row)
            elif OUTCOMES.get(row["why"]) != row["outcome"]:
                yield Violation(8, f"a stray's record says {row['outcome']} because {row['why']}")
        elif kind == "Assign":
            yield from walk.assign(row)
        elif kind == "Decision":
            yield from walk.decision(row)
        else:
            walk.event(kind, row, place)


class _Walk:
    """What is known at a place of the journal."""

    def __init__(self, case: Case) -> None:
        self._outlets = Outlets(case)
        self._open: dict[int, _Open] = {}
        self._seen: dict[str, int] = {}
        self._boot, self._epoch, self._encoder = -1, 1, 0
        self._read_us = {row["at_us"] for row in case.rows["FrameRead"]} | {-1}

    def event(self, kind: str, row: Row, place: int) -> None:
        """What is no effect of the controller."""
        if "encoder" in row:
            self._encoder = row["encoder"]
        if kind == "Inducted":
            self._open[row["pid"]] = _Open(row, place)
        elif kind == "Answered":
            self._answered(row)
        elif kind == "Left":
            if row["pid"] in self._open:
                self._open[row["pid"]].left = row
        elif kind == "ChuteLocked" and row["locked"]:
            for parcel in self._open.values():
                ways = parcel.decision["chute"], parcel.decision["alternate"]
                parcel.shut = parcel.shut or row["chute"] in ways
        elif kind == "Restarted":
            for parcel in self._open.values():
                parcel.closed = True
        elif kind in ("LinkUp", "Rebooted"):
            self._booted(row["boot_id"], place)
        elif kind in ("EventsLost", "ConfigChanged"):
            self._seen[kind] = place
        self._outlets.note(kind, row)

    def _booted(self, boot: int, place: int) -> None:
        if self._boot not in (-1, boot):
            self._seen["boot"] = place
            self._epoch += 1
            self._outlets.forget()
        self._boot = boot

    def _answered(self, row: Row) -> None:
        """The last word on an order; none on one that calls back, for the order before it stands or falls."""
        parcel = self._open.get(row["pid"])
        if parcel is None or row["verdict"] == _SAME_AGAIN:
            return
        if row["chute"] != END or parcel.decision["chute"] == END:
            parcel.verdict, parcel.answered_us = row["verdict"], row["at_us"]

    def decision(self, row: Row) -> Iterator[Violation]:
        """A refusal has its cause in what was known of the chutes."""
        parcel = self._open.get(row["pid"])
        if parcel is None:
            yield Violation(8, f"pid {row['pid']} was decided and is not on the belt")
            return
        recalled = parcel.decision["chute"] != END and row["why"] == "chute-locked" and parcel.shut
        parcel.decision = row
        moved = (self._encoder - parcel.inducted["encoder"] + (1 << 31)) % (1 << 32) - (1 << 31)
        if not recalled and not self._outlets.refuses(row, moved / COUNTS_PER_MM):
            yield Violation(8, f"pid {row['pid']} was refused for {row['why']}, and no chute of its was so")

    def assign(self, row: Row) -> Iterator[Violation]:
        """An order is the decision before it. Calling back is no order: promise 15 counts that."""
        if row["chute"] == END:
            return
        parcel, who = self._open.get(row["pid"]), f"pid {row['pid']}"
        if parcel is None or parcel.decision is _NOTHING:
            yield Violation(3, f"{who} was ordered to chute {row['chute']} without a decision")
            return
        parcel.orders += 1
        ordered, decided = [(way["chute"], way["alternate"]) for way in (row, parcel.decision)]
        if ordered != decided:
            yield Violation(4, f"{who} was ordered to {ordered}, decided was {decided}")

    def record(self, row: Row) -> Iterator[Violation]:
        """A record says what was decided, told and done, and when."""
        parcel, who = self._open.pop(row["pid"], None), f"pid {row['pid']}"
        if parcel is None:
            return  # promise 1 tells
        decision, left = parcel.decision, parcel.left
        if not parcel.orders and decision["chute"] != END:
            yield Violation(15, f"{who} was decided for chute {decision['chute']} and not ordered")
        wanted = {
            **{name: decision[name] for name in _PINNED}, "told": decision["chute"],
            "decided_us": decision["at_us"], "left": left["chute"], "answered_us": parcel.answered_us,
            "seen_us": parcel.inducted["at_us"], "length_mm": parcel.inducted["length_mm"],
            "epoch": self._epoch - (row["why"] == "plc-rebooted"),
        }  # fmt: skip
        for name, value in wanted.items():
            if row[name] != value:
                yield Violation(_NUMBERS.get(name, 8), f"{who}: {name} {row[name]!r}, true is {value!r}")
        if row["read_us"] not in self._read_us:
            yield Violation(8, f"{who} was read at {row['read_us']}, when no picture was")
        if OUTCOMES.get(row["why"]) != row["outcome"] or not self._why(row, parcel):
            result = f"result {left.get('result')}, verdict {parcel.verdict}, decided {decision['why']!r}"
            yield Violation(8, f"{who} ended {row['outcome']} because {row['why']}: {result}")

    def _why(self, row: Row, parcel: _Open) -> bool:
        """The record's reason is the one that its rows give."""
        why, left, decision = row["why"], parcel.left, parcel.decision
        if left is _NOTHING:
            return self._seen.get(_ENDS_ALL.get(why, ""), -1) > parcel.place
        if left["result"] in _BY_RESULT:
            return bool(why == _BY_RESULT[left["result"]])
        if left["chute"] != END:
            return bool(why == _by_chute(left["chute"], decision))
        if decision is _NOTHING:
            if parcel.closed:
                return bool(why == "controller-restarted")
            return why in _SILENT and (why == _SILENT[0]) == (row["read_us"] < 0)
        if decision["chute"] == END:
            return bool(why == decision["why"])
        if left["result"] == _FULL_REJECT:
            return bool(why == "chute-full")
        verdict = parcel.verdict if left["result"] == _UNASSIGNED else _TAKEN
        return bool(why == _BY_VERDICT.get(verdict))


def _by_chute(chute: int, decision: Row) -> str:
    if decision is _NOTHING or chute not in (decision["chute"], decision["alternate"]):
        return "left-by-another-chute"
    alternate = chute != decision["chute"] and decision["why"] == "routed"
    return "routed-to-alternate" if alternate else str(decision["why"])
