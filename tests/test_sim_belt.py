from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.belt import NM_PER_MM, BeltMotion

S = 1_000_000


def test_the_ramp_takes_its_time_and_its_way() -> None:
    belt = BeltMotion(ramp_mm_s2=800, counts_per_m=2000)
    belt.aim(0, 1600)
    # 1600 mm/s at 800 mm/s^2: 2 s and 1600 mm; then 1600 mm a second.
    assert belt.x_nm(2 * S) == 1600 * NM_PER_MM
    assert belt.x_nm(3 * S) == 3200 * NM_PER_MM
    assert (belt.speed_mm_s(S), belt.speed_mm_s(3 * S)) == (800, 1600)


def test_a_standing_belt_never_gets_there() -> None:
    belt = BeltMotion(800, 2000)
    assert belt.when(1) is None
    belt.aim(0, 1600)
    belt.aim(5 * S, 0)
    # Stopping from 1600 mm/s takes another 1600 mm.
    end = belt.x_nm(7 * S)
    assert belt.when(end) == 7 * S
    assert belt.when(end + 1) is None


def test_the_encoder_counts_half_millimetres_and_wraps() -> None:
    belt = BeltMotion(800, 2000, first_count=(1 << 32) - 1)
    belt.aim(0, 1600)
    assert belt.encoder(2 * S) == 3200 - 1


steps = st.lists(st.tuples(st.integers(1, 5 * S), st.integers(0, 2000)), min_size=1, max_size=5)


@given(steps, st.integers(0, 20_000))
def test_when_is_the_first_instant_with_that_way(steps: list[tuple[int, int]], mm: int) -> None:
    belt, now = BeltMotion(800, 2000), 0
    for wait, speed in steps:
        belt.aim(now, speed)
        last, now = now, now + wait
    x = belt.x_nm(last) + mm * NM_PER_MM // 7
    due = belt.when(x)
    if due is not None:
        assert belt.x_nm(due) >= x
        assert due == last or belt.x_nm(due - 1) < x
    else:
        assert belt.x_nm(last + 10**9) < x


@given(st.integers(0, 10**9))
def test_a_count_is_reached_at_the_first_instant_at_which_the_encoder_shows_it(counts: int) -> None:
    belt = BeltMotion(800, 2000)
    belt.aim(0, 1600)
    due = belt.when_counted(counts)
    assert due is not None
    assert belt.encoder(due) >= counts
    assert due == 0 or belt.encoder(due - 1) < counts
