"""The house rules that a machine can keep: who imports whom, sizes, types, lint, what is never committed."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure

from tests.shared import ROOT, shared

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = [contract["id"] for contract in CONFIG["tool"]["importlinter"]["contracts"]]
PACKAGES = CONFIG["tool"]["setuptools"]["packages"]

# Libraries and doors to the world, each with the only modules (or packages) that may open it.
ONLY_IN = {
    "cv2": ("vision",),
    "zxingcpp": ("vision",),
    "pyzbar": ("vision",),
    "simpy": ("sim",),
    "numba": ("sim.compiled", "vision.compiled"),
    "distributed": ("sim.study.cluster",),
    "yaml": ("sorter.app",),
    "sqlite3": ("sorter.app.store", "sorter.app.store_proof", "sorter.app.console.people"),
    "fastapi": ("sorter.app.console",),
    "starlette": ("sorter.app.console",),
    "uvicorn": ("sorter.app.cmd_serve", "sorter.app.console.web"),
    "argon2": ("sorter.app.console.people",),
    "pymodbus": ("plc.wire",),
}
DRIVERS = ("plc.modbus", "plc.wire", "plc.probe", "plc.remote_io")
VALUE_MODULES = {
    "__future__", "abc", "bisect", "collections", "copy", "dataclasses", "datetime", "enum", "fractions",
    "functools", "hashlib", "heapq", "itertools", "json", "math", "operator", "re", "string", "struct",
    "typing", "unicodedata", "zlib",
}  # fmt: skip

LONGEST_FUNCTION = 40
LONGEST_FILE = 300


@cache
def tracked() -> tuple[Path, ...]:
    """Files that git holds or would hold: the tree as a clone will see it."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    return tuple(path for name in listed if name and (path := ROOT / name).is_file())


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def inside(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("sorter", "vision", "plc", "sim", include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_import_contract_is_kept(
    contract: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    configure()
    kept = lint_imports("pyproject.toml", limit_to_contracts=(contract,), cache_dir=None, no_logo=True)
    assert kept, capsys.readouterr().out


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_behind_its_door(library: str, graph: grimp.ImportGraph) -> None:
    importers = graph.find_modules_that_directly_import(library) if library in graph.modules else set()
    assert [name for name in sorted(importers) if not inside(name, ONLY_IN[library])] == []


def is_pure(module: str) -> bool:
    """The core, the PLC's program and map: the same in every world, so they may not touch any."""
    return inside(module, ("sorter", "plc")) and not inside(
        module, ("sorter.app", "sorter.__main__", *DRIVERS)
    )


def test_what_is_pure_imports_only_value_modules_and_this_project(graph: grimp.ImportGraph) -> None:
    pure = [name for name in sorted(graph.modules) if is_pure(name)]
    assert len(pure) > 25, "the core has gone missing"
    strangers = [
        f"{name} imports {imported}"
        for name in pure
        for imported in sorted(graph.find_modules_directly_imported_by(name))
        if not inside(imported, ("sorter", "plc", "vision", "sim")) and imported not in VALUE_MODULES
    ]
    assert strangers == []


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_function_fits_on_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {size} lines"
        for path in python_files()
        for node in functions(ast.parse(path.read_text(encoding="utf-8")))
        if (size := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


def test_every_file_is_short_enough_to_read_at_once() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    # flow.py is the dictionary of every value that travels; house.md wants it to be one file.
    del sizes[ROOT / "sorter" / "flow.py"]
    assert [f"{path.relative_to(ROOT)}: {size}" for path, size in sizes.items() if size > LONGEST_FILE] == []


@pytest.mark.parametrize("tool", ["ruff check --no-cache .", "mypy"])
def test_the_tree_is_clean_for(tool: str) -> None:
    command = [sys.executable, "-m", *tool.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr


# Written in pieces, so that this file does not hold what it looks for.
NEVER_NAMED = {
    "registry": r"https?://\S*(?:/sim" + r"ple\b|regis" + "try|py" + "pi|npm" + "js|debian)|index-" + "url",
    "path of one machine": r"(?<![\w.}~-])/(?:wo" + "rk|ro" + r"ot)/",
}


@pytest.mark.parametrize("what", NEVER_NAMED)
def test_no_file_names_a(what: str) -> None:
    pattern = re.compile(NEVER_NAMED[what])
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in tracked()
        for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert named == []


def test_no_test_file_is_a_copy_of_a_corpus_image() -> None:
    ours = {digest(path): path for path in tracked() if inside_tests(path) and path.stat().st_size > 0}
    sizes = {path.stat().st_size for path in ours.values()}
    theirs = [path for path in shared("corpus").rglob("*") if path.is_file() and path.stat().st_size in sizes]
    assert [f"{ours[mark]} is {path}" for path in theirs if (mark := digest(path)) in ours] == []


def inside_tests(path: Path) -> bool:
    return path.is_relative_to(ROOT / "tests")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_licence_is_apache_2() -> None:
    assert CONFIG["project"]["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]


def test_pyproject_lists_exactly_the_packages_on_disk() -> None:
    folders = {path.parent.relative_to(ROOT) for path in python_files() if path.name == "__init__.py"}
    ours = [".".join(folder.parts) for folder in folders if folder.parts[0] != "tests"]
    assert sorted(ours) == sorted(PACKAGES)


def test_every_dependency_is_pinned() -> None:
    extras = CONFIG["project"]["optional-dependencies"].values()
    wanted = [*CONFIG["project"]["dependencies"], *(line for extra in extras for line in extra)]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pinned = {canonical(pin.partition("==")[0]) for pin in pins if "==" in pin}
    assert {canonical(re.split(r"[<>=!~\[]", line)[0]) for line in wanted} <= pinned


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
