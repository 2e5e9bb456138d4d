"""Rules put in place of their calls: the same results, fewer calls, and no name that changes its meaning."""

from __future__ import annotations

import pytest

from sim.inlined import inlined
from sim.reference import recursion
from sim.reference.rules import FIRE, LATE, arm_verdict, earliest_entry

WIDE = 3


def twice(number: int) -> int:
    """Of a single expression."""
    return number + number


def area(a: int, b: int) -> int:
    return twice(a) * b + WIDE


def steps(number: int) -> int:
    number += 1
    return number


def total(a: int, b: int) -> tuple[int, int, int]:
    """Calls: one put in through another, one whose argument calls, one of several statements."""
    return area(a - 1, b), twice(steps(a)), steps(twice(b))


def hiding(a: int) -> int:
    WIDE = 5  # noqa: N806 - the mistake
    return area(a, WIDE)


RULES = (twice, area, steps)


def test_a_function_gives_what_it_gave() -> None:
    made = inlined(total, RULES)
    assert all(made(a, b) == total(a, b) for a in range(9) for b in range(9))


def test_only_calls_that_do_something_or_whose_arguments_do_are_left() -> None:
    assert set(inlined(total, RULES).__code__.co_names) == {"steps", "twice", "WIDE"}


def test_what_is_put_in_stands_on_the_line_of_its_call() -> None:
    made = inlined(recursion.run, recursion.RULES)
    assert made.__code__.co_firstlineno == recursion.run.__code__.co_firstlineno
    clear = made.__globals__["run_clear"].__code__
    lines = {line for _, _, line in clear.co_lines() if line}
    assert lines <= {line for _, _, line in recursion.run_clear.__code__.co_lines() if line}
    assert not {"arm_verdict", "blade_at", "gap_fits"} & set(clear.co_names)


def test_a_variable_that_would_hide_a_rules_name_is_refused() -> None:
    with pytest.raises(AssertionError, match="WIDE"):
        inlined(hiding, RULES)


def test_the_function_given_keeps_its_calls() -> None:
    inlined(recursion.run, recursion.RULES)
    assert "arm_verdict" in recursion.run_clear.__code__.co_names
    assert arm_verdict(2, 1, 0, 0) == LATE and arm_verdict(1, 1, 0, 1) == FIRE
    assert earliest_entry(10, 3, 8) == 8
