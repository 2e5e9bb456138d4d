"""docs/promises.md: each row names checks that are there and can tell that very promise."""

from __future__ import annotations

import re

import pytest

from sim.oracle.judge import CHECKS
from tests.promised import TOLD_AS, told_by
from tests.shared import ROOT

TEXT = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
NOT_BUILT = "not built yet"


def rows() -> list[tuple[int, list[str]]]:
    """Number of each promise and the places that check it."""
    table = TEXT.partition("\n## ")[0]
    found = re.findall(r"^\| (\d+) \| .+? \| (.+?) \|$", table, re.MULTILINE)
    return [(int(number), [place.strip("`") for place in where.split(", ")]) for number, where in found]


ALIASES = {(n, f"sim/oracle/{place}"): told for ns, place, told, _ in TOLD_AS for n in ns}
PLACES = [(number, place) for number, places in rows() for place in places if place != NOT_BUILT]
JUDGED = [(number, place) for number, place in PLACES if place.startswith("sim/oracle/")]


def test_every_promise_has_a_row() -> None:
    assert [number for number, _ in rows()] == list(range(1, 57))
    assert [number for number, places in rows() if NOT_BUILT in places] == [33, 34]


@pytest.mark.parametrize("place", sorted({place for _, place in PLACES}))
def test_every_promise_is_checked_where_the_table_says(place: str) -> None:
    path, _, name = place.partition(":")
    source = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^def {re.escape(name)}\(", source, re.MULTILINE)
    judged = path.startswith("sim/oracle/") and name in {"judge", *(check.__name__ for check in CHECKS)}
    assert judged or (re.match(r"tests/test_\w+\.py$", path) and name.startswith("test_"))


@pytest.mark.parametrize(("promise", "place"), JUDGED)
def test_a_check_of_the_oracle_tells_the_promise_that_names_it(promise: int, place: str) -> None:
    told = told_by(*place.split(":"))
    assert ALIASES.get((promise, place), promise) in told, f"it tells {sorted(told)} only"


def test_a_promise_is_told_under_another_number_only_where_it_has_none_of_its_own() -> None:
    assert ALIASES.keys() <= set(JUDGED), "a row of a check that is named no more"
    assert [one for one in ALIASES if one[0] in told_by(*one[1].split(":"))] == []


def test_every_check_of_the_oracle_is_named_by_a_promise() -> None:
    named = {place.partition(":")[2] for _, place in JUDGED}
    assert {check.__name__ for check in CHECKS} - named == set()


def test_the_numbers_of_a_check_are_read_where_its_verdict_gets_them() -> None:
    assert told_by("sim/oracle/motion.py", "commanded") == {5, 19}, "a variable"
    assert told_by("sim/oracle/recalls.py", "called_back") == {6, 7}, "a loop"
    assert told_by("sim/oracle/reasons.py", "follows") >= {3, 4, 8, 13, 15, 18}, "methods, a table"
    assert told_by("sim/oracle/stops.py", "second_refused") == {48}, "not those of its neighbours"
