"""What the journal knows of the chutes, told a second time for the judge: was none of them free?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.oracle.belt import EYES_MM
from sim.oracle.case import END, Case
from sim.oracle.plans import plans, where_to
from sim.oracle.violation import Violation

REFUSALS = ("chute-full", "chute-locked", "diverter-fault", "decision-too-late")


class Outlets:
    """Chutes full, locked, broken, out of service, as the journal's rows say until now."""

    def __init__(self, case: Case) -> None:
        self._plans = plans(case)
        self._manual: int = case.by_kind["special"][0][2]
        self._advised: dict[str, str] = {}
        self._full, self._locked = set[int](), set[int]()
        self._broken, self._out = set[int](), set[int]()

    def note(self, kind: str, row: dict[str, Any]) -> None:
        """A row that may speak of a chute."""
        if kind == "Advised":
            self._advised[row["waybill"]] = where_to(row)
        elif kind == "ChuteChanged":
            (self._full.add if row["full"] else self._full.discard)(row["chute"])
        elif kind == "ChuteLocked":
            (self._locked.add if row["locked"] else self._locked.discard)(row["chute"])
            if not row["locked"]:
                self._out.discard(row["chute"])
        elif kind == "ChuteBroken":
            (self._broken.add if row["broken"] else self._broken.discard)(row["chute"])
        elif kind == "Notice":
            if row["key"] == "chute-out":
                self._out.add(int(row["about"]))
        elif kind == "Restarted":
            self._broken.clear()
        elif kind == "EventsLost":
            self.forget()

    def forget(self) -> None:
        """Another boot of the PLC, or lost words: it tells anew what is full."""
        self._full.clear()

    def refuses(self, row: dict[str, Any], beyond_mm: float) -> bool:
        """A decision's refusal is true, or it refuses nothing.

        beyond_mm  its parcel from the induct eye, as the encoder was told last
        """
        why = row["why"]
        if why not in REFUSALS:
            return True
        place = self._advised.get(row["waybill"], row["place"])
        ways = self._plans.get(row["plan_version"], {}).get(place, (self._manual,))
        unlocked = [chute for chute in ways if chute not in self._locked]
        working = [chute for chute in unlocked if chute not in self._out and chute not in self._broken]
        usable = [chute for chute in working if chute not in self._full]
        if why == "decision-too-late":
            return any(beyond_mm > EYES_MM[1 + chute // 2] for chute in usable)
        if usable:
            return False
        known = "chute-full" if working else "diverter-fault" if unlocked else "chute-locked"
        return bool(why == known)


def called_full(case: Case) -> Iterator[Violation]:
    """8: what rode past its chute because that was full: it, or its alternate, was full meanwhile."""
    for row in case.rows["ParcelRecord"]:
        n = case.numbers.get(row["pid"])
        if row["why"] != "chute-full" or row["told"] == END or n is None or n not in case.exits:
            continue
        ride = case.rides[n]
        ways = [case.spans("bit", "full", row[way]) for way in ("told", "alternate")]
        if not any(case.during(full, ride.came_us, ride.left_us or 0) for full in ways):
            yield Violation(8, f"pid {row['pid']} rode past chute {row['told']} as full, and it was not")
