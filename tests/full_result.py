"""tests/full-result.txt: what each long bar came to, when and at which commit, a line each.

`./run test --full [SELECTION]` renews the lines of the long bars that it ran and leaves the others: all of
them together take most of a day. A line is `test | outcome | date | commit | seconds | figures`; `+` after
a commit: there were changes beside it. Where a peer is missing, an older result stays; lines of tests that
are no more are dropped.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.shared import ROOT

RESULT = ROOT / "tests" / "full-result.txt"
MEASURED, LONG_BAR = "measured", "long bar"
"""Properties that travel with a test's report: its figures, and that it is marked as one."""
HEAD = """# Long bars: `./run test --full [SELECTION]` renews the lines of what it ran
# test | outcome | date | commit | seconds | figures
"""
BETWEEN = " | "


@dataclass(frozen=True, slots=True)
class Result:
    """One long bar's last run."""

    test: str
    outcome: str
    seconds: float
    figures: tuple[str, ...]

    def line(self, stamp: str) -> str:
        figures = "; ".join(" ".join(figure.split()) for figure in self.figures)
        return BETWEEN.join((self.test, self.outcome, stamp, f"{self.seconds:.0f} s", figures)).rstrip(" |")


def results(reports: Iterable[pytest.TestReport | pytest.CollectReport]) -> list[Result]:
    """Of the long bars among these reports, one each: failed before skipped before passed."""
    phases: dict[str, list[pytest.TestReport]] = defaultdict(list)
    for report in reports:
        if (LONG_BAR, True) in getattr(report, "user_properties", ()):  # a file may not even be collected
            assert isinstance(report, pytest.TestReport)
            phases[report.nodeid].append(report)
    return [one(test, phases[test]) for test in sorted(phases)]


def one(test: str, phases: list[pytest.TestReport]) -> Result:
    outcomes = {phase.outcome: phase for phase in phases}
    worst = next(outcomes[name] for name in ("failed", "skipped", "passed") if name in outcomes)
    notes = [str(text) for phase in phases for name, text in phase.user_properties if name == MEASURED]
    figures = [note.removeprefix(f"{test}: ") for note in dict.fromkeys(notes)]
    if isinstance(worst.longrepr, tuple):
        figures.append(worst.longrepr[2])
    return Result(test, worst.outcome, sum(phase.duration for phase in phases), tuple(figures))


def renew(new: list[Result], path: Path = RESULT) -> None:
    """Put these results in place of their former ones."""
    stamp = f"{datetime.now(UTC):%Y-%m-%d}{BETWEEN}{commit()}"
    old = former(path)
    ran = (result for result in new if result.outcome != "skipped" or result.test not in old)
    lines = old | {result.test: result.line(stamp) for result in ran}
    kept = [lines[test] for test in sorted(lines) if exists(test)]
    path.write_text("\n".join([HEAD + machine(), *kept, ""]), encoding="utf-8")


def former(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split(BETWEEN)[0]: line for line in lines if "::" in line and BETWEEN in line}


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    path, function = ROOT / file, name.split("::")[-1].split("[")[0]
    return path.exists() and re.search(rf"def {function}\b", path.read_text(encoding="utf-8")) is not None


def machine() -> str:
    gib = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    kind = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"# last on {os.cpu_count()} cores, {gib} GiB, {kind}\n"


def commit() -> str:
    changed = git("status", "--porcelain", "--", ".", f":!{RESULT.relative_to(ROOT)}")
    return (git("rev-parse", "--short=10", "HEAD") or "no git") + ("+" if changed else "")


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    return done.stdout.strip()
