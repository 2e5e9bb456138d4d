"""What the console costs the line, and how soon an event is on a screen: the whole hub in processes.

An emulated line at 6,000 parcels/h, its controller, `sorter serve`; browsers' live feeds are opened and
closed in alternating blocks of one run. Printed: event to feed (PLC's stamp of an induction to the first
frame that shows it, every client counted), and decision to order taken by the PLC, with clients and without.
With --screen one more client is headless Chromium: the same until the parcel stands in its page.

    python -m benchmarks.console --pairs 5 --block 45 --clients 10 --screen
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

from sorter.app.cli import main as sorter
from sorter.app.cmd_demo import emulator
from sorter.app.cmd_serve import console_beside
from sorter.app.desk import pulse_of
from sorter.app.journal import read
from sorter.app.pulse import monotonic_us, read_pulse
from sorter.codec import Value
from sorter.flow import Answered, Decision, Inducted

LINZI = Path(__file__).parents[1] / "configs" / "linzi"
RATE, SEED = 6000, 3
WARM_S = 8.0


class Client:
    """One browser's live feed: when each parcel was first in a frame, on this machine's monotonic clock."""

    def __init__(self, port: int) -> None:
        self.seen_us: dict[int, int] = {}
        self._ending = Event()
        self._port = port
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._ending.set()
        self._thread.join(timeout=5)

    def _listen(self) -> None:
        link = HTTPConnection("127.0.0.1", self._port, timeout=5)
        link.request("GET", "/api/live")
        answer = link.getresponse()
        first = True
        while not self._ending.is_set():
            line = answer.readline()
            if line.startswith(b"data: "):
                now_us = monotonic_us()
                for pid, *_ in json.loads(line[6:])["parcels"]:
                    self.seen_us.setdefault(pid, 0 if first else now_us)
                first = False
        link.close()


_WATCH = """() => {
  window.seen = {};
  const note = () => {
    for (const one of document.querySelectorAll('rect.parcel')) window.seen[one.dataset.pid] ??= Date.now();
  };
  note();
  for (const pid of Object.keys(window.seen)) window.seen[pid] = 0;
  new MutationObserver(note).observe(document.getElementById('line'), { childList: true, subtree: true });
}"""


@contextmanager
def screen(port: int) -> Iterator[Callable[[], dict[int, int]]]:
    """A page of Chromium; asks when each parcel was first in it, Unix ms, 0 = it was there before."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("rect.parcel")
        page.evaluate(_WATCH)
        yield lambda: {int(pid): at for pid, at in page.evaluate("() => window.seen").items()}
        chromium.close()


@contextmanager
def hub(folder: Path, parcels: int, port: int) -> Iterator[Path]:
    """A running hub; gives its run folder. Pictures are answered as a simulated run's were."""
    same = ["--parcels", str(parcels), "--rate", str(RATE), "--seed", str(SEED)]
    sorter(["sim", str(LINZI), *same, "--journal", str(folder / "reads"), "--json"])
    words = argparse.Namespace(config=LINZI, parcels=parcels, rate=RATE, seed=SEED, more=["--no-pictures"])
    run = folder / "run"
    with ExitStack() as stack:
        ready = stack.enter_context(emulator(words, folder / "line"))
        command = ["run", str(LINZI), "--port", str(ready["port"]), "--reads", str(folder / "reads"),
                   "--manifest", str(folder / "line" / "manifest.csv"), "--out", str(run)]  # fmt: skip
        start = [sys.executable, "-m", "sorter", *command]
        controller = subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(controller.wait, timeout=20)
        stack.callback(controller.terminate)
        stack.enter_context(console_beside(LINZI, run, port))
        os.nice(15)  # the clients stand for other computers: they may not take the line's processors
        yield run


def percentile(values: list[int], share: float) -> float:
    """In ms."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1000


def block(run: Path, port: int, seconds: float, clients: int) -> tuple[tuple[int, int], list[Client]]:
    """One block: its first and last instant on the line clock, and the clients that listened."""
    open_now = [Client(port) for _ in range(clients)]
    time.sleep(2.0)
    since = line_us(run)
    time.sleep(seconds)
    until = line_us(run)
    for client in open_now:
        client.close()
    return (since, until), open_now


def line_us(run: Path) -> int:
    """Now on the line clock."""
    pulse = read_pulse(pulse_of(run))
    assert pulse is not None, "the controller does not beat"
    return pulse.line_us + monotonic_us() - pulse.written_us


def to_screen(run: Path, inducted: dict[int, int], zero_us: int, clients: list[Client]) -> list[int]:
    """Of every client and parcel: the PLC's stamp of its induction to the first frame that showed it."""
    return [
        seen - (zero_us + inducted[pid])
        for client in clients
        for pid, seen in client.seen_us.items()
        if seen and pid in inducted
    ]


def to_plc(values: Sequence[Value], since_us: int, until_us: int) -> list[int]:
    """Decision to the PLC's answer that it took the order, of decisions made in this time."""
    made = {one.pid: one.at_us for one in values if isinstance(one, Decision)}
    return [
        one.at_us - made[one.pid]
        for one in values
        if isinstance(one, Answered) and since_us <= made.get(one.pid, -1) < until_us
    ]


def measure(args: argparse.Namespace) -> None:
    """Run the blocks and print the table."""
    seconds = WARM_S + args.pairs * 2 * (args.block + 3) + 10
    parcels, page = int(seconds * RATE / 3600) + 50, dict[int, int]()
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        run = stack.enter_context(hub(Path(scratch), parcels, args.port))
        time.sleep(WARM_S)
        look = stack.enter_context(screen(args.port)) if args.screen else dict[int, int]
        blocks = []
        for pair in range(args.pairs):
            for clients in (0, args.clients) if pair % 2 == 0 else (args.clients, 0):
                blocks.append((clients, *block(run, args.port, args.block, clients)))
        pulse = read_pulse(pulse_of(run))
        assert pulse is not None
        zero_us = pulse.written_us - pulse.line_us
        page, wall_us = look(), time.time_ns() // 1000 - monotonic_us()
        values = list(read(run / "journal"))
    inducted = {one.pid: one.at_us for one in values if isinstance(one, Inducted)}
    on_page = [
        at * 1000 - wall_us - zero_us - inducted[pid] for pid, at in page.items() if at and pid in inducted
    ]
    if on_page:
        print(f"event to page of Chromium, {len(on_page)} parcels: {shown(on_page)}")
    table(args, blocks, values, [
        late for _, _, clients in blocks for late in to_screen(run, inducted, zero_us, clients)
    ])  # fmt: skip


def shown(late: list[int]) -> str:
    """Median, p95 and p99."""
    return ", ".join(f"p{share} {percentile(late, share / 100):.0f} ms" for share in (50, 95, 99))


def table(
    args: argparse.Namespace,
    blocks: list[tuple[int, tuple[int, int], list[Client]]],
    values: Sequence[Value],
    late: list[int],
) -> None:
    """Print both measures."""
    if late:
        print(f"event to feed, {args.clients} clients, {len(late)} sightings: {shown(late)}")
    ratios, more = [], []
    for first, second in zip(blocks[::2], blocks[1::2], strict=True):
        p99 = {clients: percentile(to_plc(values, *span), 0.99) for clients, span, _ in (first, second)}
        ratios.append(p99[args.clients] / p99[0])
        more.append(p99[args.clients] - p99[0])
        print(f"decision to order taken, p99: none {p99[0]:.1f} ms, with clients {p99[args.clients]:.1f} ms")
    ratio, difference = statistics.median(ratios), statistics.median(more)
    print(f"median of paired ratios {ratio:.3f}, of differences {difference:+.2f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--block", type=float, default=45.0, metavar="S")
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--screen", action="store_true")
    parser.add_argument("--port", type=int, default=8399)
    measure(parser.parse_args())
