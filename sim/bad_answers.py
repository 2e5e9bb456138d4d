"""Wrong answers of a PLC, made of right ones: what bad devices and bad wires really send. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim.faultplan import Cause

_READ = 3
_GUARD_B = 9 + 2 * 56
"""Where the last guard word of block S stands in the answer to a read from address 0."""


def spoilt(cause: Cause, reply: bytes) -> bytes:
    """A right answer frame with this cause's mistake; one that has no place for it stays right."""
    return _MISTAKES[cause](reply)


def _refusal(code: int) -> Callable[[bytes], bytes]:
    return lambda reply: reply[:4] + bytes((0, 3, reply[6], reply[7] | 0x80, code))


def _changed(at: int, change: Callable[[int], int]) -> Callable[[bytes], bytes]:
    def mistake(reply: bytes) -> bytes:
        if at >= len(reply):
            return reply
        return reply[:at] + bytes((change(reply[at]) & 0xFF,)) + reply[at + 1 :]

    return mistake


def _resized(step: int) -> Callable[[bytes], bytes]:
    """More or fewer words than were asked for, length and byte count to match."""

    def mistake(reply: bytes) -> bytes:
        if reply[7] != _READ:
            return reply
        data = reply[9:] + bytes(2) if step > 0 else reply[9:-2]
        return reply[:4] + (len(data) + 3).to_bytes(2, "big") + reply[6:8] + bytes((len(data),)) + data

    return mistake


_MISTAKES: Mapping[Cause, Callable[[bytes], bytes]] = {
    Cause.BUSY: _refusal(6),
    Cause.DEVICE_FAILURE: _refusal(4),
    Cause.ILLEGAL_ADDRESS: _refusal(2),
    Cause.ZERO_ID: lambda reply: b"\0\0" + reply[2:],
    Cause.WRONG_ID: _changed(1, lambda byte: byte + 1),
    Cause.WRONG_UNIT: _changed(6, lambda byte: byte + 8),
    Cause.WRONG_FUNCTION: _changed(7, lambda byte: byte + 1),
    Cause.FEWER_WORDS: _resized(-1),
    Cause.MORE_WORDS: _resized(1),
    Cause.ODD_COUNT: lambda reply: _changed(8, lambda byte: byte + 1)(reply) if reply[7] == _READ else reply,
    Cause.WRONG_ECHO: lambda reply: reply if reply[7] == _READ else _changed(9, lambda byte: byte + 1)(reply),
    Cause.SHORT: lambda reply: reply[:-1],
    Cause.TWICE: lambda reply: reply + reply,
    Cause.TORN_STATUS: lambda reply: (
        _changed(_GUARD_B, lambda byte: byte + 1)(reply) if reply[7] == _READ else reply
    ),
}
