"""What every screen must hold, asked of the page itself: nothing overflows, is clipped, empty or too pale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCREENS = ("overview", "chutes", "alarms", "coding", "search", "shift", "config", "maintenance")

_FAULTS = (Path(__file__).parent / "console_screens.js").read_text(encoding="utf-8")


def is_well_made(page: Any) -> list[str]:
    """What is wrong with the page as it is shown now; empty = nothing."""
    faults: list[str] = page.evaluate(_FAULTS)
    return faults
