"""Who may do what: users, sessions and the audit, in the console's own SQLite file.

Passwords are kept as Argon2id hashes, session tokens as SHA-256: a copy of the file opens nothing. What a
person orders is written to the audit, durably, before it takes effect.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sorter.app.segments import disk_errors
from sorter.errors import StoreError

SESSION_S = 12 * 3600
"""A shift; then people log in again."""

SHORTEST_PASSWORD = 8
LONGEST_NAME = 40
TRIES, TRIES_OF_ALL, TRIES_S = 5, 30, 60.0
"""So many wrong passwords of one name, or of all names, in so many seconds; then they wait."""

VERSION = 3
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, role INTEGER NOT NULL, hash TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL, ends REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS audit (
    at REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, about TEXT NOT NULL, before TEXT, after TEXT
);
PRAGMA user_version = 3;
COMMIT;
"""
_FROM_2 = """
BEGIN IMMEDIATE;
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
DROP TABLE IF EXISTS acknowledged;
DROP TABLE IF EXISTS shelved;
PRAGMA user_version = 3;
COMMIT;
"""
"""Acknowledgements stand in the run's journal since."""


class Role(IntEnum):
    """Each may do what the ones before it may."""

    OBSERVER = 0
    OPERATOR = 1
    ENGINEER = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. An observer without a name is anybody; csrf must come back with every write.

    ends_s  Unix time at which the session ends
    """

    name: str
    role: Role
    csrf: str
    ends_s: float = 0.0


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in, unless disabled."""

    name: str
    role: Role
    disabled: bool


ANYBODY = Person("", Role.OBSERVER, "")


class People:
    """The file at `path`, made when absent. Raises StoreError when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._hasher = PasswordHasher()
        self._failed: deque[tuple[float, str]] = deque(maxlen=TRIES_OF_ALL)
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise StoreError(f"{path}: written by a newer version\n  use the version that wrote it")
            self._db.executescript(_FROM_2 if 0 < version < VERSION else _SCHEMA)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path}: {error}\n  move it aside; users are then set up anew") from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    # ------------------------------------------------------------ who

    def nobody_yet(self) -> bool:
        """No user was made yet: the first one becomes the administrator."""
        return not self._rows("SELECT 1 FROM users LIMIT 1")

    def users(self) -> list[User]:
        """Everybody, by name."""
        rows = self._rows("SELECT name, role, disabled FROM users ORDER BY name")
        return [User(name, Role(role), bool(disabled)) for name, role, disabled in rows]

    def wrong_with(self, name: str, password: str) -> str:
        """Key of the sentence that says why these cannot be a user's; "" = they can."""
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable() or "/" in name:
            return "bad-name"
        return "short-password" if len(password) < SHORTEST_PASSWORD else ""

    def add(self, name: str, password: str, role: Role, first: bool = False) -> bool:
        """A user as judged by `wrong_with`; False when the name is taken (first: when there is anybody)."""
        assert not self.wrong_with(name, password)
        hashed = self._hasher.hash(_encodable(password))
        only = " WHERE NOT EXISTS (SELECT 1 FROM users)" if first else ""
        with self._lock:
            row = (name, int(role), hashed)
            insert = f"INSERT OR IGNORE INTO users (name, role, hash) SELECT ?, ?, ?{only}"
            return self._db.execute(insert, row).rowcount == 1

    def remove(self, name: str, by: str) -> bool:
        """A user goes, and their sessions end; False when there is none of this name, or no `by`."""
        return self._change("DELETE FROM users", (), name, by)

    def disable(self, name: str, disabled: bool, by: str) -> bool:
        """A user may log in no longer, and their sessions end; or may again. False as in `remove`."""
        return self._change("UPDATE users SET disabled = ?", (int(disabled),), name, by)

    def set_password(self, name: str, password: str, by: str, keep: str = "") -> bool:
        """A new password as judged by `wrong_with`; sessions end but that of token `keep`. False: no user."""
        assert not self.wrong_with(name, password)
        hashed = self._hasher.hash(_encodable(password))
        return self._change("UPDATE users SET hash = ?", (hashed,), name, by, keep)

    def _change(self, what: str, values: tuple[object, ...], name: str, by: str, keep: str = "") -> bool:
        """By somebody who still is a user: two who remove each other leave one."""
        there = "EXISTS (SELECT 1 FROM users WHERE name = ? AND NOT disabled)"
        with self._lock:
            row = (*values, _encodable(name), _encodable(by))
            if self._db.execute(f"{what} WHERE name = ? AND {there}", row).rowcount != 1:
                return False
            ended = (_encodable(name), _digest(keep))
            self._db.execute("DELETE FROM sessions WHERE name = ? AND token != ?", ended)
            return True

    def knows(self, name: str, password: str) -> bool:
        """Whether this is that user's password, and they may log in. It takes equally long for any name."""
        rows = self._rows("SELECT hash FROM users WHERE name = ? AND NOT disabled", _encodable(name))
        try:
            self._hasher.verify(rows[0][0] if rows else _NOBODYS_HASH, _encodable(password))
        except (VerificationError, InvalidHashError):
            rows = []
        if not rows:
            self._failed.append((time.monotonic(), name))
        return bool(rows)

    def login(self, name: str, password: str) -> str | None:
        """A session token for who knows the password; None otherwise."""
        if not self.knows(name, password):
            return None
        token = secrets.token_urlsafe(32)
        ends = time.time() + SESSION_S
        with self._lock:
            self._db.execute("DELETE FROM sessions WHERE ends < ?", (time.time(),))
            row = (_digest(token), _encodable(name), secrets.token_urlsafe(32), ends)
            self._db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", row)
        return token

    def must_wait(self, name: str) -> bool:
        """Too many wrong passwords lately, of this name or of all."""
        lately = [one for at, one in self._failed if time.monotonic() - at < TRIES_S]
        return len(lately) >= TRIES_OF_ALL or lately.count(name) >= TRIES

    def who(self, token: str) -> Person:
        """Whose session this is; ANYBODY for none."""
        rows = self._rows(
            "SELECT name, role, csrf, ends FROM sessions JOIN users USING (name)"
            " WHERE token = ? AND ends > ? AND NOT disabled",
            _digest(token),
            time.time(),
        )
        return Person(rows[0][0], Role(rows[0][1]), *rows[0][2:]) if rows else ANYBODY

    def logout(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    # ------------------------------------------------------------ what they did

    def audit(self, who: str, what: str, about: str, before: str, after: str) -> None:
        """Keep, durably, what somebody is about to do."""
        with self._lock:
            row = (time.time(), *map(_encodable, (who, what, about, before, after)))
            self._db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", row)

    def audited(self, limit: int = 100) -> list[tuple[float, str, str, str, str, str]]:
        """Newest first: when (Unix seconds), who, what, about, before, after."""
        return self._rows("SELECT * FROM audit ORDER BY rowid DESC LIMIT ?", limit)

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _encodable(text: str) -> str:
    """Text without the lone surrogates that JSON may carry and SQLite and hashes refuse."""
    return text.encode("utf-8", "backslashreplace").decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_NOBODYS_HASH = PasswordHasher().hash(secrets.token_urlsafe(16))
"""Checked when the name is unknown, so that the time taken does not tell which names exist."""
