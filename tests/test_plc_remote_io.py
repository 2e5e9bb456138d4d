"""The small line's driver against a coupler behind a socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from plc.remote_io import RemoteIoMachine, checked
from plc.remote_program import BELT, EYES, LEFT, SAFE
from sorter.app.coupler_doctor import examine_coupler
from sorter.flow import Command, Event, Inducted, LinkDown, LinkUp, PackCommand, PackState, StateChanged
from sorter.layout import Layout, Link
from tests.coupler import SocketCoupler
from tests.hubs import layout
from tests.socket_plc import monotonic_us
from tests.test_plc_remote_program import small

LINE = small(2)


@pytest.fixture
def coupler() -> Iterator[SocketCoupler]:
    with SocketCoupler(LINE) as coupler:
        yield coupler


@pytest.fixture
def machine(coupler: SocketCoupler) -> Iterator[RemoteIoMachine]:
    with closing(made(coupler)) as machine:
        yield machine


def made(coupler: SocketCoupler, line: Layout = LINE) -> RemoteIoMachine:
    machine = RemoteIoMachine(Link("127.0.0.1", coupler.port, 1, 20_000, 300_000), line, 7, monotonic_us)
    machine.ready = True
    return machine


def cycle(machine: RemoteIoMachine) -> list[Event]:
    events = list(machine.poll())
    machine.send((), True)
    time.sleep(0.01)
    return events


def until(machine: RemoteIoMachine, done: Callable[[list[Event]], bool]) -> list[Event]:
    events: list[Event] = []
    end = time.monotonic() + 6
    while not done(events):
        assert time.monotonic() < end, (machine.trouble, events)
        events += cycle(machine)
    return events


def up(events: list[Event]) -> bool:
    return any(isinstance(event, LinkUp) for event in events)


def down(events: list[Event]) -> bool:
    return any(isinstance(event, LinkDown) for event in events)


def running(events: list[Event]) -> bool:
    return any(isinstance(event, StateChanged) and event.state is PackState.EXECUTE for event in events)


def aborted(events: list[Event]) -> bool:
    return any(isinstance(event, StateChanged) and event.state is PackState.ABORTED for event in events)


def start(machine: RemoteIoMachine) -> None:
    until(machine, up)
    machine.send([Command(PackCommand.RESET)], True)
    for _ in range(5):
        cycle(machine)
    machine.send([Command(PackCommand.START)], True)
    until(machine, running)


def test_start_runs_the_belt_by_its_coil_and_closing_lets_it_fall(
    coupler: SocketCoupler, machine: RemoteIoMachine
) -> None:
    start(machine)
    cycle(machine)
    assert coupler.coils[BELT] and len(coupler.coils) == LEFT + 2 * len(LINE.diverters)
    machine.close()
    assert coupler.coils and not any(coupler.coils)


def test_edges_at_the_induct_eye_become_a_parcel_where_they_were_captured(
    coupler: SocketCoupler, machine: RemoteIoMachine
) -> None:
    start(machine)
    for encoder, edges in ((1000, 1), (1600, 2)):
        coupler.words[0:5] = [0, encoder + 30, 0, encoder, edges]
        coupler.inputs ^= 1 << EYES
        events = cycle(machine)
    (parcel,) = [event for event in events if isinstance(event, Inducted)]
    assert (parcel.length_mm, parcel.encoder, parcel.pid >> 24) == (300, 1300, 7)


@pytest.mark.parametrize(("settings", "named"), [([0, 0], "watchdog is off"), ([300, 1], "hold last value")])
def test_a_coupler_that_would_not_let_go_is_refused_and_no_coil_is_written(
    coupler: SocketCoupler, machine: RemoteIoMachine, settings: list[int], named: str
) -> None:
    coupler.settings = settings
    events = until(machine, down)
    for _ in range(10):
        events += cycle(machine)
    (reason,) = [event.reason for event in events if isinstance(event, LinkDown)]
    assert reason.startswith("remote-io-refused: ") and named in reason
    assert coupler.coils == []


@pytest.mark.parametrize("trouble", ["cut", "echo", "counters", "exception"])
def test_after_any_trouble_the_belt_is_unknown_and_a_person_starts_again(
    coupler: SocketCoupler, machine: RemoteIoMachine, trouble: str
) -> None:
    start(machine)
    if trouble == "cut":
        coupler.cut()
    elif trouble == "echo":
        coupler.spoil = lambda request, reply: reply[:-1] + b"\xff" if request[7] == 15 else reply
    elif trouble == "counters":
        coupler.words[6] = 4000
    else:
        coupler.spoil = lambda request, reply: request[:4] + bytes((0, 3, 1, request[7] | 0x80, 4))
    until(machine, down)
    coupler.spoil = None
    (again,) = [event for event in until(machine, up) if isinstance(event, LinkUp)]
    assert (again.boot_id, again.state) == (8, PackState.STOPPED)
    cycle(machine)
    assert not any(coupler.coils)


def test_an_open_safety_chain_reaches_the_program(coupler: SocketCoupler, machine: RemoteIoMachine) -> None:
    start(machine)
    coupler.inputs &= ~(1 << SAFE)
    until(machine, aborted)
    cycle(machine)
    assert not any(coupler.coils)


def test_both_sides_of_a_diverter_are_refused() -> None:
    coils = [False] * (LEFT + 4)
    coils[LEFT + 2] = coils[LEFT + 3] = True
    with pytest.raises(ValueError, match="coils 18 and 19"):
        checked(coils)


def test_the_doctor_of_a_coupler_names_what_forbids_it_and_what_is_wired_wrong(
    coupler: SocketCoupler,
) -> None:
    link = Link("127.0.0.1", coupler.port, 1, 20_000, 300_000)
    assert [one.name for one in examine_coupler(LINE, link) if not one.ok] == []
    coupler.settings, coupler.inputs = [0, 1], 1 << EYES + 2
    found = [(one.name, one.detail.en, one.remedy.en) for one in examine_coupler(LINE, link) if not one.ok]
    assert found == [
        ("coupler-limit", "the coupler's watchdog is off", "switch it on"),
        ("coupler-limit", "the coupler's fallback is 'hold last value'", "set it to 'all outputs off'"),
        ("coupler-safety", "safety chain", "reset the e-stop chain"),
        ("coupler-eyes", "eye 2", "clear it, or align the eye"),
    ]


def test_the_doctor_of_a_coupler_tells_a_fast_lines_limits_though_nobody_answers() -> None:
    found = examine_coupler(layout(2), Link("127.0.0.1", 1, 1, 50_000, 100_000))
    said = " ".join(one.detail.en for one in found)
    assert "unreachable" in said and "belt speed 1600 mm/s" in said and "poll 50 ms" in said
