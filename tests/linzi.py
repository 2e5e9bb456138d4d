"""The default hub's files as texts, to be edited in memory."""

from __future__ import annotations

from functools import cache

from tests.shared import ROOT

FOLDER = ROOT / "configs" / "linzi"


@cache
def texts() -> dict[str, str]:
    """File name -> text; not to be changed in place."""
    return {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}


def edited(file: str, old: str, new: str) -> dict[str, str]:
    """The texts with the only `old` in one file replaced."""
    text = texts()[file]
    assert text.count(old) == 1, f"'{old}' is {text.count(old)} times in {file}"
    return {**texts(), file: text.replace(old, new)}
