"""The judge of the torture can fail: when the line must stand, and what the journal must hold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sim.oracle.case import END
from sim.oracle.journal import Entry
from sim.oracle.motion import lively
from tests.histories import History, S, calm, mid, of, one_sorted, troubled, world


@pytest.fixture(name="calm")
def fixture_calm() -> History:
    return calm()


@pytest.fixture(name="troubled")
def fixture_troubled() -> History:
    return troubled()


# ---------------------------------------------------------------- when the line must stand: 19 to 24, 31


def test_a_belt_that_runs_on_with_the_chain_open_is_told(calm: History) -> None:
    at = mid(calm)
    calm.add((at, "chain", False), (at + 31_000, "chain", True), (at + 30_000, "hands"))
    assert 19 in calm.broken()


def test_a_belt_that_starts_by_itself_is_told(calm: History) -> None:
    calm.drop(lambda fact: fact[1] == "person")
    assert calm.broken() == {19}


def test_a_parcel_that_comes_half_a_second_after_the_last_block_is_told(calm: History) -> None:
    came = [fact for fact in calm.facts if fact[1] == "born"][20][0]
    calm.drop(lambda fact: fact[1] == "block" and came - 521_000 < fact[5] < came)
    assert 22 in calm.broken()


def test_a_frozen_plc_that_nobody_misses_is_told(calm: History) -> None:
    at = mid(calm)
    calm.add((at, "frozen", True), (at + 270_000, "frozen", False))
    assert calm.broken() == {23}


@pytest.mark.parametrize(("counts", "promise"), [(150, set()), (400, {24}), (-150, set()), (-400, {24})])
def test_a_jump_of_more_than_a_window_must_stop_the_belt(
    calm: History, counts: int, promise: set[int]
) -> None:
    calm.add((mid(calm), "jump", counts))
    assert calm.broken() == promise


@pytest.mark.parametrize(("for_us", "promise"), [(500_000, set()), (700_000, {24})])
def test_an_encoder_that_stands_must_stop_the_belt(calm: History, for_us: int, promise: set[int]) -> None:
    at = mid(calm)
    calm.add((at, "encoder", "stall", True), (at + for_us, "encoder", "stall", False))
    assert calm.broken() == promise


def test_a_parcel_that_sticks_while_the_belt_runs_on_is_told(calm: History) -> None:
    _, n, *_ = one_sorted(calm)
    calm.add((calm.case.rides[n].came_us + S, "held", n, 1))
    assert calm.broken() == {31}


@pytest.mark.parametrize(
    ("said", "promise"), [("", {48}), ("the run is in use by another controller", set())]
)
def test_a_second_controller_that_starts_is_told(calm: History, said: str, promise: set[int]) -> None:
    calm.add((mid(calm), "second-controller", said))
    assert calm.broken() == promise


# ---------------------------------------------------------------- all well again: 50


@pytest.mark.parametrize(("late_us", "promise"), [(20_000, set()), (120_000, {50})])
def test_a_line_that_is_slow_when_all_is_well_again_is_told(
    calm: History, late_us: int, promise: set[int]
) -> None:
    coda = calm.case.by_kind["coda"][0][0]
    last = max(fact[2] for fact in calm.facts if fact[1] == "truth" and fact[0] >= coda)
    calm.facts = [
        (fact[0] + late_us, *fact[1:]) if fact[1:3] == ("gone", last) else fact for fact in calm.facts
    ]
    assert {violation.promise for violation in lively(calm.case)} == promise


# ---------------------------------------------------------------- maintenance in mid-flow: 19


@pytest.fixture(name="upkeep")
def fixture_upkeep() -> History:
    facts, journal = world(1, "mode-change")
    return History(list(facts), list(journal))


def turned(history: History) -> tuple[int, tuple[int, ...]]:
    """The first jog on the standing line: instant, and where the wheels stood then."""
    case, serviced = history.case, history.case.spans("mode")
    for at, _, wheels in case.by_kind["wheels"]:
        if any(wheels) and not case.way.running(at) and case.during(serviced, at, at):
            return at, wheels
    raise AssertionError("nothing was jogged")


def test_a_line_that_is_maintained_again_and_again_keeps_every_promise(upkeep: History) -> None:
    assert upkeep.broken() == set() and turned(upkeep)
    assert sum(fact[1] == "mode" and fact[2] for fact in upkeep.facts) >= 5


def test_maintenance_that_begins_while_the_belt_runs_is_told(calm: History) -> None:
    at = mid(calm)
    calm.add((at, "mode", True), (at + S, "mode", False))
    assert calm.broken() == {19}


def test_a_wheel_that_turns_on_a_standing_line_without_maintenance_is_told(upkeep: History) -> None:
    at, _ = turned(upkeep)
    upkeep.drop(lambda fact: fact[1] == "mode")
    assert f"1 wheels moved at {at} while the belt stood" in " ".join(upkeep.told())


def test_a_jog_that_does_not_end_is_told(upkeep: History) -> None:
    at, _ = turned(upkeep)
    after = [fact for fact in upkeep.facts if fact[1] == "wheels" and fact[0] >= at]
    straight = next(index for index, fact in enumerate(after) if not any(fact[2]))
    upkeep.facts.remove(after[straight])
    assert f"a wheel that was jogged at {after[straight - 1][0]}" in " ".join(upkeep.told())


def test_a_jog_while_the_chain_is_open_is_told(upkeep: History) -> None:
    at, _ = turned(upkeep)
    upkeep.add((at - 40_000, "chain", False), (at + S, "chain", True))
    assert 19 in upkeep.broken()
    assert f"1 wheels moved at {at}" in " ".join(upkeep.told())


# ---------------------------------------------------------------- the journal: 1, 2, 15, 29, 36, 44, 52


def test_a_chute_out_of_service_that_gets_parcels_is_told(calm: History) -> None:
    _, _, chute, _ = one_sorted(calm)
    out = Entry("Notice", {"at_us": 0, "key": "chute-out", "about": str(chute)}, ("", 0))
    calm.journal.insert(1, out)
    assert calm.broken() == {29}


def test_a_waybill_that_is_none_is_told(calm: History) -> None:
    pid, *_ = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), waybill="'; DROP TABLE records")
    assert 44 in calm.broken()


def test_events_that_were_dropped_and_not_counted_are_told(calm: History) -> None:
    calm.add((mid(calm), "dropped", 1, None))
    assert 36 in calm.broken()


def test_an_alarm_that_nobody_was_shown_is_told(troubled: History) -> None:
    alarms = [entry for entry in troubled.journal if entry.kind == "Notice" and entry.row["key"] == "comm-3"]
    troubled.journal.remove(alarms[-1])
    assert troubled.broken() == {52}


def test_a_parcel_that_is_called_back_without_an_intercept_is_told(calm: History) -> None:
    pid, *_ = one_sorted(calm)
    order = next(entry for entry in calm.journal if entry.kind == "Assign" and entry.row["pid"] == pid)
    calm.journal.append(order._replace(row={**order.row, "chute": END}))
    assert 15 in calm.broken()


@pytest.mark.parametrize(("kind", "promise"), [("ParcelRecord", 1), ("Inducted", 2), ("Decision", 15)])
def test_a_value_that_is_there_twice_or_not_at_all_is_told(calm: History, kind: str, promise: int) -> None:
    kept: Sequence[Entry] = calm.journal
    found = next(entry for entry in kept if entry.kind == kind and entry.row["pid"])
    calm.journal = [*kept, found]
    assert promise in calm.broken()
    if kind != "Decision":
        calm.journal = [entry for entry in kept if entry is not found]
        assert calm.broken() & {1, 2}
