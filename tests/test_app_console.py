"""The console over HTTP, as a browser uses it, on a run that a real controller left or is just making."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from sorter.app.console import words as console_words
from sorter.app.console.people import People
from sorter.app.desk import inbox_of, pulse_of
from sorter.app.inbox import Inbox, waiting
from sorter.app.journal import JournalWriter, read
from sorter.app.pulse import PulseWriter
from sorter.flow import (
    Attended,
    ChuteBroken,
    ChuteLocked,
    Inducted,
    InterceptSet,
    Notice,
    Operated,
    PackCommand,
    ParcelRecord,
)
from tests.console_served import Site, served, wait_for
from tests.linzi import FOLDER as LINZI
from tests.served import HUB, record_run
from vision.keeper import picture_file

PARCELS = 60


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_run(tmp_path_factory.mktemp("run"), PARCELS)


@pytest.fixture
def site(recorded: Path, tmp_path: Path) -> Iterator[Site]:
    with served(recorded, tmp_path / "people.db") as one:
        yield one


def records(run: Path) -> list[ParcelRecord]:
    return [value for value in read(run / "journal") if isinstance(value, ParcelRecord)]


def test_the_frame_counts_what_the_journal_holds_and_shows_nothing_as_live(site: Site) -> None:
    frame = site.ask("GET", "/api/frame")[1]
    ended = records(site.run)
    assert frame["sorted"] + frame["exceptions"] == len(ended) >= PARCELS
    assert frame["sorted"] == sum(one.outcome.value == "sorted" for one in ended) > 0
    assert (frame["live"], frame["hint"], frame["parcels"], frame["per_hour"]) == (
        False,
        "controller-awaited",
        [],
        None,
    )


def test_a_beating_controller_is_live_and_a_silent_one_is_not(site: Site) -> None:
    with closing(PulseWriter(pulse_of(site.run))) as pulse:
        pulse.beat(1_000_000, 7)
        assert site.ask("GET", "/api/frame")[1]["live"] is True
        assert site.ask("GET", "/healthz")[0] == 200
        time.sleep(1.1)
        assert site.ask("GET", "/api/frame")[1]["live"] is False
        assert site.ask("GET", "/healthz")[0] == 503


def test_what_the_journal_gains_is_on_the_screen_soon_after(site: Site) -> None:
    with closing(JournalWriter(site.run / "journal")) as journal:
        journal.append(Notice(10**9, "plc-rebooted", "9"))
        journal.commit(5)
        end = time.monotonic() + 2
        while "plc-rebooted" not in [one["id"] for one in site.ask("GET", "/api/frame")[1]["alarms"]]:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_a_chute_that_the_plc_calls_broken_says_so_in_its_own_row_until_it_works_again(site: Site) -> None:
    def broken() -> list[int]:
        return [row[0] for row in site.ask("GET", "/api/frame")[1]["chutes"] if row[-1]]

    assert broken() == []
    with closing(JournalWriter(site.run / "journal")) as journal:
        journal.append(ChuteBroken(10**9, 3, True))
        journal.commit(5)
        wait_for(lambda: broken() == [3])
        journal.append(ChuteBroken(10**9, 3, False))
        journal.commit(5)
        wait_for(lambda: broken() == [])


def test_the_metrics_are_prometheus_text_and_count_what_the_journal_holds(site: Site) -> None:
    lines = site.ask("GET", "/metrics")[1].splitlines()
    line = r'(# (HELP|TYPE) sorter_\w+ .+|sorter_\w+(\{\w+="[^"]*"\})? -?[0-9.e+-]+)'
    assert [one for one in lines if not re.fullmatch(line, one)] == []
    assert f"sorter_parcels_inducted_total {PARCELS}" in lines
    assert "sorter_controller_live 0" in lines


def test_a_waybill_gives_the_parcels_story_and_an_unknown_one_says_so(site: Site) -> None:
    one = next(record for record in records(site.run) if record.waybill and record.left != 65535)
    answer = site.ask("GET", f"/api/parcels?lang=en&waybill={one.waybill}")[1]
    assert [parcel["pid"] for parcel in answer["parcels"]] == [one.pid]
    assert any("decided" in line for line in answer["story"])
    assert "no parcel" in site.ask("GET", "/api/parcels?lang=en&waybill=NONE1")[1]["story"][0]


def test_a_waybill_that_comes_again_shows_both_parcels_and_the_later_names_the_earlier(site: Site) -> None:
    one = next(record for record in records(site.run) if record.waybill and record.left != 65535)
    again, at_us = replace(one, pid=4_000_000, left_us=one.left_us + 10**9), one.seen_us + 10**9
    with closing(JournalWriter(site.run / "journal")) as journal:
        for value in (Inducted(at_us, again.pid, one.length_mm, 0), replace(again, seen_us=at_us)):
            journal.append(value)
        assert journal.commit(5)
    answer = site.ask("GET", f"/api/parcels?lang=en&waybill={one.waybill}")[1]
    named = {"pid": one.pid, "left_us": one.left_us}
    assert [(card["pid"], card["again_of"]) for card in answer["parcels"]] == [
        (again.pid, named),
        (one.pid, None),
    ]
    links = [line for line in answer["story"] if f"same waybill as parcel {one.pid}" in line]
    assert len(links) == 1 and answer["story"].index(links[0]) > 3


def test_a_kept_picture_is_shown_to_who_has_logged_in_only(site: Site) -> None:
    record = next(one for one in records(site.run) if one.waybill and one.pictures)
    path = picture_file(site.run / "pictures", record.pictures[0])
    path.parent.mkdir()
    path.write_bytes(b"a picture")
    _, found = site.ask("GET", f"/api/parcels?waybill={record.waybill}")
    assert found["parcels"][0]["pictures"] == [path.name]
    assert site.ask("GET", f"/api/pictures/{path.name}")[0] == 403
    site.log_in("li", "operator-1")
    assert site.ask("GET", f"/api/pictures/{path.name}") == (200, "a picture")
    assert site.ask("GET", f"/api/pictures/{path.name.replace('0-', '1-', 1)}")[0] == 404
    assert site.ask("GET", "/api/pictures/..%2Fjournal")[0] in (404, 422)


def test_the_shift_report_adds_up_in_every_table(site: Site) -> None:
    report = site.ask("GET", "/api/shift")[1]
    assert report["parcels"] == len(records(site.run))
    for table in report["tables"].values():
        assert sum(all_ for all_, _ in table.values()) == report["parcels"]
        assert sum(good for _, good in table.values()) == report["sorted"]
    assert site.ask("GET", "/api/shift.csv")[1].startswith("\ufeffgroup,name,parcels,sorted")


WRITES = [
    ("/api/commands", {"command": "start"}),
    ("/api/chutes/3/lock", {"locked": True}),
    ("/api/intercepts", {"waybill": "SF1", "held": True}),
    ("/api/alarms/jam-1/acknowledge", {}),
    ("/api/users", {"name": "x", "password": "password-x", "role": 3}),
]


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_a_write_without_session_token_or_role_is_refused_and_leaves_nothing(
    site: Site, path: str, body: object
) -> None:
    assert site.ask("POST", path, body)[0] == 403
    site.log_in("li", "operator-1")
    if path == "/api/users":
        assert site.ask("POST", path, body)[0] == 403
    assert site.ask("POST", path, body, **{"X-CSRF-Token": "guessed"})[0] == 403
    assert site.ask("POST", path, body, Origin="http://elsewhere.example")[0] == 403
    assert Inbox(inbox_of(site.run)).take() == []


def test_what_an_operator_orders_lies_in_the_inbox_and_in_the_audit(site: Site, tmp_path: Path) -> None:
    site.log_in("li", "operator-1")
    for path, body in WRITES[:3]:
        assert site.ask("POST", path, body)[0] == 200
    box = Inbox(inbox_of(site.run))
    orders = [order(5) for order in box.take()]
    box.stored()
    assert orders == [Operated(5, PackCommand.START), ChuteLocked(5, 3, True), InterceptSet(5, "SF1", True)]
    with closing(People(tmp_path / "people.db")) as people:
        done = [row[1:4] for row in reversed(people.audited())]
    ordered = [("li", "start", "line"), ("li", "lock", "chute 3"), ("li", "hold-parcel", "SF1")]
    assert done == [("li", "login", ""), *ordered]


@pytest.mark.parametrize("body", [{"command": "abort"}, {}, {"command": 5}, "start", None])
def test_an_order_that_is_none_is_refused_by_its_form(site: Site, body: object) -> None:
    site.log_in("li", "operator-1")
    assert site.ask("POST", "/api/commands", body)[0] == 422


def test_an_alarm_seen_or_put_aside_lies_in_the_inbox_until_the_journal_has_it(site: Site) -> None:
    with closing(JournalWriter(site.run / "journal")) as journal:
        journal.append(Notice(10**9 + 7, "vision-failed", "x"))
        journal.commit(5)
    wait_for(lambda: "vision-failed" in [one["id"] for one in site.ask("GET", "/api/frame")[1]["alarms"]])
    site.log_in("li", "operator-1")
    assert site.ask("POST", "/api/alarms/vision-failed/acknowledge", {})[0] == 200
    assert site.ask("POST", "/api/alarms/vision-failed/shelve", {"minutes": 15})[0] == 200
    assert site.ask("POST", "/api/alarms/jam-77/acknowledge", {})[0] == 404
    box = Inbox(inbox_of(site.run))
    words = [order(10**9 + 8) for order in box.take()]
    box.stored()
    seen = Attended(10**9 + 8, "vision-failed", 10**9 + 7, "li")
    assert words == [seen, replace(seen, shelved_us=900_000_000)]
    with closing(JournalWriter(site.run / "journal")) as journal:
        journal.append(words[0])
        journal.commit(5)
    wait_for(lambda: "vision-failed" in [one["id"] for one in site.ask("GET", "/api/alarms")[1]["history"]])


@pytest.mark.parametrize("hostile", ["<script>x</script>", "' OR 1=1 --", "\x1b[31m", "../../etc/passwd"])
def test_a_hostile_waybill_is_only_a_waybill_that_nobody_has(site: Site, hostile: str) -> None:
    status, answer = site.ask("GET", f"/api/parcels?lang=en&waybill={quote(hostile)}")
    assert (status, answer["parcels"]) == (200, [])
    assert "\x1b" not in answer["story"][0]


def test_the_command_serves_until_it_is_told_to_end(recorded: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    words = ["serve", str(LINZI), "--out", str(recorded), "--port", str(number)]
    start = [sys.executable, "-m", "sorter", *words, "--people", str(tmp_path / "people.db")]
    with subprocess.Popen(start, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert str(number) in process.stdout.readline()
        end = time.monotonic() + 20
        while True:
            try:
                status = Site(recorded, number).ask("GET", "/login")[0]
                break
            except ConnectionRefusedError:
                assert time.monotonic() < end
                time.sleep(0.05)
        process.terminate()
    assert status == 200


def test_every_word_that_a_page_or_script_asks_for_is_there() -> None:
    folder = Path(console_words.__file__).parent
    scripts = "".join(path.read_text(encoding="utf-8") for path in (folder / "static").glob("*.js"))
    pages = "".join(path.read_text(encoding="utf-8") for path in (folder / "templates").glob("*.html"))
    asked = set(re.findall(r"say\('label', '([\w-]+)'\)", scripts)) | set(re.findall(r"say\.(\w+)", pages))
    asked |= set(re.findall(r"say\['([\w-]+)'\]", pages))
    assert len(asked) > 30
    assert asked <= console_words.LABELS.keys()


def test_a_code_by_hand_rests_on_disk_and_can_be_taken_back_once(site: Site) -> None:
    site.log_in("li", "operator-1")
    town = HUB.network.towns[0].code
    word = {"pid": 0, "waybill": "SF9999999999999", "place": town}
    status, told = site.ask("POST", "/api/coding", word)
    assert (status, told["next_lap"], told["undo_ms"] > 1000) == (200, True, True)
    assert site.ask("POST", "/api/coding", word)[1]["order"] == told["order"]  # a gun that stutters
    assert [path.name for path in waiting(inbox_of(site.run))] == [told["order"]]
    assert site.ask("POST", "/api/coding/undo", {"order": told["order"]})[0] == 204
    assert waiting(inbox_of(site.run)) == []
    assert site.ask("POST", "/api/coding/undo", {"order": told["order"]})[0] == 409


@pytest.mark.parametrize(
    ("word", "status", "told"),
    [
        ({"pid": 0, "waybill": "SF9999999999998"}, 200, "place"),
        ({"pid": 0, "waybill": "SF9999999999998", "place": "000"}, 404, "no-such-place"),
        ({"pid": 7, "place": HUB.network.towns[0].code}, 409, "coded-late"),
        ({"pid": 0}, 409, "coded-nothing"),
    ],
)
def test_a_word_that_steers_nothing_says_what_is_missing(
    site: Site, word: object, status: int, told: str
) -> None:
    site.log_in("li", "operator-1")
    answered, said = site.ask("POST", "/api/coding", word)
    assert (answered, said.get("needs") or said.get("detail")) == (status, told)
    assert waiting(inbox_of(site.run)) == []
