"""The PLC's end of the mailbox: sessions, orders taken once, events kept until stored. Pure, no clock.

`PlcMailbox` stands around the PLC program's scan; the PC's end is `plc.pc_mailbox`. Between the two
whole blocks of words may be lost, repeated or late, but do not overtake each other (one TCP
connection): every order still gets one verdict and every event arrives once, in order.
Source: SORT-MAP 1.0, "Precise rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from plc.blocks import EMPTY, Rows
from plc.event_ring import EventRing
from plc.records import PlcEvent, unpack_slot
from plc.registers import (
    CHUTES,
    HOLD_INFEED,
    JOG,
    MAGIC,
    MAP_VERSION,
    ORDER_PROBE,
    READY,
    C,
    CommandBlock,
    Echo,
    S,
    Status,
    ahead,
    position_words,
    version_boot,
)
from plc.signals import FromPc, Inputs, Outputs
from sorter.flow import Assign, CommChanged, Event, Left, PackCommand, PackState, Result
from sorter.layout import Layout

HOLD_MS = 2000
"""A bad diag bit stays this long after its cause is gone."""

_DIVERTER, _JAM, _RING, _SECOND_WRITER, _SLOT_CHECK = 3, 4, 5, 6, 7
_LOST, _BACK, _ADOPTED, _REFUSED = 1, 2, 3, 4
_PRODUCTION, _MAINTENANCE = 1, 2
_CALM: Final = (PackState.STOPPED, PackState.IDLE)
_NO_COMMAND: Final = PackCommand.NONE
_LOST_PARCEL: Final = Result.LOST


class PlcMailbox:
    """The PLC's end: `receive` at any time, then per scan `begin_scan`, the program, `end_scan`.

    Times are t_ms, u32. A received block is looked at once, in the first scan after it came. The ring
    outlives any absence of the PC; a boot is a new PlcMailbox with an empty ring, numbered from 1.
    ring  where events wait, one of the layout's depth when left out
    """

    def __init__(self, layout: Layout, boot_id: int, ring: EventRing | None = None) -> None:
        self._layout = layout
        self._boot_id = boot_id & 0xFFFF
        self._timeout_ms = layout.comm_timeout_us // 1000
        self._ring = ring or EventRing(layout.ring_depth)
        self._received: Sequence[int] | None = None
        self._at_ms = self._moved_ms = 0
        self._alive = False
        self._session = self._heartbeat = self._pc_status = self._ack = self._refused = 0
        self._cmd_ack = self._cmd_result = 0
        self._commanded = False
        self._mode_wish, self._jog = 0, -1
        self._mode = _PRODUCTION
        self._comm: list[CommChanged] = []
        self._bad_ms: dict[int, int] = {}
        self._image = [0] * S.words
        self._unshown: tuple[Outputs, Inputs, int] | None = None
        self._lasting = self._wishes()
        self.echo_words = Echo.of(layout).pack()
        self.position_words = position_words(layout)
        self.parcel_words = [0] * CHUTES

    @property
    def ring_high(self) -> bool:
        """The event ring is above 75 %: the infeed must be held."""
        return self._ring.high

    @property
    def echoed(self) -> bool:
        """Lock-step: the latest block answers to the status shown now."""
        words = self._received
        return words is not None and words[0] == self.status_words()[S["hb_plc"].offset]

    @property
    def due_ms(self) -> int | None:
        """t_ms at which the PC will be lost unless it is heard: a scan is needed then; None while lost."""
        return (self._moved_ms + self._timeout_ms) % (1 << 32) if self._alive else None

    def receive(self, words: Sequence[int]) -> None:
        """A whole block C was written; only the latest before a scan counts."""
        assert len(words) == C.words, len(words)
        self._received = tuple(words)

    def status_words(self) -> list[int]:
        """Block S as the last scan left it; all zero before the first one. Never asked for within a scan."""
        if self._unshown is not None:
            self._image, self._unshown = self._status(*self._unshown).pack(), None
        return list(self._image)

    def begin_scan(self, at_ms: int, state: PackState, maintenance: bool) -> FromPc:
        """What the PC wants at this scan; state = PackML state before the scan."""
        self._at_ms, self._jog = at_ms, -1
        self._mode = _MAINTENANCE if maintenance else _PRODUCTION
        lost = self._alive and (at_ms - self._moved_ms) % (1 << 32) >= self._timeout_ms
        if lost:
            self._alive = False
            self._tell(_LOST, self._session)
        block = self._legible()
        if block is None and not lost:
            return self._lasting  # as at most scans
        orders: tuple[Assign, ...] = ()
        command = _NO_COMMAND
        if block is not None and self._obeys(block, maintenance or state in _CALM):
            orders, command = self._apply(block)
        self._lasting = wishes = self._wishes()
        if orders or command is not _NO_COMMAND or self._jog >= 0:
            wishes = wishes._replace(orders=orders, command=command, jog=self._jog)
        return wishes

    def _wishes(self) -> FromPc:
        """What the PC wants until it says otherwise."""
        status, mode = (self._pc_status, self._mode_wish) if self._alive else (0, 0)
        return FromPc(
            self._alive, bool(status & READY), bool(status & HOLD_INFEED), (), _NO_COMMAND, mode, -1
        )

    def end_scan(self, outputs: Outputs, inputs: Inputs, speed_mm_s: int) -> None:
        """Keep this scan's events and refresh block S, guard B last."""
        if self._comm or outputs.events:
            self._keep((*self._comm, *outputs.events))
            self._comm.clear()
        if self._commanded:
            self._commanded, self._cmd_result = False, outputs.command
        self._note_bad(outputs, inputs)
        self._unshown = (outputs, inputs, speed_mm_s)  # packed when somebody reads it: few scans are read

    def _keep(self, events: Iterable[Event]) -> None:
        for event in events:
            assert isinstance(event, PlcEvent), event
            self._ring.push(event)
            if isinstance(event, Left) and event.result is not _LOST_PARCEL and event.chute < CHUTES:
                self.parcel_words[event.chute] = (self.parcel_words[event.chute] + 1) & 0xFFFF

    # ------------------------------------------------------------ the PC's block

    def _legible(self) -> CommandBlock | None:
        """The block received since the last scan, if it is whole and speaks to this boot and map."""
        words, self._received = self._received, None
        if words is None:
            return None
        block = CommandBlock.unpack(words)
        whole = block.hb_pc == block.guard_b and block.session_id != 0
        return block if whole and block.version_boot == version_boot(self._boot_id) else None

    def _obeys(self, block: CommandBlock, calm: bool) -> bool:
        """The block is from the obeyed session; if not, its session is adopted or refused."""
        if block.session_id == self._session:
            return True
        if calm or not self._alive:
            self._session, self._pc_status, self._refused = block.session_id, 0, 0
            self._alive, self._moved_ms = True, self._at_ms
            self._tell(_ADOPTED, self._session)
        else:
            # Told once while the second writer stands: ten a second would fill the ring.
            if block.session_id != self._refused or _SECOND_WRITER not in self._bad_ms:
                self._tell(_REFUSED, block.session_id)
            self._refused = block.session_id
            self._bad_ms[_SECOND_WRITER] = self._at_ms
        return False

    def _apply(self, block: CommandBlock) -> tuple[tuple[Assign, ...], PackCommand]:
        was_alive = self._alive
        if block.hb_pc != self._heartbeat:
            self._alive, self._moved_ms = True, self._at_ms
            if not was_alive:
                self._tell(_BACK, self._session)
        self._heartbeat, self._pc_status, self._mode_wish = block.hb_pc, block.pc_status, block.mode_cmd
        self._ring.acknowledge(block.ev_tail)
        return self._orders(block.slots), self._command(block) if was_alive else _NO_COMMAND

    def _orders(self, slots: Rows) -> tuple[Assign, ...]:
        """Every order that continues the sequence, wherever its slot stands."""
        offered: dict[int, Assign] = {}
        for words in slots:
            if words == EMPTY:
                continue
            if (slot := unpack_slot(words)) is None:
                self._bad_ms[_SLOT_CHECK] = self._at_ms
            else:
                offered[slot[0]] = slot[1]
        taken: list[Assign] = []
        while (order := offered.get((self._ack + 1) & 0xFFFF)) is not None:
            self._ack = (self._ack + 1) & 0xFFFF
            taken.append(order)
        return tuple(taken)

    def _command(self, block: CommandBlock) -> PackCommand:
        """A command under a number not yet evaluated; an older number is a late block, not a wish."""
        if ahead(block.cmd_seq, self._cmd_ack) <= 0:
            return _NO_COMMAND
        self._cmd_ack, self._cmd_result = block.cmd_seq, 0
        if JOG <= block.cntrl_cmd < JOG + CHUTES:
            self._jog, self._commanded = block.cntrl_cmd - JOG, True
            return _NO_COMMAND
        try:
            command = PackCommand(block.cntrl_cmd)
        except ValueError:
            self._cmd_result = 1
            return _NO_COMMAND
        self._commanded = command is not _NO_COMMAND
        return command

    def _tell(self, code: int, session: int) -> None:
        self._comm.append(CommChanged(self._at_ms * 1000, code, session))

    # ------------------------------------------------------------ the PLC's block

    def _status(self, outputs: Outputs, inputs: Inputs, speed_mm_s: int) -> Status:
        # The scan number comes from the clock, so that scans that change nothing need not be run.
        scan = inputs.at_ms * 1000 // self._layout.scan_us & 0xFFFF
        full, fault = self._chute_maps(inputs)
        return Status(
            MAGIC, MAP_VERSION, self._boot_id, scan, self._heartbeat, outputs.state, ORDER_PROBE,
            inputs.encoder, inputs.at_ms, min(max(speed_mm_s, 0), 0xFFFF), self._ack, self._session,
            self._safety(outputs, inputs), self._diag(outputs, inputs), self._ring.head, self._ring.tail,
            self._ring.lost, self._mode, self._cmd_ack, self._cmd_result, outputs.fault, full, fault, scan,
            self._ring.window(inputs.at_ms),
        )  # fmt: skip

    def _safety(self, outputs: Outputs, inputs: Inputs) -> int:
        """The one safety input stands for chain, guards and motor power; the line needs no air: always ok."""
        return 0b0111 * inputs.safe | 0b1000 | self._alive << 4 | outputs.infeed << 6

    def _diag(self, outputs: Outputs, inputs: Inputs) -> int:
        bad = [bit for bit, ms in self._bad_ms.items() if (inputs.at_ms - ms) % (1 << 32) < HOLD_MS]
        return outputs.encoder_ok | sum(1 << bit for bit in bad)

    def _note_bad(self, outputs: Outputs, inputs: Inputs) -> None:
        """Since when what is bad is bad; forgotten HOLD_MS after it was last so."""
        if inputs.faults:
            self._bad_ms[_DIVERTER] = inputs.at_ms
        if outputs.jammed:
            self._bad_ms[_JAM] = inputs.at_ms
        if self.ring_high:
            self._bad_ms[_RING] = inputs.at_ms
        if self._bad_ms:
            now = inputs.at_ms
            self._bad_ms = {b: ms for b, ms in self._bad_ms.items() if (now - ms) % (1 << 32) < HOLD_MS}

    def _chute_maps(self, inputs: Inputs) -> tuple[int, int]:
        """Chutes that are full, and those whose diverter says it is broken."""
        if not inputs.faults:
            return inputs.full, 0
        diverters = enumerate(chute.diverter for chute in self._layout.chutes)
        return inputs.full, sum(1 << c for c, diverter in diverters if inputs.faults >> diverter & 1)
