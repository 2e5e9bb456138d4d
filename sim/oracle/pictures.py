"""Answers of vision that are not those of their trigger: promise 41."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sim.oracle.case import Case, Row
from sim.oracle.violation import Violation

Key = tuple[int, int]
_LOST, _WELL = 1, 2


class _Taken:
    """Pictures without an answer: (camera, frame) -> encoder; answers that came before their trigger."""

    def __init__(self) -> None:
        self._taken, self._early = dict[Key, int](), dict[Key, Row]()
        self._blind, self._boot = False, -1

    def old(self, kind: str, row: Row) -> str:
        """Its camera/frame when this row makes an answer known as another picture's; else nothing."""
        if kind == "Triggered" and not self._blind:
            key = (row["camera"], row["frame"])
            self._taken[key] = row["encoder"]
            return self._answered(self._early.pop(key)) if key in self._early else ""
        if kind == "FrameRead" and not self._blind:
            return self._answered(row)
        if kind == "EncoderTrouble" and row["code"] in (_LOST, _WELL):
            self._forget(row["code"] == _LOST)
        elif kind in ("LinkUp", "Rebooted"):
            if row["boot_id"] != self._boot and self._boot >= 0:
                self._forget(False)
            self._boot = row["boot_id"]
        elif kind in ("EventsLost", "ConfigChanged"):
            self._forget(False)
        return ""

    def _answered(self, row: Row) -> str:
        camera, frame, encoder = row["tag"]
        key = (camera, frame)
        if key not in self._taken:
            self._early[key] = row
        elif self._taken[key] != encoder:
            return f"{camera}/{frame}"
        else:
            del self._taken[key]
        return ""

    def _forget(self, blind: bool) -> None:
        self._taken.clear()
        self._early.clear()
        self._blind = blind


def old_told(case: Case) -> Iterator[Violation]:
    """41: a picture that is not its trigger's, as a camera or a reader that stands gives it, is told."""
    taken, wanted = _Taken(), Counter[str]()
    for kind, row, _ in case.journal:
        if old := taken.old(kind, row):
            wanted[old] += 1
    told = Counter(row["about"] for row in case.rows["Notice"] if row["key"] == "old-picture")
    for about, times in (wanted - told).items():
        yield Violation(41, f"picture {about} was another one's {times} times, and nobody was told")
