"""A small Modbus TCP server for the emulator: framing as a pure function, sockets around it.

Only FC3 and FC16, as SORT-MAP 1.0 asks. Pipelined requests are answered in order, several clients
at once. Why not pymodbus's server: docs/decisions/0002-modbus-server.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import Protocol, TypeAlias

from plc.mailbox import PlcMailbox
from plc.registers import C, D, K, P, S

LOOPBACK = "127.0.0.1"
MOST_CLIENTS = 32
_READ, _WRITE, _EXCEPTION = 3, 16, 0x80
_MOST_READ, _MOST_WRITE = 125, 123
_HEADER = 6
_LONGEST = 254
"""Most bytes that an MBAP header may announce: unit and 253 of PDU."""


class ModbusError(IntEnum):
    """Exception codes of the Modbus application protocol that this server gives or lets faults give."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    BUSY = 6
    NO_PATH = 10
    NO_ANSWER = 11


class Registers(Protocol):
    """Holding registers, 0-based addresses, words 0..65535. Called from the event loop: must not wait."""

    def read(self, address: int, count: int) -> list[int] | ModbusError:
        """Exactly count words, or the exception to answer with."""
        ...

    def write(self, address: int, words: Sequence[int]) -> ModbusError | None:
        """Take all words or, with an exception, none."""
        ...


def answer(adu: bytes, registers: Registers, unit: int = 1) -> bytes:
    """Answer to one whole request frame (MBAP header, length already matched to the bytes).

    Exceptions as libmodbus gives them: 1 another function, 3 a count of 0 or beyond 125 read and 123
    written or a byte count that disagrees, 2 an address the registers do not have. Unlike libmodbus,
    which answers any unit on TCP, another unit than ours (0 and 255 mean the device itself) gets
    exception 11, so that a wrong unit id in a configuration is named at once.
    """
    header, asked, pdu = adu[:4], adu[6], adu[7:]
    reply = _reply(pdu, registers) if asked in (unit, 0, 0xFF) else ModbusError.NO_ANSWER
    if isinstance(reply, ModbusError):
        reply = bytes((pdu[0] | _EXCEPTION, reply))
    return header + (len(reply) + 1).to_bytes(2, "big") + adu[6:7] + reply


def _reply(pdu: bytes, registers: Registers) -> bytes | ModbusError:
    if pdu[0] == _READ:
        return _read(pdu, registers)
    return _write(pdu, registers) if pdu[0] == _WRITE else ModbusError.ILLEGAL_FUNCTION


def _read(pdu: bytes, registers: Registers) -> bytes | ModbusError:
    address, count = _word(pdu, 1), _word(pdu, 3)
    if len(pdu) != 5 or not 1 <= count <= _MOST_READ:
        return ModbusError.ILLEGAL_VALUE
    if address + count > 0x10000:
        return ModbusError.ILLEGAL_ADDRESS
    words = registers.read(address, count)
    if isinstance(words, ModbusError):
        return words
    assert len(words) == count, (address, count, len(words))
    return bytes((_READ, 2 * count)) + b"".join(word.to_bytes(2, "big") for word in words)


def _write(pdu: bytes, registers: Registers) -> bytes | ModbusError:
    address, count, data = _word(pdu, 1), _word(pdu, 3), pdu[6:]
    if not 1 <= count <= _MOST_WRITE or len(data) != 2 * count or pdu[5] != 2 * count:
        return ModbusError.ILLEGAL_VALUE
    if address + count > 0x10000:
        return ModbusError.ILLEGAL_ADDRESS
    error = registers.write(address, [_word(data, at) for at in range(0, len(data), 2)])
    return pdu[:5] if error is None else error


def _word(data: bytes, at: int) -> int:
    """Word at a byte offset; bytes beyond the end count as zero."""
    return int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big")


Reply: TypeAlias = Callable[[bytes, Registers, int], bytes | None]
"""Bytes to send for a request frame, registers and our unit; None resets the connection."""


class MapRegisters:
    """A PLC's mailbox as registers: S, K, P, D to read, C to write by one FC16 of exactly 90 words.

    mailbox  another one once the PLC has booted

    A read must lie inside one block, else exception 2; C reads back what was written last. refresh is
    called before S is read, so that a PLC whose scans run only on change can scan first.
    """

    def __init__(self, mailbox: PlcMailbox, refresh: Callable[[], None] | None = None) -> None:
        self.mailbox = mailbox
        self._refresh = refresh
        self._command = [0] * C.words

    def read(self, address: int, count: int) -> list[int] | ModbusError:
        """Words of one block."""
        for block in (S, K, P, C, D):
            at = address - block.base
            if at >= 0 and at + count <= block.words:
                return self._words(block.letter)[at : at + count]
        return ModbusError.ILLEGAL_ADDRESS

    def write(self, address: int, words: Sequence[int]) -> ModbusError | None:
        """The whole of block C, nothing else."""
        if address != C.base or len(words) != C.words:
            return ModbusError.ILLEGAL_ADDRESS
        self._command = list(words)
        self.mailbox.receive(words)
        return None

    def _words(self, letter: str) -> list[int]:
        if letter == "S":
            if self._refresh is not None:
                self._refresh()
            return self.mailbox.status_words()
        mailbox = self.mailbox
        return {"K": mailbox.echo_words, "P": mailbox.position_words, "C": self._command,
                "D": mailbox.parcel_words}[letter]  # fmt: skip


class ModbusServer:
    """Serves registers until closed; all in the event loop it was started in.

    reply makes the bytes sent back for a request (empty: none); a fault script puts its own around `answer`
    late_s  how long to hold an answer back before it is sent

    A frame that is not Modbus (protocol id, length) closes its connection: the next frame's start is
    unknown. The 33rd client is closed at once.
    """

    def __init__(
        self,
        registers: Registers,
        unit: int = 1,
        reply: Reply = answer,
        late_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._registers = registers
        self._unit = unit
        self._reply = reply
        self._late_s = late_s
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    async def start(self, host: str = LOOPBACK, port: int = 0) -> int:
        """Listen; port 0 takes a free one. Returns the real port. OSError when it cannot be had."""
        self._server = await asyncio.start_server(self._accept, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, cut every client off and wait until all is gone. May be called twice."""
        if self._server is None:
            return
        self._server.close()
        tasks = list(self._clients.values())
        self.cut()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def cut(self) -> None:
        """Reset every client's connection; the server keeps listening."""
        for writer in self._clients:
            writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MOST_CLIENTS:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients[writer] = task
        task.add_done_callback(lambda _: self._clients.pop(writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                header = await reader.readexactly(_HEADER)
                length = _word(header, 4)
                if _word(header, 2) != 0 or not 2 <= length <= _LONGEST:
                    break
                body = await reader.readexactly(length)
                reply = self._reply(header + body, self._registers, self._unit)
                if reply is None:
                    writer.transport.abort()
                    return
                if (late_s := self._late_s()) > 0:
                    await asyncio.sleep(late_s)
                writer.write(reply)
                await writer.drain()
        writer.close()
