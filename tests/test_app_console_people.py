"""Users, sessions and the audit: who gets in, who may do what, and what is written down of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sorter.app.console.people import TRIES, TRIES_OF_ALL, People, Role
from sorter.app.journal import JournalWriter
from sorter.flow import Notice
from tests.console_served import Site, served


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with closing(JournalWriter(tmp_path / "run" / "journal")) as journal:
        journal.append(Notice(1, "state", "STOPPED"))
    with served(tmp_path / "run", tmp_path / "people.db") as one:
        yield one


def as_admin(site: Site, folder: Path) -> None:
    with closing(People(folder / "people.db")) as people:
        people.add("chen", "admin-pass-1", Role.ADMIN)
    site.log_in("chen", "admin-pass-1")


def audited(folder: Path) -> list[tuple[str, ...]]:
    with closing(People(folder / "people.db")) as people:
        return [row[1:] for row in reversed(people.audited())]


def test_wrong_passwords_are_slowed_down_for_everybody(site: Site) -> None:
    answers = [site.ask("POST", "/api/login", {"name": "li", "password": "wrong"})[0] for _ in range(TRIES)]
    assert answers == [401] * TRIES
    assert site.ask("POST", "/api/login", {"name": "li", "password": "operator-1"})[0] == 429


def test_the_first_user_is_made_once_and_every_page_forbids_foreign_scripts(site: Site) -> None:
    assert site.ask("POST", "/api/setup", {"name": "eve", "password": "let-me-in-1"})[0] == 403
    for path in ("/", "/chutes", "/alarms", "/search", "/shift", "/login"):
        status, page = site.ask("GET", path)
        assert status == 200
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page)


def test_one_name_that_is_guessed_at_does_not_keep_the_others_out(site: Site) -> None:
    for _ in range(TRIES):
        site.ask("POST", "/api/login", {"name": "nobody", "password": "wrong"})
    assert site.ask("POST", "/api/login", {"name": "nobody", "password": "wrong"})[0] == 429
    site.log_in("li", "operator-1")


def test_many_names_that_are_guessed_at_keep_everybody_out_for_a_while(tmp_path: Path) -> None:
    with closing(People(tmp_path / "p.db")) as people:
        for number in range(TRIES_OF_ALL):
            people.knows(f"guess-{number}", "wrong")
        assert people.must_wait("li")


def test_an_administrator_adds_disables_resets_and_removes_and_it_stands_in_the_audit(
    site: Site, tmp_path: Path
) -> None:
    as_admin(site, tmp_path)
    worker = Site(site.run, site.number)
    worker.log_in("li", "operator-1")
    assert worker.ask("POST", "/api/intercepts", {"waybill": "SF1", "held": True})[0] == 200
    assert site.ask("POST", "/api/users", {"name": "wang", "password": "password-w", "role": 2})[0] == 204
    assert site.ask("POST", "/api/users/li/disable", {"disabled": True})[0] == 204
    assert worker.ask("POST", "/api/intercepts", {"waybill": "SF1", "held": False})[0] == 403
    assert worker.ask("POST", "/api/login", {"name": "li", "password": "operator-1"})[0] == 401
    assert site.ask("POST", "/api/users/li/disable", {"disabled": False})[0] == 204
    assert site.ask("POST", "/api/users/li/password", {"password": "another-1"})[0] == 204
    assert worker.ask("POST", "/api/login", {"name": "li", "password": "operator-1"})[0] == 401
    worker.log_in("li", "another-1")
    assert site.ask("POST", "/api/users/li/remove", {})[0] == 204
    assert worker.ask("POST", "/api/intercepts", {"waybill": "SF1", "held": False})[0] == 403
    done = [row for row in audited(tmp_path) if row[0] == "chen" and row[1] != "login"]
    assert done == [
        ("chen", "add-user", "wang", "", "engineer"),
        ("chen", "disable-user", "li", "enabled", "disabled"),
        ("chen", "enable-user", "li", "disabled", "enabled"),
        ("chen", "reset-password", "li", "", ""),
        ("chen", "remove-user", "li", "", ""),
    ]


@pytest.mark.parametrize("what", ["remove", "disable"])
def test_the_last_administrator_cannot_lock_everybody_out(site: Site, tmp_path: Path, what: str) -> None:
    as_admin(site, tmp_path)
    body = {"disabled": True} if what == "disable" else {}
    assert site.ask("POST", f"/api/users/chen/{what}", body)[0] == 409
    assert site.ask("POST", f"/api/users/nobody/{what}", body)[0] == 404
    with closing(People(tmp_path / "people.db")) as people:
        assert not people.remove("chen", "who-was-just-removed")


def test_somebody_changes_their_own_password_and_their_other_sessions_end(site: Site, tmp_path: Path) -> None:
    elsewhere = Site(site.run, site.number)
    for one in (site, elsewhere):
        one.log_in("li", "operator-1")
    change = {"old": "operator-1", "password": "a-new-one-1"}
    assert site.ask("POST", "/api/password", {**change, "old": "wrong"})[0] == 401
    assert site.ask("POST", "/api/password", {**change, "password": "short"})[0] == 409
    assert site.ask("POST", "/api/password", change)[0] == 204
    assert site.ask("POST", "/api/chutes/3/lock", {"locked": True})[0] == 200
    assert elsewhere.ask("POST", "/api/chutes/3/lock", {"locked": True})[0] == 403
    site.log_in("li", "a-new-one-1")
    assert ("li", "own-password", "li", "", "") in audited(tmp_path)


def test_a_page_says_until_when_its_session_lasts_and_logging_out_ends_it(site: Site) -> None:
    site.log_in("li", "operator-1")
    assert re.search(r'data-ends="\d{10}"', site.ask("GET", "/")[1])
    assert site.ask("POST", "/api/logout", **{"X-CSRF-Token": "guessed"})[0] == 403
    cookie = site.cookie
    assert site.ask("POST", "/api/logout", {})[0] == 204
    site.cookie = cookie
    assert site.ask("POST", "/api/chutes/3/lock", {"locked": True})[0] == 403


def test_a_file_of_the_version_before_keeps_its_users(tmp_path: Path) -> None:
    with closing(People(tmp_path / "p.db")) as people:
        people.add("li", "operator-1", Role.OPERATOR)
    with closing(sqlite3.connect(tmp_path / "p.db")) as db:
        db.executescript("ALTER TABLE users DROP COLUMN disabled; CREATE TABLE shelved (run TEXT); "
                         "PRAGMA user_version = 2;")  # fmt: skip
    with closing(People(tmp_path / "p.db")) as people:
        assert [(one.name, one.disabled) for one in people.users()] == [("li", False)]
        assert people.login("li", "operator-1")
