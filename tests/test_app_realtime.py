"""The control process's place in the queue, its memory, its threads, and the signs of life that it gives."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sorter.app import realtime
from sorter.app.keep_alive import HANG_S, LONGEST_PAUSE_S, START_S
from sorter.app.notify import Listener, Notifier
from sorter.app.realtime import FIFO_PRIORITY, FULL_S, NICE, Claim, Tidying, claim
from sorter.app.runner import Runner
from sorter.controller import Controller
from tests.hubs import ON_DATE
from tests.lines import Emulated, controller, ended_in_order, kernel_threads
from tests.shared import ROOT
from tests.test_app_runner import HUB, ScriptedDisk, ScriptedMachine, ScriptedVision

COMPUTING = ("cv2", "numpy", "numba", "scipy", "zxingcpp", "pyzbar", "simpy", "uvicorn", "fastapi")
CLAIMED = """
import os, subprocess, sys, threading
from sorter.app.realtime import claim
threading.Thread(target=threading.Event().wait, daemon=True).start()
got = claim()
of = [os.sched_getscheduler(int(t)) & 0xFF for t in os.listdir("/proc/self/task")]
nice = [os.getpriority(os.PRIO_PROCESS, int(t)) for t in os.listdir("/proc/self/task")]
child = "import os; print(os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0))"
print(got.name, of, nice, subprocess.check_output([sys.executable, "-c", child], text=True).split())
"""


def test_what_is_granted_holds_for_every_thread_and_no_child() -> None:
    said = subprocess.run(
        [sys.executable, "-c", CLAIMED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    granted, rest = said.stdout.split(" ", 1)
    if granted == Claim.FIFO.name:
        assert rest.startswith("[1, 1]") and rest.endswith("['0', '0']\n"), rest
    elif granted == Claim.NICE.name:
        assert rest.startswith("[0, 0] [-15, -15]"), rest
    else:
        assert granted == Claim.NEITHER.name and os.geteuid() != 0, rest


def test_what_is_refused_is_said_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: int) -> None:
        raise PermissionError

    monkeypatch.setattr(realtime, "_fifo", refuse)
    monkeypatch.setattr(realtime, "_nice", lambda thread: None)
    assert claim() is Claim.NICE
    monkeypatch.setattr(realtime, "_nice", refuse)
    assert claim() is Claim.NEITHER
    assert all(" / " in one.value for one in Claim)


def test_garbage_is_collected_in_pauses_only_and_what_was_there_at_the_start_is_left_alone() -> None:
    now = [0.0]
    runs: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            runs.append(info["generation"])

    with Tidying(lambda: now[0]) as tidying:
        assert gc.get_freeze_count() > 10_000 and not gc.isenabled()
        gc.callbacks.append(note)
        rings: list[object] = []
        for _ in range(5000):  # seven young collections, were they automatic
            ring: list[object] = []
            ring.append(ring)
            rings.append(ring)
        assert runs == []
        tidying.pause()
        now[0] = FULL_S
        tidying.pause()
        gc.callbacks.remove(note)
    assert runs == [1, 2]
    assert gc.isenabled() and gc.get_freeze_count() == 0


def heard(listener: Listener) -> list[str]:
    return [line for _ in range(9) for line in listener.hear(0.0)]


def test_a_sign_of_life_is_given_four_times_in_the_watchers_patience() -> None:
    listener, now = Listener(), [100.0]
    notifier = Notifier({"NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "2000000"}, lambda: now[0])
    for _ in range(17):  # two seconds of turns
        notifier.turned()
        now[0] += 0.125
    assert heard(listener) == ["WATCHDOG=1"] * 5
    notifier.ready("sorting")
    notifier.stopping()
    assert heard(listener) == ["READY=1", "STATUS=sorting", "STOPPING=1"]
    listener.close()
    notifier.turned()  # nobody listens any more: nothing happens
    notifier.close()


@pytest.mark.parametrize("environ", [{}, {"WATCHDOG_USEC": "x"}, {"NOTIFY_SOCKET": "/gone/away"}])
def test_who_is_not_watched_says_nothing(environ: dict[str, str]) -> None:
    notifier = Notifier(environ)
    notifier.turned()
    notifier.ready("")
    notifier.close()


def test_a_loop_says_that_it_turned_only_when_a_cycle_is_over() -> None:
    said: list[int] = []
    machine = ScriptedMachine()
    loop = Runner(Controller(HUB, ON_DATE), machine, ScriptedVision(), ScriptedDisk(), lambda value: None)
    loop.run(1000, lambda: len(said) == 3, lambda: said.append(len(machine.sent)))
    assert said == [1, 2, 3]


def test_the_control_process_has_no_thread_that_computes_and_says_to_its_watcher_how_it_stands(
    tmp_path: Path,
) -> None:
    listener = Listener()
    watched = {"NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "400000"}
    with Emulated(tmp_path, parcels=200) as line:
        process = controller(line, environ=watched)
        said: list[str] = []
        while said.count("WATCHDOG=1") < 3:
            said += listener.hear(60)
        assert said[0] == "READY=1"
        assert kernel_threads(process.pid) <= 2, "the loop and the journal"
        maps = Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")
        assert [name for name in (*COMPUTING, "openblas", "libgomp", "opencv") if f"/{name}" in maps] == []
        granted = os.sched_getscheduler(process.pid) & 0xFF == os.SCHED_FIFO
        os.kill(process.pid, signal.SIGSTOP)  # a loop that does not turn gives no sign
        heard(listener)
        assert listener.hear(1.0) == []
        os.kill(process.pid, signal.SIGCONT)
        words = ended_in_order(process)
        assert "STOPPING=1" in heard(listener)
    assert ("SCHED_FIFO / real-time" in words) is granted, words
    listener.close()


STUBBORN = """
import os, sys, time
from pathlib import Path
from sorter.app.notify import Notifier
lives = Path(sys.argv[1])
lives.open("a").write("x")
notifier = Notifier()
how = sys.argv[2 + min(lives.stat().st_size, len(sys.argv) - 2) - 1]
if how == "crash": os.kill(os.getpid(), 11)
if how == "fail": sys.exit(3)
if how == "refuse": sys.exit(2)
if how == "bug": raise RuntimeError("a mistake of ours")
notifier.ready("here")
end = time.monotonic() + (60 if how == "hang" else 0.5)
while time.monotonic() < end:
    if how == "well": notifier.turned()
    time.sleep(0.05)
"""

SUPERVISED = """
import sys
from sorter.app.keep_alive import Supervisor
sys.exit(Supervisor([sys.executable, *sys.argv[1:]], hang_s=0.4).run())
"""


def test_what_dies_or_hangs_is_started_again_after_growing_pauses_with_the_reason(tmp_path: Path) -> None:
    script, lives, listener = tmp_path / "child.py", tmp_path / "lives", Listener()
    script.write_text(STUBBORN, encoding="utf-8")
    words = [
        sys.executable,
        "-c",
        SUPERVISED,
        str(script),
        str(lives),
        *["crash", "hang", "fail", "bug", "well"],
    ]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "NOTIFY_SOCKET": listener.address}
    began = time.monotonic()
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    reasons = [line for line in done.stderr.splitlines() if "controller: " in line and "pid" not in line]
    names, pauses = ("SIGSEGV", "hung", "exit 3", "a bug of ours"), (0.2, 0.4, 0.8, 1.6)
    for reason, name, pause in zip(reasons, names, pauses, strict=True):
        assert name in reason and f"after {pause} s" in reason
    assert time.monotonic() - began > sum(pauses)
    assert lives.read_text(encoding="ascii") == "xxxxx"
    assert heard(listener) == ["READY=1", "STATUS=here"] * 2, "its watcher hears when it is ready"
    listener.close()


def test_what_another_start_cannot_cure_is_not_started_again(tmp_path: Path) -> None:
    script, lives = tmp_path / "child.py", tmp_path / "lives"
    script.write_text(STUBBORN, encoding="utf-8")
    words = [sys.executable, "-c", SUPERVISED, str(script), str(lives), "refuse", "well"]
    assert subprocess.run(words, cwd=ROOT, capture_output=True, timeout=60, check=False).returncode == 2
    assert lives.read_text(encoding="ascii") == "x"


STOPPED = """
import signal, sys
from sorter.app.keep_alive import Supervisor
one = Supervisor([sys.executable, "-c", "import sys; sys.exit(3)"])
signal.signal(signal.SIGTERM, lambda number, frame: one.stop(number))
sys.exit(one.run())
"""


def test_a_signal_ends_the_supervisor_in_the_middle_of_a_pause() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert any("after 0.8 s" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 130


def test_the_unit_grants_what_the_control_loop_asks_for_and_watches_who_watches_it() -> None:
    unit = (ROOT / "docs" / "systemd" / "sorter-line.service").read_text(encoding="utf-8")
    said = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))
    assert (said["Type"], said["Restart"], said["StartLimitIntervalSec"]) == ("notify", "always", "0")
    assert int(said["LimitRTPRIO"]) >= FIFO_PRIORITY and int(said["LimitNICE"]) <= NICE
    assert "CPUSchedulingPolicy" not in said, "the decoders would inherit it"
    assert int(said["WatchdogSec"]) > HANG_S + LONGEST_PAUSE_S and int(said["TimeoutStartSec"]) >= START_S
