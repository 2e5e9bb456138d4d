from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from plc.adu import Answer, parse_answer
from plc.modbus import ModbusMachine
from tests.socket_plc import SocketPlc, is_down, is_up, reasons, until

READ, WRITE = 3, 16
REQUEST_READ = bytes((0, 9, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2))
REPLY_READ = bytes((0, 9, 0, 0, 0, 7, 1, 3, 4, 0xAB, 0xCD, 0, 5))
Mutation = Callable[[bytes], bytes]


def set_byte(at: int, value: int) -> Mutation:
    return lambda reply: reply[:at] + bytes((value,)) + reply[at + 1 :]


def add_byte(at: int, step: int) -> Mutation:
    return lambda reply: set_byte(at, (reply[at] + step) & 0xFF)(reply)


def resized(step: int) -> Mutation:
    """More or fewer registers, with length and byte count to match."""

    def mutate(reply: bytes) -> bytes:
        data = reply[9:] + bytes(2 * step) if step > 0 else reply[9 : len(reply) + 2 * step]
        head = reply[:4] + (len(data) + 3).to_bytes(2, "big") + reply[6:8] + bytes((len(data),))
        return head + data

    return mutate


READS: dict[str, Mutation] = {
    "transaction id 0": lambda reply: b"\0\0" + reply[2:],
    "transaction id of the next request": add_byte(1, 1),
    "transaction id of the last request": add_byte(1, -1),
    "protocol id": set_byte(3, 1),
    "length too small": add_byte(5, -2),
    "length too great": add_byte(5, 2),
    "unit": set_byte(6, 9),
    "function of input registers": set_byte(7, 4),
    "function of a write": set_byte(7, 16),
    "exception of another function": lambda reply: reply[:4] + bytes((0, 3, 1, 0x90, 2)),
    "fewer registers": resized(-1),
    "more registers": resized(1),
    "odd byte count": add_byte(8, 1),
    "byte count too small": add_byte(8, -2),
    "a byte too many": lambda reply: reply + b"\0",
    "rubbish before": lambda reply: b"\xff\xff\xff" + reply,
}
WRITES: dict[str, Mutation] = {
    "transaction id 0": READS["transaction id 0"],
    "function": set_byte(7, 6),
    "echoed address": add_byte(9, 1),
    "echoed count": add_byte(11, -1),
    "answer of a read": lambda reply: reply[:5] + bytes((5, 1, 3, 2, 0, 0)),
    "twice": lambda reply: reply + reply,
}
NEVER_SEEN: dict[str, Mutation] = {
    "one byte missing": lambda reply: reply[:-1],
    "nothing": lambda reply: b"",
    "header only": lambda reply: reply[:7],
    "twice in one piece, which is more than pymodbus keeps": lambda reply: reply + reply,
}


@pytest.fixture
def plc() -> Iterator[SocketPlc]:
    with SocketPlc() as plc:
        yield plc


def refused(plc: SocketPlc, function: int, mutate: Mutation, timeout_us: int = 2_000_000) -> str:
    """Reason for which a running link refuses the answer; then sees it recover."""
    machine = plc.machine(timeout_us=timeout_us)
    plc.plc.encoder = 100
    until(machine, is_up)
    # A value of a bad answer that was used would show as the encoder.
    plc.plc.encoder = 666
    plc.spoil = lambda request, reply: mutate(reply) if request[7] == function else reply
    reason = reasons(until(machine, is_down))[0]
    assert machine.encoder == (100 if function == READ else 666)
    recovers(plc, machine)
    return reason


def recovers(plc: SocketPlc, machine: ModbusMachine) -> None:
    plc.plc.encoder = 200
    plc.spoil = None
    until(machine, is_up)
    assert machine.encoder == 200
    machine.close()


@pytest.mark.parametrize("name", READS)
def test_a_bad_answer_to_a_read_closes_the_link_and_no_value_of_it_is_used(plc: SocketPlc, name: str) -> None:
    assert refused(plc, READ, READS[name]).startswith("bad-answer: ")


@pytest.mark.parametrize("name", WRITES)
def test_a_bad_answer_to_a_write_closes_the_link(plc: SocketPlc, name: str) -> None:
    assert refused(plc, WRITE, WRITES[name]).startswith("bad-answer: ")


@pytest.mark.parametrize("name", NEVER_SEEN)
def test_an_answer_that_never_completes_is_a_timeout(plc: SocketPlc, name: str) -> None:
    assert refused(plc, READ, NEVER_SEEN[name], timeout_us=150_000).startswith("timeout: ")


def test_a_right_answer_gives_its_words() -> None:
    assert parse_answer(REQUEST_READ, REPLY_READ) == Answer((0xABCD, 5))


def test_an_answer_is_waited_for_to_its_last_byte() -> None:
    assert [parse_answer(REQUEST_READ, REPLY_READ[:size]) for size in range(len(REPLY_READ))] == [None] * 13


@pytest.mark.parametrize("at", range(9))
def test_every_byte_but_the_data_is_known_in_advance(at: int) -> None:
    for value in set(range(256)) - {REPLY_READ[at]}:
        try:
            answer = parse_answer(REQUEST_READ, set_byte(at, value)(REPLY_READ))
        except ValueError:
            continue
        raise AssertionError(f"byte {at} = {value} was accepted as {answer}")


REQUEST_BITS = bytes((0, 9, 0, 0, 0, 6, 1, 2, 0, 0, 0, 11))
REPLY_BITS = bytes((0, 9, 0, 0, 0, 5, 1, 2, 2, 0b10000101, 0b110))
REQUEST_COILS = bytes((0, 9, 0, 0, 0, 8, 1, 15, 0, 16, 0, 3, 1, 0b101))
REPLY_COILS = bytes((0, 9, 0, 0, 0, 6, 1, 15, 0, 16, 0, 3))


def test_a_right_answer_of_a_coupler_gives_its_bits() -> None:
    assert parse_answer(REQUEST_BITS, REPLY_BITS) == Answer((1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1))
    assert parse_answer(REQUEST_COILS, REPLY_COILS) == Answer()


@pytest.mark.parametrize(("request_", "reply"), [(REQUEST_BITS, REPLY_BITS), (REQUEST_COILS, REPLY_COILS)])
def test_every_byte_of_a_couplers_answer_but_the_data_is_known_in_advance(
    request_: bytes, reply: bytes
) -> None:
    for at in range(9 if request_ is REQUEST_BITS else 12):
        with pytest.raises(ValueError, match="is"):
            parse_answer(request_, set_byte(at, reply[at] ^ 0x10)(reply) + b"\0")


def test_an_exception_is_an_answer_without_words() -> None:
    assert parse_answer(REQUEST_READ, bytes((0, 9, 0, 0, 0, 3, 1, 0x83, 6))) == Answer((), 6)
