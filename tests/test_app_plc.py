"""`sorter plc`: doctor, watch and jog against a PLC behind a socket."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from plc.probe import Probe
from plc.registers import PRODUCTION, S, Status
from sim.modbus_server import ModbusError
from sorter.app import plc_watch
from sorter.app.findings import Finding, Grade
from sorter.app.journal import read
from sorter.app.plc_doctor import examine_plc
from sorter.app.plc_jog import JogRefusedError, jog
from sorter.app.recorded import RecordedReads
from sorter.app.stage import stage
from sorter.flow import Event, Inducted, PackState
from sorter.layout import Layout, Link
from tests.hubs import ON_DATE, hub
from tests.socket_plc import LINE, TIMEOUT_US, SocketPlc, adopted, cycle, induct_pids, inducted, until
from tests.test_plc_modbus import put, shifted, swap_order

WRITE = 16


@pytest.fixture
def plc() -> Iterator[SocketPlc]:
    with SocketPlc() as plc:
        yield plc


def link(plc: SocketPlc) -> Link:
    return Link("127.0.0.1", plc.port, 1, 50_000, TIMEOUT_US)


def findings(plc: SocketPlc, line: Layout = LINE) -> dict[str, Finding]:
    found = examine_plc(replace(hub(), layout=line), link(plc))
    assert [one.name for one in found if one.ok == bool(str(one.remedy))] == [], "every trouble has a remedy"
    return {one.name: one for one in found}


def failures(found: dict[str, Finding]) -> list[str]:
    return [name for name, one in found.items() if one.grade is Grade.FAILURE]


def kept(plc: SocketPlc) -> list[bytes]:
    """Every request that the PLC gets from here on."""
    requests: list[bytes] = []

    def keep(request: bytes, reply: bytes) -> bytes:
        requests.append(request)
        return reply

    plc.spoil = keep
    return requests


def writes(requests: list[bytes]) -> list[bytes]:
    return [request for request in requests if request[7] == WRITE]


# ------------------------------------------------------------ doctor


def test_a_sound_plc_is_found_in_order_and_nothing_is_written(plc: SocketPlc) -> None:
    requests = kept(plc)
    found = findings(plc)
    # How long a request takes on a busy machine is not for a test to say.
    assert [name for name, one in found.items() if not one.ok and name != "plc-cycle"] == []
    assert {"plc", "plc-magic", "plc-version", "plc-word-order", "plc-crc", "plc-positions", "plc-lead-time",
            "plc-cycle", "plc-command", "plc-scans"} <= set(found)  # fmt: skip
    assert {request[7] for request in requests} == {3}


def test_each_word_that_is_wrong_is_named_by_its_own_check(plc: SocketPlc) -> None:
    for word, value, check in ((0, 7, "plc-magic"), (1, 0x0200, "plc-version"), (5, 40, "plc-state")):
        plc.spoil = put(word, value)
        assert failures(findings(plc)) == [check]
    plc.spoil = lambda request, reply: swap_order(request, reply) if request[8:10] == b"\0\0" else reply
    found = findings(plc)
    assert failures(found) == ["plc-word-order"]
    assert "S.6-7 (address 6, order_probe)" in found["plc-word-order"].detail.en
    plc.spoil = None
    found = findings(plc, shifted(LINE))
    assert failures(found) == ["plc-crc", "plc-positions", "plc-lead"]
    assert "address 516" in found["plc-positions"].detail.en and "line.yaml" in found["plc-crc"].remedy.zh


def test_constants_of_the_program_that_differ_are_warnings(plc: SocketPlc) -> None:
    found = findings(plc, replace(LINE, comm_timeout_us=700_000))
    assert found["plc-comm-timeout-ms"].grade is Grade.WARNING
    assert "500, plc.yaml 700" in found["plc-comm-timeout-ms"].detail.en


def test_an_open_chain_is_a_warning_and_a_frozen_plc_a_failure(plc: SocketPlc) -> None:
    plc.plc.safe = False
    assert findings(plc)["plc-safety"].grade is Grade.WARNING
    plc.scanning = False
    assert failures(findings(plc)) == ["plc-scans"]


def test_a_slow_plc_is_told_in_milliseconds(plc: SocketPlc) -> None:
    slow = replace(link(plc), poll_us=200_000)
    found = {one.name: one for one in examine_plc(replace(hub(), layout=LINE), slow)}
    assert failures(found) == ["plc-lead-time"] and "410 ms" in found["plc-lead-time"].detail.en


def test_a_refusal_names_the_request(plc: SocketPlc) -> None:
    plc.spoil = lambda request, reply: request[:4] + bytes((0, 3, 1, 0x83, ModbusError.ILLEGAL_ADDRESS))
    found = findings(plc)
    assert failures(found) == ["plc-answers"] and "FC3 of 121 words at 0" in found["plc-answers"].detail.en


def test_a_plc_that_is_not_there_keeps_the_line_from_sorting(plc: SocketPlc) -> None:
    plc.stop()
    found = findings(plc)
    assert failures(found) == ["plc"] and f"127.0.0.1:{plc.port}" in found["plc"].detail.zh
    assert "nothing listens on this port" in found["plc"].detail.en


def test_a_layout_that_differs_everywhere_is_told_in_a_few_words(plc: SocketPlc) -> None:
    moved = replace(LINE, diverters=tuple(replace(one, eye_mm=one.eye_mm + 10) for one in LINE.diverters))
    said = findings(plc, moved)["plc-positions"].detail.en
    assert said.count("decision position") == 3 and said.endswith("; ... 4")


# ------------------------------------------------------------ watch


def test_every_register_is_shown_by_name_as_a_person_reads_it(plc: SocketPlc) -> None:
    plc.plc.events = [inducted(1)]
    plc.plc.scan()
    with Probe(link(plc)) as probe:
        rows = {name: value for _, name, value in plc_watch.named(Status.unpack(probe.block(S)))}
    assert list(rows) == [register.name for register in S.registers]
    assert (rows["state"], rows["order_probe"], rows["window"]) == ("2 STOPPED", "0x01020304", "1 INDUCT 1")
    jammed = {name: value for _, name, value in plc_watch.named(plc.plc.status._replace(first_fault=0x0401))}
    assert (rows["first_fault"], jammed["first_fault"]) == ("-", "JAM 1")
    assert rows["safety"].startswith("e-stop ok")


def test_plain_lines_tell_only_what_is_new(plc: SocketPlc) -> None:
    told: dict[str, str] = {}
    plc.plc.scan()
    status = plc.plc.status
    first = list(plc_watch.lines(told, status))
    assert "S.5   state = 2 STOPPED" in first and not any("encoder" in line for line in first[:9])
    changed = status._replace(state=6, hb_plc=9, t_ms=99)
    assert list(plc_watch.lines(told, changed)) == ["S.5   state = 6 EXECUTE"]
    assert list(plc_watch.lines(told, "timeout: gone")) == ["link = timeout: gone"]


def test_watching_goes_on_when_the_plc_comes_back(plc: SocketPlc, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    steps: Iterator[Callable[[], None]] = iter([plc.stop, plc.start, lambda: None, lambda: None])

    def sleep(_: float) -> None:
        step = next(steps, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    with Probe(link(plc)) as probe, pytest.raises(KeyboardInterrupt):
        plc_watch.watch(probe, 0.0, sleep)
    links = [line for line in out.getvalue().splitlines() if line.startswith("link")]
    assert links[0] == "link = up" and "link = up" in links[2:] and links[1] != "link = up"


# ------------------------------------------------------------ jog


def test_a_jog_turns_one_diverter_and_gives_the_line_back_with_its_events(plc: SocketPlc) -> None:
    plc.plc.events = [inducted(5)]
    with closing(plc.machine()) as machine:
        jog(machine, 2, 0.01)
    turned = [outputs.wheels for outputs in plc.plc.outputs]
    assert (0, -1) in turned and turned[-1] == (0, 0)
    assert plc.plc.status.mode == PRODUCTION
    assert plc.plc.status.ev_tail_echo == 0, "what the PLC has told is left for the controller"


def test_a_jog_is_refused_with_its_reason(plc: SocketPlc) -> None:
    plc.plc.state = PackState.EXECUTE
    with closing(plc.machine()) as machine, pytest.raises(JogRefusedError, match="Stopped or Idle"):
        jog(machine, 2, 0.01)
    plc.plc.state, plc.plc.safe = PackState.STOPPED, False
    with closing(plc.machine()) as machine, pytest.raises(JogRefusedError, match="safety chain"):
        jog(machine, 2, 0.01)
    plc.plc.safe = True
    with closing(plc.machine()) as machine, pytest.raises(JogRefusedError, match="the chute exist"):
        jog(machine, 99, 0.01)
    assert {outputs.wheels for outputs in plc.plc.outputs} == {(0, 0)}


def test_nothing_is_written_while_a_controller_is_connected(plc: SocketPlc) -> None:
    requests = kept(plc)
    with closing(plc.machine()) as controller, closing(plc.machine(session=5)) as machine:
        until(controller, adopted)
        running = threading.Event()
        beating = threading.Thread(target=lambda: [cycle(controller) for _ in iter(running.is_set, True)])
        beating.start()
        with pytest.raises(JogRefusedError, match=r"session 77 of another controller .* stop it first"):
            jog(machine, 2, 0.01)
        running.set()
        beating.join()
    assert {request[15:17] for request in writes(requests)} == {(77).to_bytes(2, "big")}
    assert plc.plc.outputs[-1].wheels == (0, 0) and plc.plc.status.mode == PRODUCTION


# ------------------------------------------------------------ observe only


def test_an_observer_hears_every_event_beside_the_controller_and_writes_nothing(plc: SocketPlc) -> None:
    requests = kept(plc)
    with closing(plc.machine(observe=True)) as observer:
        heard: list[Event] = list(observer.poll())
        for _ in range(5):
            heard += cycle(observer)
        assert writes(requests) == [] and plc.plc.status.session_echo == 0
        with closing(plc.machine()) as controller:
            until(controller, adopted)
            for pid in range(30):
                plc.plc.events.append(inducted(pid))
                heard += observer.poll()
                cycle(controller)
        heard += observer.poll()
    sessions = {int.from_bytes(request[15:17], "big") for request in writes(requests)}
    assert induct_pids(heard) == list(range(30)) and sessions == {77}


def test_a_run_that_observes_keeps_a_journal_and_writes_nothing_to_the_plc(tmp_path: Path) -> None:
    made = replace(hub(), layout=LINE)
    with SocketPlc(LINE) as plc:
        requests = kept(plc)
        plc.plc.events = [inducted(9)]
        with stage(made, link(plc), RecordedReads([]), tmp_path, ON_DATE, lambda value: None, True) as on:
            for _ in range(6):
                on.runner.cycle()
                time.sleep(0.01)
        assert writes(requests) == [] and plc.plc.status.session_echo == 0
    assert [value.pid for value in read(tmp_path / "journal") if isinstance(value, Inducted)] == [9]
