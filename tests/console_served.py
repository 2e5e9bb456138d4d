"""A console served over a recorded run, and a client that asks it as a browser would."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from sorter.app.console.people import Role
from tests.served import serving


class Site:
    """A served console: ask it, as a browser would."""

    def __init__(self, run: Path, number: int) -> None:
        self.run = run
        self.number = number
        self.cookie = self.csrf = ""

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        link = HTTPConnection("127.0.0.1", self.number, timeout=10)
        sent = {
            "Content-Type": "application/json",
            "Cookie": self.cookie,
            "X-CSRF-Token": self.csrf,
            **headers,
        }
        with closing(link):
            link.request(method, path, None if body is None else json.dumps(body), sent)
            answer = link.getresponse()
            text = answer.read().decode()
            if fresh := answer.getheader("Set-Cookie"):
                self.cookie = fresh.split(";")[0]
            kind = answer.getheader("Content-Type") or ""
            return answer.status, json.loads(text) if "json" in kind else text

    def log_in(self, name: str, password: str) -> None:
        assert self.ask("POST", "/api/login", {"name": name, "password": password})[0] == 204
        page = self.ask("GET", "/")[1]
        found = re.search(r'data-csrf="([^"]*)"', page)
        assert found
        self.csrf = found[1]


@contextmanager
def served(run: Path, people_db: Path) -> Iterator[Site]:
    """The console of the run in this folder; one operator, li, is there."""
    with serving(run, people_db) as one:
        one.people.add("li", "operator-1", Role.OPERATOR)
        yield Site(run, one.port)


def wait_for(until: Callable[[], bool]) -> None:
    """Until it is so, five seconds at most."""
    end = time.monotonic() + 5
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)
