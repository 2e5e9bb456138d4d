"""The long bars' results: what ran is renewed, what did not run stays, what is no more goes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.full_result import LONG_BAR, MEASURED, former, renew, results

HERE = "tests/test_full_result.py::test_what_ran_is_renewed_and_the_rest_stays_as_it_was"
THERE = "tests/test_house.py::test_no_such_test"


def report(
    test: str, outcome: Literal["passed", "failed", "skipped"], *figures: str, full: bool = True
) -> pytest.TestReport:
    why = ("f.py", 1, "Skipped: no strace") if outcome == "skipped" else None
    return pytest.TestReport(
        test, ("f.py", 1, test), {"full": 1}, outcome, why, "call", duration=2.0,
        user_properties=[
            *[(LONG_BAR, True)] * full, *((MEASURED, f"{test}: {figure}") for figure in figures)
        ],
    )  # fmt: skip


def test_what_ran_is_renewed_and_the_rest_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "result.txt"
    file.write_text(f"# old\n{HERE} | passed | 2026-01-01 | abc | 9 s | 1 kill\n{THERE} | passed\n")
    renew(results([report(HERE, "skipped")]), file)
    assert former(file)[HERE].endswith("1 kill") and THERE not in former(file)
    renew(results([report(HERE, "passed", "20 kills", "0 lost"), report(HERE, "failed")]), file)
    line = former(file)[HERE]
    assert "| failed |" in line and line.endswith("| 4 s | 20 kills; 0 lost") and "2026-01-01" not in line


def test_only_long_bars_have_a_line_and_a_skip_says_why(tmp_path: Path) -> None:
    file = tmp_path / "result.txt"
    renew(results([report(HERE, "skipped"), report(HERE + "[x]", "passed", full=False)]), file)
    assert list(former(file)) == [HERE]
    assert former(file)[HERE].endswith("Skipped: no strace")
