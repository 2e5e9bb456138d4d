"""Alarms from raise to history, whoever acknowledges when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorter.app.console.alarm_kinds import KINDS, Priority
from sorter.app.console.alarms import Acknowledged, Alarms
from sorter.app.texts import NOTICES
from sorter.flow import Notice

MINUTE_US = 60_000_000


def told(*words: Notice | Acknowledged) -> Alarms:
    alarms = Alarms()
    for word in words:
        if isinstance(word, Notice):
            alarms.note(word)
        else:
            alarms.acknowledge(word)
    return alarms


def test_every_kind_of_alarm_is_a_notice_with_a_sentence_of_its_own() -> None:
    assert KINDS.keys() <= NOTICES.keys()


def test_an_alarm_is_over_when_it_is_cleared_and_acknowledged_in_either_order() -> None:
    full, clear = Notice(1, "chute-full", "4"), Notice(MINUTE_US, "chute-clear", "4")
    seen = Acknowledged(MINUTE_US + 1, "chute-full-4", "li")
    assert [one.active for one in told(full, clear).open()] == [False]
    assert told(full, clear, seen).open() == []
    assert [one.acknowledged for one in told(full, seen).open()] == ["li"]
    assert told(full, seen, clear).open() == []


def test_each_chute_has_an_alarm_of_its_own_and_a_repeated_one_is_counted() -> None:
    alarms = told(*(Notice(at, "chute-full", chute) for at, chute in enumerate("443")))
    assert {one.id: one.count for one in alarms.open()} == {"chute-full-4": 2, "chute-full-3": 1}


def test_a_jam_has_no_end_of_its_own_and_is_over_when_acknowledged() -> None:
    assert told(Notice(1, "jam", "2"), Acknowledged(2, "jam-2", "li")).open() == []


def test_an_alarm_raised_again_after_it_cleared_is_unacknowledged_again() -> None:
    down, up = Notice(1, "link-down", "x"), Notice(2, "link-up", "1")
    alarms = told(down, Acknowledged(1, "link-down", "li"), up, Notice(3, "link-down", "y"))
    assert [(one.acknowledged, one.active) for one in alarms.open()] == [("", True)]


def test_the_most_urgent_stands_first_of_equals_the_newest() -> None:
    alarms = told(
        Notice(1, "vision-failed", "x"),
        Notice(2, "chute-full", "1"),
        Notice(3, "chute-full", "2"),
        Notice(4, "jam", "1"),
    )
    assert [one.id for one in alarms.open()] == ["jam-1", "chute-full-2", "chute-full-1", "vision-failed"]
    assert KINDS["jam"].priority is Priority.NOW


def test_the_belt_encoder_clears_by_its_own_word_and_news_raises_nothing() -> None:
    assert (
        told(Notice(1, "encoder", "1"), Notice(2, "encoder", "2"), Notice(3, "state", "EXECUTE"))
        .open()[0]
        .active
        is False
    )


NOTICE = st.builds(
    Notice,
    st.integers(0, 9),
    st.sampled_from(["chute-full", "chute-clear", "jam", "link-down", "link-up"]),
    st.sampled_from("12"),
)


@given(
    st.lists(NOTICE, max_size=12), st.integers(0, 12), st.sampled_from(["jam-1", "chute-full-1", "link-down"])
)
def test_a_console_that_reads_the_journal_again_knows_the_same_alarms(
    notices: list[Notice], place: int, identity: str
) -> None:
    """Live: the acknowledgement comes between two notices. Again: it is known before the first of them."""
    steps = [Notice(2 * n, one.key, one.about) for n, one in enumerate(notices)]
    word = Acknowledged(2 * place - 1, identity, "li")
    live = told(*steps[:place], word, *steps[place:])
    again = Alarms([word])
    for step in steps:
        again.note(step)
    assert again.open() == live.open()
    assert list(again.history) == list(live.history)
