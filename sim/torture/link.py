"""The torture's way between both mailboxes: a `sorter.ports.Machine` over words that may not arrive.

It does what `plc.modbus.ModbusMachine` does, on the world's clock. Answers that a broken wire would
bring go through the driver's own comparison (`plc.adu`), byte by byte.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Protocol

from plc.adu import parse_answer
from plc.agreement import status_faults
from plc.clock import LineClock
from plc.patience import Patience
from plc.pc_mailbox import PcMailbox
from plc.registers import MAINTENANCE, PRODUCTION, S, Status
from plc.rival import Held, Rival
from sim.torture.hall import COMM_TIMEOUT_US
from sorter.flow import Assign, Command, Event, LinkDown, LinkUp, PackState, Taken, Us
from sorter.layout import Link

_GUARD = S["guard_b"].offset
MANGLED = ("wrong-tid", "zero-tid", "wrong-unit", "wrong-function", "wrong-count", "odd-bytes", "doubled")
"""Ways in which an answer can be wrong."""


class Plc(Protocol):
    """The far end of the wire as the world lets it be reached."""

    trouble: str
    """"" | silent | deaf | busy | torn | slow | late | one of MANGLED."""

    @property
    def still(self) -> bool:
        """What it shows stands still: the PC's every poll counts."""
        ...

    def pc_us(self) -> Us:
        """The PC's monotonic clock."""
        ...

    def read_words(self) -> list[int]:
        """Block S."""
        ...

    def write_words(self, words: list[int]) -> None:
        """Block C is on its way."""
        ...

    def hit(self, kind: str) -> None:
        """A trouble struck."""
        ...

    def waits(self, us: Us) -> None:
        """The PC's cycle takes so much longer."""
        ...


class _TroubleError(Exception):
    def __init__(self, reason: str, passing: bool = False) -> None:
        self.reason, self.passing = reason, passing
        super().__init__(reason)


class TorturedMachine:
    """One start's connection to the PLC. on_call("poll" | "send" | "sent") may kill the caller."""

    def __init__(
        self, plc: Plc, link: Link, session: int, known: Taken | None, on_call: Callable[[str], None]
    ) -> None:
        self.mailbox = PcMailbox(session, known)
        self.mailbox.ready = self.mailbox.routing_valid = True
        self.mailbox.mode_wish = PRODUCTION  # as every start of `sorter run` wishes
        self.up = False
        self.encoder = 0
        self._plc, self._link, self._on_call = plc, link, on_call
        self._clock = LineClock()
        self._patience = Patience(link.poll_us, plc.pc_us())
        self._rival = Rival(COMM_TIMEOUT_US + link.poll_us)
        self._boot: int | None = None
        self._heartbeat = -1
        self._down_told = False
        self._events: list[Event] = []

    def poll(self) -> Sequence[Event]:
        """Read block S once, or connect."""
        self._on_call("poll")
        try:
            if self.up:
                self._read()
            elif self._patience.may_retry(self._plc.pc_us()):
                self._connect()
        except _TroubleError as trouble:
            self._troubled(trouble)
        events, self._events = self._events, []
        return events

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        """Write block C when the link is up."""
        self._on_call("send")
        self.mailbox.offer(orders)
        if not self.up:
            return
        block = self.mailbox.block(stored)
        trouble = self._plc.trouble
        if trouble == "silent":
            self._plc.hit(trouble)
            self._timed_out()
        elif trouble == "deaf":
            self._plc.hit(trouble)
        elif trouble != "busy":
            self._plc.write_words(block)
        self._on_call("sent")

    def serve(self, maintenance: bool, chute: int) -> None:
        """As the driver does."""
        self.mailbox.mode_wish = MAINTENANCE if maintenance else PRODUCTION
        if maintenance and chute >= 0:
            self.mailbox.jog(chute)

    def hold(self, held: bool) -> None:
        """Told with every block."""
        self.mailbox.hold_infeed = held

    @property
    def more(self) -> bool:
        """Events wait beyond the window."""
        return self.up and self.mailbox.more

    def line_us(self) -> Us:
        """Now on the line clock."""
        return self._clock.line_us(self._plc.pc_us())

    # ------------------------------------------------------------ one exchange

    def _ask(self) -> Status:
        trouble = self._plc.trouble
        if trouble in ("silent", "late"):
            self._plc.hit(trouble)
            self._plc.waits(self._link.timeout_us)
            raise _TroubleError("timeout: no answer")
        if trouble == "busy":
            self._plc.hit(trouble)
            raise _TroubleError("plc-busy: exception 6", passing=True)
        if trouble == "slow":
            self._plc.hit(trouble)
            self._plc.waits(self._link.timeout_us * 2 // 3)
        words = self._plc.read_words()
        if trouble in MANGLED:
            self._plc.hit(trouble)
            words = list(_mangled(trouble, words))
        return self._checked(words, torn=trouble == "torn")

    def _checked(self, words: list[int], torn: bool) -> Status:
        if torn:
            self._plc.hit("torn")
            words = list(words)
            words[_GUARD] ^= 1
        status = Status.unpack(words)
        if status_faults(status):
            raise _TroubleError("config-error: no map there")
        if status.torn:
            raise _TroubleError("plc-torn", passing=True)
        return status

    def _read(self) -> None:
        status = self._ask()
        if status.boot_id != self._boot:
            raise _TroubleError("plc-rebooted")
        if self._rival.yields(status, self.mailbox.session, self._plc.pc_us()):
            raise _TroubleError("line-held")
        self._events += self._learn(status)
        if status.hb_plc == self._heartbeat:
            self._still("plc-frozen")
        else:
            self._heartbeat = status.hb_plc
            self._patience.moved(self._plc.pc_us())

    def _connect(self) -> None:
        status = self._ask()
        if status.hb_plc == self._heartbeat and status.boot_id == self._boot:
            raise _TroubleError("plc-frozen")
        now = self._plc.pc_us()
        held = self._rival.look(status, self.mailbox.session, now)
        if held is Held.HELD:
            raise _TroubleError("line-held")
        if held is Held.WAIT:
            return
        self.up, self._down_told = True, False
        if self._boot not in (None, status.boot_id):
            self._clock.restart(now, status.t_ms)
        self._boot, self._heartbeat = status.boot_id, status.hb_plc
        self._patience.connected(now)
        self.mailbox.connect(status)
        news = self._learn(status)
        up = LinkUp(self.line_us(), status.boot_id, self.mailbox.session, PackState(status.state))
        self._events += [up, *news]

    def _learn(self, status: Status) -> list[Event]:
        self.encoder = status.encoder
        line_ms = self._clock.observe(self._plc.pc_us(), status.t_ms, 1000)
        return self.mailbox.take_numbered(status, line_ms)

    def _still(self, reason: str) -> None:
        if self._patience.exhausted(self._plc.pc_us()):
            self._down(reason)

    def _troubled(self, trouble: _TroubleError) -> None:
        if trouble.passing and self.up:
            self._still(trouble.reason)
        else:
            self._down(trouble.reason)

    def _timed_out(self) -> None:
        self._plc.waits(self._link.timeout_us)
        self._down("timeout: no answer")

    def _down(self, reason: str) -> None:
        self.up = False
        self._patience.failed(self._plc.pc_us())
        if not self._down_told:
            self._events.append(LinkDown(self.line_us(), reason))
            self._down_told = True


def _mangled(trouble: str, words: Sequence[int]) -> Sequence[int]:
    """What the driver makes of such an answer; _TroubleError unless it takes the answer for right."""
    request = struct.pack(">HHHBBHH", 7, 0, 6, 1, 3, S.base, S.words)
    head = {
        "wrong-tid": (8, 1, 3), "zero-tid": (0, 1, 3), "wrong-unit": (7, 2, 3), "wrong-function": (7, 1, 4),
    }.get(trouble, (7, 1, 3))  # fmt: skip
    data = struct.pack(f">{len(words)}H", *words)
    if trouble == "wrong-count":
        data = data[:-2]
    if trouble == "odd-bytes":
        data = data[:-1]
    tid, unit, function = head
    frame = struct.pack(">HHHBBB", tid, 0, 3 + len(data), unit, function, len(data)) + data
    try:
        answer = parse_answer(request, frame * 2 if trouble == "doubled" else frame)
    except ValueError as error:
        raise _TroubleError(f"bad-answer: {error}") from None
    if answer is None:
        raise _TroubleError("timeout: half an answer")
    return answer.words
