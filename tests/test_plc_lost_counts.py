"""What the wheels do to parcels while the encoder loses counts: nobody is thrown where he was not sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest

from plc.encoder import START_MS
from sorter.app.config import load_hub
from sorter.flow import REJECT, EncoderTrouble, Left, PackCommand, PackState, Result
from sorter.timing import fire_lead_mm, needed_pitch_mm, way_mm
from tests.hubs import layout
from tests.shared import ROOT
from tests.walked import SCAN_MM, SCAN_MS, Object, Walked

LINE = layout(4)
DIVERTER, SPEED = LINE.diverters[0], LINE.belt.speed_mm_s
LEAD_MM = fire_lead_mm(SPEED, DIVERTER.switch_us, LINE.scan_us)
PITCH = needed_pitch_mm(LEAD_MM, LINE.hold_mm)
LEFT, RIGHT, BELOW = 0, 1, 2
"""Chutes: both sides of the first diverter, one of the second."""


@dataclass
class Wheels:
    """The first diverter's, thrown the old way in the first half of their switching time."""

    side: int = 0
    was: int = 0
    since_ms: int = -1000

    def turn(self, side: int, at_ms: int) -> None:
        if side != self.side:
            self.was, self.side, self.since_ms = self.direction(at_ms), side, at_ms

    def direction(self, at_ms: int) -> int:
        return self.side if 2 * (at_ms - self.since_ms) * 1000 >= LINE.diverters[0].switch_us else self.was


class Standing(Walked):
    """A line with two parcels as close as may be, whose encoder can stand while the belt runs."""

    def __init__(self, first_mm: int, orders: dict[int, tuple[int, int]]) -> None:
        self.first_mm = first_mm
        super().__init__(LINE, [Object(first_mm), Object(first_mm + PITCH)], orders)

    def scan_on(self, stands: bool) -> None:
        """A scan further, in which the belt runs and the encoder may stand."""
        assert self.said.belt_run
        self.jumped -= LINE.counts(SCAN_MM) * stands
        self.scan()

    def to_pivot_mm(self, n: int) -> int:
        """How far the n-th one's centre is before the first diverter's pivot, whatever the encoder says."""
        return self.first_mm + PITCH * n + DIVERTER.pivot_mm - self.way_mm

    def stands(self, at_mm: int, for_ms: int) -> Iterator[int]:
        """Scan by scan what the PLC commands the wheels; the encoder stands from a way on, for so long."""
        stood_ms = 0
        while self.to_pivot_mm(1) > 0 and self.said.state is PackState.EXECUTE:
            now = self.way_mm >= at_mm and stood_ms < for_ms
            stood_ms += SCAN_MS * now
            self.scan_on(now)
            yield self.said.wheels[0]


def whenever(first_mm: int) -> Iterator[tuple[int, int]]:
    """(way, ms): stalls from before the first one's eye until both are through; longer ones stop the belt."""
    for at_mm in range(first_mm + DIVERTER.eye_mm - 300, first_mm + PITCH + DIVERTER.pivot_mm, 64):
        for for_ms in (150, 190, 230, 310):
            yield at_mm, for_ms


def test_an_encoder_that_stands_for_any_while_throws_no_parcel_the_way_of_the_one_before() -> None:
    for first_mm, chute in product((1000, 1192), (RIGHT, BELOW)):
        ways, thrown = (0, 1) if chute == RIGHT else (0,), 0
        for at_mm, for_ms in whenever(first_mm):
            line, wheels = Standing(first_mm, {0: (LEFT, REJECT), 1: (chute, REJECT)}), Wheels()
            for side in line.stands(at_mm, for_ms):
                wheels.turn(side, line.at_ms)
            if line.to_pivot_mm(1) <= 0:
                assert wheels.direction(line.at_ms) in ways, (at_mm, for_ms)
                thrown += 1
        assert thrown > 10


def test_no_wheel_turns_when_it_would_meet_its_parcel_half_turned() -> None:
    half_mm = way_mm(SPEED, DIVERTER.switch_us // 2)
    for at_mm, for_ms in whenever(1000):
        line, last = Standing(1000, {1: (RIGHT, REJECT)}), 0
        for side in line.stands(at_mm, for_ms):
            assert side == last or not side or line.to_pivot_mm(1) > half_mm + SCAN_MM, (at_mm, for_ms)
            last = side


def test_lost_counts_that_left_a_wheel_turned_abort_and_no_parcel_is_called_sorted() -> None:
    line = Standing(1000, {0: (LEFT, REJECT), 1: (RIGHT, REJECT)})
    for _ in line.stands(5532, 190):
        pass
    assert line.said.state is PackState.ABORTING and not any(line.said.wheels)
    assert [event.code for event in line.events if isinstance(event, EncoderTrouble)] == [1]
    for command in (PackCommand.NONE, PackCommand.CLEAR):
        line.scan(command)
    assert {event.result for event in line.events if isinstance(event, Left)} == {Result.PURGED}


def test_what_falls_once_the_counts_are_lost_is_nobodys_whatever_they_show_there() -> None:
    # Where what falls into the last chute left the belt, the counts show a parcel that rides to the end.
    line = Standing(1000, {})
    line.until(1000 + LINE.diverters[-1].pivot_mm + way_mm(SPEED, LINE.chutes[-1].fall_us - 240_000))
    while line.said.state is PackState.EXECUTE:
        line.scan_on(True)
    line.outlets = 1 << LINE.chutes[-1].id
    line.scan()
    told = [event for event in line.events if isinstance(event, Left)]
    assert [(event.pid, event.result, event.chute) for event in told] == [(0, Result.STRAY, 7)]
    assert [event.code for event in line.events if isinstance(event, EncoderTrouble)] == [1]


def held_as_it_turned() -> Walked:
    """A line that was held for a second just as its first diverter had turned, and goes on."""
    line = Walked(LINE, [Object(1000)], {0: (LEFT, REJECT)})
    while not any(line.said.wheels):
        line.scan()
    line.scan(PackCommand.HOLD)
    for _ in range(100):
        line.scan()
    assert line.said.state is PackState.HELD and line.said.wheels[0] == -1
    assert line.program.next_due()[1] is None, "a belt that stands is not asked again and again"
    line.scan(PackCommand.UNHOLD)
    return line


def test_a_wheel_that_stands_turned_while_the_belt_is_held_is_no_sign_of_lost_counts() -> None:
    line = held_as_it_turned()
    while any(line.said.wheels):
        line.scan()
    assert line.said.state is PackState.EXECUTE
    assert line.way_mm >= 1000 + DIVERTER.pivot_mm + LINE.hold_mm


def test_a_wheel_that_was_turned_as_the_belt_was_held_is_watched_when_it_goes_on() -> None:
    line = held_as_it_turned()
    line.runs, since_ms, jumped = False, line.at_ms, line.jumped
    ramp = LINE.counts(LINE.belt.ramp_mm_s2)
    while line.said.belt_run and any(line.said.wheels):
        # Of the way up its ramp that is due the encoder shows six tenths: no standing one.
        ramped_ms = max(0, line.at_ms + SCAN_MS - since_ms - START_MS)
        line.jumped = jumped + 6 * ramp * ramped_ms * ramped_ms // 20_000_000
        line.scan()
    assert [event.code for event in line.events if isinstance(event, EncoderTrouble)] == [1]


@pytest.mark.parametrize("name", ["linzi", "linzi-fenghuang", "yuncheng"])
def test_on_every_shipped_line_what_may_be_lost_unnoticed_leaves_wheels_the_time_to_turn(name: str) -> None:
    line = load_hub(ROOT / "configs" / name).layout
    speed, longest = line.belt.speed_mm_s, line.infeed.longest_mm
    for one in line.diverters:
        lead = fire_lead_mm(speed, one.switch_us, line.scan_us)
        watched = one.pivot_mm - one.eye_mm + longest // 2 + line.hold_mm  # since the eye saw the nose
        lost = (line.window_mm // 2 + watched // 10) * 10 // 9
        late = line.hold_mm + lost + way_mm(speed, 2 * line.scan_us) + way_mm(speed, one.switch_us // 2)
        assert late <= needed_pitch_mm(lead, line.hold_mm)
