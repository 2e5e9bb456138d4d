"""The judge of the torture can fail: words that do not follow from the rows before, reads half kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.oracle.case import END
from sim.oracle.journal import Entry
from tests.histories import History, S, calm, of, one_sorted, world


@pytest.fixture(name="calm")
def fixture_calm() -> History:
    return calm()


def without(history: History, which: Callable[[Entry], bool]) -> int:
    """How many entries that takes out of the journal."""
    before = len(history.journal)
    history.journal = [entry for entry in history.journal if not which(entry)]
    return before - len(history.journal)


# ---------------------------------------------------------------- orders and decisions: 3, 4, 15, 18


def test_orders_without_any_decision_are_told(calm: History) -> None:
    assert without(calm, lambda entry: entry.kind == "Decision") > 60
    assert {3, 8, 18} <= calm.broken()


def test_a_decision_to_the_end_that_is_not_kept_is_told(calm: History) -> None:
    pid, *_ = one_sorted(calm)
    ours = {"Decision", "Assign"}
    assert without(calm, lambda entry: entry.kind in ours and entry.row["pid"] == pid) == 2
    assert {8, 18} <= calm.broken()


def test_an_order_for_another_chute_than_was_decided_is_told(calm: History) -> None:
    twins = [row for row in calm.case.rows["Decision"] if row["chute"] in (4, 5) and row["why"] == "routed"]
    calm.say("Decision", of(twins[0]["pid"]), chute=9 - twins[0]["chute"])
    assert 4 in calm.broken()


@pytest.mark.parametrize("kind", ["Decision", "Assign"])
def test_an_alternate_of_no_plan_is_told(calm: History, kind: str) -> None:
    pid, _, chute, _ = one_sorted(calm)
    calm.say(kind, of(pid), alternate=(chute + 2) % 8)
    assert 4 in calm.broken()


def test_a_decision_for_a_chute_that_is_never_ordered_is_told(calm: History) -> None:
    pid, *_ = one_sorted(calm)
    without(calm, lambda entry: entry.kind == "Assign" and entry.row["pid"] == pid)
    assert 15 in calm.broken()


# ---------------------------------------------------------------- records: 8, 13, 18


@pytest.mark.parametrize(
    ("word", "false", "promise"),
    [
        ("plan_version", "another@1", 18), ("waybill", "", 8), ("rule", "town-9", 8), ("place", "", 8),
        ("told", END, 8), ("alternate", 7, 8), ("epoch", 2, 13), ("length_mm", 1, 8), ("seen_us", 1, 8),
        ("read_us", 1, 8), ("decided_us", -1, 8), ("answered_us", -1, 8),
    ],
)  # fmt: skip
def test_a_record_that_says_other_than_was_decided_and_told_is_told(
    calm: History, word: str, false: Any, promise: int
) -> None:
    pid, *_ = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), **{word: false})
    assert promise in calm.broken()


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        ("no-read", "no-code-seen"), ("misdiverted", "left-by-another-chute"), ("stray", "stray"),
        ("chute-full", "chute-full"), ("nonsense", "routed"), ("sorted", "no-code-seen"),
        ("sorted", "routed-to-alternate"), ("too-late", "delivered-too-late"),
        ("divert-failed", "divert-failed"), ("gap-too-small", "gap-too-small"),
        ("chute-locked", "chute-locked"), ("unknown-after-restart", "plc-rebooted"),
    ],
)  # fmt: skip
def test_a_parcel_that_went_into_its_chute_and_is_called_anything_else_is_told(
    calm: History, outcome: str, why: str
) -> None:
    pid, *_ = one_sorted(calm)
    calm.say("ParcelRecord", of(pid), outcome=outcome, why=why)
    assert 8 in calm.broken()


def late(history: History, why: str) -> int:
    """A parcel that rode to the end though it was meant for a chute, as its record says: its pid."""
    return int(next(row["pid"] for row in history.case.rows["ParcelRecord"] if row["why"] == why))


@pytest.mark.parametrize(
    ("why", "false", "outcome"),
    [
        ("delivered-too-late", "divert-failed", "divert-failed"),
        ("delivered-too-late", "chute-full", "chute-full"),
        ("no-code-seen", "vision-did-not-answer", "no-read"),
        ("controller-restarted", "no-code-seen", "no-read"),
        ("waybill-without-advice", "no-plan-rule", "no-route"),
    ],
)
def test_a_wrong_reason_for_riding_to_the_end_is_told(why: str, false: str, outcome: str) -> None:
    facts, journal = world(8, "heavy")
    history = History(list(facts), list(journal))
    history.say("ParcelRecord", of(late(history, why)), why=false, outcome=outcome)
    assert 8 in history.broken()


@pytest.mark.parametrize("why", ["chute-full", "chute-locked", "diverter-fault", "decision-too-late"])
def test_a_refusal_for_what_no_chute_of_its_was_is_told(calm: History, why: str) -> None:
    pid, *_ = one_sorted(calm)
    calm.say("Decision", of(pid), why=why, chute=END, alternate=END)
    assert 8 in calm.broken()


def test_a_chute_is_refused_as_full_only_while_the_machine_calls_it_so(calm: History) -> None:
    row = next(row for row in calm.case.rows["Decision"] if row["chute"] == 3 and row["why"] == "routed")
    calm.say("Decision", of(row["pid"]), why="chute-full", chute=END, alternate=END)
    place = next(
        n for n, one in enumerate(calm.journal) if one.kind == "Decision" and one.row["pid"] == row["pid"]
    )
    refused = [violation for violation in calm.told() if "no chute of its was so" in violation]
    assert len(refused) == 1
    full = Entry("ChuteChanged", {"at_us": 0, "chute": 3, "full": True}, ("", 0))
    calm.journal[place:place] = [full]
    assert not [violation for violation in calm.told() if "no chute of its was so" in violation]


# ---------------------------------------------------------------- reads: 10


def conflicts() -> tuple[History, int]:
    """A world in which a code gave two texts, and the pid of a parcel whose record keeps both."""
    facts, journal = world(6, "heavy")
    history = History(list(facts), list(journal))
    disputed = [row for row in history.case.rows["Decision"] if row["why"] == "reads-disagree"]
    return history, disputed[0]["pid"]


def test_of_reads_that_conflict_both_are_kept() -> None:
    history, pid = conflicts()
    reads = next(row["reads"] for row in history.case.rows["ParcelRecord"] if row["pid"] == pid)
    assert len({read[0] for read in reads}) > 1 and history.broken() == set()
    for count in (1, 0):
        history.say("ParcelRecord", of(pid), reads=reads[:count])
        assert history.broken() == {10}


def test_a_read_that_no_picture_gave_is_told(calm: History) -> None:
    pid, *_ = one_sorted(calm)
    reads = next(row["reads"] for row in calm.case.rows["ParcelRecord"] if row["pid"] == pid)
    calm.say("ParcelRecord", of(pid), reads=[*reads, ["6900000000000", *reads[0][1:]]])
    assert calm.broken() == {10}


def test_an_old_picture_of_which_nobody_was_told_is_told() -> None:
    facts, journal = world(3, "heavy")
    history = History(list(facts), list(journal))
    assert without(history, lambda one: one.kind == "Notice" and one.row["key"] == "old-picture")
    assert history.broken() == {41}


# ---------------------------------------------------------------- Clear: 19


@pytest.mark.parametrize(("cleared", "told"), [(True, True), (False, False)])
def test_an_order_that_was_taken_before_clear_diverts_nobody_after_it(
    calm: History, cleared: bool, told: bool
) -> None:
    _, _, _, at = one_sorted(calm)
    stop = at - 700_000
    calm.add(
        (stop, "chain", False), (stop + 10_000, "belt", False), (stop + 20_000, "chain", True),
        (stop + 30_000, "person", "CLEAR" if cleared else "START"), (stop + 35_000, "person", "START"),
        (stop + 40_000, "belt", True),
    )  # fmt: skip
    assert any("before Clear" in violation for violation in calm.told()) is told


def test_a_clear_while_the_chain_is_open_voids_nothing(calm: History) -> None:
    _, _, _, at = one_sorted(calm)
    calm.add((at - S, "chain", False), (at - S + 1, "person", "CLEAR"), (at - S + 2, "chain", True))
    assert not any("before Clear" in violation for violation in calm.told())
