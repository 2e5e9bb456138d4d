"""What the judge forgives, and that it reaches no further: each once within the limit and once beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.oracle.case import END, TAKEN, Case
from sim.oracle.decisions import right_parcel
from sim.oracle.journal import Entry
from sim.oracle.motion import neighbours
from sim.oracle.stops import jam_holds, started_by_people
from sim.oracle.upkeep import jogged_at_rest
from sim.oracle.violation import Violation
from sorter.flow import EncoderTrouble, Inducted

S = 1_000_000
Fact = tuple[Any, ...]


def told(check: Callable[[Case], Iterator[Violation]], *facts: Fact, rows: tuple[Entry, ...] = ()) -> int:
    """How many violations a check finds in these facts, brought into the order of time."""
    ordered = sorted(facts, key=lambda fact: int(fact[0]))
    return len(list(check(Case(ordered, rows))))


# ---------------------------------------------------------------- 19: who starts the belt

HOLD = (0, 0, 4)
"""The first words of a block with that command."""


def story(*steps: str) -> list[Fact]:
    """A second apart: what a person orders, "on" and "off" of the belt, "obeys" a Hold."""
    meant: dict[str, tuple[Any, ...]] = {
        "on": ("belt", True), "off": ("belt", False), "obeys": ("block", HOLD),
    }  # fmt: skip
    return [(at * S, *meant.get(step, ("person", step))) for at, step in enumerate(steps)]


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ("UNHOLD HOLD UNHOLD on obeys off on", 0),
        ("UNHOLD on obeys off on", 1),
        ("UNHOLD HOLD on obeys off on", 1),
        ("START on HOLD START off on", 1),
        ("START START on off on", 1),
        ("START on off START on", 0),
        ("CLEAR on", 1),
    ],
)
def test_orders_that_waited_count_in_their_turn_and_never_behind_a_stop_by_itself(
    steps: str, broken: int
) -> None:
    assert told(started_by_people, *story(*steps.split())) == broken


# ---------------------------------------------------------------- 31: how far the belt runs under a jam

RUNS: Fact = (0, "belt", True)


@pytest.mark.parametrize(
    ("ms", "meanwhile", "broken"),
    [
        (900, (), 0),
        (950, (), 1),
        (1050, ((10 * S, "encoder", "stall", True), (10_200_000, "encoder", "stall", False)), 0),
        (1150, ((10 * S, "encoder", "stall", True), (10_200_000, "encoder", "stall", False)), 1),
        (930, ((10_500_000, "jump", -200),), 0),
        (930, ((10_500_000, "jump", 200),), 1),
        (930, ((9_500_000, "jump", -200),), 1),
    ],
)
def test_a_jam_is_judged_by_the_counts_that_the_encoder_gave(
    ms: int, meanwhile: tuple[Fact, ...], broken: int
) -> None:
    stuck, stop = (10 * S, "held", 1, 2), (10 * S + ms * 1000, "belt", False)
    assert told(jam_holds, RUNS, stuck, *meanwhile, stop) == broken


# ---------------------------------------------------------------- 19: wheels on a belt that stands

STOPS: Fact = (10 * S, "belt", False)


@pytest.mark.parametrize(("ms", "broken"), [(2_300, 0), (2_310, 1)])
def test_a_wheel_may_turn_for_as_long_as_a_belt_may_coast(ms: int, broken: int) -> None:
    assert told(jogged_at_rest, RUNS, STOPS, (10 * S + ms * 1000, "wheels", (0, 1, 0, 0))) == broken


def test_a_wheel_that_turns_while_the_belt_may_coast_and_the_chain_is_open_is_told() -> None:
    opened, turns = (10 * S, "chain", False), (10_100_000, "wheels", (0, 1, 0, 0))
    assert told(jogged_at_rest, RUNS, STOPS, opened, turns) == 1


@pytest.mark.parametrize(("ms", "broken"), [(20, 0), (21, 1)])
def test_a_wheel_that_was_turned_stands_straight_two_scans_after_the_chain_has_opened(
    ms: int, broken: int
) -> None:
    turned, opened = (9 * S, "wheels", (0, 1, 0, 0)), (10 * S, "chain", False)
    straight = (10 * S + ms * 1000, "wheels", (0, 0, 0, 0))
    assert told(jogged_at_rest, RUNS, turned, STOPS, opened, straight) == broken


def test_a_jog_that_moves_another_wheel_too_is_told() -> None:
    for wheels, broken in (((1, 1, 0, 0), 0), ((1, 0, 0, 0), 1)):
        left, mode = (9 * S, "wheels", (0, 1, 0, 0)), (11 * S, "mode", True)
        wish, jogs = (14 * S, "block", (0, 0, 257), (0, 0), True, 14 * S), (14_010_000, "wheels", wheels)
        assert told(jogged_at_rest, RUNS, left, STOPS, mode, wish, jogs) == broken


# ---------------------------------------------------------------- 42: a neighbour's waybill

RECORD = Entry("ParcelRecord", {"pid": 7, "waybill": "JT2", "why": "routed"}, ("", 0))
PARCEL: tuple[Fact, ...] = (
    RUNS, (5 * S, "born", 1, 0, 300), (5_200_000, "inducted", 1), (0, "truth", 1, "JT1", (0,), True, True),
    (5_210_000, "told", 1, 1, Inducted(5_210_000, 7, 300, 0)),
)  # fmt: skip
STOOD: tuple[Fact, ...] = ((6 * S, "encoder", "stall", True), (6_200_000, "encoder", "stall", False))
NOTICED: Fact = (6_400_000, "told", 1, 2, EncoderTrouble(6_400_000, 1))


@pytest.mark.parametrize(
    ("facts", "chute", "broken"),
    [
        ((*STOOD, NOTICED), END, 0),
        ((*STOOD, NOTICED), TAKEN, 0),
        ((*STOOD, NOTICED), 3, 1),
        (STOOD, END, 1),
        ((NOTICED,), END, 1),
        ((), END, 1),
    ],
)
def test_a_record_bears_its_neighbours_waybill_only_when_counts_were_lost_and_no_wheel_took_it(
    facts: tuple[Fact, ...], chute: int, broken: int
) -> None:
    gone = (9 * S, "gone", 1, chute)
    assert told(right_parcel, *PARCEL, *facts, gone, rows=(RECORD,)) == broken


# ---------------------------------------------------------------- 27: two that touch


@pytest.mark.parametrize(
    ("meanwhile", "broken"),
    [
        ((), 1),
        (((10_100_000, "boot", 2),), 0),
        (((10_900_000, "boot", 2),), 1),
        (((10_300_000, "gone", 2, TAKEN),), 0),
        (((11_500_000, "gone", 2, TAKEN),), 1),
    ],
)
def test_two_that_touch_may_part_only_if_the_induct_eye_saw_one_of_them_in_part(
    meanwhile: tuple[Fact, ...], broken: int
) -> None:
    way = Case([RUNS], []).way
    first, second = (10 * S, "born", 1, int(way.at(10 * S) * 1e6), 400), (10_250_000, "born", 2, 0, 400)
    second = (*second[:3], first[3] + 400_000_000, 400)
    assert told(neighbours, RUNS, first, second, *meanwhile, (13 * S, "gone", 1, 3)) == broken
