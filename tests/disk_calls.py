"""Every disk call of a controller's life fails once: a sweep with strace, in a process of its own.

A child goes through two starts, ten parcels on the way, a snapshot, an order of a person and the projection,
by the code of `sorter run` and `sorter serve`; strace makes its n-th call of one kind fail or kills it there.
What was acknowledged to anyone is noted in memory that outlives the child. Then the disk is well again, and
the next start is judged.

    python -m tests.disk_calls POINTS   prints one JSON line: points, struck, by_kind, complaints
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from plc.records import PlcEvent
from sorter.app.desk import inbox_of
from sorter.app.inbox import put, waiting
from sorter.app.journal import read
from sorter.app.shadow import Shadow
from sorter.app.store import Store
from sorter.codec import Value
from sorter.errors import SorterError
from sorter.flow import Assign, ChuteLocked, Inducted, ParcelRecord
from tests.taped import Noted, Tape, life, tape

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink", "mkdir", "read",
    "pread64", "lseek", "close", "newfstatat", "fstat", "getdents64", "flock", "fcntl", "fchown", "ioctl",
)  # fmt: skip
FAULTS = {"EIO": "error=EIO:when={n}", "ENOSPC": "error=ENOSPC:when={n}+", "KILL": "signal=KILL:when={n}"}
"""A sector that fails once; a disk that is full from then on; the end of the process before the call."""

ORDER = ChuteLocked(0, 3, True)
REFUSED, TRACEBACK = 2, 1


def lived(folder: Path, tape: Tape, noted: Noted) -> None:
    """What the child does: half of the tape, a snapshot, a person's order, the rest, the projection."""
    life(folder, tape, noted, len(tape.events) // 2)
    Shadow(folder / "journal", every=30).follow()
    put(inbox_of(folder), ORDER)
    noted.note(ordered=1)
    life(folder, tape, noted, len(tape.events))
    with Store(folder / "console.store") as store:
        store.catch_up(folder / "journal")


@dataclass(frozen=True)
class Point:
    """The n-th call of one kind, in whichever thread, and what becomes of it."""

    call: str
    n: int
    fault: str

    @property
    def words(self) -> str:
        """For strace."""
        return f"inject={self.call}:{FAULTS[self.fault].format(n=self.n)}"


def struck(folder: Path, tape: Tape, noted: Noted, point: Point | None) -> tuple[int, str]:
    """A child lives in `folder` under strace: its exit code (negative: signal), and strace's log."""
    noted.clear()
    child = os.fork()
    if not child:
        _be(folder, tape, noted)
    os.waitpid(child, os.WUNTRACED)
    log = folder / "strace.log"
    words = ["-e", f"trace={point.call if point else ','.join(CALLS)}"]
    words += ["-e", point.words] if point else []
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", str(log), *words, "-p", str(child)])
    while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text(encoding="ascii"):
        time.sleep(0.001)
    os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    tracer.wait(30)
    return os.waitstatus_to_exitcode(status), log.read_text(encoding="utf-8", errors="replace")


def _be(folder: Path, tape: Tape, noted: Noted) -> None:
    """The child: nothing of it comes back."""
    code = 0
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        lived(folder, tape, noted)
    except SorterError as error:
        code = REFUSED
        noted.say(str(error))
    except BaseException:
        code = TRACEBACK
        noted.say(traceback.format_exc())
    os._exit(code)


def complaints(folder: Path, tape: Tape, noted: Noted, code: int) -> Iterator[str]:
    """What is wrong with what the child left behind, after a next start on a disk that is well."""
    if code == TRACEBACK or (code == REFUSED and "\n  " not in noted.said):
        yield f"ended with: {noted.said}"
    elif code not in (0, REFUSED, -signal.SIGKILL):
        yield f"exit code {code}"
    acked, ordered, durable = noted.acked, noted.ordered, _values(folder)
    yield from _rash(noted, durable)
    before = [value for value in durable if isinstance(value, PlcEvent)]
    if before != tape.events[: len(before)]:
        yield "the journal's events are not the PLC's"
    if len(before) < acked:
        yield f"{acked} events were acknowledged, {len(before)} are there"
    try:
        life(folder, tape, noted, len(tape.events))
        with Store(folder / "console.store") as store:
            store.catch_up(folder / "journal")
            rows = sum(store.counts().values())
    except SorterError as error:
        yield f"the next start refuses: {error}"
        return
    values = list(read(folder / "journal"))
    yield from _wrong(values, tape, rows)
    if ordered and ORDER not in [replace(one, at_us=0) for one in values if isinstance(one, ChuteLocked)]:
        yield "a confirmed order is gone"
    if waiting(inbox_of(folder)):
        yield "an order that is carried out waits still"


def _rash(noted: Noted, durable: list[Value]) -> Iterator[str]:
    """Of the orders that went out: each stood in the journal before, and stands in it as it is now."""
    if noted.early:
        yield f"{noted.early} orders were sent before they were durable"
    intents = {(value.pid, value.chute) for value in durable if isinstance(value, Assign)}
    if missing := set(noted.sent) - intents:
        yield f"ordered without a durable intent (pid, chute): {missing}"


def _wrong(values: list[Value], tape: Tape, rows: int) -> Iterator[str]:
    """Of the journal in the end: everything is there once."""
    if [value for value in values if isinstance(value, PlcEvent)] != tape.events:
        yield "after the next start the journal's events are not the PLC's, each once"
    ended = Counter(value.pid for value in values if isinstance(value, ParcelRecord))
    inducted = {value.pid for value in tape.events if isinstance(value, Inducted)}
    if set(ended) != inducted or set(ended.values()) != {1}:
        yield f"records: {dict(ended)}"
    if rows != len(inducted):
        yield f"the projection has {rows} of {len(inducted)} records"


def _values(folder: Path) -> list[Value]:
    """What the journal holds, as whoever reads it finds it; nothing when it does not exist."""
    with suppress(SorterError):
        return list(read(folder / "journal"))
    return []


def calls_of(log: str) -> dict[str, int]:
    """How often the busiest thread made each call: strace counts by thread."""
    made = Counter(re.findall(r"^(\d+) +(\w+)\(", log, re.MULTILINE))
    most: dict[str, int] = {}
    for (_, call), times in made.items():
        most[call] = max(most.get(call, 0), times)
    return most


def points_of(made: dict[str, int], most: int) -> list[Point]:
    """At most so many (0 = all), spread evenly over every kind of call and every fault."""
    every = [(call, n) for call in CALLS for n in range(1, made.get(call, 0) + 1)]
    if not most:
        return [Point(call, n, fault) for call, n in every for fault in FAULTS]
    kinds = list(FAULTS)
    step = max(1.0, len(every) / most)
    spread = [every[int(step * k)] for k in range(min(most, int(len(every) / step)))]
    return [Point(call, n, kinds[k % len(kinds)]) for k, (call, n) in enumerate(spread)]


def sweep(most: int) -> dict[str, object]:
    """The whole sweep; what it found."""
    outside, noted, root = tape(), Noted(), Path(mkdtemp(prefix="disk-calls-"))
    warm = root / "warm"
    warm.mkdir()
    lived(warm, outside, noted)  # what is loaded late is loaded now: a point hits the disk's calls
    (root / "calm").mkdir()
    code, log = struck(root / "calm", outside, noted, None)
    found = [f"undisturbed: {one}" for one in complaints(root / "calm", outside, noted, code)]
    points, hit, by_kind = points_of(calls_of(log), most), 0, Counter[str]()
    for number, point in enumerate(points):
        folder = root / str(number)
        folder.mkdir()
        code, log = struck(folder, outside, noted, point)
        fired = "INJECTED" in log or code == -signal.SIGKILL
        hit += fired
        by_kind[point.fault] += fired
        found += [f"{point.words}: {one}" for one in complaints(folder, outside, noted, code)]
        shutil.rmtree(folder)
    shutil.rmtree(root)
    return {"points": len(points), "struck": hit, "by_kind": by_kind, "complaints": found}


if __name__ == "__main__":
    print(json.dumps(sweep(int(sys.argv[1]))))
