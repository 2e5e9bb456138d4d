"""Every branch of the decision core is taken by a test of its behaviour.

`./run test tests/test_core_coverage.py --full` measures it, and names file and line of what is not reached.
A `case` of a closed vocabulary falls through to nobody: mypy proves that, no test can.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shared import ROOT

CORE = (
    *(f"sorter/{name}.py" for name in (
        "address_edits", "address_heads", "address_names", "advices", "chutes", "codec", "coding",
        "controller", "counts", "destinations", "doubt", "flow", "frozen", "goal", "hanzi", "health", "hub",
        "layout", "lexicon", "matching", "network", "notices", "outcomes", "parcels", "pictures", "plan",
        "planning", "replay", "rules", "rulings", "sites", "snapshot", "timing", "tracking", "vote",
        "waybill", "words",
    )),
    *(f"plc/{name}.py" for name in (
        "agenda", "blocks", "clock", "diverting", "encoder", "event_ring", "jobs", "mailbox", "maintenance",
        "modes", "orders", "pc_mailbox", "program", "records", "registers", "remote_program", "rival",
        "signals",
    )),
)  # fmt: skip
"""What decides, and what carries decisions to the wheels and back; all of it pure."""

_TEXTS = "reads an address when a manifest is taken in; told by tests/test_sorter_addresses.py"
_WIRE = "an answer byte by byte or not at all; told by tests/test_plc_modbus*.py and test_bad_modbus.py"
_DRIVER = "talks to a device; told by its own tests beside a server"
_PAPER = "writes the map for people and PLC programmers; decides nothing"
_EMPTY = "holds no branch: a docstring, data or protocols"
OUTSIDE = {
    "sorter/__init__.py": _EMPTY, "plc/__init__.py": _EMPTY, "sorter/ports.py": _EMPTY,
    "sorter/hanzi_forms.py": _EMPTY, "sorter/hanzi_sounds.py": _EMPTY,
    "sorter/__main__.py": "calls the command line",
    "sorter/addresses.py": _TEXTS, "sorter/gazetteer.py": _TEXTS,
    "sorter/errors.py": "words of a refusal; told by tests/test_app_config_mistakes.py",
    "plc/adu.py": _WIRE, "plc/agreement.py": _WIRE, "plc/patience.py": _WIRE,
    "plc/modbus.py": _DRIVER, "plc/probe.py": _DRIVER, "plc/remote_io.py": _DRIVER, "plc/wire.py": _DRIVER,
    "plc/mapcode.py": _PAPER, "plc/mapdoc.py": _PAPER,
}  # fmt: skip
"""File -> why this bar does not ask for its branches."""

TESTS = (
    "tests/test_sorter_*.py", "tests/test_journals.py",
    *(f"tests/test_plc_{name}.py" for name in (
        "clock", "conservation", "encoder", "event_ring", "lost_counts", "mailbox*", "maintenance*",
        "pc_mailbox", "program*", "registers", "remote_program", "rival", "safety_chain", "ways_out",
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


def test_every_file_beside_the_core_is_in_it_or_says_why_not() -> None:
    paths = (path for where in ("sorter", "plc") for path in ROOT.glob(f"{where}/*.py"))
    there = {str(path.relative_to(ROOT)) for path in paths}
    assert len(CORE) == len(set(CORE)) and not set(CORE) & OUTSIDE.keys()
    assert there - {*CORE, *OUTSIDE} == set(), "new: put it into CORE, or OUTSIDE with the reason"
    assert {*CORE, *OUTSIDE} - there == set(), "gone"


def test_every_pattern_of_its_tests_finds_some() -> None:
    assert [pattern for pattern in TESTS if not any(ROOT.glob(pattern))] == []


def test_a_reason_for_staying_outside_names_tests_that_are_there() -> None:
    named = {name for why in OUTSIDE.values() for name in re.findall(r"(?:tests/)?(test_[\w*]+\.py)", why)}
    assert named and [name for name in named if not any(ROOT.glob(f"tests/{name}"))] == []


def test_a_file_without_a_branch_has_none() -> None:
    for path in (path for path, why in OUTSIDE.items() if why is _EMPTY):
        nodes = ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        assert not any(isinstance(node, ast.If | ast.For | ast.While | ast.Match) for node in nodes), path


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
