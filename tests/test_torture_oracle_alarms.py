"""The judge of the torture can fail: who must be called back, shut chutes, alarms that facts demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sim.oracle.case import END, Fact
from sim.oracle.journal import Entry
from tests.histories import History, calm, of, one_sorted, world

Row = dict[str, Any]


@pytest.fixture(name="calm")
def fixture_calm() -> History:
    return calm()


def troubled_by(mix: str, seed: int = 1) -> History:
    """A world of these faults alone, in which every promise is kept."""
    facts, journal = world(seed, mix)
    history = History(list(facts), list(journal))
    assert history.broken() == set()
    return history


def silence(history: History, kind: str, *keys: str, which: Callable[[Any], bool] = lambda word: True) -> int:
    """No such word of the PLC ever was, nor a row of it, nor a notice; how many rows there were."""
    history.drop(
        lambda f: f[1] in ("told", "dropped") and type(f[-1]).__name__ == kind and which(f[-1]),
    )
    before = len(history.journal)
    history.journal = [e for e in history.journal if e.kind != kind or not which(_Word(e.row))]
    rows = before - len(history.journal)
    unsay(history, *keys)
    return rows


class _Word:
    """A row, asked as the PLC's word is."""

    def __init__(self, row: Row) -> None:
        self.__dict__.update(row)


def unsay(history: History, *keys: str) -> int:
    """No such notice is in the journal; how many there were."""
    before = len(history.journal)
    history.journal = [e for e in history.journal if e.kind != "Notice" or e.row["key"] not in keys]
    return before - len(history.journal)


def insert(history: History, behind: Callable[[Entry], bool], kind: str, **row: Any) -> None:
    """A row behind the first such entry."""
    at = next(at for at, entry in enumerate(history.journal) if behind(entry))
    history.journal.insert(at + 1, Entry(kind, {"at_us": 0, **row}, history.journal[at].end))


def order_of(pid: int) -> Callable[[Entry], bool]:
    return lambda entry: entry.kind == "Assign" and entry.row["pid"] == pid


# ---------------------------------------------------------------- called back: 6, 7


def test_a_parcel_on_its_way_that_is_held_and_not_called_back_is_told(calm: History) -> None:
    pid, *_ = one_sorted(calm)
    waybill = next(row["waybill"] for row in calm.case.rows["Decision"] if row["pid"] == pid)
    insert(calm, order_of(pid), "InterceptSet", waybill=waybill, held=True)
    assert calm.broken() == {6}


def test_a_parcel_on_its_way_to_a_chute_that_is_locked_and_not_called_back_is_told(calm: History) -> None:
    pid, _, chute, _ = one_sorted(calm)
    insert(calm, order_of(pid), "ChuteLocked", chute=chute, locked=True)
    insert(calm, lambda entry: entry.kind == "ChuteLocked", "ChuteLocked", chute=chute, locked=False)
    unsaid = {"chute-locked", "chute-unlocked"}
    assert calm.broken() == {7, 52}
    for key in unsaid:
        insert(calm, lambda entry: entry.kind == "ChuteLocked", "Notice", key=key, about=str(chute))
    assert calm.broken() == {7}


@pytest.mark.parametrize(("mix", "promise"), [("intercept", 6), ("lock", 7)])
def test_a_recall_that_is_gone_from_the_journal_is_told(mix: str, promise: int) -> None:
    history = troubled_by(mix)
    recalls = [entry for entry in history.journal if entry.kind == "Assign" and entry.row["chute"] == END]
    assert recalls
    history.journal.remove(recalls[-1])
    assert promise in history.broken()


def test_a_machine_that_calls_a_recall_late_of_a_parcel_that_is_not_at_its_eye_yet_is_told() -> None:
    history = troubled_by("lock")

    def refused(fact: Fact) -> Fact:
        recall = fact[1] == "told" and type(fact[4]).__name__ == "Answered" and fact[4].chute == END
        return (*fact[:4], replace(fact[4], verdict=3)) if recall else fact

    history.facts = [refused(fact) for fact in history.facts]
    assert 6 in history.broken()


def test_a_held_parcel_in_a_chute_of_which_nobody_was_told_is_told() -> None:
    history = troubled_by("intercept")
    assert unsay(history, "intercept-late")
    assert history.broken() == {6}


# ---------------------------------------------------------------- shut chutes: 7, 29


SHUT = {
    "locked": ("ChuteLocked", {"locked": True}, {"locked": False}, 7),
    "full": ("ChuteChanged", {"full": True}, {"full": False}, 7),
    "broken": ("ChuteBroken", {"broken": True}, {"broken": False}, 29),
}


@pytest.mark.parametrize("what", SHUT)
def test_an_alternate_that_is_shut_when_it_is_told_is_told(calm: History, what: str) -> None:
    kind, shut, well, promise = SHUT[what]
    told = next(row for row in calm.case.rows["Decision"] if row["alternate"] != END)
    at = next(at for at, entry in enumerate(calm.journal) if entry.row is told)
    kept, end = calm.journal, calm.journal[at].end
    closes, opens = (
        Entry(kind, {"at_us": 0, "chute": told["alternate"], **row}, end) for row in (shut, well)
    )
    calm.journal = [kept[0], closes, opens, *kept[1:]]
    assert promise not in calm.broken()
    calm.journal = [*kept[:at], closes, kept[at], opens, *kept[at + 1 :]]
    assert promise in calm.broken()


def test_three_misses_in_a_row_of_which_nobody_was_told_are_told() -> None:
    history = troubled_by("no-fire", 7)
    assert unsay(history, "chute-out")
    assert history.broken() == {8, 29}  # and parcels were refused for a chute of which nobody was told


def test_a_chute_that_gets_a_fourth_after_three_misses_is_told() -> None:
    history = troubled_by("no-fire", 7)
    notice = next(e for e in history.journal if e.kind == "Notice" and e.row["key"] == "chute-out")
    at, chute = history.journal.index(notice), int(notice.row["about"])
    then = next(e for e in history.journal[at:] if e.kind == "Decision")
    history.say("Decision", of(then.row["pid"]), chute=chute)
    unsay(history, "chute-out")
    assert 29 in history.broken()


# ---------------------------------------------------------------- alarms from facts: 21, 23, 24, 31, 52


ALARMS = [
    ("jam", 1, "Jammed", ("jam", "diverter-turned"), 31),
    ("jump", 1, "EncoderTrouble", ("encoder",), 24),
    ("stop", 1, "CommChanged", ("comm-1", "comm-2", "comm-3", "comm-4"), 21),
    ("hold", 1, "StateChanged", ("state",), 52),
]


@pytest.mark.parametrize(("mix", "seed", "kind", "keys", "promise"), ALARMS)
def test_an_alarm_that_nobody_ever_heard_of_is_told_by_what_happened(
    mix: str, seed: int, kind: str, keys: tuple[str, ...], promise: int
) -> None:
    history = troubled_by(mix, seed)
    assert silence(history, kind, *keys)
    assert history.broken() == {promise}


def test_a_lost_link_that_is_nowhere_in_the_journal_is_told() -> None:
    history = troubled_by("silent")
    assert silence(history, "LinkDown", "link-down")
    assert history.broken() == {23}


@pytest.mark.parametrize(
    ("mix", "key"),
    [("kill", "restarted"), ("reboot", "plc-rebooted"), ("hold", "state"), ("kill", "link-up"),
     ("full", "chute-full"), ("full", "chute-clear"), ("lock", "chute-locked"), ("lock", "chute-unlocked"),
     ("diverter-fault", "chute-broken"), ("diverter-fault", "chute-works")],
)  # fmt: skip
def test_a_word_that_people_were_not_shown_is_told(mix: str, key: str) -> None:
    history = troubled_by(mix)
    assert unsay(history, key)
    assert history.broken() == {52}


def test_a_parcel_that_slipped_out_of_its_window_and_is_diverted_is_told(calm: History) -> None:
    _, n, *_ = one_sorted(calm)
    came = calm.case.rides[n].came_us - 1_000_000
    begun, over = (came, "encoder", "slip", True), (came + 5_000_000, "encoder", "slip", False)
    for ppm, promise in ((45_000, set()), (65_000, {24})):
        calm.drop(lambda fact: fact[1] in ("encoder", "slip"))
        calm.add(begun, (came, "slip", ppm), over)
        assert calm.broken() == promise
