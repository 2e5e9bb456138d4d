"""Every command that the documents show is run: here, or by the test named in `RUN_ELSEWHERE`."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT, shared

DOCUMENTS = sorted(path for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")) if path.is_file())

WHAT_IF = "./run sim configs/scenarios/singles-day.yaml --closed 凤凰镇=full --no-reads 2%"

# Command -> the file that runs it: what takes a whole machine, runs until stopped, or would run itself.
RUN_ELSEWHERE = {
    "./run demo": "tests/test_app_demo.py",
    "./run test": ".ci/run",
    "./run test --full": "tests/conftest.py",
    "./run demo --console": "tests/test_app_demo.py",
    "./run serve configs/linzi": "tests/test_app_console.py",
    WHAT_IF: "tests/test_app_what_if.py",
    "sudo apt-get install -y libzbar0": "run",
}

PATIENCE_S = 120
FENCE = re.compile(r"^```(sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Shell lines of the fenced blocks in order: continuations joined, comments and console output gone."""
    found = []
    for language, block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if language == "console":
                prompt, line = line[:2], line[2:]
                if prompt != "$ ":
                    continue
            found.append(re.sub(r"(^|\s)#.*", "", line).strip())
    return [line for line in found if line]


def run_here(text: str) -> list[str]:
    return [line for line in commands(text) if line not in RUN_ELSEWHERE]


def is_ours(line: str) -> bool:
    return shlex.split(line)[:1] in (["./run"], ["sorter"]) or line.startswith("python -m sorter ")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder that looks like the clone to a command, with `./run` and `sorter` as this Python's own."""
    desk = tmp_path / "clone"
    desk.mkdir()
    for name in ("configs", "docs", "tests"):
        (desk / name).symlink_to(ROOT / name)
    for shim in (desk / "run", desk / "sorter"):
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m sorter "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    return desk


def outcome(line: str, desk: Path) -> tuple[int, str]:
    """Exit code and output of one shell line; what is left of it after PATIENCE_S is killed, children too."""
    path = f"{desk}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash", "-c", line],
        cwd=desk,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said = f"unfinished after {PATIENCE_S} s; give it a row in RUN_ELSEWHERE\n{process.communicate()[0]}"
    return process.returncode, said


def test_the_documents_show_commands() -> None:
    assert [line for path in DOCUMENTS for line in commands(path.read_text(encoding="utf-8"))] != []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_of_the_document_works_in_the_order_shown(document: Path, desk: Path) -> None:
    lines = run_here(document.read_text(encoding="utf-8"))
    assert [line for line in lines if not is_ours(line)] == [], "give these a row in RUN_ELSEWHERE"
    if any("../shared" in line for line in lines):
        (desk.parent / "shared").symlink_to(shared())
    for line in lines:
        code, said = outcome(line, desk)
        assert code == 0, f"{line}\n{said}"


@pytest.mark.parametrize("line", RUN_ELSEWHERE)
def test_the_file_that_is_to_run_the_command_does_exist(line: str) -> None:
    assert (ROOT / RUN_ELSEWHERE[line]).is_file()


def test_commands_are_found_in_every_kind_of_block() -> None:
    shell = "```sh\n./run a \\\n  b  # why\n# only a remark\n```\n"
    console = "```console\n$ sorter c\nits output\n```\n"
    plain = "```\nnot one\n```\n"
    found = commands(shell + console + plain)
    assert [line.split() for line in found] == [["./run", "a", "b"], ["sorter", "c"]]


def test_every_code_word_of_the_glossary_exists_in_the_code() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    names = re.findall(r"`([\w.]+)` \|$", glossary, re.MULTILINE)
    assert len(names) > 50
    files = [path for name in ("sorter", "vision", "plc", "sim") for path in (ROOT / name).rglob("*.py")]
    used = set(re.findall(r"\w+", " ".join(path.read_text(encoding="utf-8") for path in files)))
    assert sorted({word for name in names for word in name.split(".")} - used) == []
