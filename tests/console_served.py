"""A console served over a recorded run, and a client that asks it as a browser would."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from sorter.app.config import load_hub
from sorter.app.console.follow import Follower
from sorter.app.console.people import People, Role
from sorter.app.console.server import Desk, console
from tests.linzi import FOLDER as LINZI

HUB = load_hub(LINZI)


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
    people = People(people_db)
    people.add("li", "operator-1", Role.OPERATOR)
    with closing(people), listening(run, people) as number:
        yield Site(run, number)


@contextmanager
def listening(run: Path, people: People) -> Iterator[int]:
    """The console of a run of our hub; gives its port."""
    with serving(console(Desk(HUB, LINZI, Follower(run, HUB), people))) as number:
        yield number


@contextmanager
def serving(app: FastAPI) -> Iterator[int]:
    """An application in a thread of this process; gives its port."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield port.getsockname()[1]
        server.should_exit = True
        thread.join()


def wait_for(until: Callable[[], bool]) -> None:
    """Until it is so, five seconds at most."""
    end = time.monotonic() + 5
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)
