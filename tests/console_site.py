"""A hub in processes, as it is set up: an emulated line, a controller, a console; and a browser."""

from __future__ import annotations

import argparse
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sorter.app.cli import main
from sorter.app.cmd_demo import emulator
from sorter.app.journal import read
from sorter.codec import Value
from tests.linzi import FOLDER as LINZI

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SEED = 5
ADMIN, PASSWORD = "chen", "password-1"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@dataclass
class Process:
    """One command of ours, started again at will."""

    words: list[str]
    folder: Path
    running: subprocess.Popen[str] | None = field(default=None)

    def start(self) -> None:
        log = (self.folder / f"{self.words[0]}.log").open("a")
        start = [sys.executable, "-m", "sorter", *self.words]
        with log:
            self.running = subprocess.Popen(start, stdout=log, stderr=log, cwd=self.folder, text=True)

    def kill(self, number: int = signal.SIGKILL) -> None:
        assert self.running is not None
        self.running.send_signal(number)
        self.running.wait(timeout=30)


@dataclass
class Hub:
    """Everything of one hub. `run` is the run's folder, `address` the console's."""

    folder: Path
    run: Path
    address: str
    controller: Process
    console: Process

    def journal(self, kind: type[Value]) -> list[Any]:
        """What the journal holds of one kind now."""
        return [value for value in read(self.run / "journal") if isinstance(value, kind)]


@contextmanager
def hub(folder: Path, parcels: int, rate: int, faults: str) -> Iterator[Hub]:
    """An emulated line that waits to be started. What its camera sees is read as a simulated run read it."""
    trouble = folder / "faults.yaml"
    trouble.write_text(faults, encoding="utf-8")
    words = argparse.Namespace(
        config=LINZI, parcels=parcels, rate=rate, seed=SEED, faults=trouble, more=["--no-pictures"]
    )
    reads = folder / "reads"
    same = ["--parcels", str(parcels), "--rate", str(rate), "--seed", str(SEED), "--faults", str(trouble)]
    main(["sim", str(LINZI), *same, "--journal", str(reads), "--json"])
    run, number = folder / "run", free_port()
    with ExitStack() as stack:
        ready = stack.enter_context(emulator(words, folder / "line"))
        controller = Process(
            ["run", str(LINZI), "--port", str(ready["port"]), "--reads", str(reads), "--out", str(run),
             "--manifest", f"{folder}/line/manifest.csv", "--stand-by"], folder,
        )  # fmt: skip
        people = str(folder / "console.db")
        console = Process(
            ["serve", str(LINZI), "--out", str(run), "--port", str(number), "--people", people], folder
        )
        for process in (controller, console):
            process.start()
            stack.callback(process.kill)
        made = Hub(folder, run, f"http://127.0.0.1:{number}", controller, console)
        wait(lambda: answers(number), "the console does not answer")
        yield made


def answers(number: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", number)) == 0


def wait(until: Callable[[], object], told: str, most_s: float = 60) -> None:
    end = time.monotonic() + most_s
    while not until():
        assert time.monotonic() < end, told
        time.sleep(0.1)


class Browser:
    """One page of headless Chromium, and everything that must never happen in it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.wrong: list[str] = []
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)

    def open(self, screen: str) -> None:
        self.page.goto(f"{self.address}/{'' if screen == 'overview' else screen}")
        self.see("#strip-age", "s")

    def see(self, selector: str, text: str | re.Pattern[str], most_s: float = 20) -> None:
        """Wait until a text stands there."""
        from playwright.sync_api import expect

        expect(self.page.locator(selector).first).to_contain_text(text, timeout=most_s * 1000)

    def scan(self, code: str, before: Callable[[], None] = lambda: None) -> None:
        """A scan gun: a keyboard faster than fingers, Enter behind it. before: each try begins with it."""
        for _ in range(8):  # a computer that is busy with other tests makes a gun look like fingers
            before()
            self.page.keyboard.type(code, delay=1)
            self.page.keyboard.press("Enter")
            with suppress(AssertionError):
                self.see("#strip-scan", code, most_s=2)
                return
        raise AssertionError(f"{code} was never taken for a scan")

    def tab_to(self, name: str) -> None:
        """Reach a button by the keyboard alone."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            # At the page's end the focus is nowhere for one Tab.
            if self.page.evaluate("document.activeElement.innerText").startswith(name):
                return
        raise AssertionError(f"Tab does not reach {name}")

    def number(self, selector: str) -> int:
        found = re.search(r"\d+", self.page.locator(selector).first.inner_text())
        return int(found[0]) if found else 0

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(f"contacted {request.url}")

    def _said(self, message: Any) -> None:
        if message.type == "error" and "ERR_" not in message.text and "404" not in message.text:
            self.wrong.append(f"console: {message.text}")


@contextmanager
def browser(address: str, width: int = 1366, height: int = 768) -> Iterator[Browser]:
    """Headless Chromium with an empty profile; skips with the reason where there is none."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=FLAGS)
        try:
            page = chromium.new_page(viewport={"width": width, "height": height})
            yield Browser(page, address)
        finally:
            chromium.close()
