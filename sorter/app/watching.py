"""A chosen minute of a simulated line, picture by picture: in the terminal, or as a page that plays it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.live import Live

from sim.hubline.loop import Words
from sim.virtual import Keep, VirtualLine
from sorter.app.args import clock_us, seconds
from sorter.app.belt_view import picture
from sorter.app.moment import MINUTE_US, Moment, moment
from sorter.app.tally import Tally
from sorter.errors import SorterError
from sorter.flow import Effect, Event, Us
from sorter.hub import Hub

EVERY_US: Us = 250_000
PLAIN_EVERY_US: Us = 10_000_000
"""From one picture to the next: on a screen, and where there is none."""

PLAIN_ROWS = 40

MadeLine = Callable[[Keep], tuple[VirtualLine, Words]]
"""A line before its first parcel, and what is said to it; it keeps what happens."""


@dataclass(frozen=True)
class Watched:
    """A minute: pictures EVERY_US apart, the first one at from_us; lengths of the parcels in them, mm.

    zero_us  the time of day at which the line clock was 0
    """

    hub: Hub
    zero_us: Us
    from_us: Us
    moments: tuple[Moment, ...]
    lengths: dict[int, int]


def add_watching(parser: argparse._ActionsContainer) -> None:
    """What whoever watches may say."""
    add = parser.add_argument
    add("--watch", type=clock_us, metavar="TIME",
        help="play the minute from this time on: of the day in a scenario, else since the start")  # fmt: skip
    add("--watch-page", type=Path, metavar="FILE", help="write that minute as a page (HTML) that plays it")
    add("--pace", type=seconds, default=1.0, metavar="X", help="line seconds per second (default 1)")


def watched(hub: Hub, made: MadeLine, from_us: Us, zero_us: Us = 0) -> Watched:
    """The minute from from_us on, line clock. Raises SorterError when the last parcel is off before it."""
    tally, moments, lengths = Tally(hub.layout), list[Moment](), dict[int, int]()

    def keep(value: Event | Effect) -> None:
        tally.note(value)

    def look(at_us: Us, encoder: int) -> None:
        moments.append(moment(hub.layout, tally, encoder, at_us, connected=True))
        lengths.update((pid, parcel.inducted.length_mm) for pid, parcel in tally.open.items())

    line, words = made(keep)
    until_us = from_us + MINUTE_US
    for at_us in range(from_us, until_us + 1, EVERY_US):
        line.look_at(at_us, look)
    line.run(*words, until_us + 1)
    if not moments:
        at = told(zero_us + from_us)
        what = f"到 {at} 线已空 / the last parcel is off before {at}"
        raise SorterError(f"{what}\n  choose an earlier time")
    return Watched(hub, zero_us, from_us, tuple(moments), lengths)


def show(found: Watched, args: argparse.Namespace) -> int:
    """Play it in the terminal, or write the page. Returns 0."""
    if args.watch_page is not None:
        from sorter.app.watch_page import write_watch_page

        write_watch_page(args.watch_page, found)
        return 0
    console = Console()
    if not console.is_terminal:
        for now in found.moments[:: PLAIN_EVERY_US // EVERY_US]:
            console.print(told(found.zero_us + now.line_us), highlight=False)
            console.print(picture(found.hub, now, console.width, PLAIN_ROWS))
        return 0
    with Live(console=console, screen=True, auto_refresh=False) as live, suppress(KeyboardInterrupt):
        for now in _paced(found, args.pace):
            live.update(picture(found.hub, now, console.width, console.height), refresh=True)
    return 0


def told(at_us: Us) -> str:
    """A time of day, or since the start: h:mm:ss."""
    at_s = at_us // 1_000_000
    return f"{at_s // 3600}:{at_s // 60 % 60:02}:{at_s % 60:02}"


def announce(at_us: Us) -> None:
    """The closed loop takes about a second for a thousand parcels: say why nothing is to be seen."""
    if sys.stderr.isatty():
        print(f"正在仿真至 {told(at_us)} / simulating until {told(at_us)} ...", file=sys.stderr)


def _paced(found: Watched, pace: float) -> Iterator[Moment]:
    """Each picture at its moment; a pace of 0 shows them as fast as can be."""
    begun = time.monotonic()
    for now in found.moments:
        if pace:
            time.sleep(max(0.0, begun + (now.line_us - found.from_us) / 1e6 / pace - time.monotonic()))
        yield now
