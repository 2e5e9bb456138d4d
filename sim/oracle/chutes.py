"""Every chute's state, told a second time from events alone: promises 7 and 29."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sim.oracle.case import END, Case
from sim.oracle.violation import Violation

_OK, _FULL_ALTERNATE, _DIVERTER_FAULT, _LOST = 1, 3, 4, 5
_DISABLED = 5
MISSES_BEFORE_OUT = 3
Row = dict[str, Any]


class Board:
    """Fed with the journal's rows in order.

    full, locked, broken  as machine and people say
    out       missed by MISSES_BEFORE_OUT in a row, or refused by the machine; nobody has unlocked it since
    untold    chute -> how often it came to be out, or still was at a start, and no notice followed yet
    """

    def __init__(self) -> None:
        self.full, self.locked, self.broken, self.out = set[int](), set[int](), set[int](), set[int]()
        self.untold = Counter[int]()
        self._misses = Counter[int]()
        self._told: dict[int, tuple[int, int]] = {}
        self._open = set[int]()
        self._left: Row = {"pid": 0}
        self._boot = -1

    def note(self, kind: str, row: Row) -> None:
        """One row; most change nothing."""
        if (step := _STEPS.get(kind)) is not None:
            step(self, row)

    def _inducted(self, row: Row) -> None:
        self._open.add(row["pid"])

    def _decided(self, row: Row) -> None:
        self._told[row["pid"]] = row["chute"], row["alternate"]

    def _answered(self, row: Row) -> None:
        if row["verdict"] == _DISABLED and row["pid"] in self._open:
            self._is_out(row["chute"])

    def _leaves(self, row: Row) -> None:
        self._left = row

    def _recorded(self, row: Row) -> None:
        """The record of a parcel follows the word that it has left; others end by a boot or by lost words."""
        pid, left = row["pid"], self._left
        self._open.discard(pid)
        if not pid or left["pid"] != pid:
            return
        self._left = {"pid": 0}
        if left["result"] in (_OK, _FULL_ALTERNATE) and left["chute"] != END:
            self._misses[left["chute"]] = 0
        missed = self._missed(left, *self._told.get(pid, (END, END)))
        if missed != END and missed not in self.out and missed not in self.broken:
            self._misses[missed] += 1
            if self._misses[missed] >= MISSES_BEFORE_OUT:
                self._is_out(missed)

    def _missed(self, left: Row, chute: int, alternate: int) -> int:
        """The chute that should have got it; of two that were told nobody can say which."""
        if left["result"] == _LOST:
            return int(left["chute"])
        failed = left["result"] == _DIVERTER_FAULT and left["chute"] == END and alternate == END
        return chute if failed else END

    def _is_out(self, chute: int) -> None:
        if chute not in self.out and chute not in self.broken:
            self.out.add(chute)
            self.untold[chute] += 1

    def _noticed(self, row: Row) -> None:
        if row["key"] == "chute-out":
            self.untold[int(row["about"])] -= 1

    def _locks(self, row: Row) -> None:
        if row["locked"]:
            self.locked.add(row["chute"])
            return
        self.locked.discard(row["chute"])
        self.out.discard(row["chute"])
        self._misses[row["chute"]] = 0

    def _fills(self, row: Row) -> None:
        (self.full.add if row["full"] else self.full.discard)(row["chute"])

    def _breaks(self, row: Row) -> None:
        (self.broken.add if row["broken"] else self.broken.discard)(row["chute"])

    def _boots(self, row: Row) -> None:
        """Another boot of the PLC, or words were lost: what is full it will say again."""
        if row.get("boot_id", -1) != self._boot:
            self.full.clear()
        self._boot = row.get("boot_id", self._boot)

    def _restarted(self, row: Row) -> None:
        self.broken.clear()
        self.untold.update(self.out)


_STEPS = {
    "Inducted": Board._inducted, "Decision": Board._decided, "Answered": Board._answered,
    "Left": Board._leaves, "ParcelRecord": Board._recorded, "Notice": Board._noticed,
    "ChuteLocked": Board._locks, "ChuteChanged": Board._fills, "ChuteBroken": Board._breaks,
    "LinkUp": Board._boots, "Rebooted": Board._boots, "EventsLost": Board._boots,
    "Restarted": Board._restarted,
}  # fmt: skip


def usable(case: Case) -> Iterator[Violation]:
    """7, 29: no chute is told, first or as alternate, that is locked, full, broken or out of service.

    Three parcels in a row that a chute should have got and did not put it out of service; that is told.
    """
    board = Board()
    for kind, row, _ in case.journal:
        board.note(kind, row)
        if kind == "Decision":
            told = {row["chute"], row["alternate"]} - {END}
            who = f"pid {row['pid']} was told {row['chute']}"
            for number, what in ((7, board.locked | board.full), (29, board.out | board.broken)):
                if told & what:
                    yield Violation(number, f"{who}, else {row['alternate']}: {sorted(told & what)} is shut")
    for chute, times in board.untold.items():
        if times > 0:
            yield Violation(29, f"chute {chute} came to be out of service, {times} times nobody was told")
