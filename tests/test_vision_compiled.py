"""Machine code is made anew when its own sources change, and only then."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from vision.compiled import _digest, sources_of


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
