"""What a run shows while it goes on and when it ends: a live picture in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sorter.app.belt_view import clock, counts, picture, rate
from sorter.app.columns import APART, folded, padded, widest
from sorter.app.figures import Figure
from sorter.app.grades import MEASURES, Median, percents
from sorter.app.moment import Moment, moment
from sorter.app.tally import Tally
from sorter.flow import Us
from sorter.hub import Hub

PICTURES_PER_S = 4
PROGRESS_US: Us = 10_000_000


class LiveView:
    """The belt as it runs; a context manager. Draws in a thread: a stalled terminal never stalls the line.

    In a terminal it takes the whole screen until the block ends. Elsewhere it prints one plain line
    every 10 s of line time. quiet: nothing at all.
    """

    def __init__(self, hub: Hub, tally: Tally, console: Console | None = None, quiet: bool = False) -> None:
        self._hub = hub
        self._tally = tally
        self._console = console or Console()
        self._quiet = quiet
        self._now: Moment | None = None
        self._due_us: Us = PROGRESS_US
        self._live: Live | None = None

    def __enter__(self) -> LiveView:
        """Take the screen, if there is one."""
        if not self._quiet and self._console.is_interactive and self._console.file.isatty():
            self._live = Live(
                console=self._console,
                screen=True,
                refresh_per_second=PICTURES_PER_S,
                get_renderable=self._draw,
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the screen back as it was."""
        if self._live is not None:
            self._live.stop()

    def update(self, encoder: int, line_us: Us, connected: bool) -> None:
        """The belt is at `encoder` (u32 counts) and the line clock at `line_us`; waits for nothing."""
        if self._quiet:
            return
        if self._live is not None:
            self._now = moment(self._hub.layout, self._tally, encoder, line_us, connected)
        elif line_us >= self._due_us:
            self._due_us = (line_us // PROGRESS_US + 1) * PROGRESS_US
            self._progress(moment(self._hub.layout, self._tally, encoder, line_us, connected))

    def _draw(self) -> RenderableType:
        now = self._now
        if now is None:
            return Text("等待产线 waiting for the line …", style="dim")
        return picture(self._hub, now, self._console.width, self._console.height)

    def _progress(self, now: Moment) -> None:
        link = "" if now.connected else "   ! 未连接 NO LINK"
        line = f"{clock(now.line_us)}   {counts(now).plain}   {rate(now)}{link}"
        self._console.print(Text(line), soft_wrap=True)


def figures_table(figures: Sequence[Figure], console: Console | None = None) -> None:
    """Print the closing figures; every row says what it is a share of."""
    console = console or Console()
    for line in figure_lines(figures, console.width):
        console.print(Text(line, "dim" if line.startswith(BELOW) else ""), soft_wrap=True)


BELOW = "    "
"""What a line begins with that belongs to the one before it."""


def figure_lines(figures: Sequence[Figure], width: int) -> list[str]:
    """Name, value, denominator; where that is too wide the English name and what else is left stand below."""
    names = ["  " * one.is_part + one.zh for one in figures]
    zh, en, value = widest(names), widest(one.en for one in figures), widest(one.value for one in figures)
    one_line = zh + en + value + 3 * APART + widest(one.base for one in figures) <= width
    lines = []
    for name, one in zip(names, figures, strict=True):
        label = padded(name, zh) + (" " * APART + padded(one.en, en) if one_line else "")
        first = f"{label}  {padded(one.value, value, right=True)}"
        base_fits = cell_len(first) + APART + cell_len(one.base) <= width
        lines.append(f"{first}  {one.base}".rstrip() if base_fits else first.rstrip())
        below = [] if one_line else [one.en] if base_fits else [one.en, f"基数 of: {one.base}"]
        for text in below:
            lines += folded(BELOW + text, width, 2 * BELOW)
    return lines


def grades_table(medians: Sequence[Median], hub: Hub, console: Console | None = None) -> None:
    """Print how good the waybills looked; nothing when no read was graded."""
    if not medians:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim underline")
    table.add_column("码质量中位数 median code quality", overflow="fold")
    for name in (*(f"{measure.zh} {measure.en}" for measure in MEASURES.values()), "次数 reads"):
        table.add_column(name, justify="right")
    for one in medians:
        name = f"相机 camera {one.camera}  {hub.couriers.name(one.courier)}"
        table.add_row(Text(name), *percents(one.grade), f"{one.reads:,}")
    (console or Console()).print(table)
