from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plc.clock import OBSERVATIONS, LineClock, unwrap, widen_ms

TRIPS = st.lists(st.tuples(st.integers(1, 200_000), st.integers(0, 50_000)), min_size=1, max_size=150)


@given(st.integers(0, 1 << 40), st.integers(0, 0xFFFF))
def test_a_record_up_to_65_s_old_gets_its_full_time_back(header_ms: int, age_ms: int) -> None:
    at_ms = header_ms - age_ms
    assert widen_ms(at_ms % 0x10000, header_ms) == at_ms


@given(st.integers(0, 1 << 40), st.lists(st.integers(-(1 << 31), (1 << 31) - 1)))
def test_a_counter_that_wraps_either_way_keeps_its_count(count: int, steps: list[int]) -> None:
    seen = true = count
    for step in steps:
        true += step
        seen = unwrap(seen, true % (1 << 32))
    assert seen == true


@given(TRIPS)
def test_the_line_clock_is_late_by_its_best_answer_at_most(trips: list[tuple[int, int]]) -> None:
    # The PLC's clock is the PC's + 7 s. An answer is latched `back` before it arrives, cut to whole ms.
    clock, pc_us, last_us = LineClock(), 0, 0
    delays: list[int] = []
    for pause_us, back_us in trips:
        pc_us += pause_us + back_us
        clock.observe(pc_us, (pc_us - back_us + 7_000_000) // 1000, back_us)
        delays = [*delays, back_us][-OBSERVATIONS:]
        late_us = pc_us + 7_000_000 - clock.line_us(pc_us)
        assert 0 <= late_us <= 1000 + min(delays) == clock.error_us
        assert clock.line_us(pc_us) >= last_us
        last_us = clock.line_us(pc_us)


def test_the_line_clock_goes_on_between_answers() -> None:
    clock = LineClock()
    clock.observe(1_000_000, 5_000, 400)
    assert clock.line_us(1_250_000) == 5_250_000


def test_the_line_clock_never_runs_back_when_the_best_answer_grows_old() -> None:
    clock = LineClock()
    clock.observe(0, 1000, 0)
    before = clock.line_us(100_000)
    for n in range(1, OBSERVATIONS + 1):
        clock.observe(100_000 + n, 1000, 90_000)
    assert clock.line_us(100_100) == before


def test_the_line_clock_goes_on_over_the_wrap_after_49_days() -> None:
    clock = LineClock()
    clock.observe(0, (1 << 32) - 1, 0)
    assert clock.observe(2_000, 1, 0) == (1 << 32) + 1
    assert clock.line_us(2_000) == ((1 << 32) + 1) * 1000


def test_a_plc_boot_does_not_turn_the_line_clock_back() -> None:
    clock = LineClock()
    clock.observe(0, 60_000, 0)
    # 5 s later the PLC is back and has been up for 2 s: that is line time 65 s.
    clock.restart(5_000_000, 2_000)
    assert clock.observe(5_000_000, 2_000, 0) == 65_000
    assert clock.observe(6_000_000, 3_000, 0) == 66_000


def test_the_line_clock_is_zero_before_the_first_answer() -> None:
    assert LineClock().line_us(123_456) == 0
