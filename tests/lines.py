"""A line in processes: an emulator behind Modbus, and controllers that are started, stopped and killed.

What the camera sees is answered from a simulated run of the same parcels, so that a controller starts in a
second and several lines run side by side; `pictures=True` draws them and lets real decoders read.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType

from plc.records import PlcEvent
from sim.arrivals import advice, draw
from sim.virtual import VirtualLine
from sorter.app.config import load_hub
from sorter.app.journal import JournalWriter, read, read_kind
from sorter.app.segments import disk_errors, segment_paths
from sorter.app.stage import started
from sorter.codec import Value, decode
from sorter.errors import StoreError
from sorter.flow import CommChanged, Inducted, Left, ParcelRecord
from sorter.hub import Hub
from tests.hubs import ON_DATE
from tests.linzi import FOLDER as LINZI
from tests.shared import ROOT

SEED, RATE = 5, 6000


@cache
def linzi() -> Hub:
    """The shipped hub."""
    return load_hub(LINZI)


@cache
def recorded(parcels: int) -> Path:
    """The journal of a simulated run of the first parcels of the stream; as long as the tests run."""
    folder = Path(mkdtemp(prefix="recorded-"))
    drawn = draw(linzi(), SEED, parcels, RATE)
    journal = JournalWriter(folder)
    journal.append(started(linzi(), ON_DATE))
    line = VirtualLine(linzi(), ON_DATE, [one.parcel for one in drawn], SEED, journal.append)
    line.run(advice(one.truth for one in drawn))
    assert journal.close()
    return folder


class Process(subprocess.Popen[str]):
    """One `sorter` command; what it says on standard error lies in `log`."""

    def __init__(self, log: Path, *words: str, environ: Mapping[str, str] = {}) -> None:
        self.log = log
        start = [sys.executable, "-m", "sorter", *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
        with log.open("a") as err:
            super().__init__(
                start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, text=True, env=env
            )

    def shut(self) -> str:
        """Let go of a process that has ended; everything that was said to `log`."""
        self.wait(30)
        for pipe in (self.stdin, self.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return self.log.read_text(encoding="utf-8", errors="replace")

    def killed(self) -> None:
        """kill -9."""
        self.kill()
        self.shut()


class Emulated:
    """An emulated line; a context manager. folder gets `line` (the emulator's) and `run` (the controller's).

    port, ring  as the emulator told them
    """

    def __init__(self, folder: Path, parcels: int, *, pictures: bool = False, rate: int = RATE) -> None:
        self.folder, self.parcels, self.pictures = folder, parcels, pictures
        self.line, self.run = folder / "line", folder / "run"
        self.port, self.ring = 0, ""
        self._rate = rate
        self.process: Process

    def __enter__(self) -> Emulated:
        self.start()
        return self

    def start(self, boot: int = 1) -> None:
        """The emulator, on the port it had before; its line is a new one with all its parcels before it."""
        stream = ["--parcels", str(self.parcels), "--rate", str(self._rate), "--seed", str(SEED)]
        where = ["--json", "--with-parent", "--port", str(self.port), "--boot", str(boot)]
        words = ["emulate", str(LINZI), *where, *stream, "--out", str(self.line)]
        words += [] if self.pictures else ["--no-pictures"]
        self.process = Process(self.folder / "emulator.log", *words)
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said, (self.folder / "emulator.log").read_text(encoding="utf-8")
        ready = json.loads(said)
        self.port, self.ring = ready["port"], ready["ring"]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        self.process.shut()


def controller(line: Emulated, *more: str, environ: Mapping[str, str] = {}) -> Process:
    """A controller on that line; it goes on with the run that is there."""
    eyes = ["--ring", line.ring] if line.pictures else ["--reads", str(recorded(line.parcels))]
    words = ["run", str(LINZI), "--port", str(line.port), *eyes, "--out", str(line.run),
             "--manifest", str(line.line / "manifest.csv"),
             "--intercepts", str(line.line / "intercepts.csv"), *more]  # fmt: skip
    return Process(line.folder / "controller.log", *words, environ=environ)


def ended_in_order(process: Process) -> str:
    """After SIGTERM the process stops the line and leaves; everything it said on standard error."""
    process.send_signal(signal.SIGTERM)
    said = process.shut()
    assert process.returncode == 0, said
    assert "Traceback" not in said, said
    return said


def until(condition: Callable[[], object], most_s: float = 60.0, pause_s: float = 0.05) -> bool:
    """Wait for it; whether it came."""
    end = time.monotonic() + most_s
    while not (there := bool(condition())) and time.monotonic() < end:
        time.sleep(pause_s)
    return there


def journalled(line: Emulated) -> list[Value]:
    """What the journal of the run holds now; nothing when there is none yet."""
    with suppress(StoreError):
        return list(read(line.run / "journal"))
    return []


def count(line: Emulated, *kinds: type[Value]) -> int:
    """How many values of these kinds the journal holds now; nothing else of it is decoded."""
    with suppress(StoreError):
        return sum(1 for _ in read_kind(line.run / "journal", None, *kinds))
    return 0


def told(line: Emulated) -> list[Value]:
    """Every event that the PLC has told since the emulator's folder was made."""
    path = line.line / "events.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [decode(json.loads(one)) for one in lines]


def heard(values: list[Value]) -> list[Value]:
    """The PLC's events in a journal; what the controller says itself about the link is none."""
    return [one for one in values if isinstance(one, PlcEvent) and not isinstance(one, CommChanged)]


def unaccounted(values: Iterable[Value]) -> list[str]:
    """What a journal that goes on may not show: a parcel that came or left and has not its one record.

    Only who came and has not left yet, by the PLC's own word about this very pid, may be without.
    """
    came, left, ended = Counter[int](), Counter[int](), Counter[int]()
    for value in values:
        for kind, pids in ((Inducted, came), (Left, left), (ParcelRecord, ended)):
            if isinstance(value, kind):
                pids[value.pid] += 1
    ended.pop(0, None)  # known by its waybill only: it never was on this belt
    wrong = [f"pid {pid} came {times} times" for pid, times in came.items() if times != 1]
    wrong += [f"pid {pid} left {times} times" for pid, times in left.items() if times != 1]
    wrong += [f"pid {pid} has {times} records" for pid, times in ended.items() if times != 1]
    wrong += [f"pid {pid} has a record and never came" for pid in ended.keys() - came.keys()]
    wrong += [f"pid {pid} left and has no record" for pid in left.keys() - ended.keys()]
    return wrong


def kernel_threads(pid: int) -> int:
    """How many threads a process has."""
    return len(os.listdir(f"/proc/{pid}/task"))


def journal_bytes(line: Emulated) -> int:
    """How long the journal is now; 0 when there is none."""
    with suppress(OSError, StoreError), disk_errors(line.run):
        return sum(path.stat().st_size for path in segment_paths(line.run / "journal"))
    return 0


def removed(folder: Path) -> None:
    """A folder that is not needed any more."""
    shutil.rmtree(folder, ignore_errors=True)
