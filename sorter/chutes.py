"""Which of the allowed chutes a parcel gets: open before full, balanced where the plan says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sorter.flow import REJECT, Why
from sorter.layout import Layout


@dataclass(frozen=True, slots=True)
class Pick:
    """chute and alternate as told to the machine; REJECT with the reason when none is usable."""

    chute: int
    alternate: int
    why: Why


class ChuteBoard:
    """State of every outlet as the controller knows it."""

    def __init__(self, layout: Layout) -> None:
        self.full: set[int] = set()
        self.locked: set[int] = set()
        self.bags: dict[int, str] = {}
        self._diverter = [chute.diverter for chute in layout.chutes]
        self._sent = [0] * len(layout.chutes)

    def pick(self, chutes: Sequence[int], balance: bool) -> Pick:
        """One of `chutes` (not empty) and an alternate downstream of it.

        Without balance the first usable one; with balance the one that got fewest so far.
        """
        unlocked = [chute for chute in chutes if chute not in self.locked]
        usable = [chute for chute in unlocked if chute not in self.full]
        if not usable:
            return Pick(REJECT, REJECT, Why.CHUTE_FULL if unlocked else Why.CHUTE_LOCKED)
        chute = min(usable, key=lambda chute: self._sent[chute]) if balance else usable[0]
        below = [other for other in usable if self._diverter[other] > self._diverter[chute]]
        return Pick(chute, below[0] if below else REJECT, Why.ROUTED)

    def sent(self, chute: int) -> None:
        """A parcel was told to go there."""
        self._sent[chute] += 1

    def hang(self, chute: int, bag: str) -> bool:
        """A new bag hangs at a chute, which is unlocked; False, and nothing changed: it hangs elsewhere."""
        if any(code == bag for other, code in self.bags.items() if other != chute):
            return False
        self.bags[chute] = bag
        self.locked.discard(chute)
        return True
