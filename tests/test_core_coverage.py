"""Every branch of the decision core is taken by a test of its behaviour.

`./run test tests/test_core_coverage.py --full` measures it, and names file and line of what is not reached.
A `case` of a closed vocabulary falls through to nobody: mypy proves that, no test can.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared import ROOT

CORE = (
    *(f"sorter/{name}.py" for name in (
        "chutes", "coding", "controller", "counts", "destinations", "doubt", "goal", "hub", "layout",
        "matching", "notices", "outcomes", "parcels", "pictures", "plan", "planning", "rules", "rulings",
        "snapshot", "timing", "tracking", "vote", "waybill",
    )),
    *(f"plc/{name}.py" for name in (
        "agenda", "clock", "diverting", "encoder", "jobs", "mailbox", "modes", "orders", "pc_mailbox",
        "program", "records", "rival",
    )),
)  # fmt: skip
"""What decides, and what carries decisions to the wheels and back; all of it pure."""

TESTS = (
    "tests/test_sorter_*.py", "tests/test_journals.py",
    *(f"tests/test_plc_{name}.py" for name in (
        "clock", "conservation", "encoder", "lost_counts", "mailbox*", "maintenance", "pc_mailbox",
        "program*", "registers", "rival", "safety_chain", "ways_out",
    )),
    "tests/test_bad_modbus.py", "tests/test_app_plan_change.py",
)  # fmt: skip
SETTINGS = """
[run]
branch = true
[report]
partial_also = ^\\s*case \\w+\\(.*\\):$
exclude_also = ^\\s*\\.\\.\\.$
"""


def measured(folder: Path, files: tuple[str, ...] = CORE) -> dict[str, dict[str, list[int]]]:
    """Lines missed and branches missed of each file, by running the tests of the core."""
    (folder / "coverage.ini").write_text(SETTINGS, encoding="utf-8")
    tests = sorted({str(path.relative_to(ROOT)) for pattern in TESTS for path in ROOT.glob(pattern)})
    words = [
        sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *tests,
        "--cov=sorter", "--cov=plc", f"--cov-config={folder}/coverage.ini",
        f"--cov-report=json:{folder}/coverage.json",
    ]  # fmt: skip
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3000)
    assert done.returncode == 0, done.stdout[-3000:]
    told = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))["files"]
    return {file: told[file] for file in files}


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_line_and_branch_of_the_decision_core_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report_line: Callable[[str], None]
) -> None:
    monkeypatch.setenv("COVERAGE_FILE", str(tmp_path / "coverage.data"))
    found = measured(tmp_path)
    missed = {
        file: (one["missing_lines"], one["missing_branches"])
        for file, one in found.items()
        if one["missing_lines"] or one["missing_branches"]
    }
    report_line(f"{len(found)} modules of the decision core; with a branch not taken: {missed or 'none'}")
    assert missed == {}
