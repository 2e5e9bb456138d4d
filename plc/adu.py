"""What a right answer to a Modbus TCP request looks like, byte by byte, and what a refusal means. Pure.

pymodbus 3.16 accepts answers with transaction id 0, another function, fewer or more registers, an odd
byte count or a wrong FC16 echo; here everything but the data is known in advance and compared.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_BUSY = (5, 6)
_CONFIG = {1: "illegal function", 2: "illegal address", 3: "illegal value"}
READ_INPUTS, READ_HOLDING, READ_REGISTERS, WRITE_COILS, WRITE_REGISTERS = 2, 3, 4, 15, 16
_READS = (READ_INPUTS, READ_HOLDING, READ_REGISTERS)
_ERROR = 0x80
_SHORTEST = 9
_PARTS = (
    ("transaction id", 0, 2), ("protocol id", 2, 4), ("length", 4, 6), ("unit", 6, 7), ("function", 7, 8),
)  # fmt: skip


class LinkTroubleError(Exception):
    """The exchange failed; passing: the link is sound and the next cycle may succeed."""

    def __init__(self, reason: str, passing: bool = False) -> None:
        self.reason = reason
        self.passing = passing
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Answer:
    """The words or bits read (none for a write), or a Modbus exception code above 0 and no words."""

    words: tuple[int, ...] = ()
    exception: int = 0


def parse_answer(request: bytes, received: bytes) -> Answer | None:
    """Answer to an FC2, FC3, FC4, FC15 or FC16 request frame; None while bytes are missing.

    Raises ValueError, naming the part, when any byte but the data differs from what the request
    demands or bytes follow the frame (with one request in flight nothing else may come).
    """
    if len(received) < _SHORTEST:
        return None
    function, failed = request[7], received[7] == request[7] | _ERROR
    right, size, parts = _right_head(request, failed)
    for name, start, stop in parts:
        if len(received) >= stop and received[start:stop] != right[start:stop]:
            got, wanted = (int.from_bytes(data[start:stop], "big") for data in (received, right))
            raise ValueError(f"{name} is {got}, expected {wanted}")
    if len(received) < size:
        return None
    if len(received) > size:
        raise ValueError(f"{len(received) - size} bytes follow the answer")
    if failed:
        return Answer(exception=received[8] or 0xFF)
    data = received[9:] if function in _READS else b""
    if function == READ_INPUTS:
        count = int.from_bytes(request[10:12], "big")
        return Answer(tuple(data[bit // 8] >> bit % 8 & 1 for bit in range(count)))
    return Answer(struct.unpack(f">{len(data) // 2}H", data))


def _right_head(request: bytes, failed: bool) -> tuple[bytes, int, tuple[tuple[str, int, int], ...]]:
    """The bytes known in advance, the whole frame's size, and the parts to compare."""
    function, count = request[7], int.from_bytes(request[10:12], "big")
    if failed:
        return request[:4] + bytes((0, 3, request[6], function | _ERROR)), 9, _PARTS
    if function in _READS:
        size = -(-count // 8) if function == READ_INPUTS else 2 * count
        head = request[:4] + (3 + size).to_bytes(2, "big") + request[6:8] + bytes((size,))
        return head, 9 + size, (*_PARTS, ("byte count", 8, 9))
    head = request[:4] + bytes((0, 6)) + request[6:12]
    return head, 12, (*_PARTS, ("echoed address", 8, 10), ("echoed count", 10, 12))


def refusal(code: int, what: str) -> LinkTroubleError:
    """The trouble behind a Modbus exception: 5 and 6 pass, 1 to 3 are the map's, all others the device's."""
    if code in _BUSY:
        return LinkTroubleError(f"plc-busy: exception {code} to {what}", passing=True)
    if code in _CONFIG:
        remedy = "compare the PLC's register area with docs/registers.md"
        return LinkTroubleError(f"config-error: exception {code} ({_CONFIG[code]}) to {what}; {remedy}")
    return LinkTroubleError(f"device-fault: exception {code} to {what}; check the unit id, then the PLC")
