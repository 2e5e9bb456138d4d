"""Orders from people: on disk before they are confirmed, in the journal before they are forgotten."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sorter.app import inbox
from sorter.app.inbox import Inbox, InboxFull, put, waiting
from sorter.flow import ChuteLocked, Event, InterceptSet, Operated, PackCommand

LOCK = ChuteLocked(0, 3, True)
HOLD = InterceptSet(0, "SF1234567890123", True)
START = Operated(0, PackCommand.START)


def taken(box: Inbox, at_us: int = 7) -> list[Event]:
    return [order(at_us) for order in box.take()]


def test_orders_come_in_the_order_given_stamped_by_who_takes_them(tmp_path: Path) -> None:
    for order in (LOCK, HOLD, START):
        put(tmp_path, order)
    assert taken(Inbox(tmp_path)) == [
        ChuteLocked(7, 3, True), InterceptSet(7, HOLD.waybill, True), Operated(7, PackCommand.START),
    ]  # fmt: skip


def test_an_order_is_given_once_and_gone_when_the_journal_has_it(tmp_path: Path) -> None:
    put(tmp_path, LOCK)
    box = Inbox(tmp_path)
    assert len(taken(box)) == 1
    assert taken(box) == []
    assert len(waiting(tmp_path)) == 1
    box.stored()
    assert waiting(tmp_path) == []


def test_an_order_taken_by_a_controller_that_died_before_the_disk_had_it_comes_again(tmp_path: Path) -> None:
    put(tmp_path, LOCK)
    assert len(taken(Inbox(tmp_path))) == 1
    assert taken(Inbox(tmp_path)) == [ChuteLocked(7, 3, True)]


def test_an_old_line_command_lapses_and_an_old_lock_does_not(tmp_path: Path) -> None:
    for order in (START, LOCK):
        path = put(tmp_path, order)
        stamp, rest = path.name.split("-", 1)
        os.rename(path, path.with_name(f"{int(stamp) - inbox.LINE_COMMAND_US - 1:020d}-{rest}"))
    box = Inbox(tmp_path)
    assert taken(box) == [ChuteLocked(7, 3, True)]
    box.stored()
    assert waiting(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["", "nonsense", '["Inducted", 0, 1, 300, 5]', '["ChuteLocked", 0, "x", true]', "\xff"]
)
def test_what_is_no_order_is_set_aside_and_the_next_one_taken(tmp_path: Path, text: str) -> None:
    bad = tmp_path / "00000000000000000000-1-1.order"
    bad.write_text(text, encoding="latin-1")
    put(tmp_path, LOCK)
    assert taken(Inbox(tmp_path)) == [ChuteLocked(7, 3, True)]
    assert bad.with_suffix(".bad").exists()


def test_a_half_written_order_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "00000000000000000000-1-1.part").write_text('["Chute')
    assert taken(Inbox(tmp_path)) == []


def test_orders_that_nobody_takes_are_refused_beyond_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 2)
    put(tmp_path, LOCK)
    put(tmp_path, LOCK)
    with pytest.raises(InboxFull, match="start the controller"):
        put(tmp_path, LOCK)


def test_a_folder_that_is_not_there_holds_no_orders(tmp_path: Path) -> None:
    assert taken(Inbox(tmp_path / "none")) == []


@pytest.mark.parametrize("step_s", [-86_400, -3600, -1, 3600, 86_400])
def test_a_clock_that_is_put_forward_or_back_keeps_no_order_back_and_starts_no_belt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step_s: int
) -> None:
    for order in (START, LOCK):
        put(tmp_path, order)
    tomorrow_us = time.time_ns() // 1000 + 2 * 86_400 * 1_000_000
    put(tmp_path, HOLD, tomorrow_us)
    now_ns = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() + step_s * 10**9)
    box = Inbox(tmp_path)
    assert taken(box) == [ChuteLocked(7, 3, True)]
    box.stored()
    assert len(waiting(tmp_path)) == 1, "what is meant for a time of the day waits for it"
