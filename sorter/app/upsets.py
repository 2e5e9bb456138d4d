"""Faults put on an emulated line while it runs: a file each in the line's folder, answered beside it.

The same words as in a fault file; without `at`, `per_hour` or `share` a fault begins at once. `calm` takes
back whatever was put on the line in this way.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from sim.emulator import Emulator
from sim.faultplan import ALWAYS, Fault, Span
from sim.planned import Planned
from sorter.app.fault_file import faults_in
from sorter.app.strict_yaml import read_yaml
from sorter.errors import ConfigError, Problem, StoreError
from sorter.flow import Us
from sorter.hub import Hub

CALM = "calm"
ANSWER_S = 5.0
_PAUSE_S = 0.05
_WHEN = ("at", "per_hour", "share")
_NUMBERS = count()


def entry(kind: str, words: Sequence[str]) -> str:
    """The fault file of one fault, from a kind and key=value words. Raises ConfigError for other words."""
    wrong = [word for word in words if "=" not in word]
    if wrong:
        remedy = "write for example for=5s eye=3"
        raise ConfigError([Problem(word, "not key=value", remedy) for word in wrong])
    said = dict(word.split("=", 1) for word in words)
    if not said.keys() & set(_WHEN):
        said["at"] = "00:00:00"
    pairs = "".join(f", {key}: {_quoted(value)}" for key, value in said.items())
    return f"name: upset\nfaults:\n  - {{kind: {_quoted(kind)}{pairs}}}\n"


def ask(line: Path, text: str, wait_s: float = ANSWER_S) -> tuple[bool, str]:
    """Put a fault file (or CALM) on the line of this folder; whether it was taken, and what the line says.

    Raises StoreError when no line runs there.
    """
    folder = line / "upsets"
    if not folder.is_dir():
        raise StoreError(f"{line}: 不是仿真产线的目录 / not the folder of an emulated line\n"
                         "  name what sorter emulate --out was given")  # fmt: skip
    path = folder / f"{time.time_ns():020d}-{os.getpid()}-{next(_NUMBERS)}.yaml"
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        for suffix in (".taken", ".refused"):
            if (answer := path.with_suffix(suffix)).exists():
                return suffix == ".taken", answer.read_text(encoding="utf-8")
        time.sleep(_PAUSE_S)
    path.unlink(missing_ok=True)
    raise StoreError(f"{line}: 产线无应答 / no line runs there\n  start it: sorter emulate")


class Upsets:
    """The emulator's end: `take` now and then."""

    def __init__(self, folder: Path, hub: Hub, faults: Planned, emulator: Emulator) -> None:
        self._folder = folder / "upsets"
        self._hub = hub
        self._faults = faults
        self._emulator = emulator
        self._folder.mkdir(exist_ok=True)
        for old in self._folder.iterdir():  # whoever asked an earlier line has gone
            old.unlink()

    def take(self) -> None:
        """Whatever was put since the last call."""
        for path in sorted(self._folder.glob("*.yaml")):
            try:
                said, suffix = self._taken(path.read_text(encoding="utf-8")), ".taken"
            except (ConfigError, OSError, UnicodeDecodeError) as error:
                said, suffix = str(error), ".refused"
            part = path.with_suffix(".part")
            part.write_text(said, encoding="utf-8")
            os.replace(part, path.with_suffix(suffix))
            path.unlink(missing_ok=True)

    def _taken(self, text: str) -> str:
        now = self._emulator.now_us
        if text.strip() == CALM:
            said = f"{self._faults.calm()} taken back"
        else:
            doc, findings = read_yaml("upset", text)
            plan = faults_in(doc, findings, self._hub, ".")
            for fault in plan.faults:
                self._faults.add(_from(fault, now))
            said = ", ".join(fault.kind.value for fault in plan.faults)
        self._emulator.reconsider()
        return f"{said} at {now / 1e6:.1f} s"


def _from(fault: Fault, now: Us) -> Fault:
    """The fault with its spans counted from now on; one that always may strike does so from here."""
    if fault.spans == ALWAYS:
        return fault
    spans: list[Span] = [(begin + now, end + now) for begin, end in fault.spans]
    return replace(fault, spans=tuple(spans))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
