"""The physical line by itself: what steel does when it is commanded rightly and wrongly."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.bags import BAG_CHANGE_US
from sim.clock import LineClock
from sim.line import Line
from sorter.flow import REJECT
from tests.hubs import layout
from tests.rig import parcels

S = 1_000_000
LAYOUT = layout(diverters=2, capacity=2)
STRAIGHT = (0, 0)


def started(*rows: tuple[int, int], wheels: tuple[int, ...] = STRAIGHT) -> tuple[LineClock, Line]:
    env = LineClock()
    line = Line(env, LAYOUT, parcels(*rows), lambda: None)
    line.obey(belt_run=True, infeed=True, wheels=wheels)
    return env, line


def test_parcels_enter_with_the_smallest_gap_and_pitch() -> None:
    env, line = started((0, 600), (0, 100), (0, 100))
    env.run(until=20 * S)
    ways = [line.belt.x_nm(at_us) // 1_000_000 for at_us, _ in line.inducted]
    # 600 + 300 mm behind the long one; between two short ones the pitch of 600 mm governs.
    assert [later - earlier for earlier, later in pairwise(ways)] == [900, 600]


def test_a_closed_infeed_releases_nothing() -> None:
    env = LineClock()
    line = Line(env, LAYOUT, parcels((0, 300)), lambda: None)
    line.obey(belt_run=True, infeed=False, wheels=STRAIGHT)
    env.run(until=5 * S)
    assert line.inducted == []
    line.obey(belt_run=True, infeed=True, wheels=STRAIGHT)
    env.run(until=30 * S)
    assert [chute for _, _, chute in line.left] == [REJECT]


def test_a_parcel_follows_the_wheels_as_its_centre_meets_them() -> None:
    env, line = started((0, 300), wheels=(0, 1))
    env.run(until=30 * S)
    assert [(n, chute) for _, n, chute in line.left] == [(0, 3)]


def test_a_wheel_that_turns_too_late_throws_the_old_way() -> None:
    env, line = started((0, 300))
    pivot = LAYOUT.diverters[0].pivot_mm
    at_pivot = line.belt.when((200 + pivot + 150) * 1_000_000)
    assert at_pivot is not None
    env.run(until=at_pivot - 100_000)
    line.obey(belt_run=True, infeed=True, wheels=(-1, 0))
    env.run(until=30 * S)
    assert [chute for _, _, chute in line.left] == [REJECT]


def test_a_full_chute_says_so_until_its_bag_is_changed() -> None:
    env, line = started((0, 300), (0, 300), wheels=(-1, 0))
    full = []
    for at_us in range(S, 30 * S, S // 10):
        env.run(until=at_us)
        full.append(line.chutes.full)
    assert full.count(0b01) * S // 10 == BAG_CHANGE_US
    assert full[-1] == 0


def test_a_stopped_belt_moves_nothing_and_goes_on_where_it_was() -> None:
    env, line = started((0, 300))
    env.run(until=4 * S)
    line.obey(belt_run=False, infeed=False, wheels=STRAIGHT)
    env.run(until=60 * S)
    assert line.left == []
    line.obey(belt_run=True, infeed=True, wheels=STRAIGHT)
    env.run(until=90 * S)
    assert len(line.left) == 1
    assert line.idle


Turns = list[tuple[int, tuple[int, int], bool]]
sides = st.integers(-1, 1)
turns = st.lists(
    st.tuples(st.integers(1, 60).map(lambda n: n * 100_000), st.tuples(sides, sides), st.booleans()),
    max_size=12, unique_by=lambda turn: turn[0],
).map(sorted)  # fmt: skip


@given(turns, st.lists(st.tuples(st.integers(0, 900_000), st.integers(100, 600)), min_size=1, max_size=6),
       st.sets(st.integers(0, 14_000_000), max_size=8))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_whenever_it_is_looked_at_the_same_happens_at_the_same_instants(
    commands: Turns, rows: list[tuple[int, int]], looks: set[int]
) -> None:
    def obeyed(line: Line, at_us: int) -> None:
        for due_us, wheels, runs in commands:
            if due_us == at_us:
                line.obey(belt_run=runs, infeed=runs, wheels=wheels)

    rows = sorted(rows)
    env, exact = started(*rows)
    seldom_env = LineClock()
    seldom = Line(seldom_env, LAYOUT, parcels(*rows), lambda: None, wake=lambda at_us: None)
    seldom.obey(belt_run=True, infeed=True, wheels=STRAIGHT)
    for at_us in sorted({*looks, *(due_us for due_us, _, _ in commands), 40 * S}):
        env.run(until=at_us + 1)
        seldom_env.run(until=at_us + 1)
        exact.walk(at_us)
        seldom.walk(at_us)
        assert (seldom.eyes, seldom.chutes.outlets, seldom.chutes.full) == (
            exact.eyes, exact.chutes.outlets, exact.chutes.full
        )  # fmt: skip
        obeyed(exact, at_us)
        obeyed(seldom, at_us)
    assert seldom.inducted == exact.inducted
    assert sorted(seldom.left) == sorted(exact.left)
