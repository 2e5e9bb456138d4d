"""Pictures that show nothing of what they are said to show, and answers that failed: promise 41."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sim.oracle.case import Case, Row
from sim.oracle.violation import Violation

Key = tuple[int, int]
Told = tuple[str, str]
_LOST, _WELL = 1, 2


class _Taken:
    """Pictures without an answer: (camera, frame) -> encoder; answers that came before their trigger."""

    def __init__(self) -> None:
        self._taken, self._early = dict[Key, int](), dict[Key, Row]()
        self._blind, self._boot = False, -1

    def wanted(self, kind: str, row: Row) -> Told | None:
        """Key and about of what is to be told when an answer is known as another picture's, or as failed."""
        if kind == "Triggered" and not self._blind:
            key = (row["camera"], row["frame"])
            self._taken[key] = row["encoder"]
            return self._answered(self._early.pop(key)) if key in self._early else None
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
        return None

    def _answered(self, row: Row) -> Told | None:
        camera, frame, encoder = row["tag"]
        key = (camera, frame)
        if key not in self._taken:
            self._early[key] = row
        elif self._taken[key] != encoder:
            return "old-picture", f"{camera}/{frame}"
        else:
            del self._taken[key]
            return ("vision-failed", row["failure"]) if row["failure"] else None
        return None

    def _forget(self, blind: bool) -> None:
        self._taken.clear()
        self._early.clear()
        self._blind = blind


def trouble_told(case: Case) -> Iterator[Violation]:
    """41: a picture that is not its trigger's, as a reader that stands gives it, is told; so is a failure."""
    taken = _Taken()
    wanted = Counter(word for kind, row, _ in case.journal if (word := taken.wanted(kind, row)))
    told = Counter((row["key"], row["about"]) for row in case.rows["Notice"])
    for (key, about), times in (wanted - told).items():
        yield Violation(41, f"{key} {about}: {times} times more than anybody was told")


def dark_told(case: Case) -> Iterator[Violation]:
    """41: a camera in the dark is told with its third dark picture in a row, if that had an answer."""
    rows = {tuple(row["tag"]): row for row in case.rows["FrameRead"]} if case.by_kind["dark"] else {}
    dark = {fact[2]: tuple(fact[3:6]) for fact in case.by_kind["dark"]}
    for number, tag in dark.items():
        row = rows.get(tag)
        if row and not row["failure"] and {number - 1, number - 2} <= dark.keys():
            yield Violation(41, f"picture {tag} is the third dark one, and nobody was told")


def still_refused(case: Case) -> Iterator[Violation]:
    """41: where a camera gave an earlier view under a new number, nothing in it is read, and that is said."""
    still = {fact[2:5] for fact in case.by_kind["still"]}
    for row in case.rows["FrameRead"] if still else ():
        if tuple(row["tag"]) in still and (row["reads"] or not row["failure"]):
            yield Violation(41, f"picture {row['tag']} shows what an earlier one showed, and was believed")
