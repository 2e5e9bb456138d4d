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
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sorter.app.console.alarms import Acknowledged
from sorter.app.segments import disk_errors
from sorter.errors import StoreError
from sorter.flow import Us

SESSION_S = 12 * 3600
"""A shift; then people log in again."""

SHORTEST_PASSWORD = 8
TRIES, TRIES_S = 5, 60.0
"""So many wrong passwords in so many seconds, then everybody waits."""

VERSION = 1
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, role INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL, ends REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS audit (
    at REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, about TEXT NOT NULL, before TEXT, after TEXT
);
CREATE TABLE IF NOT EXISTS acknowledged (run TEXT, at_us INTEGER, id TEXT, who TEXT);
PRAGMA user_version = 1;
COMMIT;
"""


class Role(IntEnum):
    """Each may do what the ones before it may."""

    OBSERVER = 0
    OPERATOR = 1
    ENGINEER = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. An observer without a name is anybody; csrf must come back with every write."""

    name: str
    role: Role
    csrf: str


ANYBODY = Person("", Role.OBSERVER, "")


class People:
    """The file at `path`, made when absent. Raises StoreError when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._hasher = PasswordHasher()
        self._failed: deque[float] = deque(maxlen=TRIES)
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            if self._db.execute("PRAGMA user_version").fetchone()[0] > VERSION:
                raise StoreError(f"{path}: written by a newer version\n  use the version that wrote it")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path}: {error}\n  move it aside; users are then set up anew") from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    # ------------------------------------------------------------ who

    def nobody_yet(self) -> bool:
        """No user was made yet: the first one becomes the administrator."""
        return not self._rows("SELECT 1 FROM users LIMIT 1")

    def names(self) -> list[tuple[str, Role]]:
        """Every user and what they may do."""
        return [(name, Role(role)) for name, role in self._rows("SELECT name, role FROM users ORDER BY name")]

    def add(self, name: str, password: str, role: Role) -> bool:
        """A new user; False when the name is taken. ValueError says what is wrong with name or password."""
        if not name.strip() or len(name) > 40 or not name.isprintable():
            raise ValueError("名字为 1-40 个可见字符 / a name has 1 to 40 printable characters")
        if len(password) < SHORTEST_PASSWORD:
            least = SHORTEST_PASSWORD
            raise ValueError(f"密码至少 {least} 个字符 / a password has at least {least} characters")
        hashed = self._hasher.hash(password)
        with self._lock:
            row = (name, int(role), hashed)
            return self._db.execute("INSERT OR IGNORE INTO users VALUES (?, ?, ?)", row).rowcount == 1

    def login(self, name: str, password: str) -> str | None:
        """A session token for who knows the password; None otherwise. It takes equally long for any name."""
        rows = self._rows("SELECT hash FROM users WHERE name = ?", name)
        try:
            self._hasher.verify(rows[0][0] if rows else _NOBODYS_HASH, password)
        except (VerificationError, InvalidHashError):
            rows = []
        if not rows:
            self._failed.append(time.monotonic())
            return None
        token = secrets.token_urlsafe(32)
        ends = time.time() + SESSION_S
        with self._lock:
            self._db.execute("DELETE FROM sessions WHERE ends < ?", (time.time(),))
            row = (_digest(token), name, secrets.token_urlsafe(32), ends)
            self._db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", row)
        return token

    def must_wait(self) -> bool:
        """Too many wrong passwords lately."""
        return len(self._failed) == TRIES and time.monotonic() - self._failed[0] < TRIES_S

    def who(self, token: str) -> Person:
        """Whose session this is; ANYBODY for none."""
        rows = self._rows(
            "SELECT name, role, csrf FROM sessions JOIN users USING (name) WHERE token = ? AND ends > ?",
            _digest(token),
            time.time(),
        )
        return Person(rows[0][0], Role(rows[0][1]), rows[0][2]) if rows else ANYBODY

    def logout(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    # ------------------------------------------------------------ what they did

    def audit(self, who: str, what: str, about: str, before: str, after: str) -> None:
        """Keep, durably, what somebody is about to do."""
        with self._lock:
            row = (time.time(), who, what, about, before, after)
            self._db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", row)

    def audited(self, limit: int = 100) -> list[tuple[float, str, str, str, str, str]]:
        """Newest first: when (Unix seconds), who, what, about, before, after."""
        return self._rows("SELECT * FROM audit ORDER BY rowid DESC LIMIT ?", limit)

    def acknowledge(self, run: str, word: Acknowledged) -> None:
        """Keep, durably, that somebody has seen an alarm of a run."""
        with self._lock:
            row = (run, word.at_us, word.id, word.who)
            self._db.execute("INSERT INTO acknowledged VALUES (?, ?, ?, ?)", row)

    def acknowledged(self, run: str) -> list[Acknowledged]:
        """Everything acknowledged in a run."""
        rows: Sequence[tuple[Us, str, str]] = self._rows(
            "SELECT at_us, id, who FROM acknowledged WHERE run = ?", run
        )
        return [Acknowledged(*row) for row in rows]

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_NOBODYS_HASH = PasswordHasher().hash(secrets.token_urlsafe(16))
"""Checked when the name is unknown, so that the time taken does not tell which names exist."""
