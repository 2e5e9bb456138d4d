"""A console served over a recorded run, in a thread of the test's process, for whoever has a session."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from sorter.app.cli import main
from sorter.app.config import load_hub
from sorter.app.console.follow import Follower
from sorter.app.console.people import People, Role
from sorter.app.console.server import Desk, console
from sorter.app.console.web import web_server
from tests.linzi import FOLDER as LINZI

HUB = load_hub(LINZI)


@dataclass
class Served:
    """Where the console answers, who is known to it, and the run that it shows."""

    port: int
    people: People
    run: Path
    known: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def session(self, role: Role) -> dict[str, str]:
        """Headers of somebody of this role, logged in."""
        name = role.name.lower()
        if name not in self.known:
            self.people.add(name, "password-1", role)
            self.known.add(name)
        token = self.people.login(name, "password-1")
        assert token is not None
        who = self.people.who(token)
        return {"Cookie": f"sorter_session={token}", "X-CSRF-Token": who.csrf}


def record_run(folder: Path, parcels: int) -> Path:
    """A run with a journal, as the virtual line leaves it."""
    words = ["sim", str(LINZI), "--parcels", str(parcels), "--seed", "5", "--json"]
    assert main([*words, "--journal", str(folder / "journal")]) == 0
    return folder


@contextmanager
def serving(run: Path, people_file: Path) -> Iterator[Served]:
    """The console of a run, until the block ends."""
    with closing(People(people_file)) as people:
        app = console(Desk(HUB, LINZI, Follower(run, HUB), people))
        with listening(app) as port:
            yield Served(port, people, run)


@contextmanager
def listening(app: FastAPI) -> Iterator[int]:
    """An application in a thread of this process, until the block ends; gives its port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = web_server(app, "critical")
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield taken.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
