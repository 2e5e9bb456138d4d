"""What the console folds out of a journal: bags, the way back, watchers, shelves; and orders that rest."""

from __future__ import annotations

import configparser
import csv
import io
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sorter.app.cli import parser as parser_of_all
from sorter.app.console.board import Board
from sorter.app.console.frame import _notice, _record
from sorter.app.console.recovery import lying, steps
from sorter.app.console.remedies import REMEDIES
from sorter.app.console.shift import KEPT_HOURS, Hours, Shift, as_csv, shift
from sorter.app.console.short_codes import short_codes
from sorter.app.console.watchers import ALL_EXCEPTIONS, READ_OF, Watchers
from sorter.app.face import Face, FaceWriter, read_face
from sorter.app.inbox import Inbox, put, take_back, waiting
from sorter.flow import (
    Attended,
    BagChanged,
    ClockTold,
    Coded,
    Inducted,
    Jammed,
    Mark,
    Notice,
    Outcome,
    PackState,
    Rebooted,
    Restarted,
    StateChanged,
    Why,
)
from tests.hubs import hub
from tests.linzi import FOLDER as LINZI
from tests.runs_made import HOSTILE, decision, record
from tests.shared import ROOT

HUB = hub()
MINUTE_US = 60_000_000
UNITS = sorted((ROOT / "docs" / "systemd").glob("*.service"))
WORD = Coded(0, 7, "SF1234567890123", "", Mark.NONE, "li")


def board(*values: object) -> Board:
    made = Board(HUB)
    for value in values:
        made.note(value)  # type: ignore[arg-type]
    return made


def test_a_bag_counts_what_fell_into_it_and_is_closed_by_the_next() -> None:
    change, taken = BagChanged(5, 3, "B2", "li"), Notice(5, "bag-changed", "3")
    made = board(*(record(n, left=3) for n in (1, 2)), change, taken, record(3, left=3))
    assert [(one.code, one.parcels) for one in made.closed_bags] == [("", 2)]
    assert (made.bags[3].code, made.bags[3].parcels) == ("B2", 1)


def test_a_bag_that_the_controller_refused_hangs_nowhere() -> None:
    assert board(BagChanged(5, 3, "B2", "li"), Notice(5, "bag-in-use", "B2")).bags == {}


def on_belt(*more: object) -> Board:
    """Parcels 1 and 2 at 8 m and 4 m, both decided."""
    seen = [Inducted(0, 1, 300, 0), Inducted(0, 2, 300, 8000), decision(1, 3), decision(2, 5)]
    return board(StateChanged(0, PackState.EXECUTE), *seen, *more)


def test_after_a_jam_only_what_lies_near_its_eye_comes_off() -> None:
    made = on_belt(Jammed(1, 4), StateChanged(2, PackState.HELD))  # eye 4 stands at 7.6 m
    rows = lying(made, 16_000, HUB.layout)
    assert [(one.pid, one.place_mm, one.take_off) for one in rows] == [(1, 8000, "jammed"), (2, 4000, "")]
    assert steps(made)[-1] == "press-unhold"


def test_what_a_restart_or_a_reboot_made_strange_comes_off() -> None:
    assert {one.take_off for one in lying(on_belt(Restarted(3)), 16_000, HUB.layout)} == {"no-order"}
    assert {one.take_off for one in lying(on_belt(Rebooted(3, 2)), 16_000, HUB.layout)} == {"strange"}
    aborted = on_belt(StateChanged(4, PackState.ABORTED))
    assert {one.take_off for one in lying(aborted, 16_000, HUB.layout)} == {"purged"}
    assert steps(on_belt()) == ()


def test_a_line_that_sorts_nothing_says_so_once_and_when_it_is_well_again() -> None:
    watchers = Watchers()
    told = [one for n in range(2 * ALL_EXCEPTIONS) for one in watchers.note(record(n, Why.NO_ADVICE))]
    assert [(one.key, one.about) for one in told] == [("nothing-sorted", "no-route")]
    assert [one.key for one in watchers.note(record(99))] == ["sorted-again"]


def test_too_many_unread_parcels_are_told_with_their_denominator() -> None:
    watchers = Watchers()
    for n in range(READ_OF):
        told = watchers.note(record(n, Why.NO_CODE if n % 40 == 0 else Why.ROUTED))
    assert [(one.key, one.about) for one in told] == [("no-read-high", f"5/{READ_OF}")]


def test_a_shelved_alarm_is_out_of_the_list_and_returns_by_itself() -> None:
    full = Notice(1, "chute-full", "4")
    shelved = Attended(2 * MINUTE_US, "chute-full-4", 1, "li", 15 * MINUTE_US)
    made = board(full, shelved)
    assert made.alarms.open(3 * MINUTE_US) == []
    assert [word.by for _, word in made.alarms.shelved(3 * MINUTE_US)] == ["li"]
    assert [one.id for one in made.alarms.open(17 * MINUTE_US)] == ["chute-full-4"]
    back = board(full, shelved, Attended(3 * MINUTE_US, "chute-full-4", 1, "li", 0))
    assert [one.id for one in back.alarms.open(4 * MINUTE_US)] == ["chute-full-4"]


def test_a_consequence_is_not_shown_beside_its_cause_and_a_flicker_not_at_all() -> None:
    made = board(Notice(1, "link-down", "x"), Notice(2, "comm-1", "5"), Notice(3, "chute-full", "4"))
    made.note(Notice(4, "chute-clear", "4"))
    assert [one.id for one in made.alarms.open(MINUTE_US)] == ["link-down"]
    made.note(Notice(MINUTE_US, "link-up", "1"))
    assert {one.id for one in made.alarms.open(2 * MINUTE_US)} == {"link-down", "comm-1"}


def test_more_than_ten_alarms_in_ten_minutes_are_a_flood() -> None:
    made = board(*(Notice(n * MINUTE_US // 2, "jam", str(n)) for n in range(11)))
    assert made.alarms.load(6 * MINUTE_US).flood
    assert not made.alarms.load(11 * MINUTE_US).flood
    assert made.alarms.raised.most_common(1)[0][1] == 1


def test_an_order_that_rests_is_not_taken_and_can_be_taken_back(tmp_path: Path) -> None:
    path = put(tmp_path, WORD, time.time_ns() // 1000 + 3_000_000)
    assert Inbox(tmp_path).take() == []
    assert take_back(tmp_path, path.name) == WORD
    assert waiting(tmp_path) == []
    assert take_back(tmp_path, path.name) is None


def test_an_order_that_is_due_soon_or_lies_elsewhere_is_not_taken_back(tmp_path: Path) -> None:
    path = put(tmp_path / "inbox", WORD, time.time_ns() // 1000 + 100_000)
    assert take_back(tmp_path / "inbox", path.name) is None
    outside = put(tmp_path, WORD, time.time_ns() // 1000 + 3_000_000)
    assert take_back(tmp_path / "inbox", f"../{outside.name}") is None
    assert outside.exists()


def test_every_end_of_a_way_says_what_a_person_does_then() -> None:
    assert REMEDIES.keys() == set(Outcome)


def test_short_codes_are_two_digits_each_and_name_one_place() -> None:
    from sorter.app.config import load_hub

    towns = short_codes(load_hub(LINZI).network)
    codes = [town.digits + digits for town in towns for digits, _ in town.villages]
    assert len(towns) == 12 and len(codes) == len(set(codes)) == 468
    assert {len(code) for code in codes} == {4}


def test_no_cell_of_the_report_is_a_formula_to_a_spreadsheet() -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "plain", 'a"b,c', "\x1b[31m", "＝1+1", " =1"]
    rows = as_csv(Shift(1, 1, {"town": dict.fromkeys(names, (1, 1))}))
    cells = [row[1] for row in csv.reader(io.StringIO(rows))][1:]
    quoted = ["'=1+1", "'+1", "'-1", "'@SUM(A1)"]
    assert cells == [*quoted, "\\t=1", "\\r=1", "plain", 'a"b,c', "\\x1b[31m", "'＝1+1", "' =1"]


HOUR_US = 3_600_000_000


def test_parcels_are_counted_in_the_hour_of_the_wall_clock_even_when_the_line_clock_begins_anew() -> None:
    """PLC and controller started again: the line clock is small once more, the hours go on."""
    at = 495_000 * HOUR_US
    made = board(
        ClockTold(0, at), *(replace(record(n), left_us=n * HOUR_US) for n in range(3)),
        ClockTold(0, at + 3 * HOUR_US), replace(record(9, Why.NO_CODE), left_us=5),
    )  # fmt: skip
    assert made.hours.known == [495_000 + n for n in range(4)]
    told = shift(made.hours, HUB, "en")
    assert (told.parcels, told.sorted) == (4, 3)
    assert [sorted_ for _, sorted_ in told.tables["hour"].values()] == [1, 1, 1, 0]
    late = shift(made.hours, HUB, "en", since=495_002)
    assert (late.parcels, late.sorted) == (2, 1)
    for table in late.tables.values():
        assert [sum(column) for column in zip(*table.values(), strict=True)] == [2, 1]


def test_hours_long_past_are_forgotten_and_without_a_wall_clock_they_are_the_lines() -> None:
    hours = Hours()
    for hour in range(KEPT_HOURS + 5):
        hours.note(replace(record(1), left_us=hour * HOUR_US), "", None)
    assert hours.known == list(range(5, KEPT_HOURS + 5))
    assert next(iter(shift(hours, HUB, "en").tables["hour"])) == "5-6 h"


def test_what_a_code_holds_is_text_in_every_frame() -> None:
    made = board(record(1, waybill=HOSTILE), Notice(9, "read-on-none", HOSTILE))
    shown = json.dumps([_record(made.recent[0]), _notice(made.notices[0])], ensure_ascii=False)
    assert shown.isprintable() and "<script>" in shown


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_the_units_start_commands_that_there_are(unit: Path) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string(unit.read_text(encoding="utf-8"))
    program, *words = read["Service"]["ExecStart"].split()
    assert program.endswith("/run")
    assert parser_of_all().parse_args(words).run is not None
    assert read["Service"]["Restart"] == "always"


def test_the_machines_face_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "face"
    assert read_face(path) is None
    writer = FaceWriter(path)
    assert read_face(path) is None
    face = Face(5, [0xFFFF] * 121, "unreachable: " + "x" * 500, 3, 900, 75_000)
    writer.show(face)
    shown = read_face(path)
    assert shown is not None
    assert (list(shown.words), shown.trips, len(shown.trouble)) == ([0xFFFF] * 121, 3, 300)
    path.write_bytes(path.read_bytes()[:-4000])
    assert read_face(path) is None
