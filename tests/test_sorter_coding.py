"""A person's word on a parcel: obeyed while it can be steered, advice for the next lap, or a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter.flow import (
    REJECT,
    Answered,
    Assign,
    BagChanged,
    ChuteLocked,
    Coded,
    InterceptSet,
    Left,
    Mark,
    Restarted,
    Result,
    Serviced,
    Verdict,
    Why,
    Woken,
)
from tests.test_sorter_controller import (
    ADVICE,
    CHUTE,
    LAYOUT,
    WAYBILL,
    Told,
    answer,
    code,
    inducted,
    picture,
)

VILLAGE = "370305105201"  # of town 5, which goes to chute 5
NONE = Mark.NONE


def word(waybill: str = "", place: str = "", mark: Mark = NONE, pid: int = 1) -> Coded:
    return Coded(3_000_000, pid, waybill, place, mark, "li")


def unread() -> Told:
    """A parcel of which nothing was read."""
    return Told(inducted(), picture(), answer())


def passed(chute: int) -> Woken:
    """The belt has gone on until the parcel is one count beyond this chute's decision position."""
    return Woken(2_900_000, 50_000 + LAYOUT.decision_counts[chute] + 1)


def test_a_scanned_waybill_sends_an_unread_parcel_where_its_advice_says() -> None:
    told = unread().tell(ADVICE, word(WAYBILL))
    assert told.orders == [Assign(1, CHUTE, REJECT, 50_000 + LAYOUT.decision_counts[CHUTE])]
    assert (told.decisions[-1].why, told.decisions[-1].waybill) == (Why.ROUTED, WAYBILL)
    assert told.notices[-1] == "coded"


def test_a_place_alone_is_enough_and_the_record_says_where_it_went() -> None:
    told = unread().tell(word(place=VILLAGE), Left(9_000_000, 1, Result.OK, 5, 80_000))
    assert [(one.told, one.left, one.why, one.place) for one in told.records] == [(5, 5, Why.ROUTED, VILLAGE)]


def test_a_word_that_comes_behind_its_chute_is_late_and_changes_nothing() -> None:
    told = unread().tell(ADVICE, passed(CHUTE), word(WAYBILL))
    assert (told.orders, told.notices[-1]) == ([], "coded-late")
    assert told.tell(word(place=VILLAGE)).orders[0].chute == 5


def test_what_the_machine_was_ordered_is_never_steered_anew() -> None:
    told = Told(ADVICE, inducted(), picture(), answer(code()), word(WAYBILL), word(place=VILLAGE))
    assert [one.chute for one in told.orders] == [CHUTE]
    assert told.notices == ["coded-late", "coded-next-lap"]


def test_a_parcel_older_than_the_controllers_start_gets_no_order() -> None:
    assert unread().tell(Restarted(2_000_000), word(place=VILLAGE)).orders == []


def test_a_held_waybill_stays_held_whoever_codes_it() -> None:
    told = unread().tell(ADVICE, InterceptSet(0, WAYBILL, True), word(WAYBILL, VILLAGE))
    assert [(one.why, one.chute) for one in told.decisions[1:]] == [(Why.INTERCEPTED, 17)]
    codes = answer(code(), code("SF0000000000001"))
    several = Told(InterceptSet(0, WAYBILL, True), inducted(), picture(), codes)
    assert several.tell(word(place=VILLAGE)).decisions[-1].why is Why.INTERCEPTED


def test_waybill_and_place_of_a_parcel_off_the_belt_are_advice_for_its_next_lap() -> None:
    told = Told(word(WAYBILL, VILLAGE, pid=0))
    assert told.notices == ["coded-next-lap"]
    told.tell(inducted(2, 90_000), picture(7, 90_000), answer(code(), frame=7, place=90_000))
    assert [(one.pid, one.chute) for one in told.orders] == [(2, 5)]


@pytest.mark.parametrize(
    ("mark", "why", "chute"),
    [
        (Mark.NO_LABEL, Why.NO_LABEL, REJECT),
        (Mark.DAMAGED, Why.LABEL_DAMAGED, REJECT),
        (Mark.SECURITY, Why.TO_SECURITY, 17),
    ],
)
def test_a_mark_becomes_the_reason_and_only_security_has_a_chute(mark: Mark, why: Why, chute: int) -> None:
    told = unread().tell(word(mark=mark))
    assert (told.decisions[-1].why, told.decisions[-1].chute) == (why, chute)


def test_a_locked_chute_leaves_the_word_without_a_way() -> None:
    told = unread().tell(ADVICE, ChuteLocked(0, CHUTE, True), word(WAYBILL))
    assert (told.orders, told.notices[-1]) == ([], "coded-no-route")


def test_an_order_that_the_machine_finds_late_ends_as_too_late() -> None:
    late = Answered(4_000_000, 1, Verdict.TOO_LATE, CHUTE, 70_000)
    told = unread().tell(ADVICE, word(WAYBILL), late, Left(9_000_000, 1, Result.UNASSIGNED, REJECT, 80_000))
    assert [one.why for one in told.records] == [Why.LATE_DELIVERY]


def test_a_new_bag_unlocks_its_chute_and_hangs_at_no_other() -> None:
    told = Told(ChuteLocked(0, CHUTE, True), BagChanged(1, CHUTE, "B1", "li"), ADVICE)
    assert told.tell(inducted(), picture(), answer(code())).orders[0].chute == CHUTE
    assert told.tell(BagChanged(2, 4, "B1", "li")).notices[-1] == "bag-in-use"
    assert told.tell(BagChanged(3, CHUTE, "B1", "li")).notices[-1] == "bag-changed"


def test_service_is_the_machines_business() -> None:
    assert Told(Serviced(0, True, 3, "li")).effects == []


@given(
    st.lists(
        st.builds(
            word,
            st.sampled_from(["", WAYBILL, "SF0000000000001", "nonsense"]),
            st.sampled_from(["", VILLAGE, "370305103201", "000"]),
            st.sampled_from(list(Mark)),
            st.integers(0, 2),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_whatever_people_say_a_parcel_gets_one_order_at_most_and_one_record(
    words: list[Coded], read: bool
) -> None:
    told = Told(ADVICE, inducted(), picture(), answer(*[code()] * read), *words)
    assert len(told.orders) <= 1
    told.tell(Left(9_000_000, 1, Result.UNASSIGNED, REJECT, 80_000))
    assert len(told.records) == 1
