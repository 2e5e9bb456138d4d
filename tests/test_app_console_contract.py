"""The whole OpenAPI contract under fire: no 5xx, no answer that it does not promise, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sorter.app.console.people import Role
from sorter.app.desk import inbox_of, pulse_of
from sorter.app.inbox import waiting
from sorter.app.pulse import PulseWriter
from tests.served import Served, record_run, serving

schemathesis: Any = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
EXAMPLES = 12
DOORS = {"/api/login", "/api/logout", "/api/setup"}
NOT_HERE = {"/api/config/simulate", "/api/logout"}  # seconds of work; the end of our session


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    run = record_run(tmp_path_factory.mktemp("run"), 20)
    with serving(run, run / "people.db") as made:
        yield made


def operations(served: Served) -> list[Any]:
    schema = schemathesis.openapi.from_url(f"{served.address}/api/openapi.json")
    return [one.ok() for one in schema.get_all_operations()]


def fire(operation: Any, headers: dict[str, str], examples: int) -> set[int]:
    """Ask an operation with made-up values; every answer is held against the contract. Their statuses."""
    statuses: set[int] = set()

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
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
            if operation.path not in NOT_HERE:
                assert max(fire(operation, admin, EXAMPLES)) < 500, operation.path
        assert served.people.audited(1) != []


def refusals(served: Served) -> dict[str, dict[str, str]]:
    """Who must not write: nobody, an administrator without the token or from another page, an observer."""
    admin, observer = served.session(Role.ADMIN), served.session(Role.OBSERVER)
    return {
        "no session": {},
        "no token": {"Cookie": admin["Cookie"]},
        "another's token": {"Cookie": admin["Cookie"], "X-CSRF-Token": observer["X-CSRF-Token"]},
        "another page": {**admin, "Origin": "http://elsewhere.example"},
        "too low a role": observer,
    }


def test_every_write_without_session_token_or_role_is_refused_and_leaves_nothing(served: Served) -> None:
    writers = refusals(served)
    before = len(waiting(inbox_of(served.run)))
    audit = len(served.people.audited(10_000))
    for operation in operations(served):
        if operation.method.upper() == "POST" and operation.path not in DOORS:
            for what, headers in writers.items():
                assert fire(operation, headers, 3) <= {403, 422}, (operation.path, what)
    assert len(waiting(inbox_of(served.run))) == before
    assert len(served.people.audited(10_000)) == audit


LEAST = {"/api/users": Role.ADMIN, "/api/config/apply": Role.ENGINEER, "/api/maintenance/jog": Role.ENGINEER}


def test_every_write_of_engineers_and_administrators_is_refused_to_lower_roles(served: Served) -> None:
    lower = {role: served.session(role) for role in (Role.OPERATOR, Role.ENGINEER)}
    for operation in operations(served):
        if operation.method.upper() != "POST":
            continue
        least = next((least for path, least in LEAST.items() if belongs(operation.path, path)), None)
        for role, headers in lower.items():
            if least is not None and role < least:
                assert fire(operation, headers, 3) <= {403, 422}, (operation.path, role)


def belongs(path: str, family: str) -> bool:
    """Configuration, maintenance and users are families of writes that one role may do."""
    return path.startswith("/".join(family.split("/")[:3]))
