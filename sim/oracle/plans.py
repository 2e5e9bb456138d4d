"""Which sort plan is in force, told a second time for the judge; and what each gives a parcel."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sim.oracle.case import Case

URGENT = "urgent"
EMERGENCY = "emergency"
Places = dict[str, tuple[int, ...]]
"""Place -> chutes that a plan gives it; URGENT -> those of emergency supplies, wherever they go."""


def where_to(advice: dict[str, Any]) -> str:
    """The key of Places for what a courier advised."""
    return URGENT if advice["service"] == EMERGENCY else str(advice["place"])


def plans(case: Case) -> dict[str, Places]:
    """By version, that of the hub's own file first."""
    return {fact[2]: fact[3] for fact in case.by_kind["plan"]}


class InForce:
    """The plan in force, fed with the journal's rows. version  of it"""

    def __init__(self, version: str) -> None:
        self.version = version
        self._earlier: list[str] = []
        self._waiting: dict[str, str] = {}
        self._wave = ""

    def note(self, kind: str, row: dict[str, Any]) -> None:
        """A row that people's orders of plans and waves are in; others change nothing."""
        if kind == "PlanOrdered":
            self._ordered(row["plan"][0], row["wave"])
        elif kind == "WaveBegan":
            self._wave = row["wave"]
            if self._wave in self._waiting:
                self._begin(self._waiting.pop(self._wave))
        elif kind == "PlanRolledBack":
            self._taken_back(row["version"])

    def _ordered(self, version: str, wave: str) -> None:
        if wave and wave != self._wave:
            self._waiting[wave] = version
        else:
            self._begin(version)

    def _begin(self, version: str) -> None:
        if version != self.version:
            self._earlier.append(self.version)
            self.version = version

    def _taken_back(self, version: str) -> None:
        still = {wave: waits for wave, waits in self._waiting.items() if waits != version}
        if len(still) < len(self._waiting):
            self._waiting = still
        elif self._earlier and version == self.version:
            self.version = self._earlier.pop()


def chutes_by_plan(case: Case) -> dict[int, dict[tuple[int, ...], tuple[int, ...]]]:
    """N -> chutes of a place by the hub's own plan -> chutes of that place by the plans n was decided by."""
    known = plans(case)
    own = next(iter(known.values()))
    versions: dict[int, set[str]] = defaultdict(set)
    for row in case.rows["Decision"]:
        versions[row["pid"]].add(row["plan_version"])
    found = {}
    for n, pid in case.pids.items():
        by = sorted(versions[pid]) or [next(iter(known))]
        found[n] = {
            chutes: tuple([chute for version in by for chute in known[version][place]])
            for place, chutes in own.items()
        }
    return found
