"""Compiles the reader's plain functions to machine code on first use, with numba.

numba is imported only here and only when something is compiled: who reads no bars never waits for it.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
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
    """`function` as machine code, kept between runs under a name that changes with all that it is made of."""
    import numba
    from numba.extending import register_jitable

    folder = _folder_of(function.__module__)
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
    return _made(home / "parcel-sorting-line" / "vision")


@cache
def _folder_of(module: str) -> Path | None:
    folder, name = cache_folder(), module.rpartition(".")[2]
    return folder and _made(folder / f"{name}-{_digest(module)[:16]}")


def _made(folder: Path) -> Path | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _digest(module: str) -> str:
    """SHA-256, hex, over the sources that a module's functions are made of: numba looks at one only."""
    digest = hashlib.sha256()
    for name, source in sorted(sources_of(module).items()):
        digest.update(name.encode() + b"\0" + source + b"\0")
    return digest.hexdigest()


def sources_of(module: str) -> dict[str, bytes]:
    """Sources of an imported module and of all of its package that it imports, by whatever way, by name."""
    package, found, wanted = module.partition(".")[0], dict[str, bytes](), [module]
    while wanted:
        name = wanted.pop()
        file = getattr(sys.modules.get(name), "__file__", None)
        if name in found or file is None:
            continue
        found[name] = Path(file).read_bytes()
        imports = (node for node in ast.walk(ast.parse(found[name])) if isinstance(node, ast.ImportFrom))
        own = [node for node in imports if str(node.module).partition(".")[0] == package]
        wanted += [str(node.module) for node in own]
        wanted += [f"{node.module}.{alias.name}" for node in own for alias in node.names]
    return found
