"""What every screen must hold, asked of the page itself: nothing overflows, is clipped, empty or too pale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

READY = {
    "overview": "#recent a",
    "chutes": ".tile",
    "alarms": "#top tr",
    "coding": "#places button",
    "search": "#exceptions td",
    "shift": "#tables td",
    "config": "#rules select",
    "maintenance": "#registers td",
    "people": "td",
}
"""Every screen and the page of users, and what it shows when it has its data."""

_FAULTS = (Path(__file__).parent / "console_screens.js").read_text(encoding="utf-8")


def is_well_made(page: Any) -> list[str]:
    """What is wrong with the page as it is shown now; empty = nothing."""
    faults: list[str] = page.evaluate(_FAULTS)
    return faults
