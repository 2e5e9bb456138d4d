"""Bad input over HTTP: raw bytes at the console's own server. No traceback, no order, no silent server.

The contract: an answer that says it is the client's fault, or an end of the connection; nothing in the inbox,
the audit or the server's log of errors; and the next good request is answered.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorter.app.console import web
from sorter.app.console.feed import MOST_LISTENERS
from sorter.app.console.people import Role
from sorter.app.desk import inbox_of
from sorter.app.inbox import waiting
from tests.bad_http import CASES, Case, request
from tests.served import Served, record_run, serving

GOOD = request("GET", "/api/words?lang=en")


class Ear(logging.Handler):
    """Keeps what the server logs."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


class Guarded(Served):
    """A served console and what it logged."""

    logged: list[str]
    user: str

    def state(self) -> tuple[int, int]:
        """What bad input must not change: orders that wait, deeds in the audit."""
        return len(waiting(inbox_of(self.run))), len(self.people.audited(10_000))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    run = record_run(tmp_path_factory.mktemp("run"), 5)
    patience, web.REQUEST_S = web.REQUEST_S, 0.5
    with serving(run, run / "people.db") as plain:
        made = Guarded(plain.port, plain.people, plain.run)
        session = made.session(Role.ENGINEER)
        made.user = "\r\n".join(f"{name}: {value}" for name, value in session.items())
        made.logged = []
        handler = Ear(made.logged)
        logging.getLogger("uvicorn.error").addHandler(handler)
        yield made
        logging.getLogger("uvicorn.error").removeHandler(handler)
    web.REQUEST_S = patience


def connected(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=5)


def answer(served: Guarded, sent: bytes) -> tuple[int, bytes]:
    """Status (0: none) and everything that came back, once the server or our patience is at its end."""
    with closing(connected(served)) as client:
        with suppress(ConnectionError):
            client.sendall(sent.replace(b"USER: 1", served.user.encode()))
        return told(client)


def told(client: socket.socket) -> tuple[int, bytes]:
    got = b""
    with suppress(ConnectionError, TimeoutError):
        while more := client.recv(65536):
            got += more
            if b"text/event-stream" in got:
                break
    status = re.match(rb"HTTP/1\.1 (\d{3})", got)
    assert status or not got
    return int(status[1]) if status else 0, got


def is_well(served: Guarded) -> bool:
    status, text = answer(served, GOOD)
    return status == 200 and json.loads(text.partition(b"\r\n\r\n")[2]) != {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wrong_is_refused_and_changes_nothing(served: Guarded, case: Case) -> None:
    before = served.state()
    served.logged.clear()
    served.people._failed.clear()
    status, got = answer(served, case.sent)
    assert status in case.statuses, got[:300]
    assert b"Traceback" not in got and b"root:" not in got and b"_SCHEMA" not in got
    assert not re.search(rb"(?i)^set-cookie: a=b|^location: (http|//)", got, re.MULTILINE)
    assert b"<script>alert" not in got
    assert [line for line in served.logged if "Exception" in line or "rror" in line] == []
    assert served.state() == before
    assert is_well(served)


# ---------------------------------------------------------------- patience, streams, numbers


@pytest.mark.parametrize(
    "half",
    [b"", b"GET /api/frame HT", b"GET / HTTP/1.1\r\nHost: hub\r\n",
     b"POST /api/login HTTP/1.1\r\nHost: hub\r\nContent-Length: 9\r\n\r\n{",
     b"POST /api/login HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"],
    ids=["nothing", "half a line", "half a head", "half a body", "half a chunk"],
)  # fmt: skip
def test_half_a_request_loses_its_connection_in_time(served: Guarded, half: bytes) -> None:
    began = time.monotonic()
    with closing(connected(served)) as client:
        client.sendall(half)
        assert told(client)[0] in (0, 400)
    assert time.monotonic() - began < web.REQUEST_S + 2


def test_one_byte_at_a_time_does_not_buy_more_time(served: Guarded) -> None:
    began = time.monotonic()
    with closing(connected(served)) as client, suppress(ConnectionError):
        for byte in GOOD.replace(b"Host", b"X: " + b"a" * 200 + b"\r\nHost"):
            client.sendall(bytes((byte,)))
            time.sleep(0.02)
    assert time.monotonic() - began < web.REQUEST_S + 2
    assert is_well(served)


def test_many_half_requests_leave_room_for_a_whole_one(served: Guarded) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(closing(connected(served))).sendall(b"GET / HT")
        assert is_well(served)


def test_more_connections_than_there_is_room_for_are_told_so_and_others_served_later(
    served: Guarded,
) -> None:
    with ExitStack() as stack:
        for _ in range(web.MOST_AT_ONCE):
            stack.enter_context(closing(connected(served)))
        assert answer(served, GOOD)[0] in (503, 0)
    end = time.monotonic() + 5
    while not is_well_at_last(served):
        assert time.monotonic() < end


def is_well_at_last(served: Guarded) -> bool:
    time.sleep(0.05)
    return answer(served, GOOD)[0] == 200


def test_the_live_view_lets_in_so_many_and_forgets_those_who_leave(served: Guarded) -> None:
    listen = request("GET", "/api/live")
    with ExitStack() as stack:
        for _ in range(MOST_LISTENERS):
            client = stack.enter_context(closing(connected(served)))
            client.sendall(listen)
            assert told(client)[0] == 200
        assert answer(served, listen)[0] == 503
        assert is_well(served)
    end = time.monotonic() + 5
    while answer(served, listen)[0] != 200:
        assert time.monotonic() < end
    assert [line for line in served.logged if "Exception" in line] == []


def test_who_listens_and_never_reads_slows_nobody(served: Guarded) -> None:
    with closing(socket.socket()) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        deaf.connect(("127.0.0.1", served.port))
        deaf.sendall(request("GET", "/api/live"))
        began = time.monotonic()
        for _ in range(10):
            assert is_well(served)
        assert time.monotonic() - began < 5


# ---------------------------------------------------------------- generated


WHOLE = [case.sent for case in CASES if len(case.sent) < 1000]
SPICE = [b"\r\n", b"\0", b"\xff", b"%", b"%00", b"..", b"/", b"{", b'"', b"[", b"\\ud800", b"9" * 30,
         b"Content-Length: 7\r\n", b"Transfer-Encoding: chunked\r\n", b": ", b" ", b"?", b"NaN"]  # fmt: skip
CUTS = st.tuples(st.integers(0, 1000), st.integers(0, 20), st.sampled_from(SPICE) | st.binary(max_size=9))


def altered(whole: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for at, gone, instead in cuts:
        at %= len(whole) + 1
        whole = whole[:at] + instead + whole[at + gone :]
    return whole


def never_at_fault(served: Guarded, sent: bytes) -> None:
    """Nothing that comes is the server's fault; what is obeyed has a session and a token."""
    served.logged.clear()
    with closing(connected(served)) as client, suppress(ConnectionError):
        client.sendall(sent + b"\r\n\r\n")
        client.settimeout(0.02)
        status, got = told(client)
        assert status < 500 or status == 503, (sent, got)
        assert b"Traceback" not in got
    assert [line for line in served.logged if "Exception" in line] == [], sent


@settings(max_examples=150)
@given(st.sampled_from(WHOLE), st.lists(CUTS, min_size=1, max_size=4))
def test_no_damage_to_a_request_is_the_servers_fault(
    served: Guarded, whole: bytes, cuts: list[tuple[int, int, bytes]]
) -> None:
    never_at_fault(served, altered(whole, cuts))


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_none_of_ten_thousand_damaged_requests_is_the_servers_fault(
    served: Guarded, report_line: Callable[[str], None]
) -> None:
    tries, before = 10_000, served.state()

    @settings(max_examples=tries, database=None)
    @given(st.sampled_from(WHOLE), st.lists(CUTS, min_size=1, max_size=6))
    def damage(whole: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
        never_at_fault(served, altered(whole, cuts))

    damage()
    assert is_well(served) and served.state() == before
    report_line(f"{tries} damaged requests, 0 of them the server's fault, 0 obeyed")
