"""What a restart costs: `sorter run` on a journal that is there, from exec to its first decision.

The process is the product's own, on an emulated line; its CPU seconds are those that the system counts for
it, with interpreter, imports, configuration, recovery and every turn of its loop until then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from sorter.app.config import load_hub
from sorter.app.desk import inbox_of
from sorter.app.inbox import put
from sorter.app.journal import read_kind
from sorter.app.notify import Listener
from sorter.app.segments import Position
from sorter.app.snapshots import snapshot_paths, snapshots
from sorter.flow import Decision, Operated, PackCommand
from tests.lines import Emulated, Process, ended_in_order, recorded, until

PARCELS, STARTS = 60, 6
MOST_S = 2.0
"""CPU seconds that are promised."""

MOST_WALL_S = 20.0
"""From exec to the first decision by the wall, belt's way to the camera included: it takes some 4 s
alone, and other tests may run beside; a start that waits for what does not come takes longer.
"""


class FirstDecision(NamedTuple):
    """CPU seconds of the process from its exec until its loop has turned, and until it has decided.

    wall_s  the same until it has decided, by the wall: who sleeps uses no CPU
    """

    ready_s: float
    decided_s: float
    wall_s: float

    @property
    def in_time(self) -> bool:
        """A start that need not be tried again."""
        return self.decided_s <= MOST_S and self.wall_s <= MOST_WALL_S

    @property
    def words(self) -> str:
        """For a report."""
        return (
            f"from exec {self.ready_s:.2f} CPU s until the loop turns, {self.decided_s:.2f} until the first "
            f"decision on a running line, {self.wall_s:.1f} s by the wall"
        )


def quickest(run: Path, texts: Mapping[str, str], starts: int = 4) -> FirstDecision:
    """The least of some starts, of which each replays as much as a restart may have to: as if its predecessor
    had died just before the next snapshot. Other processes on a machine only ever add to a start.

    texts  the files of the run's configuration
    """
    where = run.with_name("started")
    where.mkdir()
    config, environ = _config(where / "linzi", texts), _compiled_once(where / "pyc")
    took = []
    for number in range(starts):
        for newer in snapshot_paths(run / "journal")[:-1]:
            newer.unlink()
        took.append(first_decision(run, config, where / str(number), 2 + number, environ))
        if took[-1].in_time:
            return took[-1]
    return min(took, key=lambda one: one.decided_s)


def first_decision(
    run: Path, config: Path, folder: Path, boot: int, environ: Mapping[str, str]
) -> FirstDecision:
    """Of a start that goes on with the run, on a new line; everything else goes to `folder`.

    boot  of the PLC, which was off meanwhile: nobody of the journal rides any more, and a person starts it
    """
    folder.mkdir()
    line = Emulated(folder, PARCELS)
    with ExitStack() as ends, closing(Listener()) as listener:
        line.start(boot)
        ends.push(line)
        words = ["run", str(config), "--port", str(line.port), "--reads", str(recorded(PARCELS)),
                 "--manifest", str(line.line / "manifest.csv"), "--out", str(run)]  # fmt: skip
        after = _goes_on_from(run)
        had = _decisions(run, after)
        watched = {**environ, "NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "200000"}
        begun = time.monotonic()
        process = Process(folder / "controller.log", *words, environ=watched)
        assert until(lambda: "WATCHDOG=1" in listener.hear(0.1), 120), _log(process)
        ready_s = cpu_s(process.pid)
        assert any(_decides(run, after, had) for _ in range(STARTS)), _log(process)
        wall_s, decided_s = time.monotonic() - begun, cpu_s(process.pid)
        ended_in_order(process)
    return FirstDecision(ready_s, decided_s, wall_s)


def _decides(run: Path, after: Position | None, had: int) -> bool:
    """Whether a decision follows on Start; a person presses it again where a busy machine lost the link."""
    put(inbox_of(run), Operated(0, PackCommand.START))
    return until(lambda: _decisions(run, after) > had, 20, 0.2)


def _compiled_once(cache: Path) -> dict[str, str]:
    """Where the interpreter keeps its byte code, which a restart finds as the first start has left it."""
    environ = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache)}
    assert Process(cache.with_name("help"), "run", "--help", environ=environ).shut() == ""
    return environ


def cpu_s(pid: int) -> float:
    """What a process that is still there has used, without its children."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _config(folder: Path, texts: Mapping[str, str]) -> Path:
    """A hub's folder with these files."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert dict(load_hub(folder).files) == dict(texts), "the run goes on with the configuration that it had"
    return folder


def _goes_on_from(run: Path) -> Position | None:
    """The newest snapshot's place before the start: the process soon writes a newer one."""
    return next((kept.position for kept in snapshots(run / "journal")), None)


def _decisions(run: Path, after: Position | None) -> int:
    return sum(1 for _ in read_kind(run / "journal", after, Decision))


def _log(process: Process) -> str:
    return process.log.read_text(encoding="utf-8")
