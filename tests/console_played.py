"""A live run without a line: a journal with what screens may have to show, a pulse, orders journalled."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sorter.app.console.follow import Follower
from sorter.app.console.people import People, Role
from sorter.app.console.server import Desk, console
from sorter.app.desk import inbox_of, pulse_of
from sorter.app.inbox import Inbox
from sorter.app.journal import JournalWriter, read
from sorter.app.pulse import PulseWriter, monotonic_us
from sorter.app.stage import started
from sorter.codec import Value
from sorter.flow import (
    REJECT,
    BagChanged,
    ChuteBroken,
    ChuteChanged,
    ChuteLocked,
    ClockTold,
    Inducted,
    Jammed,
    LinkDown,
    LinkUp,
    Notice,
    PackState,
    StateChanged,
    Why,
)
from sorter.hub import Hub
from tests.console_site import Browser
from tests.hubs import ON_DATE
from tests.runs_made import decision, record
from tests.served import listening

NOW_US = 60_000_000
LONG = "一个名字特别长的操作员" * 3 + "-long"
ADMIN, PASSWORD = "chen", "password-1"


@dataclass(frozen=True)
class Played:
    """Where the console is, and the run's folder."""

    address: str
    run: Path

    def journal(self) -> list[Value]:
        """Everything journalled until now."""
        return list(read(self.run / "journal"))


def shift_of(hub: Hub, parcels: int = 200) -> list[Value]:
    """Parcels on their way, some exceptions; chutes full, broken and locked; a bag with the longest code."""
    draw, many = random.Random(1), len(hub.layout.chutes)
    values: list[Value] = [StateChanged(2000, PackState.EXECUTE)]
    for pid in range(1, parcels):
        at, chute, why = pid * 250_000, draw.randrange(many), Why.NO_CODE if pid % 11 == 0 else Why.ROUTED
        values += [Inducted(at, pid, 300, pid * 400), decision(pid, REJECT if pid % 11 == 0 else chute, why)]
        if pid < parcels - 20:
            way = {"waybill": ""} if why is Why.NO_CODE else {"left": chute, "told": chute}
            values.append(replace(record(pid, why), left_us=at + 5_000_000, **way))
    for chute in (3, many // 2, many - 5):
        full = Notice(NOW_US - 9_000_000, "chute-full", str(chute))
        values += [ChuteChanged(NOW_US - 9_000_000, chute, True), full]
    broken: list[Value] = [ChuteBroken(NOW_US, 11, True), Notice(NOW_US, "chute-broken", "11")]
    bag = BagChanged(NOW_US, 5, "BAG-" + "0" * 36, ADMIN)
    return [*values, *broken, ChuteLocked(NOW_US, 7, True), bag, Notice(NOW_US, "bag-changed", "5")]


def flood(hub: Hub) -> list[Value]:
    """A hundred alarms, one of which is about something with no end."""
    chutes: list[Value] = [
        Notice(NOW_US - 9_000_000 + n, "chute-full", str(n)) for n in range(len(hub.layout.chutes))
    ]
    jams = [Notice(NOW_US - 8_000_000 + n, "jam", str(n)) for n in range(100 - len(chutes))]
    return [*shift_of(hub), *chutes, *jams, Notice(NOW_US, "vision-failed", "x" * 300)]


def held(hub: Hub) -> list[Value]:
    """Stopped by a jam, with parcels on the belt."""
    jam: list[Value] = [Jammed(NOW_US - 2_000_000, 2, 1), Notice(NOW_US - 2_000_000, "jam", "2")]
    return [*shift_of(hub), *jam, StateChanged(NOW_US - 1_000_000, PackState.HELD)]


def lost(hub: Hub) -> list[Value]:
    """The PLC is gone."""
    down: list[Value] = [LinkDown(NOW_US, "timed out"), Notice(NOW_US, "link-down", "timed out")]
    return [*shift_of(hub), *down]


def nothing(hub: Hub) -> list[Value]:
    """Before the first parcel."""
    return []


def log_in(at: Browser, site: Played, name: str = ADMIN) -> None:
    """A page of this console, with somebody logged in."""
    at.page.goto("about:blank")  # the page before belongs to another console
    at.address, at.wrong = site.address, []
    at.page.context.clear_cookies()
    at.page.goto(f"{site.address}/login")
    at.page.wait_for_selector("#login button:enabled")
    at.page.fill("#name", name)
    at.page.fill("#password", PASSWORD)
    at.page.keyboard.press("Enter")
    at.page.wait_for_url(f"{site.address}/")


@contextmanager
def played(hub: Hub, config: Path, folder: Path, values: list[Value]) -> Iterator[Played]:
    """A console over these values, live until the block ends."""
    run = folder / "run"
    begin: list[Value] = [started(hub, ON_DATE), LinkUp(0, 1, 5, PackState.STOPPED),
             ClockTold(1000, time.time_ns() // 1000 - NOW_US)]  # fmt: skip
    ending = threading.Event()
    with closing(JournalWriter(run / "journal")) as journal, closing(People(folder / "people.db")) as people:
        for value in [*begin, *values]:
            journal.append(value)
        journal.commit(10)
        people.add(ADMIN, PASSWORD, Role.ADMIN)
        people.add(LONG, PASSWORD, Role.OPERATOR)
        heart = threading.Thread(target=_beat, args=(run, journal, ending))
        heart.start()
        app = console(Desk(hub, config, Follower(run, hub), people))
        try:
            with listening(app) as number:
                yield Played(f"http://127.0.0.1:{number}", run)
        finally:
            ending.set()
            heart.join()


def _beat(run: Path, journal: JournalWriter, ending: threading.Event) -> None:
    """What a controller does for the console: beats, and journals what people order."""
    begun_us, inbox = monotonic_us(), Inbox(inbox_of(run))
    with closing(PulseWriter(pulse_of(run))) as pulse:
        while not ending.wait(0.05):
            line_us = NOW_US + monotonic_us() - begun_us
            for order in inbox.take():
                journal.append(order(line_us))
            journal.commit(5)
            inbox.stored()
            pulse.beat(line_us, 200 * 400)
