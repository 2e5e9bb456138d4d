from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sorter.codec import Started, Value
from sorter.errors import StoreError
from sorter.flow import (
    REJECT,
    Assign,
    Command,
    Decision,
    Effect,
    Event,
    Inducted,
    Left,
    Notice,
    Outcome,
    PackCommand,
    PackState,
    Restarted,
    Result,
    StateChanged,
    Why,
)
from sorter.replay import Difference, Turn, replay, turns
from tests.journals_made import RECORD

START = Started(1, 1, "2026-01-02", "linzi", "v1", (("plan.yaml", "even: 8"),))


class OddEven:
    """A small controller: even pids to one chute, odd ones to chute 3."""

    def __init__(self, even: int, version: str = "v1") -> None:
        self.even = even
        self.version = version

    def handle(self, event: Event) -> Sequence[Effect]:
        if isinstance(event, Inducted):
            return self._decide(event)
        if isinstance(event, Left):
            return [self._record(event), Notice(event.at_us, "left", str(id(self)))]
        if isinstance(event, StateChanged):
            return [Command(PackCommand.START if self.even == 8 else PackCommand.STOP)]
        return []

    def _told(self, pid: int) -> int:
        return 3 if pid % 2 else self.even

    def _decide(self, event: Inducted) -> list[Effect]:
        chute = self._told(event.pid)
        decision = Decision(
            event.pid,
            event.at_us,
            chute,
            REJECT,
            Why.ROUTED,
            f"W{event.pid}",
            "sto",
            "p",
            f"to-{chute}",
            self.version,
        )
        return [decision, Assign(event.pid, chute, REJECT, 77)]

    def _record(self, event: Left) -> Effect:
        told = self._told(event.pid)
        outcome, why = Outcome.SORTED, Why.ROUTED
        if told != event.chute:
            outcome, why = Outcome.MISDIVERTED, Why.MISDIVERTED
        return replace(
            RECORD, pid=event.pid, waybill=f"W{event.pid}", told=told, left=event.chute, outcome=outcome,
            why=why, rule=f"to-{told}", plan_version=self.version, seen_us=id(self),
        )  # fmt: skip


def make(start: Started) -> OddEven:
    return OddEven(int(start.files[0][1].removeprefix("even: ")))


def recorded(events: Sequence[Event], start: Started = START) -> list[Value]:
    journal: list[Value] = [start]
    controller = make(start)
    for event in events:
        journal += [event, *controller.handle(event)]
    return journal


def parcel(pid: int, left: int) -> list[Event]:
    return [Inducted(pid * 1000, pid, 300, 0), Left(pid * 1000 + 500, pid, Result.OK, left, 0)]


def test_the_same_controller_gives_no_difference() -> None:
    journal = recorded([*parcel(1, 3), *parcel(2, 8), StateChanged(1, PackState.IDLE), Restarted(9)])
    assert list(replay(journal, make)) == []


def test_a_changed_rule_names_exactly_the_parcels_it_concerns() -> None:
    journal = recorded([*parcel(1, 3), *parcel(2, 8), *parcel(3, 3)])
    (difference,) = replay(journal, lambda start: OddEven(even=11))
    assert (difference.pid, difference.waybill) == (2, "W2")
    assert difference.what == (
        "decided chute 8 -> 11, rule to-8 -> to-11; sent chute 8 -> 11; "
        "recorded told 8 -> 11, outcome sorted -> misdiverted, why routed -> left-by-another-chute, "
        "rule to-8 -> to-11"
    )
    assert str(difference).startswith("parcel 2 W2: decided chute 8 -> 11")


def test_another_plan_version_is_one_difference_of_the_line() -> None:
    journal = recorded([*parcel(1, 3), *parcel(2, 8), *parcel(3, 3)])
    line, changed = replay(journal, lambda start: OddEven(even=11, version="v2"))
    assert str(line) == "the line: plan version v1 -> v2"
    assert (changed.pid, "plan_version" in changed.what) == (2, False)


def test_a_parcel_decided_by_yet_another_version_is_named() -> None:
    journal = recorded([*parcel(1, 3), *parcel(2, 8)])
    journal[-2] = replace(RECORD, pid=2, waybill="W2", told=8, left=8, rule="to-8", plan_version="v0")
    (difference,) = replay(journal, make)
    assert (difference.pid, difference.what) == (2, "recorded plan_version v0 -> v1")


def test_the_exception_end_is_called_by_its_name() -> None:
    journal = recorded([Inducted(0, 2, 300, 0)])
    (difference,) = replay(journal, lambda start: OddEven(even=REJECT))
    assert "decided chute 8 -> exception end" in difference.what


def test_effects_that_only_one_side_has_are_told() -> None:
    journal = recorded(parcel(2, 8))
    missing = [value for value in journal if not isinstance(value, Assign)]
    (difference,) = replay(missing, make)
    assert difference.what == "sent only in the replay (chute 8, alternate none, deadline_encoder 77)"
    twice = [again for value in journal for again in ([value] * (1 + isinstance(value, Assign)))]
    (difference,) = replay(twice, make)
    assert difference.what == "sent only in the journal (chute 8, alternate none, deadline_encoder 77)"


def test_a_parcel_still_on_the_belt_differs_too() -> None:
    journal = recorded([Inducted(0, 2, 300, 0)])
    (difference,) = replay(journal, lambda start: OddEven(even=5))
    assert difference.waybill == "W2"


def test_instants_and_notices_are_not_compared() -> None:
    journal = recorded(parcel(2, 8))
    other = [replace(value, at_us=5) if isinstance(value, Decision | Notice) else value for value in journal]
    other = [value for value in other if not isinstance(value, Notice)]
    assert other != journal
    assert list(replay(other, make)) == []


def test_a_command_of_the_line_itself_has_no_parcel() -> None:
    journal = recorded([StateChanged(1, PackState.IDLE)])
    assert list(replay(journal, lambda start: OddEven(even=5))) == [
        Difference(0, "", "commanded command START -> STOP")
    ]


def test_every_start_makes_the_controller_of_its_own_configuration() -> None:
    other = replace(START, files=(("plan.yaml", "even: 12"),))
    journal = [*recorded(parcel(2, 8)), *recorded(parcel(2, 12), other)]
    assert list(replay(journal, make)) == []
    first, second = replay(journal, lambda start: OddEven(even=12 if start is START else 8))
    assert "8 -> 12" in first.what
    assert "12 -> 8" in second.what


def test_a_reused_pid_is_another_parcel() -> None:
    journal = recorded([*parcel(2, 8), *parcel(2, 8)])
    differences = list(replay(journal, lambda start: OddEven(even=5)))
    assert [difference.pid for difference in differences] == [2, 2]


def test_turns_keep_each_event_with_its_effects() -> None:
    journal = recorded([Inducted(0, 2, 300, 0), Restarted(1)])
    assert list(turns(journal)) == [
        Turn(START, ()),
        Turn(Inducted(0, 2, 300, 0), tuple(make(START).handle(Inducted(0, 2, 300, 0)))),
        Turn(Restarted(1), ()),
    ]
    assert list(turns([])) == []


@pytest.mark.parametrize("first", [Restarted(1), Command(PackCommand.STOP)])
def test_a_journal_without_its_beginning_is_a_store_error(first: Value) -> None:
    with pytest.raises(StoreError, match="does not begin with a start"):
        list(replay([first], make))
