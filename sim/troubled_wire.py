"""What goes wrong on the PLC's side of the wire while faults last: answers as a bad day has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plc.blocks import EMPTY
from plc.mailbox import PlcMailbox
from plc.registers import READY, SLOTS, C, CommandBlock, S, Status, version_boot
from sim.bad_answers import spoilt
from sim.faults import Faults
from sim.modbus_server import ModbusError, Registers, answer
from sorter.flow import Us

INTRUDER_SESSION = 0xBAD


class Still:
    """Registers that show what they showed when they froze, and take nothing."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers
        words = registers.read(S.base, S.words)
        assert isinstance(words, list)
        self._words = words

    def read(self, address: int, count: int) -> list[int] | ModbusError:
        """Block S as it stood; what never changes is still there."""
        at = address - S.base
        if at >= 0 and at + count <= S.words:
            return self._words[at : at + count]
        return self._registers.read(address, count)

    def write(self, address: int, words: Sequence[int]) -> ModbusError | None:
        """Acknowledged and forgotten."""
        return None if (address, len(words)) == (C.base, C.words) else ModbusError.ILLEGAL_ADDRESS


class TroubledWire:
    """A `sim.modbus_server.Reply` whose answers follow the faults of the instant."""

    def __init__(self, faults: Faults, now_us: Callable[[], Us]) -> None:
        self._faults = faults
        self._now_us = now_us
        self._answers = 0
        self._still: Still | None = None

    def __call__(self, frame: bytes, registers: Registers, unit: int) -> bytes | None:
        """Bytes to send, none to say nothing, None to reset the connection."""
        now = self._now_us()
        wire = self._faults.conditions(now)
        if wire.cut:
            return None
        if wire.silent or wire.off:
            return b""
        if not wire.frozen:
            self._still = None
        elif self._still is None:
            self._still = Still(registers)
        reply = answer(frame, self._still or registers, unit)
        self._answers += 1
        cause = self._faults.answer_wrong(self._answers, now)
        return reply if cause is None or reply[7] & 0x80 else spoilt(cause, reply)

    def late_us(self) -> Us:
        """How long the answer to be sent now is held back."""
        return self._faults.answer_late_us(self._answers, self._now_us())


class Intruder:
    """A second master: writes its own block into the mailbox, as often as the first one does."""

    def __init__(self) -> None:
        self._heartbeat = 0

    def write(self, plc: PlcMailbox) -> None:
        """One block, as its session would have it: ready, with nothing to order and nothing acknowledged."""
        status = Status.unpack(plc.status_words())
        self._heartbeat = (self._heartbeat + 1) & 0xFFFF
        block = CommandBlock(
            self._heartbeat, INTRUDER_SESSION, 0, status.cmd_ack, status.ev_tail_echo, 0, READY,
            version_boot(status.boot_id), status.ack_seq, (EMPTY,) * SLOTS, self._heartbeat,
        )  # fmt: skip
        plc.receive(block.pack())
