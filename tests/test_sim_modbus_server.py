from __future__ import annotations

import socket
import struct
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc.registers import C
from sim.modbus_server import MapRegisters, ModbusError, answer
from tests.hubs import layout
from tests.socket_plc import SocketPlc
from tests.tiny_plc import TinyPlc


class Plain:
    """A hundred registers from address 10 on."""

    def __init__(self) -> None:
        self.words = list(range(100))

    def read(self, address: int, count: int) -> list[int] | ModbusError:
        at = address - 10
        return self.words[at : at + count] if at >= 0 and at + count <= 100 else ModbusError.ILLEGAL_ADDRESS

    def write(self, address: int, words: Sequence[int]) -> ModbusError | None:
        if isinstance(self.read(address, len(words)), ModbusError):
            return ModbusError.ILLEGAL_ADDRESS
        self.words[address - 10 : address - 10 + len(words)] = words
        return None


def frame(pdu: bytes, tid: int = 7, unit: int = 1) -> bytes:
    return struct.pack(">HHHB", tid, 0, len(pdu) + 1, unit) + pdu


def read(address: int, count: int) -> bytes:
    return struct.pack(">BHH", 3, address, count)


def write(address: int, words: Sequence[int]) -> bytes:
    return struct.pack(f">BHHB{len(words)}H", 16, address, len(words), 2 * len(words), *words)


def receive(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := client.recv(size - len(data))):
        data += more
    return data


def test_a_read_is_answered_with_the_words() -> None:
    assert answer(frame(read(12, 3)), Plain()) == frame(bytes((3, 6, 0, 2, 0, 3, 0, 4)))


def test_a_write_is_answered_with_its_address_and_count() -> None:
    registers = Plain()
    assert answer(frame(write(10, [500, 600])), registers) == frame(struct.pack(">BHH", 16, 10, 2))
    assert registers.words[:3] == [500, 600, 2]


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        (read(0, 1), 2),
        (read(109, 2), 2),
        (read(65535, 2), 2),
        (read(10, 0), 3),
        (read(10, 126), 3),
        (read(10, 2)[:4], 3),
        (read(10, 2) + b"\0", 3),
        (write(0, [1]), 2),
        (write(10, [])[:6], 3),
        (write(10, range(124)), 3),
        (write(10, [1, 2])[:-1], 3),
        (b"\x10\0\x0a\0\x02\x02\0\x01\0\x02", 3),
        (b"\x01\0\0\0\x01", 1),
        (b"\x04\0\x0a\0\x01", 1),
        (b"\x06\0\x0a\0\x01", 1),
        (b"\x17", 1),
        (b"\x03", 3),
        (b"\x10", 3),
    ],
)
def test_a_bad_request_gets_the_exception_that_libmodbus_gives(pdu: bytes, code: int) -> None:
    registers = Plain()
    assert answer(frame(pdu), registers) == frame(bytes((pdu[0] | 0x80, code)))
    assert registers.words == list(range(100))


def test_another_unit_is_told_that_nobody_is_there() -> None:
    assert answer(frame(read(10, 1), unit=9), Plain()) == frame(bytes((0x83, 11)), unit=9)
    for itself in (1, 0, 255):
        assert answer(frame(read(10, 1), unit=itself), Plain()) == frame(bytes((3, 2, 0, 0)), unit=itself)


@given(st.binary(min_size=1, max_size=253), st.integers(0, 255))
def test_any_request_gets_one_well_formed_answer(pdu: bytes, unit: int) -> None:
    reply = answer(frame(pdu, 4711, unit), Plain())
    tid, protocol, length, echoed = struct.unpack(">HHHB", reply[:7])
    assert (tid, protocol, echoed) == (4711, 0, unit)
    assert length == len(reply) - 6 <= 254
    assert reply[7] & 0x7F == pdu[0] & 0x7F


def test_the_command_block_is_taken_only_whole() -> None:
    plc = TinyPlc(layout(1))
    registers = MapRegisters(plc.mailbox)
    words = [1, 5, *[0] * 5, 0x0101, *[0] * 81, 1]
    for address, part in ((C.base, words[:89]), (C.base + 1, words[1:]), (0, words), (C.base, [*words, 0])):
        assert registers.write(address, part) is ModbusError.ILLEGAL_ADDRESS
    plc.scan()
    assert plc.status.session_echo == 0
    assert registers.write(C.base, words) is None
    plc.scan()
    assert plc.status.session_echo == 5
    assert registers.read(C.base, 90) == words


def test_a_read_must_lie_in_one_block() -> None:
    registers = MapRegisters(TinyPlc(layout(1)).mailbox)
    for address, count in ((0, 121), (256, 16), (512, 124), (1024, 90), (1280, 125), (8, 4)):
        words = registers.read(address, count)
        assert not isinstance(words, ModbusError) and len(words) == count
    for address, count in ((120, 2), (121, 1), (255, 2), (1023, 2), (1500, 40)):
        assert registers.read(address, count) is ModbusError.ILLEGAL_ADDRESS


def test_pipelined_requests_are_answered_in_order_one_for_one() -> None:
    with SocketPlc() as plc, socket.create_connection(("127.0.0.1", plc.port), timeout=5) as client:
        client.sendall(b"".join(frame(read(256, 16), tid) for tid in range(1, 51)))
        replies = receive(client, 50 * 41)
        assert [struct.unpack_from(">H", replies, 41 * n)[0] for n in range(50)] == list(range(1, 51))
        assert len({replies[41 * n + 2 : 41 * n + 41] for n in range(50)}) == 1


def test_a_request_that_comes_byte_by_byte_is_answered() -> None:
    with SocketPlc() as plc, socket.create_connection(("127.0.0.1", plc.port), timeout=5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frame(read(256, 1)):
            client.sendall(bytes((byte,)))
            time.sleep(0.001)
        assert receive(client, 11)[7:9] == b"\x03\x02"


def test_several_clients_are_served_at_once() -> None:
    with SocketPlc() as plc:
        clients = [socket.create_connection(("127.0.0.1", plc.port), timeout=5) for _ in range(8)]
        # All ask half a request first: none may stand in the way of another.
        for client in clients:
            client.sendall(frame(read(0, 2))[:5])
        for client in reversed(clients):
            client.sendall(frame(read(0, 2))[5:])
            assert receive(client, 13)[9:11] == b"\x53\x4f"
            client.close()


@pytest.mark.parametrize("header", [b"\0\1\0\1\0\6\1", b"\0\1\0\0\0\1\1", b"\0\1\0\0\1\0\1"])
def test_what_is_not_modbus_closes_the_connection_and_only_that(header: bytes) -> None:
    with SocketPlc() as plc, socket.create_connection(("127.0.0.1", plc.port), timeout=5) as good:
        with socket.create_connection(("127.0.0.1", plc.port), timeout=5) as bad:
            bad.sendall(header)
            assert closed(bad)
        good.sendall(frame(read(0, 1)))
        assert receive(good, 11)[9:11] == b"\x53\x4f"


def closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True


def test_closing_the_server_ends_its_clients_and_frees_the_port() -> None:
    with SocketPlc() as plc, socket.create_connection(("127.0.0.1", plc.port), timeout=5) as client:
        client.sendall(frame(read(0, 1)))
        receive(client, 11)
        port = plc.port
        plc.stop()
        assert closed(client)
        plc.start()
        assert plc.port == port
