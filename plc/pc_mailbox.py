"""The PC's end of the mailbox: orders offered until taken, events taken once, boots noticed. Pure, no clock.

The PLC's end is `plc.mailbox`, which also says what the way between the two may do to blocks.
Source: SORT-MAP 1.0, "Precise rules".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TypeVar

from plc.blocks import EMPTY
from plc.records import pack_slot, unpack_event
from plc.registers import (
    HOLD_INFEED,
    JOG,
    READY,
    ROUTING_VALID,
    SLOTS,
    VISION_OK,
    CommandBlock,
    Status,
    ahead,
    version_boot,
)
from sorter.flow import (
    Assign,
    ChuteBroken,
    Command,
    CommandRefused,
    Event,
    EventsLost,
    PackCommand,
    PackState,
    Rebooted,
    Taken,
)

T = TypeVar("T")

MOST_ASSIGNS = 1024
MOST_COMMANDS = 8
_STATES = frozenset(PackState)
MOTION = frozenset((PackCommand.RESET, PackCommand.START, PackCommand.UNHOLD, PackCommand.UNSUSPEND))
"""Commands that may set the belt in motion: dropped, not delayed, while the safety chain is open."""


class PcMailbox:
    """What the PC says and has heard. `connect` once per connection, then `take`, `offer`, `block` in turn.

    ready, vision_ok, routing_valid, hold_infeed  told to the PLC with every block; the shell sets them
    mode_wish  told with every block, obeyed in Stopped and Idle; 0 = no wish
    in_step   the heartbeat echoes hb_plc: a PLC in lock-step waits for it
    known     what an earlier controller has stored, though the PLC may not have heard so: not taken again
    session   the session spoken; after a PLC boot it is the next number (never 0), told by `LinkUp`
    refused   orders dropped because a queue was full (1,024 assignments, 8 commands: the PLC has taken
              none for long) or because the safety chain was open (motion); a parcel whose assignment is
              dropped rides to the exception end
    """

    def __init__(self, session: int, known: Taken | None = None) -> None:
        assert 0 < session <= 0xFFFF, session
        self.session = session
        self.in_step = False
        self.mode_wish = 0
        self._known = known
        self.ready = self.vision_ok = self.routing_valid = self.hold_infeed = False
        self.refused = 0
        self._status: Status | None = None
        self._adopted = False
        self._heartbeat = 0
        self._disk_late = False
        self._taken = self._stored = 0
        self._lost = self._lost_seen = self._lost_after = self._broken = 0
        self._assigns: deque[Assign] = deque()
        self._ack = self._offered = 0
        self._commands: deque[int] = deque()
        self._cmd_seq = 0
        self._commanding = False

    @property
    def more(self) -> bool:
        """The PLC has events beyond its window: poll again at once after the next block."""
        return self._status is not None and ahead(self._status.ev_head, self._taken) > 0

    def connect(self, status: Status) -> None:
        """A connection stands: go on from where the PLC is; what a person commanded before is forgotten."""
        self._drop_commands()
        if self._status is None:
            self._continue(status)

    def take(self, status: Status, line_ms: int | None = None) -> list[Event]:
        """Events not taken before, oldest first; status must not be torn.

        line_ms  time of the status on the line clock, whole ms; left out: its own t_ms
        A changed boot_id gives Rebooted first, drops every order and takes a new session. EventsLost comes
        at the place of the gap: after the last event that was in the ring when the loss was noticed.
        """
        assert self._status is not None and not status.torn
        line_ms = status.t_ms if line_ms is None else line_ms
        events: list[Event] = []
        if status.boot_id != self._status.boot_id:
            self._continue(status)
            self._assigns.clear()
            self._drop_commands()
            self.session = self.session % 0xFFFF + 1
            events.append(Rebooted(line_ms * 1000, status.boot_id))
        events += self._note_broken(status, line_ms)  # before the refusals that came of it
        events += self._note_answers(status, line_ms)
        self._note_lost(status)
        events += self._window(status, line_ms)
        if self._lost and ahead(self._taken, self._lost_after) >= 0:
            events.append(_missing(status, line_ms, self._lost))
            self._lost = 0
        self._status = status
        return events

    def take_numbered(self, status: Status, line_ms: int) -> list[Event]:
        """As `take`, and behind new events the number that they reach, for the journal."""
        before = self._taken
        events = self.take(status, line_ms)
        if self._taken != before:
            events.append(Taken(line_ms * 1000, status.boot_id, self._taken, status.ev_lost))
        return events

    def offer(self, orders: Sequence[Assign | Command]) -> None:
        """Queue orders; assignments go out ten at a time, commands one at a time."""
        for order in orders:
            if isinstance(order, Assign):
                self._queue(self._assigns, order, MOST_ASSIGNS)
            elif order.command in MOTION and not self._chain_closed():
                self.refused += 1
            else:
                self._queue(self._commands, order.command, MOST_COMMANDS)

    def jog(self, chute: int) -> None:
        """Queue the wish to turn a chute's diverter for a moment; the PLC obeys in maintenance mode only."""
        if self._chain_closed():
            self._queue(self._commands, JOG + chute, MOST_COMMANDS)
        else:
            self.refused += 1

    @property
    def commanding(self) -> bool:
        """A command has not been evaluated by the PLC yet."""
        return bool(self._commands)

    def block(self, stored: bool) -> list[int]:
        """The next block C, 90 words. stored: every event taken so far is on disk and may be forgotten.

        While it is not, nothing can be ordered, so the infeed is held.
        """
        assert self._status is not None
        self._disk_late = not stored
        if stored:
            self._stored = self._taken
        self._heartbeat = self._status.hb_plc if self.in_step else (self._heartbeat + 1) & 0xFFFF
        slots = self._slots()
        return CommandBlock(
            self._heartbeat, self.session, self._command(), self._cmd_seq, self._stored, self.mode_wish,
            self._pc_status(), version_boot(self._status.boot_id), (self._ack + self._offered) & 0xFFFF,
            (*slots, *[EMPTY] * (SLOTS - len(slots))), self._heartbeat,
        ).pack()  # fmt: skip

    # ------------------------------------------------------------ what the PLC said

    def _continue(self, status: Status) -> None:
        """Start from the PLC's numbers and what is known already; other losses since its boot are news."""
        self._taken = self._stored = self._first_unknown(status)
        self._ack, self._offered = status.ack_seq, 0
        self._cmd_seq = status.cmd_ack
        self._adopted = False
        self._status = status

    def _first_unknown(self, status: Status) -> int:
        """Number behind which events are news: the PLC's tail, or what our predecessor stored beyond it."""
        known, self._known = self._known, None
        self._lost = self._lost_seen = 0
        if known is not None and known.boot_id == status.boot_id:
            self._lost_seen = known.lost
            if 0 < ahead(known.tail, status.ev_tail_echo) <= ahead(status.ev_head, status.ev_tail_echo):
                return known.tail
        return status.ev_tail_echo

    def _note_answers(self, status: Status, line_ms: int) -> list[Event]:
        """Forget what the PLC has taken; what it refused. Nobody but us is obeyed once it echoes us."""
        if status.session_echo != self.session:
            if self._adopted:
                self._drop_commands()
            self._adopted = False
            return []
        taken = (status.ack_seq - self._ack) % 0x10000
        if not self._adopted or taken > self._offered:
            self._adopted, self._ack, self._offered = True, status.ack_seq, 0
            self._cmd_seq = status.cmd_ack if ahead(status.cmd_ack, self._cmd_seq) > 0 else self._cmd_seq
        else:
            for _ in range(taken):
                self._assigns.popleft()
            self._ack, self._offered = status.ack_seq, self._offered - taken
        refused: list[Event] = []
        if self._commanding and status.cmd_ack == self._cmd_seq:
            self._commanding, command = False, self._commands.popleft()
            if status.cmd_result and command < JOG:
                refused = [CommandRefused(line_ms * 1000, PackCommand(command), status.cmd_result)]
        if not status.chain_closed and any(map(_moves, self._commands)):
            self._drop_commands()
        return refused

    def _note_broken(self, status: Status, line_ms: int) -> list[Event]:
        """Chutes that can no longer be reached, or again: a state, so that no loss of events hides it."""
        changed, self._broken = status.chute_fault ^ self._broken, status.chute_fault
        return [
            ChuteBroken(line_ms * 1000, chute, bool(self._broken >> chute & 1))
            for chute in range(changed.bit_length())
            if changed >> chute & 1
        ]

    def _note_lost(self, status: Status) -> None:
        grown = ahead(status.ev_lost, self._lost_seen)
        if grown > 0:
            if not self._lost:
                self._lost_after = status.ev_head
            self._lost += grown
            self._lost_seen = status.ev_lost

    def _window(self, status: Status, line_ms: int) -> list[Event]:
        """New events; a hole in their numbers (another master took them) or an unknown one is lost.

        A number beyond the newest is not believed: every true event behind it would be taken for an old one.
        """
        events: list[Event] = []
        for words in status.window:
            step = ahead(words[0], self._taken)
            if words[1] == 0 or step <= 0 or ahead(words[0], status.ev_head) > 0:
                continue
            if step > 1:
                events.append(_missing(status, line_ms, step - 1))
            self._taken = words[0]
            try:
                events.append(unpack_event(words, line_ms))
            except ValueError:
                events.append(_missing(status, line_ms, 1))
        return events

    # ------------------------------------------------------------ what the PC says

    def _chain_closed(self) -> bool:
        return self._status is not None and self._status.chain_closed

    def _queue(self, queue: deque[T], order: T, most: int) -> None:
        """Append; a full queue refuses the newest, since the oldest may already have been taken."""
        if len(queue) < most:
            queue.append(order)
        else:
            self.refused += 1

    def _drop_commands(self) -> None:
        self._commands.clear()
        self._commanding = False

    def _slots(self) -> list[tuple[int, ...]]:
        """The oldest orders, none before the PLC obeys us or while the safety chain is open."""
        if not self._adopted or not self._chain_closed():
            return []
        shown = [self._assigns[place] for place in range(min(SLOTS, len(self._assigns)))]
        self._offered = max(self._offered, len(shown))
        return [pack_slot((self._ack + 1 + place) & 0xFFFF, order) for place, order in enumerate(shown)]

    def _command(self) -> int:
        """The oldest command, under a new number when it is shown for the first time."""
        if not self._adopted or not self._commands:
            return PackCommand.NONE
        if not self._commanding:
            self._commanding, self._cmd_seq = True, (self._cmd_seq + 1) & 0xFFFF
        return self._commands[0]

    def _pc_status(self) -> int:
        return (
            READY * self.ready | VISION_OK * self.vision_ok
            | ROUTING_VALID * self.routing_valid | HOLD_INFEED * (self.hold_infeed or self._disk_late)
        )  # fmt: skip


def _missing(status: Status, line_ms: int, count: int) -> EventsLost:
    return EventsLost(line_ms * 1000, count, status.state if status.state in _STATES else 0)


def _moves(command: int) -> bool:
    return command in MOTION or command >= JOG
