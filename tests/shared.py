"""The one place where tests find the shared data beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared(*parts: str) -> Path:
    """Path below the shared folder; skips the calling test, saying so, when it is absent."""
    folder = Path(os.environ.get("SORTER_SHARED", ROOT.parent / "shared"))
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} is not in the shared folder (set SORTER_SHARED to it)")
    return path
