"""`sorter compile`: the simulation as machine code. Needs mypy and a C compiler; nothing else does."""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sorter.app import machine_code
from sorter.app.args import command
from sorter.app.native_values import written_out
from sorter.errors import SorterError

NEEDS = (
    "需要 mypy、setuptools 和 C 编译器；没有也能运行，只是慢些 / "
    "needs mypy, setuptools and a C compiler; without them everything is interpreted"
)


def add(commands: Any) -> None:
    """Register the command."""
    command(
        commands,
        "compile",
        run,
        "把仿真编译为机器码 / make machine code of the simulation, for `sim` and `torture`",
        "  sorter compile",
    )


def run(args: argparse.Namespace) -> int:
    """0 when there is machine code of these sources now, 3 when it cannot be made here."""
    if missing := what_is_missing():
        print(f"{NEEDS}: {missing}", file=sys.stderr)
        return 3
    shelf = machine_code.shelf()
    built = build(shelf)
    for older in shelf.iterdir():
        if older != built:
            shutil.rmtree(older)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"机器码 machine code: {len(machine_code.MODULES)} modules, "
          f"{used.ru_utime + used.ru_stime:.0f} CPU s, {built}")  # fmt: skip
    return 0


def what_is_missing() -> str:
    """What machine code cannot be made without here; "" = nothing."""
    wanted = [name for name in ("mypyc", "setuptools") if find_spec(name) is None]
    if shutil.which(os.environ.get("CC", "cc")) is None:
        wanted.append("cc")
    return ", ".join(wanted)


def build(shelf: Path) -> Path:
    """Make machine code of the sources as they are, unless it is there; returns its folder on the shelf.

    Raises SorterError with the compiler's words.
    """
    built = shelf / machine_code.key()
    if built.is_dir():
        return built
    shelf.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=shelf) as folder:
        work, done = Path(folder, "work"), Path(folder, "done")
        tree = _tree(Path(folder, "tree"))
        words = [sys.executable, "-c", _COMPILE, str(work), str(done), *machine_code.MODULES]
        made = subprocess.run(words, cwd=tree, capture_output=True, text=True)
        if made.returncode:
            raise SorterError(f"编译失败 / the compiler failed:\n{(made.stdout + made.stderr)[-2000:]}")
        if machine_code.key() != built.name:
            raise SorterError("编译时源码被改动 / the sources changed meanwhile: once more")
        try:
            done.rename(built)
        except OSError:  # another process has made the same meanwhile
            if not built.is_dir():
                raise
    return built


def _tree(tree: Path) -> Path:
    """The sources as mypyc gets them: as they stand, but for the data classes of MODULES."""
    for package in machine_code.PACKAGES:
        shutil.copytree(machine_code.ROOT / package, tree / package, ignore=lambda at, names: {"__pycache__"})
    for name in machine_code.MODULES:
        file = tree / f"{name.replace('.', '/')}.py"
        text = written_out(file.read_text(encoding="utf-8"), name in machine_code.READ_BY_NAME)
        file.write_text(text, encoding="utf-8")
    return tree


_COMPILE = """
import sys
from mypyc.build import mypycify
from setuptools import Distribution
work, done, *modules = sys.argv[1:]
open(f"{work}.ini", "w").write(
    "[mypy]\\nfollow_imports = silent\\n"
    "[mypy-numba.*,numpy.*,cv2.*]\\nfollow_imports = skip\\nignore_missing_imports = True\\n"
)
options = [f"--config-file={work}.ini", f"--cache-dir={work}/mypy"]
files = [name.replace(".", "/") + ".py" for name in modules]
made = mypycify([*options, *files], opt_level="1", debug_level="0", multi_file=True, target_dir=work)
for one in made:  # calls within one library need no detour
    one.extra_compile_args += ["-fvisibility=hidden", "-fno-plt"]
build = Distribution({"ext_modules": made}).get_command_obj("build_ext")
build.build_lib, build.build_temp, build.parallel = done, work, True
build.ensure_finalized()
build.run()
"""
"""Another process, for mypyc takes the whole of it: translate, compile, link."""
