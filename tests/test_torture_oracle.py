"""The judge of the torture can fail: a true history, falsified in one place, breaks just that promise.

And it forgives no more than it must: the same false word is forgiven where no eye could tell, and only there.
"""

from __future__ import annotations

import pytest

from sim.oracle.case import END, STRANGER, TAKEN, Fact
from sim.oracle.truth import told_truly
from tests.histories import History, S, calm, of, one_sorted, troubled, world


@pytest.fixture(name="calm")
def fixture_calm() -> History:
    return calm()


@pytest.fixture(name="troubled")
def fixture_troubled() -> History:
    return troubled()


def test_a_true_history_breaks_nothing(calm: History, troubled: History) -> None:
    assert calm.broken() == troubled.broken() == set()


# ---------------------------------------------------------------- records: 8


def untrue(history: History) -> bool:
    """A record is not what the steel did, whatever the journal's other rows say, and nothing forgives it."""
    return any(True for _ in told_truly(history.case))


@pytest.mark.parametrize("outcome", ["purged", "lost", "merged", "unknown-after-restart"])
def test_a_vague_word_without_a_reason_is_told(calm: History, outcome: str) -> None:
    pid, *_ = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), outcome=outcome)
    assert untrue(calm)


def test_what_left_by_another_way_than_told_is_not_called_sorted(calm: History) -> None:
    pid, _, chute, _ = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), told=(chute + 2) % 8)
    assert calm.broken() == {8}


def test_a_purge_of_another_time_is_no_reason(calm: History) -> None:
    pid, _, _, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), outcome="purged")
    calm.add((at - S, "person", "CLEAR"))
    assert untrue(calm)
    calm.add((calm.case.told_left[pid] - 10_000, "person", "CLEAR"))
    assert not untrue(calm)


def test_a_restart_after_the_parcel_was_stored_is_no_reason(calm: History) -> None:
    pid, n, _, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), outcome="unknown-after-restart")
    calm.add((at + 2 * S, "started", ("", 0)))
    assert untrue(calm)
    calm.add((calm.case.rides[n].came_us + S, "started", ("", 0)))
    assert not untrue(calm)


def falsified(history: History, said: int) -> tuple[int, int, int]:
    """One record says `said` (or the next chute): (n, chute said, when it should have met that pivot)."""
    pid, n, chute, at = one_sorted(history)
    other = said if said == END else (chute + 2) % 8
    history.say("ParcelRecord", of(pid), told=other, left=other)
    return n, other, at + (other // 2 - chute // 2) * 1200 * 1000 // 1600 * 1000


@pytest.mark.parametrize(("late_us", "forgiven"), [(0, True), (800_000, False), (-800_000, False)])
def test_a_stray_in_a_chute_speaks_for_a_parcel_that_was_due_there_only(
    calm: History, late_us: int, forgiven: bool
) -> None:
    _, said, due_us = falsified(calm, 0)
    assert untrue(calm)
    calm.add((due_us + 400_000 + late_us, "outlet-stray", said))
    assert untrue(calm) is not forgiven


@pytest.mark.parametrize(("away_mm", "forgiven"), [(0, True), (90, True), (300, False), (1000, False)])
def test_an_object_laid_by_hand_speaks_for_a_parcel_whose_place_it_has_only(
    calm: History, away_mm: int, forgiven: bool
) -> None:
    n, _, due_us = falsified(calm, END)
    centre_mm = calm.case.rides[n].centre_mm + away_mm
    calm.add(
        (due_us, "born", STRANGER, int((centre_mm - 150) * 1e6), 300), (due_us + 3 * S, "gone", STRANGER, END)
    )
    assert untrue(calm) is not forgiven


@pytest.mark.parametrize(("early_us", "forgiven"), [(0, True), (S, False), (-S, False)])
def test_an_eye_that_is_blind_before_or_behind_a_parcel_is_no_excuse(
    calm: History, early_us: int, forgiven: bool
) -> None:
    pid, _, chute, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), told=END, left=END)
    passed_us = at - 850 * 1000 // 1600 * 1000 - early_us
    eye = chute // 2 + 1
    calm.add((passed_us - 1000, "bit", "stuck_off", eye, True), (passed_us, "bit", "stuck_off", eye, False))
    assert untrue(calm) is not forgiven


def test_what_hands_took_from_the_middle_of_the_belt_is_not_at_its_end(calm: History) -> None:
    pid, n, _, at = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), told=END, left=END)
    calm.drop(lambda fact: fact[1:3] == ("gone", n))
    calm.add((at, "gone", n, TAKEN))
    assert untrue(calm)


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


# ---------------------------------------------------------------- orders: 12, 14


@pytest.mark.parametrize(("later_us", "promise"), [(0, set()), (4_000_000, {12})])
def test_an_order_taken_behind_the_eye_before_its_diverter_is_told(
    calm: History, later_us: int, promise: set[int]
) -> None:
    pid, *_ = one_sorted(calm)

    def late(fact: Fact) -> Fact:
        ours = fact[1] == "told" and type(fact[4]).__name__ == "Answered" and fact[4].pid == pid
        return (fact[0] + later_us, *fact[1:]) if ours else fact

    calm.facts = [late(fact) for fact in calm.facts]
    assert calm.broken() == promise


def test_an_order_that_goes_out_for_a_parcel_older_than_the_start_is_told(calm: History) -> None:
    ordered = next(fact for fact in calm.case.by_kind["block"] if any(fact[2][9:89]))
    before = calm.case.by_kind["started"][0][2]
    calm.add((ordered[0] - 1, "started", before))
    assert 14 not in calm.broken()
    calm.add((ordered[0] - 1, "started", ordered[3]))
    assert 14 in calm.broken()


# ---------------------------------------------------------------- plans: 4, 51


OWN, OTHER = "torture@00000001", "torture@00000002"


@pytest.fixture(name="replanned")
def fixture_replanned() -> History:
    """Seven's, in which people change the plan while parcels ride."""
    facts, journal = world(7, "light")
    return History(list(facts), list(journal))


def test_a_parcel_decided_by_a_plan_that_is_not_in_force_is_told(calm: History) -> None:
    pid, *_ = one_sorted(calm)
    calm.say("Decision", of(pid), plan_version=OTHER)
    assert 4 in calm.broken()


def test_each_parcel_is_held_to_the_plan_that_was_in_force_when_it_was_decided(replanned: History) -> None:
    decided = {row["plan_version"] for row in replanned.case.rows["Decision"]}
    assert decided == {OWN, OTHER}
    assert replanned.broken() == set()
    replanned.say("PlanOrdered", lambda row: True, plan=[OWN])
    assert 4 in replanned.broken()


def test_a_way_that_only_the_other_plan_gives_is_no_way(replanned: History) -> None:
    # By the other plan the first two towns have changed chutes, and so have the next two.
    case, changed = replanned.case, {0: 1, 1: 0, 2: 3, 3: 2}
    told = [row for row in case.rows["Decision"] if row["plan_version"] == OTHER and row["chute"] in changed]
    ns = [n for row in told if (n := case.numbers.get(row["pid"])) is not None]
    n = next(n for n in ns if case.exits[n][1] in changed)
    at, chute = case.exits[n]
    replanned.drop(lambda fact: fact[1] == "gone" and fact[2] == n)
    replanned.add((at, "gone", n, changed[chute]))
    assert 51 in replanned.broken()
