from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.results import Replication
from sim.study.statistics import interval
from sim.study.stopping import Sampling, enough, fixed, next_goal, replications_needed

VALUES = st.lists(st.floats(1, 100) | st.none(), min_size=2, max_size=60)


def measured(values: list[float | None]) -> list[Replication]:
    return [Replication({} if value is None else {"x": value}) for value in values]


def until(relative: float, least: int = 2, most: int = 1000) -> Sampling:
    return Sampling(least, most, relative, ("x",))


@given(VALUES, st.floats(0.02, 0.6), st.integers(1, 10))
def test_the_first_precise_number_is_the_one_that_looking_at_each_finds(
    values: list[float | None], relative: float, least: int
) -> None:
    precise = []
    for count in range(least, len(values) + 1):
        known = [value for value in values[:count] if value is not None]
        if len(known) > 1:
            found = interval(known)
            # Running sums and exact ones differ in the last bits: leave out what lies on the border.
            if abs(found.half - relative * found.mean) < 1e-9:
                return
            if found.half <= relative * found.mean:
                precise.append(count)
    expected = precise[0] if precise else None
    assert replications_needed(measured(values), "x", until(relative, least), 0.95) == expected


@given(VALUES, st.floats(0.02, 0.6))
def test_more_replications_than_enough_change_nothing(values: list[float | None], relative: float) -> None:
    replications, sampling = measured(values), until(relative)
    count = enough(replications, sampling, 0.95)
    if count is not None:
        assert enough(replications[:count], sampling, 0.95) == count
        assert enough([*replications, *measured([1e9, -1e9])], sampling, 0.95) == count


def test_a_point_goes_on_until_the_last_of_its_figures_is_precise() -> None:
    replications = [
        Replication({"x": 10 + wobble / 10, "y": 10 + 5 * wobble}) for wobble in (-1, 1, 0.1, -0.1) * 50
    ]
    sampling = Sampling(2, 200, 0.05, ("x", "y"))
    # x: half = 12.7 * 0.1 at 2, 4.30 * 0.0577 = 0.25 at 3; y swings fifty times as wide.
    assert replications_needed(replications, "x", sampling, 0.95) == 3
    last = replications_needed(replications, "y", sampling, 0.95)
    assert last is not None
    assert last > 100
    assert enough(replications, sampling, 0.95) == last


def test_a_figure_that_never_becomes_precise_takes_all_there_may_be() -> None:
    replications = measured([-1.0, 1.0] * 20)
    assert enough(replications[:39], until(0.1, most=40), 0.95) is None
    assert enough(replications, until(0.1, most=40), 0.95) == 40
    assert replications_needed(replications, "x", until(0.1, most=40), 0.95) is None


def test_a_fixed_number_looks_at_no_figure() -> None:
    assert enough(measured([5.0] * 6), fixed(7), 0.95) is None
    assert enough(measured([5.0] * 7), fixed(7), 0.95) == 7


@given(VALUES, st.floats(0.001, 0.6), st.integers(2, 20))
def test_the_next_goal_lies_ahead_but_never_beyond_twice_or_the_most(
    values: list[float | None], relative: float, least: int
) -> None:
    sampling = until(relative, least, most=100)
    n = len(values)
    goal = next_goal(measured(values), sampling, 0.95)
    assert goal == least if n < least else n < goal <= min(100, max(2 * n, n + 1))


def test_a_range_without_anything_to_end_it_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        Sampling(5, 10)
