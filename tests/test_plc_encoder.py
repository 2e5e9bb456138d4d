from __future__ import annotations

import pytest

from plc.agenda import NEVER
from plc.encoder import CHECK_MS, START_MS, EncoderWatch
from tests.hubs import layout

LINE = layout()
SPEED = LINE.counts(LINE.belt.speed_mm_s)
RAMPED_MS = 1000 * LINE.belt.speed_mm_s // LINE.belt.ramp_mm_s2
LARGEST_SHIFT = LINE.counts(LINE.infeed.min_pitch_mm - LINE.window_mm)


def noticed_after_counts(stall_ms: int) -> int:
    """Counts missing when a belt at full speed, whose encoder stands from stall_ms on, is called standing."""
    watch, count = EncoderWatch(LINE), 0
    for ms in range(0, 10_000, 10):
        count += SPEED // 100 if ms < stall_ms else 0
        if not watch.goes_on(ms, count, driven=True):
            return (ms - stall_ms) * SPEED // 1000
    raise AssertionError("a standing encoder was never noticed")


def test_a_standing_encoder_is_noticed_before_one_parcel_can_be_taken_for_the_next() -> None:
    late = RAMPED_MS + 1000
    assert max(noticed_after_counts(late + ms) for ms in range(0, CHECK_MS, 10)) < LARGEST_SHIFT


def test_a_belt_that_ramps_up_as_configured_or_waits_for_its_drive_is_believed() -> None:
    for wait_ms in (0, 100, 250):
        watch = EncoderWatch(LINE)
        for ms in range(0, 5000, 10):
            moved = max(0, ms - wait_ms)
            ramp = min(moved, RAMPED_MS)
            way = (
                LINE.belt.ramp_mm_s2 * ramp * ramp // 2_000_000
                + (moved - ramp) * LINE.belt.speed_mm_s // 1000
            )
            assert watch.goes_on(ms, LINE.counts(way), driven=True), (wait_ms, ms)


@pytest.mark.parametrize(
    ("passed_ms", "moved_mm", "driven", "possible"),
    [
        (10, 16, True, True),
        (10, 500, True, False),
        (10, -500, True, False),
        (10, -90, True, True),  # a belt that rolls back a little
        (10, 500, False, False),
        (1000, 1900, True, True),
        (1000, -1500, False, True),  # pushed back by hand
    ],
)
def test_a_jump_no_belt_can_make_is_noticed_at_once(
    passed_ms: int, moved_mm: int, driven: bool, possible: bool
) -> None:
    moved = LINE.counts(moved_mm) if moved_mm > 0 else -LINE.counts(-moved_mm)
    assert EncoderWatch(LINE).possible(passed_ms, moved, driven) is possible


def driven(*spans_ms: tuple[int, int]) -> EncoderWatch:
    """A watch that has seen the belt driven from and until these times."""
    watch = EncoderWatch(LINE)
    for since_ms, until_ms in spans_ms:
        watch.goes_on(since_ms, 0, driven=True)
        watch.goes_on(until_ms, 0, driven=False)
    return watch


def test_what_is_due_of_a_belt_is_nine_tenths_of_its_speed_and_nothing_while_it_stands() -> None:
    watch = driven()
    assert watch.due(10_000) == 0
    watch.goes_on(10_000, 0, driven=True)
    steady_ms = 10_000 + START_MS + RAMPED_MS
    assert watch.due(10_000 + START_MS) == 0
    assert watch.due(steady_ms + 1000) - watch.due(steady_ms) == SPEED * 9 // 10
    watch.goes_on(steady_ms + 1000, 0, driven=False)
    stood = watch.due(steady_ms + 1000)
    assert watch.due(steady_ms + 60_000) == stood > SPEED
    watch.goes_on(steady_ms + 60_000, 0, driven=True)
    assert watch.due(steady_ms + 60_000) == stood


def test_when_so_much_can_be_due_is_told_in_time_and_exactly_at_full_speed() -> None:
    watch, wanted = driven(), 3 * SPEED
    assert watch.next_ms(wanted, 0) == NEVER
    watch.goes_on(0, 0, driven=True)
    at_ms, asked = 0, 0
    while watch.due(at_ms) < wanted:
        at_ms, asked = watch.next_ms(wanted, at_ms), asked + 1
    assert watch.due(at_ms - 1) < wanted and asked < 20
    early_ms = at_ms - 500
    assert 0 <= watch.next_ms(wanted, early_ms) - at_ms <= 1
