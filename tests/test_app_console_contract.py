"""The whole OpenAPI contract under fire: no 5xx, no answer that it does not promise, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings

from sorter.app.console.follow import Follower
from sorter.app.console.people import People, Role
from sorter.app.console.server import Desk, console
from sorter.app.console.sessions import admin, engineer, operator, somebody
from sorter.app.desk import inbox_of, pulse_of
from sorter.app.inbox import waiting
from sorter.app.pulse import PulseWriter
from tests.linzi import FOLDER as LINZI
from tests.served import HUB, Served, record_run, serving

schemathesis: Any = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
EXAMPLES = 12
DOORS = {"/api/login", "/api/setup"}
ENDS_SESSIONS = {"/api/logout", "/api/password"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    run = record_run(tmp_path_factory.mktemp("run"), 20)
    with serving(run, run / "people.db") as made:
        yield made


def operations(served: Served) -> list[Any]:
    schema = schemathesis.openapi.from_url(f"{served.address}/api/openapi.json")
    return [one.ok() for one in schema.get_all_operations()]


def fire(operation: Any, examples: int, *askers: dict[str, str]) -> set[int]:
    """Everybody asks an operation with the same made-up values; every answer is held against the contract.

    askers  the headers of each. Gives the statuses of the answers.
    """
    statuses: set[int] = set()

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        for headers in askers:
            answer = case.call(headers=headers)
            statuses.add(answer.status_code)
            case.validate_response(answer)

    ask()
    return statuses


@contextmanager
def beating(run: Path) -> Iterator[None]:
    """A controller lives there, as far as anybody can see."""
    ending = threading.Event()

    def beat() -> None:
        with closing(PulseWriter(pulse_of(run))) as pulse:
            while not ending.wait(0.1):
                pulse.beat(60_000_000, 7)

    heart = threading.Thread(target=beat)
    heart.start()
    try:
        yield
    finally:
        ending.set()
        heart.join()


def test_no_answer_breaks_the_contract_whoever_asks(served: Served) -> None:
    admin = served.session(Role.ADMIN)
    with beating(served.run):
        for operation in operations(served):
            own = served.session(Role.ADMIN) if operation.path in ENDS_SESSIONS else admin
            assert max(fire(operation, EXAMPLES, own)) < 500, operation.path
        assert served.people.audited(1) != []


def routes() -> list[APIRoute]:
    """Everything that the console answers, also what no contract mentions."""
    with TemporaryDirectory() as folder, closing(People(Path(folder) / "people.db")) as people:
        made = console(Desk(HUB, LINZI, Follower(Path(folder), HUB), people))
    return [one for one in flat(made.routes) if isinstance(one, APIRoute)]


def flat(found: Sequence[Any]) -> Iterator[Any]:
    """Routes, and those of routers that were included whole."""
    for one in found:
        if (router := getattr(one, "original_router", None)) is not None:
            yield from flat(router.routes)
        else:
            yield one


def guards(route: APIRoute) -> list[Role]:
    """The roles that a route demands of who calls it."""
    asked = {somebody: Role.OBSERVER, operator: Role.OPERATOR, engineer: Role.ENGINEER, admin: Role.ADMIN}
    calls = [one.call for one in route.dependant.dependencies]
    return [role for call, role in asked.items() if call in calls]


WRITES = {one.path: guards(one) for one in routes() if (one.methods or set()) - {"GET", "HEAD"}}


def test_every_way_to_write_demands_a_role_but_the_two_doors() -> None:
    assert {path for path, roles in WRITES.items() if len(roles) != 1} == DOORS
    assert len(WRITES) >= 18


def test_the_contract_names_every_way_to_write(served: Served) -> None:
    told = {one.path for one in operations(served) if one.method.upper() != "GET"}
    assert told == WRITES.keys()


def refused_everywhere(may: dict[Role, dict[str, str]]) -> list[dict[str, str]]:
    """Nobody; an administrator without token, with another's, from another page; a token without session."""
    able, token = may[Role.ADMIN], "X-CSRF-Token"
    return [
        {},
        {"Cookie": able["Cookie"]},
        {"Cookie": able["Cookie"], token: may[Role.OBSERVER][token]},
        {token: able[token]},
        {**able, "Origin": "http://elsewhere.example"},
    ]


def test_every_write_without_session_token_or_role_is_refused_and_leaves_nothing(served: Served) -> None:
    may = {role: served.session(role) for role in Role}
    strangers = refused_everywhere(may)
    before = len(waiting(inbox_of(served.run)))
    audit = len(served.people.audited(10_000))
    users = served.people.users()
    for operation in operations(served):
        if operation.method.upper() != "GET" and operation.path not in DOORS:
            refused = [*strangers, *(one for role, one in may.items() if role < WRITES[operation.path][0])]
            assert fire(operation, 2, *refused) <= {403, 422}, operation.path
    assert len(waiting(inbox_of(served.run))) == before
    assert len(served.people.audited(10_000)) == audit
    assert served.people.users() == users


def test_the_doors_are_shut_to_other_sites(served: Served) -> None:
    for operation in operations(served):
        if operation.path in DOORS:
            assert fire(operation, 3, {"Origin": "http://elsewhere.example"}) == {403}
