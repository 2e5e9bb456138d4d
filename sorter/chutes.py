"""Which of the allowed chutes a parcel gets: open before full, balanced where the plan says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sorter.flow import (
    REJECT,
    Answered,
    BagChanged,
    ChuteBroken,
    ChuteChanged,
    ChuteLocked,
    Decision,
    Left,
    Notice,
    Result,
    Us,
    Verdict,
    Why,
)
from sorter.layout import Layout
from sorter.outcomes import missed_by


@dataclass(frozen=True, slots=True)
class Pick:
    """chute and alternate as told to the machine; REJECT with the reason when none is usable."""

    chute: int
    alternate: int
    why: Why


MISSES_BEFORE_OUT = 3
"""So many parcels in a row that a chute should have got and did not: its diverter or its eye has failed."""


class ChuteBoard:
    """State of every outlet as the controller knows it.

    full, locked  as the machine and the operators say
    broken        out of order, as the machine says: it comes back when the machine says so
    out           out of service: it missed MISSES_BEFORE_OUT in a row, or the machine refused it without
                  saying that it is broken; nobody has unlocked it since
    """

    def __init__(self, layout: Layout) -> None:
        self.full: set[int] = set()
        self.locked: set[int] = set()
        self.bags: dict[int, str] = {}
        self.broken: set[int] = set()
        self.out: set[int] = set()
        self._misses = [0] * len(layout.chutes)
        self._diverter = [chute.diverter for chute in layout.chutes]
        self._sent = [0] * len(layout.chutes)

    def pick(self, chutes: Sequence[int], balance: bool, shares: int = 0) -> Pick:
        """One of `chutes` (not empty) and an alternate downstream of it.

        Without balance the first usable one; with balance the one of the first `shares` (0 = all) that got
        fewest so far, and a later one only when none of these is usable.
        """
        unlocked = [chute for chute in chutes if chute not in self.locked]
        working = [chute for chute in unlocked if chute not in self.out and chute not in self.broken]
        usable = [chute for chute in working if chute not in self.full]
        if not usable:
            why = Why.DIVERTER_FAULT if unlocked else Why.CHUTE_LOCKED
            return Pick(REJECT, REJECT, Why.CHUTE_FULL if working else why)
        sharing = [chute for chute in chutes[: shares or None] if chute in usable] if balance else []
        chute = min(sharing, key=lambda chute: self._sent[chute], default=usable[0])
        below = [other for other in usable if self._diverter[other] > self._diverter[chute]]
        return Pick(chute, below[0] if below else REJECT, Why.ROUTED)

    def sent(self, chute: int) -> None:
        """A parcel was told to go there."""
        self._sent[chute] += 1

    def told(self, event: ChuteChanged | ChuteBroken | ChuteLocked | BagChanged) -> list[Notice]:
        """What a sensor or a person says of a chute: the next pick obeys."""
        about = str(event.chute)
        match event:
            case ChuteChanged():
                (self.full.add if event.full else self.full.discard)(event.chute)
                return [Notice(event.at_us, "chute-full" if event.full else "chute-clear", about)]
            case ChuteBroken():
                (self.broken.add if event.broken else self.broken.discard)(event.chute)
                return [Notice(event.at_us, "chute-broken" if event.broken else "chute-works", about)]
            case ChuteLocked():
                (self.locked.add if event.locked else self.unlock)(event.chute)
                return [Notice(event.at_us, "chute-locked" if event.locked else "chute-unlocked", about)]
            case BagChanged():
                return self._bag_changed(event)

    def _bag_changed(self, event: BagChanged) -> list[Notice]:
        """A chute with a new bag takes parcels again; a bag hangs at one chute only."""
        if any(bag == event.bag for chute, bag in self.bags.items() if chute != event.chute):
            return [Notice(event.at_us, "bag-in-use", event.bag)]
        self.bags[event.chute] = event.bag
        self.unlock(event.chute)
        return [Notice(event.at_us, "bag-changed", str(event.chute))]

    def answered(self, event: Answered) -> list[Notice]:
        """A chute that the machine refuses gets no more: all that is sent there would ride to the end."""
        chute = event.chute
        if event.verdict is not Verdict.CHUTE_DISABLED or chute in self.broken or chute in self.out:
            return []
        self.out.add(chute)
        return [Notice(event.at_us, "chute-out", str(chute))]

    def restarted(self, at_us: Us) -> list[Notice]:
        """Whether what was broken still is, the machine will say; what waits for a person is told again."""
        was, self.broken = sorted(self.broken), set()
        told = {"chute-works": was, "chute-out": sorted(self.out)}
        return [Notice(at_us, key, str(chute)) for key, chutes in told.items() for chute in chutes]

    def left(self, event: Left, decision: Decision | None) -> list[Notice]:
        """A parcel is off the belt: count who got it and who missed it; tells what is out of service now."""
        if event.result in (Result.OK, Result.FULL_ALTERNATE) and event.chute != REJECT:
            self._misses[event.chute] = 0
        missed = missed_by(event, decision)
        if missed == REJECT or missed in self.out or missed in self.broken:
            return []
        self._misses[missed] += 1
        if self._misses[missed] < MISSES_BEFORE_OUT:
            return []
        self.out.add(missed)
        return [Notice(event.at_us, "chute-out", str(missed))]

    def unlock(self, chute: int) -> None:
        """A person says that it may be used, whatever kept it from that."""
        self.locked.discard(chute)
        self.out.discard(chute)
        self._misses[chute] = 0
