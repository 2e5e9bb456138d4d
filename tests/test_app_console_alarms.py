"""Alarms from raise to history, whoever acknowledges when."""

from __future__ import annotations

from sorter.app.console.alarm_kinds import KINDS, Priority
from sorter.app.console.alarms import Alarms
from sorter.app.texts import NOTICES
from sorter.flow import Attended, Notice

MINUTE_US = 60_000_000


LATER = 1 << 40


def seen(at_us: int, alarm: str, raised_us: int = LATER) -> Attended:
    """Somebody acknowledges it as it was raised at raised_us, or whenever."""
    return Attended(at_us, alarm, raised_us, "li")


def told(*words: Notice | Attended) -> Alarms:
    alarms = Alarms()
    for word in words:
        if isinstance(word, Notice):
            alarms.note(word)
        else:
            alarms.attended(word)
    return alarms


def test_every_kind_of_alarm_is_a_notice_with_a_sentence_of_its_own() -> None:
    assert KINDS.keys() <= NOTICES.keys()


def test_an_alarm_is_over_when_it_is_cleared_and_acknowledged_in_either_order() -> None:
    full, clear = Notice(1, "chute-full", "4"), Notice(MINUTE_US, "chute-clear", "4")
    word = seen(MINUTE_US + 1, "chute-full-4")
    assert [one.active for one in told(full, clear).open()] == [False]
    assert told(full, clear, word).open() == []
    assert [one.acknowledged for one in told(full, word).open()] == ["li"]
    assert told(full, word, clear).open() == []


def test_each_chute_has_an_alarm_of_its_own_and_a_repeated_one_is_counted() -> None:
    alarms = told(*(Notice(at, "chute-full", chute) for at, chute in enumerate("443")))
    assert {one.id: one.count for one in alarms.open()} == {"chute-full-4": 2, "chute-full-3": 1}


def test_a_jam_has_no_end_of_its_own_and_is_over_when_acknowledged() -> None:
    assert told(Notice(1, "jam", "2"), seen(2, "jam-2")).open() == []


def test_an_alarm_raised_again_after_it_cleared_is_unacknowledged_again() -> None:
    down, up = Notice(1, "link-down", "x"), Notice(2, "link-up", "1")
    alarms = told(down, seen(1, "link-down"), up, Notice(3, "link-down", "y"))
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


def test_a_word_that_waited_does_not_acknowledge_an_alarm_that_its_author_never_saw() -> None:
    """The controller was away: the alarm they saw is over, another one of the same thing has come."""
    full, clear = Notice(1, "chute-full", "4"), Notice(MINUTE_US, "chute-clear", "4")
    again = Notice(2 * MINUTE_US, "chute-full", "4")
    waited = told(full, clear, again, seen(3 * MINUTE_US, "chute-full-4", raised_us=1))
    assert [one.acknowledged for one in waited.open()] == [""]
    assert not Alarms().attended(seen(1, "jam-1"))
