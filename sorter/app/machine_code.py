"""The simulation as machine code: built once by `sorter compile`, used while it fits these very sources.

mypyc translates MODULES, their data classes written out, into extension modules in a folder of the virtual
environment that is named by the sum of all sources and of the interpreter. A finder serves them in place of
the source files, all of them or none: without that folder, after any change of a source, or once one of them
is imported, everything is interpreted as ever. Tests and the hub's own controller never ask for it.
Source: docs/decisions/0005-machine-code.md
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie."""

PACKAGES = ("sorter", "plc", "sim", "vision")

MODULES = (
    *("sorter.chutes", "sorter.coding", "sorter.controller", "sorter.counts", "sorter.doubt", "sorter.flow"),
    *("sorter.goal", "sorter.health", "sorter.hub", "sorter.layout", "sorter.matching", "sorter.network"),
    *("sorter.notices", "sorter.outcomes", "sorter.parcels", "sorter.pictures", "sorter.plan"),
    *("sorter.planning", "sorter.replay", "sorter.rules", "sorter.rulings", "sorter.timing"),
    *("sorter.tracking", "sorter.vote", "sorter.waybill"),
    *("plc.agenda", "plc.agreement", "plc.blocks", "plc.clock", "plc.diverting", "plc.encoder"),
    *("plc.event_ring", "plc.jobs", "plc.mailbox", "plc.maintenance", "plc.modes", "plc.orders"),
    *("plc.patience", "plc.pc_mailbox", "plc.program", "plc.records", "plc.registers"),
    *("plc.rival", "plc.signals"),
    *("sim.bags", "sim.belt", "sim.clock", "sim.draws", "sim.eyesight", "sim.faulty_chutes"),
    *("sim.faulty_line", "sim.hubline.start", "sim.line", "sim.parcel", "sim.plant", "sim.riding"),
    *("sim.slip", "sim.virtual", "vision.scene"),
    *("sorter.app.journal", "sorter.app.runner", "sorter.app.segment_format", "sorter.app.segment_writer"),
    *("sorter.app.segments", "sorter.app.torture_bench"),
    *("sim.torture.acting", "sim.torture.belt", "sim.torture.cabinet", "sim.torture.clock"),
    *("sim.torture.disk", "sim.torture.field_troubles", "sim.torture.line", "sim.torture.link"),
    *("sim.torture.pc", "sim.torture.people", "sim.torture.people_troubles", "sim.torture.power"),
    *("sim.torture.sight", "sim.torture.traffic", "sim.torture.troubles", "sim.torture.world"),
    *("sim.oracle.alarms", "sim.oracle.chutes", "sim.oracle.recalls", "sim.oracle.slips"),
    *("sim.oracle.belt", "sim.oracle.case", "sim.oracle.decisions", "sim.oracle.journal", "sim.oracle.judge"),
    *("sim.oracle.motion", "sim.oracle.outlets", "sim.oracle.pictures", "sim.oracle.plans"),
    *("sim.oracle.reasons", "sim.oracle.records", "sim.oracle.stops", "sim.oracle.truth"),
)
"""What decides, tracks and moves, and the values that travel between them."""

READ_BY_NAME = frozenset({"plc.signals", "sorter.tracking", "sim.riding"})
"""Those whose named tuples nobody unpacks: as machine code they are no tuples."""

WISH = "SORTER_MACHINE_CODE"
"""Environment: `no` = never use it; `yes` is told to the processes that one with machine code starts."""


def key(root: Path = ROOT) -> str:
    """What machine code must have been made from: every source and this interpreter."""
    total = sha256(f"{sys.version} {EXTENSION_SUFFIXES[0]} {MODULES}".encode())
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            total.update(f"\n{path.relative_to(root)}\n".encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:24]


def shelf() -> Path:
    """Where machine code is kept, a folder for each key."""
    return Path(sys.prefix) / "machine-code"


def use(built: Path | None = None) -> bool:
    """Serve MODULES as machine code from now on, here and in processes started from here; False: as source.

    Must be asked before any of them is imported. built  a folder made by `sorter compile`
    """
    if os.environ.get(WISH) == "no" or any(name in sys.modules for name in MODULES):
        return False
    built = built or shelf() / key()
    finder = _Finder(built)
    if not finder.whole:
        return False
    sys.meta_path.insert(0, finder)
    os.environ[WISH] = "yes"
    return True


def in_use() -> bool:
    """MODULES are machine code in this process."""
    return any(isinstance(finder, _Finder) for finder in sys.meta_path)


class _Finder:
    """Finds the extension modules below one folder by their names; whole = every one of MODULES is there."""

    def __init__(self, folder: Path) -> None:
        suffix = EXTENSION_SUFFIXES[0]
        found = (path.relative_to(folder) for path in folder.rglob(f"*{suffix}"))
        self._files = {".".join(path.parts).removesuffix(suffix): folder / path for path in found}
        self.whole = self._files.keys() >= set(MODULES)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        file = self._files.get(name)
        return spec_from_file_location(name, file) if file else None
