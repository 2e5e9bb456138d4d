"""One TCP connection to a Modbus device: every answer compared byte by byte, any trouble ends it.

The only file that imports pymodbus's client. What that does under faults, and our rule: SORT-MAP 1.0.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from plc.adu import Answer, LinkTroubleError, parse_answer, refusal
from sorter.layout import Link

# Without a handler of its own pymodbus writes to stderr; what it has to say reaches us as reasons.
logging.getLogger("pymodbus").addHandler(logging.NullHandler())

_LOST = "connection-lost: the PLC closed or reset the connection"


class Wire:
    """One TCP connection with one request in flight; after any trouble it is closed and thrown away."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._request = b""
        self._answer: Answer | None = None
        self._broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._client = AsyncModbusTcpClient(
            link.host, port=link.port, timeout=link.timeout_us / 1e6, retries=0, reconnect_delay=0,
            trace_packet=self._packet, trace_connect=self._connection,
        )  # fmt: skip

    async def open(self) -> None:
        """Connect within the timeout."""
        if not await self._client.connect():
            where, late = f"{self._link.host}:{self._link.port}", self._link.timeout_us // 1000
            raise LinkTroubleError(f"unreachable: {where} took no connection in {late} ms")

    async def read(self, address: int, count: int) -> tuple[int, ...]:
        """FC3."""
        request = partial(self._client.read_holding_registers, address, count=count)
        return await self._ask(f"FC3 of {count} words at {address}", request)

    async def read_inputs(self, address: int, count: int) -> tuple[int, ...]:
        """FC2: bits, 0 or 1."""
        request = partial(self._client.read_discrete_inputs, address, count=count)
        return await self._ask(f"FC2 of {count} inputs at {address}", request)

    async def read_registers(self, address: int, count: int) -> tuple[int, ...]:
        """FC4."""
        request = partial(self._client.read_input_registers, address, count=count)
        return await self._ask(f"FC4 of {count} words at {address}", request)

    async def write_coils(self, address: int, coils: list[bool]) -> None:
        """FC15."""
        request = partial(self._client.write_coils, address, coils)
        await self._ask(f"FC15 of {len(coils)} coils at {address}", request)

    async def write(self, address: int, words: list[int]) -> None:
        """FC16."""
        request = partial(self._client.write_registers, address, words)
        await self._ask(f"FC16 of {len(words)} words at {address}", request)

    def close(self) -> None:
        """Close the socket; the loop has to run once more for it to be gone."""
        self._client.close()

    async def _ask(self, what: str, request: Callable[..., Awaitable[ModbusPDU]]) -> tuple[int, ...]:
        """The words of a right answer; raced against the loss of the connection."""
        if self._broken.done() or not self._client.connected:
            raise LinkTroubleError(self._broken.result() if self._broken.done() else _LOST)
        task = asyncio.ensure_future(request(device_id=self._link.unit))
        await asyncio.wait((task, self._broken), return_when=asyncio.FIRST_COMPLETED)
        answer = self._answer
        if answer is None or not task.done() or task.exception():  # it may come in the instant of its timeout
            task.cancel()
            with suppress(asyncio.CancelledError, ModbusException):
                await task
            late = f"timeout: no answer to {what} in {self._link.timeout_us // 1000} ms"
            raise LinkTroubleError(self._broken.result() if self._broken.done() else late)
        if answer.exception:
            raise refusal(answer.exception, what)
        return answer.words

    def _packet(self, sending: bool, data: bytes) -> bytes:
        """Pymodbus's view of the bytes: it is shown an answer only when every byte of it is right."""
        if sending:
            self._request, self._answer = data, None
            return data
        try:
            self._answer = parse_answer(self._request, data)
        except ValueError as error:
            self._break(f"bad-answer: {error}")
            return b""
        return data if self._answer else b""

    def _connection(self, up: bool) -> None:
        if not up:
            self._break(_LOST)

    def _break(self, reason: str) -> None:
        if not self._broken.done():
            self._broken.set_result(reason)
