from __future__ import annotations

import io
import re
import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from sorter.app.belt_view import belt_rows, column, picture
from sorter.app.figures import run_figures
from sorter.app.live import LiveView, figures_table
from sorter.app.moment import Moment, Spot, moment
from sorter.app.tally import Tally
from sorter.flow import ENCODER_SPAN, REJECT, Decision, Inducted, Notice, PackState, StateChanged, Why
from tests.hubs import hub, layout
from tests.runs_made import HOSTILE, code, decision, record, simulated, tally_of

HUB = hub()
END_MM = HUB.layout.end_mm
SIZES = [(80, 24), (140, 40)]


class Tty(io.StringIO):
    """A terminal of which we keep what it was sent."""

    def isatty(self) -> bool:
        return True


class StalledTty(Tty):
    """A terminal that, once stalled, takes nothing more until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.stalled = threading.Event()
        self.released = threading.Event()
        self.released.set()

    def stall(self) -> None:
        self.released.clear()

    def write(self, words: str) -> int:
        if not self.released.is_set():
            self.stalled.set()
            self.released.wait(30)
        return super().write(words)


def shown(now: Moment, width: int = 80, height: int = 24) -> list[str]:
    """The picture's rows as plain text, as the given terminal would show them."""
    console = Console(width=width, height=height, file=io.StringIO(), record=True)
    console.print(picture(HUB, now, width, height))
    return console.export_text().splitlines()


def busy(parcels: int = 3) -> Tally:
    """A tally with parcels 1..n on the belt, each decided to chute 0, inducted at count 0."""
    tally = Tally(HUB.layout)
    for pid in range(1, parcels + 1):
        tally.note(Inducted(0, pid, 300, 0))
        tally.note(decision(pid, 0))
    return tally


def lane(spots: list[Spot], width: int = 80) -> str:
    return belt_rows(HUB.layout, spots, width)[2].plain


@given(st.integers(-5000, 40_000), st.integers(2, 300))
def test_the_belt_is_drawn_to_scale_and_nothing_falls_off_it(place_mm: int, width: int) -> None:
    at = column(place_mm, END_MM, width)
    assert 0 <= at < width
    if 0 <= place_mm < END_MM:
        assert at * END_MM <= place_mm * (width - 1) < (at + 1) * END_MM


@pytest.mark.parametrize(
    ("told", "symbol"),
    [(None, "?"), (decision(1, 0), "▲"), (decision(1, 1), "▼"), (decision(1, REJECT, Why.NO_CODE), "×")],
)
def test_a_parcel_stands_at_its_place_with_a_symbol_for_where_it_goes(
    told: Decision | None, symbol: str
) -> None:
    # 8000 of 21650 mm on 80 columns: 29.2.
    drawn = lane([Spot(1, 8000, told)])
    assert drawn.index(symbol) == 29
    assert drawn.strip() == symbol


def test_parcels_that_share_a_column_are_counted() -> None:
    assert lane([Spot(1, 8000, None), Spot(2, 8010, decision(2, 1))]).strip() == "2"


def test_each_chute_stands_at_its_diverter_on_its_own_side() -> None:
    left, edge, _, other_edge, right = (row.plain for row in belt_rows(layout(), [], 140))
    pivot = column(layout().diverters[0].pivot_mm, END_MM, 140)
    assert cell_len(left[: left.index("0")]) == pivot
    assert (edge[pivot], other_edge[pivot], right[pivot]) == ("┴", "┬", "1")
    assert set(re.findall(r"\d+", left + right)) == {str(chute) for chute in range(28)}


def test_a_parcel_keeps_its_place_when_the_encoder_wraps() -> None:
    tally = Tally(HUB.layout)
    tally.note(Inducted(0, 1, 300, ENCODER_SPAN - 500))
    now = moment(HUB.layout, tally, 1500, 0, True)
    # 2000 counts at 2000 counts/m.
    assert [spot.place_mm for spot in now.spots] == [1000]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_each_parcel_has_one_line_and_the_newest_comes_first(width: int, height: int) -> None:
    rows = shown(moment(HUB.layout, busy(), 4000, 0, True), width, height)
    assert [row.split()[2] for row in rows if "JT000" in row] == [f"JT{pid:013}" for pid in (3, 2, 1)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_picture_fits_the_terminal_whatever_texts_it_holds(width: int, height: int) -> None:
    text = f"\x1b[2J\n{HOSTILE * 9}"
    read = replace(code(text), reader=text)
    tally = tally_of(record(n, waybill=text, reads=(read,)) for n in range(1, 30))
    for pid in range(30, 60):
        tally.note(Inducted(0, pid, 300, 0))
        tally.note(decision(pid, pid % 28, waybill=text, courier=text))
        tally.note(Notice(0, "link-down", text))
    rows = shown(moment(HUB.layout, tally, 9000, 0, False), width, height)
    assert len(rows) <= height
    assert max(cell_len(row) for row in rows) <= width
    assert "".join(rows).isprintable()


def test_a_run_of_the_line_fills_the_picture() -> None:
    made, tally, _ = simulated()
    rows = shown(moment(made.layout, tally, 0, tally.last_us, True))
    assert "上件 inducted 60" in rows[1]
    assert any(tally.records[-1].waybill in row for row in rows)


def test_an_exception_is_marked_without_colour_too() -> None:
    tally = tally_of([record(1), record(2, Why.NO_CODE, told=REJECT)])
    rows = shown(moment(HUB.layout, tally, 0, 0, True))
    assert any("! 无码 no read" in row and "END" in row for row in rows)
    assert not any("! 已分拣" in row for row in rows)


def test_a_state_that_is_not_well_is_marked() -> None:
    tally = Tally(HUB.layout)
    tally.note(StateChanged(0, PackState.ABORTED))
    assert "! 故障停机 aborted" in shown(moment(HUB.layout, tally, 0, 0, True))[0]


def test_a_lost_link_is_told_first_of_all() -> None:
    now = moment(HUB.layout, busy(), 0, 0, True)
    assert "NO LINK" not in shown(now)[0]
    assert "未连接" in shown(replace(now, connected=False))[0]


def test_the_rate_counts_the_inductions_of_the_last_minute() -> None:
    # Parcels 1..100 at 1 s distance: 60 or 61 of them in the minute before 100 s.
    tally = tally_of(record(n) for n in range(1, 101))
    assert moment(HUB.layout, tally, 0, 100_000_000, True).per_hour in (3600, 3660)
    assert moment(HUB.layout, tally, 0, 3_000_000, True).per_hour is None


def test_colours_are_left_out_when_the_person_asks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = Tty()
    tally = tally_of([record(1, Why.LOST, told=REJECT)])
    console = Console(file=out, force_terminal=True, width=80)
    console.print(picture(HUB, moment(HUB.layout, tally, 0, 0, False), 80, 24))
    assert "\x1b[" in out.getvalue()
    assert not re.search(r"\x1b\[(\d+;)*[349]\d\b", out.getvalue())


def test_without_a_terminal_there_is_a_plain_line_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    with LiveView(HUB, busy(), Console(file=out)) as view:
        for line_us in range(0, 35_000_000, 50_000):
            view.update(0, line_us, True)
    rows = out.getvalue().splitlines()
    assert [row[:5] for row in rows] == ["00:10", "00:20", "00:30"]
    assert all("上件 inducted 3" in row and "在线 on belt 3" in row for row in rows)
    assert out.getvalue().replace("\n", "").isprintable()


def test_a_lost_link_is_told_on_plain_lines_too() -> None:
    out = io.StringIO()
    with LiveView(HUB, busy(), Console(file=out)) as view:
        view.update(0, 10_000_000, False)
    assert "NO LINK" in out.getvalue()


def test_when_quiet_nothing_is_printed() -> None:
    out = Tty()
    with LiveView(HUB, busy(), Console(file=out, force_terminal=True), quiet=True) as view:
        view.update(0, 60_000_000, True)
    assert out.getvalue() == ""


def test_in_a_terminal_the_belt_is_drawn_and_the_screen_given_back() -> None:
    out = Tty()
    with LiveView(HUB, busy(), Console(file=out, force_terminal=True, width=80, height=24)) as view:
        view.update(4000, 1_000_000, True)
        end = time.monotonic() + 20
        while "JT0000000000001" not in out.getvalue() and time.monotonic() < end:
            time.sleep(0.02)
    assert "JT0000000000001" in out.getvalue()
    assert out.getvalue().index("\x1b[?1049h") < out.getvalue().rindex("\x1b[?1049l")


def test_a_stalled_terminal_does_not_stall_the_line() -> None:
    out = StalledTty()
    with LiveView(HUB, busy(), Console(file=out, force_terminal=True, width=80, height=24)) as view:
        out.stall()
        try:
            view.update(0, 0, True)
            assert out.stalled.wait(20), "nothing was drawn"
            started = time.monotonic()
            for line_us in range(100):
                view.update(line_us, line_us, True)
            assert time.monotonic() - started < 5
        finally:
            out.released.set()


def test_the_closing_table_shows_every_figure_and_no_escape_codes_when_piped() -> None:
    made, tally, judgement = simulated()
    figures = run_figures(tally, judgement, made)
    out = io.StringIO()
    figures_table(figures, Console(file=out, width=100))
    assert "\x1b" not in out.getvalue()
    assert [one.key for one in figures if one.value not in out.getvalue()] == []
    assert all(one.zh.split("（")[0] in out.getvalue() for one in figures)
