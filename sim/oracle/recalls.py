"""Whether parcels on their way are called back when somebody wants that: promises 6 and 7 after the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sim.oracle.belt import BACK_MM, EYES_MM, SCAN_MM, WINDOW_MM
from sim.oracle.case import END, Case
from sim.oracle.violation import Violation

_TAKEN, _TOO_LATE = 1, 3
_SORTED = ("routed", "routed-to-alternate")
Row = dict[str, Any]


class _Riding:
    """Parcels with an order for a chute, by the journal: pid -> its Decision. A start ends all orders."""

    def __init__(self) -> None:
        self._orders: dict[int, Row] = {}

    def note(self, kind: str, row: Row) -> None:
        """One row of the journal."""
        if kind == "Decision":
            self._orders.pop(row["pid"], None)
            if row["chute"] != END:
                self._orders[row["pid"]] = row
        elif kind == "ParcelRecord":
            self._orders.pop(row["pid"], None)
        elif kind == "Restarted":
            self._orders.clear()

    def unwanted(self, kind: str, row: Row) -> dict[int, int]:
        """Pid -> promise: whom this row wants back. Manual coding keeps what it got: it is no route."""
        if kind == "InterceptSet" and row["held"]:
            rows = self._orders.items()
            return {p: 6 for p, one in rows if one["waybill"] == row["waybill"] and one["why"] == _SORTED[0]}
        if kind == "ChuteLocked" and row["locked"]:
            ways = self._orders.items()
            return {p: 7 for p, one in ways if row["chute"] in (one["chute"], one["alternate"])}
        return {}


def called_back(case: Case) -> Iterator[Violation]:
    """6, 7: who is held, or whose chute is locked, after the order is called back then and there."""
    riding, wanted = _Riding(), Counter[tuple[int, int]]()
    for kind, row, _ in case.journal:
        if kind == "Assign" and row["chute"] == END:
            for number in (6, 7):
                if wanted[row["pid"], number] > 0:
                    wanted[row["pid"], number] -= 1
                    break
        for pid, number in riding.unwanted(kind, row).items():
            wanted[pid, number] += 1
        riding.note(kind, row)
    for (pid, number), times in wanted.items():
        if times > 0:
            why = "held" if number == 6 else "on its way to a chute that was locked"
            yield Violation(number, f"pid {pid} was {why}, and was not called back")


def obeyed_in_time(case: Case) -> Iterator[Violation]:
    """6, 7: the machine calls no recall late of a parcel that is not yet at the eye before its chute."""
    shaky = [*case.by_kind["jump"], *case.by_kind["encoder"], *case.by_kind["held"]]
    orders = {row["pid"]: row["chute"] for row in case.rows["Assign"] if row["chute"] != END}
    for at, _, _, _, event in case.by_kind["told"]:
        if type(event).__name__ != "Answered" or event.chute != END or event.verdict in (_TAKEN, 6):
            continue
        n, chute = case.numbers.get(event.pid), orders.get(event.pid)
        if n is None or chute is None or any(fact[0] <= at for fact in shaky):
            continue
        ahead = EYES_MM[1 + chute // 2] - (case.way.at(at) - case.rides[n].centre_mm)
        if event.verdict == _TOO_LATE and ahead > WINDOW_MM + 2 * SCAN_MM + BACK_MM:
            yield Violation(6, f"parcel {n}'s recall was refused at {at}, {ahead:.0f} mm before the eye")


def late_told(case: Case) -> Iterator[Violation]:
    """6: a held parcel that a chute got all the same is told to people, with its chute."""
    held, wanted = set[str](), Counter[str]()
    for kind, row, _ in case.journal:
        if kind == "InterceptSet":
            (held.add if row["held"] else held.discard)(row["waybill"])
        elif kind == "ParcelRecord" and row["why"] in _SORTED and row["waybill"] in held:
            wanted[f"{row['waybill']} {row['left']}"] += 1
        elif kind == "Notice" and row["key"] == "intercept-late":
            wanted[row["about"]] -= 1
    for about, times in wanted.items():
        if times > 0:
            yield Violation(6, f"{about} is held and in that chute, and nobody was told")
