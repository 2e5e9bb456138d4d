"""The simulation as machine code: the same bytes, never stale, and nobody needs it."""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import closed_loop
from sorter.app import cmd_compile, machine_code
from sorter.app.cli import main
from sorter.app.machine_code import MODULES, PACKAGES, ROOT, WISH, key
from tests.shared import ROOT as HERE

RUN = """
import json, sys
from pathlib import Path
from sorter.app import machine_code
used = machine_code.use(Path(sys.argv[1]) if sys.argv[1] else None)
from hashlib import sha256
from sim.arrivals import advice, draw
from sim.virtual import VirtualLine
import plc.program
from sorter.app.config import load_hub
from sorter.app.fault_file import planned
from sorter.codec import encode
hub, kept = load_hub(Path("configs/linzi")), []
drawn = draw(hub, 3, 150, 6000)
for faults in (None, planned(Path("configs/faults/bad-shift.yaml"), hub, 3, drawn)):
    line = VirtualLine(hub, "2026-11-23", [one.parcel for one in drawn], 3, kept.append, faults)
    line.run(advice(one.truth for one in drawn))
text = "\\n".join(json.dumps(encode(value)) for value in kept)
digest, told_of = sha256(text.encode()), []
from sim.torture.trial import told
from sorter.app.torture_bench import begin
for mix in ("faultless", "light", "heavy"):
    for seed in range(1, 21):
        trial, world = told(seed, mix, begin)
        digest.update(b"".join(data for _, data in world.disk.segments()))
        told_of.append([seed, mix, len(world.facts), trial.line_us, sorted(trial.fired.items()),
                        sorted(trial.outcomes.items()), [str(one) for one in trial.violations]])
print(json.dumps([used, plc.program.__file__, len(kept), digest.hexdigest(), told_of]))
"""


def run(folder: Path | None, **more: str) -> tuple[bool, str, int, str, list[object]]:
    """Two runs and a torture in a process of its own.

    Machine code used, the program's file, values kept, digest of them and of every tortured journal, what was
    told of each seed.
    """
    environment = {**{name: value for name, value in os.environ.items() if name != WISH}, **more}
    words = [sys.executable, "-c", RUN, str(folder or "")]
    told = subprocess.run(words, cwd=HERE, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    used, file, kept, digest, seeds = json.loads(told.stdout)
    return used, file, kept, digest, seeds


@pytest.fixture
def built(native: Path | None) -> Path:
    if native is None:
        pytest.skip(f"cannot compile here: {cmd_compile.what_is_missing()}")
    return native


@pytest.mark.timeout(900)
def test_machine_code_keeps_the_same_bytes_as_the_source(built: Path) -> None:
    compiled, source = run(built), run(None, **{WISH: "no"})
    assert compiled[0] and compiled[1].startswith(str(built))
    assert not source[0] and source[1] == str(ROOT / "plc" / "program.py")
    assert source[2] > 2000 and len(source[4]) == 60
    assert compiled[2:] == source[2:]
    assert cmd_compile.build(built.parent) == built, "made once"


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_closed_loop_as_machine_code_is_as_fast_as_wanted(
    built: Path, report_line: Callable[[str], None]
) -> None:
    found, source = closed_loop.measured(1500, "", built), closed_loop.measured(1500, "no")
    ratio, plain = (one["open_s"] / one["closed_s"] for one in (found, source))
    report_line(
        f"closed loop as machine code: {ratio:.3f} of idiomatic SimPy, N = 14 (interpreted {plain:.3f})"
    )
    assert found["used"] and found["sha256"] == source["sha256"]
    assert ratio >= 0.15


def copy_of(root: Path) -> Path:
    """A few sources, one in each package."""
    for package in PACKAGES:
        (root / package).mkdir(parents=True)
        (root / package / "one.py").write_text("A = 1\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("package", PACKAGES)
def test_any_change_of_any_source_is_another_key(tmp_path: Path, package: str) -> None:
    root = copy_of(tmp_path)
    before = key(root)
    assert key(root) == before
    (root / package / "one.py").write_text("A = 2\n", encoding="utf-8")
    changed = key(root)
    (root / package / "one.py").rename(root / package / "other.py")
    assert len({before, changed, key(root)}) == 3


def test_machine_code_is_not_used_once_a_module_of_it_is_imported(tmp_path: Path) -> None:
    importlib.import_module(MODULES[-1])
    finders = list(sys.meta_path)
    assert not machine_code.use(tmp_path)
    assert sys.meta_path == finders


def test_without_machine_code_of_these_very_sources_the_source_runs(tmp_path: Path) -> None:
    asked = (
        "from sorter.app import machine_code as m\n"
        "from pathlib import Path\n"
        f"print(m.use(Path({str(tmp_path / 'gone')!r})), m.use(Path({str(tmp_path)!r})), end=' ')\n"
        "import sorter.counts\n"
        "print(sorter.counts.__file__)"
    )
    words = [sys.executable, "-c", asked]
    told = subprocess.run(words, cwd=HERE, stdout=subprocess.PIPE, check=True, text=True).stdout
    assert told == f"False False {ROOT / 'sorter' / 'counts.py'}\n"


def test_every_module_of_it_exists_and_is_named_once() -> None:
    assert all((ROOT / f"{name.replace('.', '/')}.py").is_file() for name in MODULES)
    assert len(set(MODULES)) == len(MODULES)


def test_nobody_outside_inherits_from_machine_code() -> None:
    # mypyc's classes have interpreted subclasses only at a price; Python says so when it imports them.
    found, inside = [], set(MODULES)
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        origin = {
            alias.asname or alias.name: node.module
            for node in nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        bases = [base for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases]
        found += [
            f"{name}: {base.id}"
            for base in bases
            if isinstance(base, ast.Name) and origin.get(base.id) in inside and name not in inside
        ]
    assert found == []


def test_a_machine_without_a_compiler_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert main(["compile"]) == 3
    assert "cc" in capsys.readouterr().err


def test_a_worker_of_the_torture_begins_before_any_module_of_it_is_imported() -> None:
    # Or the worker would run the source, at half the pace, while its parent runs machine code.
    asked = (
        "import sys\n"
        "import sorter.app.torture_worker\n"
        "from sorter.app.machine_code import MODULES\n"
        "print([name for name in MODULES if name in sys.modules])"
    )
    words = [sys.executable, "-c", asked]
    assert subprocess.run(words, cwd=HERE, stdout=subprocess.PIPE, check=True, text=True).stdout == "[]\n"
