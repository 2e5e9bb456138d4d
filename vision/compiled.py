"""Compiles the reader's plain functions to machine code on first use, with numba.

numba is imported only here and only when something is compiled: who reads no bars never waits for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_rules: list[Callable[..., Any]] = []


def rule(function: Function) -> Function:
    """Mark a plain function that compiled ones call."""
    _rules.append(function)
    return function


@cache
def compiled(function: Function) -> Function:
    """`function` as machine code, kept between runs under a name that changes with any source of vision."""
    import numba
    from numba.extending import register_jitable

    folder = cache_folder()
    numba.config.CACHE_DIR = str(folder or "")
    while _rules:
        register_jitable(no_cfunc_wrapper=True, no_cpython_wrapper=True)(_rules.pop())
    options = {"nogil": True, "error_model": "numpy", "fastmath": True}
    made: Function = numba.njit(cache=folder is not None, no_cfunc_wrapper=True, **options)(function)
    return made


@cache
def cache_folder() -> Path | None:
    """Where machine code is kept; None where nothing can be written (it is then compiled at every start)."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "parcel-sorting-line" / f"vision-{_digest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


@cache
def _digest() -> str:
    """SHA-256 over every source file of vision, hex: numba itself looks only at the file of one function."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
