"""The judge of the torture can fail: a true history, falsified in one place, breaks just that promise.

And it forgives no more than it must: the same false word is forgiven where no eye could tell, and only there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from sim.oracle.case import END, STRANGER, TAKEN, Case, Fact
from sim.oracle.journal import Entry, entries
from sim.oracle.judge import CHECKS
from sim.torture.trial import told
from sorter.app.torture_bench import begin

S = 1_000_000


@cache
def world(seed: int, mix: str) -> tuple[tuple[Fact, ...], tuple[Entry, ...]]:
    _, made = told(seed, mix, begin)
    return tuple(made.facts), tuple(entries(made.disk.segments()))


@dataclass
class History:
    """What happened and what the journal says; every change is a falsification."""

    facts: list[Fact]
    journal: list[Entry]

    def add(self, *facts: Fact) -> None:
        self.facts = sorted([*self.facts, *facts], key=lambda fact: fact[0])

    def drop(self, which: Callable[[Fact], bool]) -> None:
        self.facts = [fact for fact in self.facts if not which(fact)]

    def say(self, kind: str, which: Callable[[dict[str, Any]], bool], **changed: Any) -> None:
        """Other words in the journal's rows of a kind."""
        self.journal = [
            entry._replace(row={**entry.row, **changed}) if entry.kind == kind and which(entry.row) else entry
            for entry in self.journal
        ]

    @property
    def case(self) -> Case:
        return Case(self.facts, self.journal, frozenset(f[2] for f in self.facts if f[1] == "fault"))

    def broken(self) -> set[int]:
        case = self.case
        return {violation.promise for check in CHECKS for violation in check(case)}


@pytest.fixture
def calm() -> History:
    """Ten's world: nothing fails in it."""
    facts, journal = world(10, "faultless")
    return History(list(facts), list(journal))


@pytest.fixture
def troubled() -> History:
    facts, journal = world(8, "heavy")
    return History(list(facts), list(journal))


def one_sorted(history: History) -> tuple[int, int, int, int]:
    """(pid, n, chute, instant) of a parcel that a chute got, with room for another one behind it."""
    case = history.case
    for row in case.rows["ParcelRecord"][10:]:
        n = case.numbers.get(row["pid"])
        if n is not None and row["outcome"] == "sorted" and row["left"] == case.exits[n][1]:
            return row["pid"], n, row["left"], case.exits[n][0]
    raise AssertionError("no parcel was sorted")


def of(pid: int) -> Callable[[dict[str, Any]], bool]:
    return lambda row: bool(row["pid"] == pid)


def test_a_true_history_breaks_nothing(calm: History, troubled: History) -> None:
    assert calm.broken() == troubled.broken() == set()


# ---------------------------------------------------------------- records: 8


@pytest.mark.parametrize("outcome", ["purged", "lost", "merged", "unknown-after-restart"])
def test_a_vague_word_without_a_reason_is_told(calm: History, outcome: str) -> None:
    pid, *_ = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), outcome=outcome)
    assert 8 in calm.broken()


def test_a_purge_of_another_time_is_no_reason(calm: History) -> None:
    pid, _, _, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), outcome="purged")
    calm.add((at - S, "person", "CLEAR"))
    assert 8 in calm.broken()
    calm.add((calm.case.told_left[pid] - 10_000, "person", "CLEAR"))
    assert calm.broken() == set()


def test_a_restart_after_the_parcel_was_stored_is_no_reason(calm: History) -> None:
    pid, n, _, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), outcome="unknown-after-restart")
    calm.add((at + 2 * S, "started"))
    assert 8 in calm.broken()
    calm.add((calm.case.rides[n].came_us + S, "started"))
    assert calm.broken() == set()


def falsified(history: History, said: int) -> tuple[int, int, int]:
    """One record says `said` (or the next chute): (n, chute said, when it should have met that pivot)."""
    pid, n, chute, at = one_sorted(history)
    other = said if said == END else (chute + 2) % 8
    history.say("ParcelRecord", of(pid), left=other)
    return n, other, at + (other // 2 - chute // 2) * 1200 * 1000 // 1600 * 1000


@pytest.mark.parametrize(("late_us", "forgiven"), [(0, True), (800_000, False), (-800_000, False)])
def test_a_stray_in_a_chute_speaks_for_a_parcel_that_was_due_there_only(
    calm: History, late_us: int, forgiven: bool
) -> None:
    _, said, due_us = falsified(calm, 0)
    assert 8 in calm.broken()
    calm.add((due_us + 400_000 + late_us, "outlet-stray", said))
    assert (8 not in calm.broken()) is forgiven


@pytest.mark.parametrize(("away_mm", "forgiven"), [(0, True), (90, True), (300, False), (1000, False)])
def test_an_object_laid_by_hand_speaks_for_a_parcel_whose_place_it_has_only(
    calm: History, away_mm: int, forgiven: bool
) -> None:
    n, _, due_us = falsified(calm, END)
    centre_mm = calm.case.rides[n].centre_mm + away_mm
    calm.add(
        (due_us, "born", STRANGER, int((centre_mm - 150) * 1e6), 300), (due_us + 3 * S, "gone", STRANGER, END)
    )
    assert (8 not in calm.broken()) is forgiven


@pytest.mark.parametrize(("early_us", "forgiven"), [(0, True), (S, False), (-S, False)])
def test_an_eye_that_is_blind_before_or_behind_a_parcel_is_no_excuse(
    calm: History, early_us: int, forgiven: bool
) -> None:
    pid, _, chute, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), left=END)
    passed_us = at - 850 * 1000 // 1600 * 1000 - early_us
    eye = chute // 2 + 1
    calm.add((passed_us - 1000, "bit", "stuck_off", eye, True), (passed_us, "bit", "stuck_off", eye, False))
    assert (8 not in calm.broken()) is forgiven


def test_what_hands_took_from_the_middle_of_the_belt_is_not_at_its_end(calm: History) -> None:
    pid, n, _, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), left=END)
    calm.drop(lambda fact: fact[1:3] == ("gone", n))
    calm.add((at, "gone", n, TAKEN))
    assert 8 in calm.broken()


# ---------------------------------------------------------------- what the steel did: 5, 7, 11, 27, 51


def test_a_parcel_in_a_chute_that_nobody_ordered_is_told(calm: History) -> None:
    _, n, chute, at = one_sorted(calm)
    calm.drop(lambda fact: fact[1:3] == ("gone", n))
    calm.add((at, "gone", n, (chute + 2) % 6))
    assert {5, 51} <= calm.broken()


def test_a_misreading_of_one_parcel_does_not_excuse_another(calm: History) -> None:
    pid, n, _, _ = one_sorted(calm)
    other = next(truth[0] for m, truth in calm.case.truths.items() if m != n)
    calm.say("ParcelRecord", of(pid), waybill=other)
    calm.add((0, "misread", n + 1))
    assert 42 in calm.broken()
    calm.add((0, "misread", n))
    assert 42 not in calm.broken()


@pytest.mark.parametrize(("before_us", "promise"), [(500_000, set()), (600_000, {7})])
def test_full_counts_from_the_eye_before_the_wheel(calm: History, before_us: int, promise: set[int]) -> None:
    # 850 mm and two scans' way at 1600 mm/s are 551 ms.
    _, _, chute, at = one_sorted(calm)
    calm.add((at - before_us, "bit", "full", chute, True), (at + S, "bit", "full", chute, False))
    assert calm.broken() == promise


@pytest.mark.parametrize(("gap_mm", "promise"), [(100, 11), (180, 11), (190, 0)])
def test_neighbours_closer_than_two_windows_may_not_be_diverted(
    calm: History, gap_mm: int, promise: int
) -> None:
    _, n, *_ = one_sorted(calm)
    follow(calm, n, gap_mm)
    assert (11 in calm.broken()) is (promise == 11)


def test_two_that_touch_and_are_too_long_for_one_may_not_be_diverted(calm: History) -> None:
    _, n, *_ = one_sorted(calm)
    follow(calm, n, 0, length_mm=640)
    assert 27 in calm.broken()


def follow(history: History, n: int, gap_mm: int, length_mm: int | None = None) -> None:
    """The next parcel lay so close behind parcel n."""
    first = next(fact for fact in history.facts if fact[1:3] == ("born", n))
    next_ = next(fact for fact in history.facts if fact[1:3] == ("born", n + 1))
    history.drop(lambda fact: fact is next_)
    zero = first[3] + (first[4] + gap_mm) * 1_000_000
    history.add((first[0] + 1, "born", n + 1, zero, length_mm or next_[4]))


# ---------------------------------------------------------------- when the line must stand: 19 to 24, 31


def mid(history: History) -> int:
    """An instant at which the belt has run for long."""
    at_us: int = history.case.by_kind["gone"][20][0]
    return at_us


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
