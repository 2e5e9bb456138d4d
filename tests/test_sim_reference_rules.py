"""The rules of the reference line, one by one: every comparison at its edge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.reference.columns import stops_of
from sim.reference.rules import (
    BAG_OUT,
    BUSY,
    FAR,
    FIRE,
    INTERLOCK,
    LATE,
    NEVER,
    arm_verdict,
    bag_is_full,
    belt_space,
    blade_at,
    earliest_entry,
    fire_verdict,
    gap_fits,
    is_last_lap,
    stops_before,
    wall,
)
from tests.reference_made import CALM, with_stops

# The belt stands from 100 to 150 and from 200 to 210: at 100 and 150 of its own time.
START, RHO, STOOD, RESUMED = stops_of(with_stops(CALM, (100, 50), (200, 10)))


def clock(rho: int) -> int:
    return wall(rho, RHO, STOOD, 0)


def offered(arrived: int) -> int:
    started = stops_before(arrived, START, 0)
    return earliest_entry(arrived, STOOD[started], RESUMED[started])


def test_what_happens_at_the_moment_of_a_stop_happens_before_it() -> None:
    assert [clock(rho) for rho in (99, 100, 101, 150, 151)] == [99, 100, 151, 200, 211]


def test_an_arrival_during_a_stop_is_offered_right_after_it() -> None:
    assert [offered(at) for at in (100, 101, 150, 151, 152)] == [100, 101, 101, 101, 102]
    assert [offered(at) for at in (200, 201, 210, 211, 212)] == [150, 151, 151, 151, 152]


@given(st.integers(0, 400))
def test_a_parcel_is_offered_at_the_first_belt_time_not_before_its_arrival(arrived: int) -> None:
    assert offered(arrived) == next(rho for rho in range(401) if clock(rho) >= arrived)


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(-5, 55))
def test_stops_before_a_moment_are_counted_from_any_number_known_to_be_before_it(
    moments: list[int], moment: int
) -> None:
    rising = sorted(moments)
    before = sum(at < moment for at in rising)
    for known in range(before + 1):
        assert stops_before(moment, [*rising, FAR], known) == before


def test_nothing_enters_before_the_infeed_is_free() -> None:
    assert earliest_entry(100, 0, free=130) == 130
    assert earliest_entry(100, 30, free=0) == 70


def test_a_parcel_takes_its_length_and_the_gap() -> None:
    assert belt_space(300, us_per_mm=400, gap_us=40_000) == 160_000


def test_a_new_parcel_may_touch_the_gap_before_a_returning_one() -> None:
    assert gap_fits(nose=100, space_us=50, returning=150)
    assert not gap_fits(nose=100, space_us=50, returning=149)


def test_blades_stand_a_pitch_apart() -> None:
    assert [blade_at(7, code, first_us=100, pitch_us=20) for code in range(3)] == [107, 127, 147]


def test_a_decision_at_the_moment_of_arming_is_in_time() -> None:
    assert arm_verdict(decided=500, armed=500, neighbour_fired=NEVER, neighbour_cycle_us=9) == FIRE
    assert arm_verdict(decided=501, armed=500, neighbour_fired=NEVER, neighbour_cycle_us=9) == LATE


def test_a_neighbour_blocks_for_its_cycle_and_lateness_is_told_first() -> None:
    assert arm_verdict(decided=0, armed=150, neighbour_fired=100, neighbour_cycle_us=50) == FIRE
    assert arm_verdict(decided=0, armed=149, neighbour_fired=100, neighbour_cycle_us=50) == INTERLOCK
    assert arm_verdict(decided=150, armed=149, neighbour_fired=100, neighbour_cycle_us=50) == LATE


def test_a_blade_is_busy_for_its_cycle_and_that_is_told_before_the_bag() -> None:
    assert fire_verdict(now=150, fired=100, cycle_us=50, bag_ready=150) == FIRE
    assert fire_verdict(now=150, fired=100, cycle_us=50, bag_ready=151) == BAG_OUT
    assert fire_verdict(now=149, fired=100, cycle_us=50, bag_ready=151) == BUSY


def test_a_bag_is_full_with_its_last_parcel() -> None:
    assert [bag_is_full(level, bag_parcels=3) for level in (2, 3)] == [False, True]


def test_the_last_lap_is_the_one_with_the_number_of_laps() -> None:
    assert [is_last_lap(lap, max_laps=2) for lap in (1, 2)] == [False, True]
