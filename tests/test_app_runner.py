"""The wall-clock loop, on a machine and a disk whose moods are scripted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import pytest

from plc.pc_mailbox import PcMailbox
from plc.registers import VISION_OK, CommandBlock
from sorter.app.desk import Desk, inbox_of, pulse_of
from sorter.app.inbox import put, waiting
from sorter.app.pulse import read_pulse
from sorter.app.runner import Runner
from sorter.app.stage import ToldReads
from sorter.controller import Controller
from sorter.flow import (
    Advised,
    Assign,
    ChuteLocked,
    Command,
    Effect,
    Event,
    FrameRead,
    FrameTag,
    Inducted,
    InterceptSet,
    Notice,
    Triggered,
    Us,
    Woken,
)
from tests.hubs import ON_DATE, hub
from tests.test_sorter_controller import ADVICE, CAMERA, CHUTE, code
from tests.tiny_plc import TinyPlc

HUB = hub()


class ScriptedMachine:
    """Hands out one batch of events a poll and keeps what it was sent."""

    more = held = False
    encoder = 0

    def __init__(self, *batches: Sequence[Event]) -> None:
        self.sent: list[tuple[tuple[Assign | Command, ...], bool]] = []
        self.served: list[tuple[bool, int]] = []
        self.now_us: Us = 0
        self._batches = list(batches)

    def poll(self) -> Sequence[Event]:
        self.now_us += 50_000
        return self._batches.pop(0) if self._batches else ()

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        self.sent.append((tuple(orders), stored))

    def serve(self, maintenance: bool, chute: int) -> None:
        self.served.append((maintenance, chute))

    def hold(self, held: bool) -> None:
        self.held = held

    def line_us(self) -> Us:
        return self.now_us


class ScriptedVision:
    well = True

    def __init__(self, *answers: FrameRead) -> None:
        self._answers = list(answers)

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        answers, self._answers = self._answers, []
        return answers


class ScriptedDisk:
    """A journal whose n-th commit is on time or not."""

    def __init__(self, *on_time: bool, failure: str = "") -> None:
        self.values: list[Event | Effect] = []
        self.failure = failure
        self.reopened = 0
        self._on_time = list(on_time)

    def append(self, value: Event | Effect) -> None:
        self.values.append(value)

    def commit(self, wait_s: float) -> bool:
        return self._on_time.pop(0) if self._on_time else not self.failure

    def reopen(self) -> None:
        self.reopened += 1


SEEN = Inducted(1_000_000, 1, 300, 50_000)
SHOT = Triggered(1_600_000, 0, 1, 50_000 + CAMERA)
READ = FrameRead(1_700_000, FrameTag(0, 1, 50_000 + CAMERA), (code(),))


def runner(
    machine: ScriptedMachine, disk: ScriptedDisk, *answers: FrameRead
) -> tuple[Runner, list[Event | Effect]]:
    watched: list[Event | Effect] = []
    return Runner(Controller(HUB, ON_DATE), machine, ScriptedVision(*answers), disk, watched.append), watched


def test_an_order_goes_out_in_the_cycle_of_its_decision() -> None:
    machine, disk = ScriptedMachine((ADVICE, SEEN, SHOT)), ScriptedDisk()
    loop, _ = runner(machine, disk, READ)
    loop.cycle()
    [(orders, stored)] = machine.sent
    assert stored
    assert [order.chute for order in orders if isinstance(order, Assign)] == [CHUTE]


def test_a_persons_order_is_handled_in_the_next_cycle_and_forgotten_when_it_is_stored(tmp_path: Path) -> None:
    disk = ScriptedDisk(False, True)
    loop = Runner(
        Controller(HUB, ON_DATE),
        ScriptedMachine(),
        ScriptedVision(),
        disk,
        lambda value: None,
        Desk(tmp_path),
    )
    put(inbox_of(tmp_path), ChuteLocked(0, CHUTE, True))
    loop.cycle()
    assert disk.values[0] == ChuteLocked(50_000, CHUTE, True)
    assert len(waiting(inbox_of(tmp_path))) == 1
    loop.cycle()
    assert waiting(inbox_of(tmp_path)) == []
    assert sum(isinstance(value, ChuteLocked) for value in disk.values) == 1
    pulse = read_pulse(pulse_of(tmp_path))
    assert pulse is not None and pulse.line_us == 100_000


def test_orders_and_acknowledgement_wait_for_a_late_disk_and_the_heartbeat_does_not() -> None:
    machine, disk = ScriptedMachine((ADVICE, SEEN, SHOT)), ScriptedDisk(False, False, True)
    loop, _ = runner(machine, disk, READ)
    for _ in range(4):
        loop.cycle()
    assert [(len(orders), stored) for orders, stored in machine.sent] == [
        (0, False), (0, False), (1, True), (0, True),
    ]  # fmt: skip
    assert loop.late_commits == 2


def test_every_event_is_kept_before_what_follows_from_it() -> None:
    machine, disk = ScriptedMachine((ADVICE, SEEN, SHOT)), ScriptedDisk()
    loop, watched = runner(machine, disk, READ)
    loop.cycle()
    kinds = [type(value).__name__ for value in disk.values]
    assert kinds == ["Advised", "Inducted", "Triggered", "FrameRead", "Decision", "Assign"]
    assert watched == disk.values


def test_a_posted_word_is_stamped_and_comes_before_the_machines_events() -> None:
    machine, disk = ScriptedMachine((SEEN,)), ScriptedDisk()
    loop, _ = runner(machine, disk)
    loop.post(lambda at_us: InterceptSet(at_us, "SF1234567890123", True))
    loop.cycle()
    assert disk.values[0] == InterceptSet(50_000, "SF1234567890123", True)


def test_the_controller_is_woken_when_it_asked_to_be() -> None:
    machine, disk = ScriptedMachine((Inducted(0, 1, 300, 50_000),)), ScriptedDisk()
    loop, _ = runner(machine, disk)
    # Its patience ends 2.25 s after induction: the 45th poll of 50 ms.
    for _ in range(46):
        loop.cycle()
    assert [value.at_us for value in disk.values if isinstance(value, Woken)] == [2_250_000]


def test_a_failing_disk_is_said_and_tried_again_every_two_seconds() -> None:
    machine, disk = ScriptedMachine((ADVICE, SEEN, SHOT)), ScriptedDisk(failure="ENOSPC")
    loop, watched = runner(machine, disk, READ)
    for _ in range(100):
        loop.cycle()
    said = [value for value in watched if isinstance(value, Notice) and value.key == "journal-failed"]
    assert len(said) == disk.reopened == 3
    assert all(orders == () and not stored for orders, stored in machine.sent)


def test_a_run_ends_when_asked() -> None:
    machine, disk = ScriptedMachine(), ScriptedDisk()
    loop, _ = runner(machine, disk)
    asked: list[int] = []
    loop.run(1000, lambda: asked.append(1) or len(asked) > 3)  # type: ignore[func-returns-value]
    assert len(machine.sent) == 3


def test_a_run_goes_on_when_its_next_cycle_falls_due_while_it_looks_at_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = ScriptedMachine()
    loop, _ = runner(machine, ScriptedDisk())
    looks_us = accumulate(range(300, 1000, 20))
    asked, slept_s = list[int](), list[float]()

    def monotonic() -> float:
        return next(looks_us) / 1e6

    def sleep(seconds: float) -> None:
        assert seconds >= 0, "time.sleep raises, and the line would stand"
        slept_s.append(seconds)

    monkeypatch.setattr("sorter.app.runner.time", SimpleNamespace(monotonic=monotonic, sleep=sleep))
    loop.run(1000, lambda: asked.append(1) or len(asked) > 10)  # type: ignore[func-returns-value]
    assert len(machine.sent) == len(slept_s) == 10 and 0.0 in slept_s


def test_advice_is_an_event_like_any_other() -> None:
    machine, disk = ScriptedMachine(), ScriptedDisk()
    loop, _ = runner(machine, disk)
    loop.post(lambda at_us: ADVICE)
    loop.cycle()
    assert disk.values == [Advised(0, "SF1234567890123", "sf", "370305103201")]


def test_the_plc_is_told_whether_a_picture_would_be_read() -> None:
    vision, mailbox = ScriptedVision(), PcMailbox(1)
    mailbox.connect(TinyPlc(HUB.layout).status)
    reads, said = ToldReads(vision, mailbox), []
    for vision.well in (True, False):
        reads.poll(0)
        said.append(CommandBlock.unpack(mailbox.block(stored=True)).pc_status & VISION_OK)
    assert said == [VISION_OK, 0]
