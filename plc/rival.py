"""Whether another controller holds the PLC: the PLC echoes a session that is not ours, and it lives. Pure.

Two controllers on one PLC would both take events out of its ring, and each would lack the other's half.
Whoever died holds nothing: its heartbeat stands, and the PLC calls it lost after the communication timeout.
"""

from __future__ import annotations

from enum import Enum

from plc.registers import Status
from sorter.flow import PackState, Us

MOVES = 3
"""Heartbeats of another session that must be seen: of a dead one a block may still be on its way."""

_CALM = (PackState.STOPPED, PackState.IDLE)


class Held(Enum):
    """FREE: take it. WAIT: somebody's session stands, and may be a dead one's. HELD: it lives."""

    FREE = "free"
    WAIT = "wait"
    HELD = "held"


class Rival:
    """Looks at one status after the other. patience_us: so long a heartbeat may stand."""

    def __init__(self, patience_us: Us) -> None:
        self._patience_us = patience_us
        self._seen: tuple[int, int] | None = None
        self._moves = 0
        self._moved_us: Us = 0

    def look(self, status: Status, ours: int, now_us: Us) -> Held:
        """At one status, which came at now_us on a clock that never steps back. ours: the session spoken."""
        if status.session_echo in (0, ours) or not status.pc_alive:
            self._seen, self._moves = None, 0
            return Held.FREE
        seen = (status.session_echo, status.hb_pc_echo)
        if seen != self._seen:
            self._moves += self._seen is not None
            self._seen, self._moved_us = seen, now_us
        if self._moves >= MOVES:
            return Held.HELD
        return Held.FREE if now_us - self._moved_us > self._patience_us else Held.WAIT

    def yields(self, status: Status, ours: int, now_us: Us) -> bool:
        """Whether we, who are connected, give way to another one that lives.

        While the line stands the PLC obeys whoever spoke last, so of two that began together each sees the
        other: the one with the smaller session stays.
        """
        held = self.look(status, ours, now_us) is Held.HELD
        return held and not (status.state in _CALM and ours < status.session_echo)
