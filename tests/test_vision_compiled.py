"""Machine code is made anew when its own sources change, and only then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.shared import ROOT
from vision.compiled import _digest, sources_of

COUNTED = """
import gc, json
from numba.core.registry import CPUDispatcher
from tests.causes import CAUSES, bare
from vision.ready import warm_up
from vision.sight import BeltSight

def made():
    every = [one for one in gc.get_objects() if isinstance(one, CPUDispatcher)]
    own = [one for one in every if one.py_func.__module__.startswith("vision.")]
    return {f"{one.py_func.__name__}{kinds}" for one in own for kinds in one.signatures}

frames = [*bare(1), *(make(1) for make in CAUSES.values())]
warm_up()
before, sight = made(), BeltSight()
told = [one.cause.value for gray in frames for one in sight.look(gray).unread]
print(json.dumps([len(before), sorted(made() - before), told]))
"""


def test_sources_are_the_modules_that_functions_can_be_made_of() -> None:
    import vision.decode  # noqa: F401  everything is imported, and yet does not count

    assert set(sources_of("vision.linear_search")) == {
        "vision.linear_search", "vision.linear_model", "vision.compiled",
    }  # fmt: skip
    assert {"vision.linear_fit", "vision.linear_model", "vision.symbols"} < set(
        sources_of("vision.linear_guess")
    )


def test_the_name_changes_with_a_source_of_a_source_and_with_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"made": "", "made.top": "from made import low\n", "made.low": "x = 1\n", "made.other": "y = 1\n"}
    for name, text in texts.items():
        module = ModuleType(name)
        module.__file__ = str(tmp_path / f"{name}.py")
        Path(module.__file__).write_text(text, encoding="utf-8")
        monkeypatch.setitem(sys.modules, name, module)
    before = _digest("made.top")
    (tmp_path / "made.other.py").write_text("y = 2\n", encoding="utf-8")
    assert _digest("made.top") == before
    (tmp_path / "made.low.py").write_text("x = 2\n", encoding="utf-8")
    assert _digest("made.top") != before


def test_after_the_warm_up_no_frame_without_a_readable_label_compiles_anything() -> None:
    # A process of its own, for in this one other tests may have had everything compiled.
    done = subprocess.run(
        [sys.executable, "-c", COUNTED], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300
    )
    before, late, told = json.loads(done.stdout)
    assert before >= 20 and late == [] and len(set(told)) >= 5
