"""A controller that lives holds its PLC; one that died does not, and of two that begin together one stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from plc.modbus import ModbusMachine
from plc.registers import Status
from plc.rival import MOVES, Held, Rival
from sorter.flow import Event, PackState
from tests.pairs import joined
from tests.socket_plc import SocketPlc, adopted, cycle, induct_pids, inducted, is_up, reasons, until

PATIENCE_US, POLL_US = 550_000, 50_000
OURS, THEIRS = 500, 77


def status(heartbeat: int, session: int = THEIRS, state: PackState = PackState.EXECUTE) -> Status:
    pair = joined()
    assert pair.plc.status.pc_alive and pair.plc.status.session_echo == THEIRS
    return pair.plc.status._replace(hb_pc_echo=heartbeat, session_echo=session, state=state)


def looks(*heartbeats: int) -> list[Held]:
    """At a status each poll."""
    rival = Rival(PATIENCE_US)
    return [rival.look(status(beat), OURS, at * POLL_US) for at, beat in enumerate(heartbeats)]


def test_another_controller_whose_heartbeat_moves_holds_the_line() -> None:
    assert looks(*range(MOVES + 1)) == [Held.WAIT] * MOVES + [Held.HELD]


def test_the_last_block_of_a_dead_controller_is_no_life_and_its_session_is_free_after_the_timeout() -> None:
    found = looks(7, *[8] * 13)
    assert found == [Held.WAIT] * 13 + [Held.FREE]


def test_a_session_that_the_plc_calls_lost_and_our_own_are_free_at_once() -> None:
    lost = status(1)._replace(safety=0)
    for one in (lost, status(1, session=OURS), status(1, session=0)):
        assert Rival(PATIENCE_US).look(one, OURS, 0) is Held.FREE


@pytest.mark.parametrize(
    ("ours", "state", "yields"),
    [
        (OURS, PackState.STOPPED, True),
        (THEIRS - 1, PackState.STOPPED, False),
        (THEIRS - 1, PackState.EXECUTE, True),
    ],
)
def test_of_two_that_began_together_the_smaller_session_stays_while_the_line_stands(
    ours: int, state: PackState, yields: bool
) -> None:
    rival = Rival(PATIENCE_US)
    found = [rival.yields(status(beat, state=state), ours, beat * POLL_US) for beat in range(MOVES + 2)]
    assert found == [False] * MOVES + [yields] * 2


# ------------------------------------------------------------ on the wire


@pytest.fixture
def plc() -> Iterator[SocketPlc]:
    with SocketPlc() as plc:
        yield plc


@contextmanager
def beating(machine: ModbusMachine) -> Iterator[list[Event]]:
    """A controller at work beside the test; what it hears."""
    heard, ended = list[Event](), threading.Event()

    def work() -> None:
        while not ended.is_set():
            heard.extend(cycle(machine))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield heard
    finally:
        ended.set()
        thread.join()


def test_a_second_controller_takes_nothing_and_says_who_holds_the_line(plc: SocketPlc) -> None:
    with closing(plc.machine()) as first, closing(plc.machine(session=OURS)) as second:
        until(first, adopted)
        plc.plc.state = PackState.EXECUTE
        with beating(first) as heard:
            seen = list[Event]()
            for pid in range(1, 31):
                plc.plc.events.append(inducted(pid))
                seen += cycle(second)
                time.sleep(0.02)
        assert second.held and not first.held and second.status is None
        assert reasons(seen) == ["line-held: session 77 of another controller is obeyed and alive"]
        assert len(seen) == 1, "one word of trouble and no event of the line"
        assert induct_pids(heard + cycle(first)) == list(range(1, 31))


def test_a_controller_follows_one_that_died_a_moment_ago(plc: SocketPlc) -> None:
    with closing(plc.machine()) as first:
        until(first, adopted)
        plc.plc.state = PackState.EXECUTE
    plc.plc.events = [inducted(1)]
    with closing(plc.machine(session=OURS)) as second:
        began = time.monotonic()
        heard = until(second, lambda events: is_up(events) and induct_pids(events))
        assert induct_pids(heard) == [1]
        assert time.monotonic() - began < 2


def test_a_controller_that_slept_while_another_took_over_gives_way(plc: SocketPlc) -> None:
    with closing(plc.machine()) as first, closing(plc.machine(session=OURS)) as second:
        until(first, adopted)
        plc.plc.state = PackState.EXECUTE
        until(second, adopted)
        with beating(second):
            heard = until(first, lambda events: first.held)
        assert not second.held
        assert reasons(heard) == ["line-held: session 500 of another controller is obeyed and alive"]
