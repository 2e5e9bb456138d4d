"""The small line without a PLC: the same program, fired by polls of a coupler."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plc.remote_program import CAMERA, LEFT, SAFE, Image, RemoteProgram, refusals
from plc.signals import FromPc
from sim.clock import POLL, Call, LineClock
from sorter.flow import REJECT, Assign, Event, Inducted, Left, PackCommand, PackState, Result, Triggered
from sorter.health import LEADS
from sorter.layout import Layout
from tests.coupler import CoupledLine
from tests.hubs import layout
from tests.rig import parcels

POLL_US = 20_000


def small(diverters: int = 3) -> Layout:
    """A line within the limits: 1.5 m/s, scans as long as polls."""
    line = layout(diverters)
    return replace(line, belt=replace(line.belt, speed_mm_s=1500), scan_us=POLL_US)


class PcDriven:
    """A line whose n-th parcel is ordered to chute orders[n]; the PC polls every 20 ms and sets the coils."""

    def __init__(self, line: Layout, count: int, orders: dict[int, int], apart_us: int = 900_000) -> None:
        self.env = LineClock()
        stream = parcels(*[(1_000_000 + apart_us * n, 150 + 30 * (n % 10)) for n in range(count)])
        self.coupled = CoupledLine(self.env, line, stream)
        self.program = RemoteProgram(line, 1, self.coupled.image())
        self.events: list[Event] = []
        self.coils: list[list[bool]] = []
        self._orders = orders
        self._waiting: list[Assign] = []
        self._commands = [PackCommand.RESET, PackCommand.START]
        self._inducted = 0
        self.env.call_at(0, self._poll, POLL)

    def run(self, until_us: int) -> PcDriven:
        self.env.run(until=until_us)
        return self

    def _poll(self, call: Call) -> None:
        self.env.call_at(self.env.now_us + POLL_US, self._poll, POLL)
        fits = self._commands and (self.program.state, self._commands[0]) in LEADS
        command = self._commands.pop(0) if fits else PackCommand.NONE
        orders, self._waiting = tuple(self._waiting), []
        told = self.program.poll(self.coupled.image(), FromPc(True, True, False, orders, command))
        self.events += told
        for event in told:
            if isinstance(event, Inducted):
                if (chute := self._orders.get(self._inducted)) is not None:
                    self._waiting.append(Assign(event.pid, chute, REJECT, 0))
                self._inducted += 1
        coils = self.program.coils()
        self.coils.append(coils)
        self.coupled.obey(coils)


def test_each_parcel_leaves_by_the_chute_it_was_told() -> None:
    orders = {n: n % 6 for n in range(30) if n % 7}
    world = PcDriven(small(), 30, orders).run(60_000_000)
    left = {n: chute for _, n, chute in world.coupled.line.left}
    assert left == {n: orders.get(n, REJECT) for n in range(30)}
    results = [event.result for event in world.events if isinstance(event, Left)]
    assert sorted(results) == sorted([Result.OK] * len(orders) + [Result.UNASSIGNED] * (30 - len(orders)))


def test_lengths_are_measured_to_a_polls_way() -> None:
    world = PcDriven(small(), 10, {}).run(30_000_000)
    lengths = [event.length_mm for event in world.events if isinstance(event, Inducted)]
    # The capture gives both edges of the induct eye to a count.
    assert lengths == [150 + 30 * n for n in range(10)]


def test_coils_stand_for_two_polls_and_never_both_sides_of_a_diverter() -> None:
    world = PcDriven(small(), 12, {n: n % 6 for n in range(12)}).run(40_000_000)
    pictures = sum(isinstance(event, Triggered) for event in world.events)
    camera = "".join(str(int(coils[CAMERA])) for coils in world.coils)
    assert pictures == 12 and camera.count("11") == 12 and camera.count("1") == 24
    for diverter in range(3):
        left, right = (
            "".join(str(int(coils[LEFT + 2 * diverter + side])) for coils in world.coils) for side in (0, 1)
        )
        assert not any(a == b == "1" for a, b in zip(left, right, strict=True))
        pulses = [pulse for pulse in (left + "0" + right).split("0") if pulse]
        assert pulses and min(map(len, pulses)) >= 2


def image(encoder: int, edges0: int, at_ms: int, capture: int = 0) -> Image:
    line = small(1)
    rest = (0,) * (len(line.eyes_mm) + len(line.chutes) - 1)
    return Image(at_ms, encoder, capture, 1 << SAFE, (edges0, *rest))


def test_a_gap_that_passes_between_two_polls_is_seen() -> None:
    # 300 mm, 12 mm of gap, 300 mm at 1.5 m/s: the gap lasts 8 ms of a poll's 20.
    program = RemoteProgram(small(1), 1, image(0, 0, 0))
    pc = FromPc(True, True, False, (), PackCommand.NONE)
    seen: list[Event] = []
    for at_ms, encoder, edges in ((20, 60, 1), (220, 660, 3), (420, 1260, 4)):
        seen += program.poll(image(encoder, edges, at_ms, capture=encoder), pc)
    assert [type(event) for event in seen if isinstance(event, Inducted)] == [Inducted, Inducted]


def test_before_its_first_poll_every_coil_is_off() -> None:
    coils = RemoteProgram(small(1), 1, image(0, 0, 0)).coils()
    assert len(coils) == LEFT + 2 and not any(coils)


def test_counters_that_jump_are_no_parcels() -> None:
    program = RemoteProgram(small(1), 1, image(0, 65_530, 0))
    assert not program.jumped(image(60, 2, 20))
    assert program.jumped(image(60, 65_529, 20))


def test_an_open_safety_chain_lets_belt_infeed_and_wheels_fall() -> None:
    world = PcDriven(small(), 12, {n: n % 6 for n in range(12)}).run(6_000_000)
    world.coupled.safe = False
    world.run(6_000_000 + 3 * POLL_US)
    assert world.program.state in (PackState.ABORTING, PackState.ABORTED)
    assert not any(world.program.coils())


@pytest.mark.parametrize(
    ("line", "poll_us", "watchdog_ms", "holds", "named"),
    [
        (layout(3), POLL_US, 300, False, "belt speed 1600 mm/s"),
        (replace(small(), infeed=replace(small().infeed, min_gap_mm=250)), POLL_US, 300, False, "gap 250 mm"),
        (small(), 30_000, 300, False, "poll 30 ms"),
        (replace(small(), scan_us=10_000), POLL_US, 300, False, "scan 10 ms"),
        (small(), POLL_US, 0, False, "watchdog is off"),
        (small(), POLL_US, 900, False, "watchdog waits 900 ms"),
        (small(), POLL_US, 300, True, "hold last value"),
        (small(30), POLL_US, 300, False, "92 eyes"),
    ],
)
def test_a_line_beyond_the_limits_is_refused_with_what_to_do(
    line: Layout, poll_us: int, watchdog_ms: int, holds: bool, named: str
) -> None:
    why = refusals(line, poll_us, watchdog_ms, holds)
    assert any(named in reason for reason in why), why
    assert refusals(small(), POLL_US, 300, False) == []
