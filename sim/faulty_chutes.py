"""Behind the wheels, with faults: eyes that miss a parcel, sensors stuck at full, crews that are late."""

from __future__ import annotations

from collections.abc import Callable

from sim.bags import Chutes
from sim.faults import Faults
from sorter.flow import Us
from sorter.layout import Layout


class FaultyChutes(Chutes):
    """All chutes of a line on which things fail."""

    def __init__(self, layout: Layout, notify: Callable[[], None], faults: Faults) -> None:
        super().__init__(layout, notify)
        self._mishaps = faults
        self._bags_full = self._stuck = 0
        self._changes = [0] * len(layout.chutes)

    def stick(self, full: int) -> None:
        """From now on these sensors say full whatever is in their chutes; bit set as `full`."""
        changed, self._stuck = full ^ self._stuck, full
        for chute in range(changed.bit_length()):
            if changed >> chute & 1:
                self._show_full(chute, bool(self._bags_full >> chute & 1))

    def _show_full(self, chute: int, full: bool) -> None:
        if full is not bool(self._bags_full >> chute & 1):
            self._bags_full ^= 1 << chute
        super()._show_full(chute, full or bool(self._stuck >> chute & 1))

    def _sees(self, parcel: int, chute: int) -> bool:
        return not self._mishaps.outlet_blind(parcel, chute)

    def _crew_late_us(self, chute: int, now: Us) -> Us:
        self._changes[chute] += 1
        return self._mishaps.crew_late_us(chute, self._changes[chute], now)
