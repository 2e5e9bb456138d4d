"""A moment of the line as a picture of text: the belt with its parcels, who is where, who left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from sorter.app.moment import MINUTE_US, MOST_LEFT, MOST_NOTICES, Moment, Spot
from sorter.app.texts import notice, printable, text
from sorter.flow import REJECT, Decision, Mm, Notice, Outcome, PackState, ParcelRecord, Us
from sorter.hub import Hub
from sorter.layout import Layout

MOST_ON_BELT = 12
FIXED_ROWS = 12
"""Rows of the picture that do not depend on how much there is to show: header, belt, headings, a blank."""

UNDECIDED, TO_LEFT, TO_RIGHT, TO_END = "?", "▲", "▼", "×"
QUIET, WARN, ALARM = "dim", "yellow", "bold red"

_SEVERE = frozenset({Outcome.MISDIVERTED, Outcome.LOST, Outcome.DIVERT_FAILED, Outcome.STRAY, Outcome.MERGED})
_UNWELL = frozenset({
    PackState.ABORTING, PackState.ABORTED, PackState.HOLDING, PackState.HELD,
    PackState.SUSPENDING, PackState.SUSPENDED,
})  # fmt: skip
_CALM_NOTICES = frozenset({"link-up", "state", "chute-clear", "chute-unlocked"})


# ---------------------------------------------------------------- the whole picture


def picture(hub: Hub, now: Moment, width: int, height: int) -> RenderableType:
    """Everything, for a terminal of width x height cells; at least 80 x 24 shows all of it."""
    rows = max(2, height - FIXED_ROWS - MOST_NOTICES)
    on_belt = min(MOST_ON_BELT, rows - min(MOST_LEFT, rows * 2 // 5))
    left = min(MOST_LEFT, rows - on_belt)
    return Group(
        _header(hub, now),
        counts(now),
        Rule(style=QUIET),
        *belt_rows(hub.layout, now.spots, width),
        _legend(),
        _headings(_ON_BELT),
        *_filled((_where(hub, spot) for spot in now.spots), on_belt),
        "",
        _headings(_LEFT),
        *_filled((_gone(hub, record, width >= 120) for record in now.left), left),
        *(_notice(told) for told in now.notices),
    )


def clock(line_us: Us) -> str:
    """`02:13`: minutes and seconds of line time, rounded down; hours run on in the minutes."""
    return f"{line_us // MINUTE_US:02}:{line_us // 1_000_000 % 60:02}"


def rate(now: Moment) -> str:
    """Parcels inducted per hour; — as long as it is too early to say."""
    return f"{'—' if now.per_hour is None else f'{now.per_hour:,}'} 件/h"


def counts(now: Moment) -> Text:
    """One line of figures, without colour unless something is wrong."""
    return _line(
        f"上件 inducted {now.inducted:,}   已分拣 sorted {now.sorted:,}   ",
        (f"异常 exceptions {now.exceptions:,}", WARN if now.exceptions else ""),
        f"   在线 on belt {len(now.spots)}",
    )


def _header(hub: Hub, now: Moment) -> Text:
    unwell = now.state in _UNWELL
    state = f"{'! ' if unwell else ''}{text(now.state, 'zh')} {text(now.state, 'en')}"
    link = "" if now.connected else " ! 未连接，以下非实时 NO LINK: not live "
    return _line(
        (printable(hub.name), "bold"),
        (f"   {state}", ALARM if unwell else ""),
        (f"   {clock(now.line_us)}   {rate(now)}   ", QUIET),
        (link, f"{ALARM} reverse"),
    )


def _legend() -> Text:
    chutes, end = f"{TO_LEFT}{TO_RIGHT} 去格口 to a chute", f"{TO_END} 去异常口 to the exception end"
    return _line((f"{UNDECIDED} 未定 undecided   {chutes}   {end}", QUIET))


def _line(*parts: str | tuple[str, str]) -> Text:
    """One row, cut where the terminal ends."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


# ---------------------------------------------------------------- the belt


def column(place_mm: Mm, end_mm: Mm, width: int) -> int:
    """Column, 0..width-1, of a place on a belt of end_mm drawn over width columns; outside: the nearest."""
    return min(width - 1, max(0, place_mm * (width - 1) // end_mm))


def belt_rows(layout: Layout, spots: Sequence[Spot], width: int) -> list[Text]:
    """Five rows: left chutes, edge, parcels, edge, right chutes; the belt runs to the right."""
    edges = {-1: ["─"] * width, 1: ["─"] * width}
    labels: dict[int, list[tuple[int, str]]] = {-1: [], 1: []}
    for camera in layout.cameras:
        at = column(camera.position_mm, layout.end_mm, width)
        edges[-1][at] = "▽"
        labels[-1].append((at, "相机 camera"))
    for chute in layout.chutes:
        at = column(layout.diverters[chute.diverter].pivot_mm, layout.end_mm, width)
        edges[chute.side][at] = "┴" if chute.side < 0 else "┬"
        labels[chute.side].append((at, str(chute.id)))
    return [
        Text(_label_row(labels[-1], width), QUIET),
        Text("".join(edges[-1]), QUIET),
        _lane(layout, spots, width),
        Text("".join(edges[1]), QUIET),
        Text(_label_row(labels[1], width), QUIET),
    ]


def _label_row(labels: Sequence[tuple[int, str]], width: int) -> str:
    """Each label from its column on; one that would touch the label before it, or not fit, is left out."""
    row = ""
    for at, label in sorted(labels):
        start = cell_len(row)
        if (start and at <= start) or at + cell_len(label) > width:
            continue
        row += " " * (at - start) + label
    return row


def _lane(layout: Layout, spots: Sequence[Spot], width: int) -> Text:
    """Every parcel's symbol at its column; where several share one, their number."""
    cells: dict[int, list[str]] = {}
    for spot in spots:
        at = column(spot.place_mm, layout.end_mm, width)
        cells.setdefault(at, []).append(symbol(layout, spot.decision))
    marks = [" "] * width
    for at, here in cells.items():
        marks[at] = here[0] if len(here) == 1 else str(min(9, len(here)))
    lane = Text("".join(marks), style="bold", no_wrap=True)
    for at, here in cells.items():
        if TO_END in here:
            lane.stylize(WARN, at, at + 1)
    return lane


def symbol(layout: Layout, decision: Decision | None) -> str:
    """One character: undecided, to a chute on the left or right, to the exception end."""
    if decision is None:
        return UNDECIDED
    if decision.chute == REJECT:
        return TO_END
    return TO_LEFT if layout.chutes[decision.chute].side < 0 else TO_RIGHT


# ---------------------------------------------------------------- the tables

_ON_BELT = (("位置 mm", 7), ("", 1), ("运单 waybill", 18), ("快递 courier", 20), ("去向 told", 0))
_LEFT = (("运单 waybill", 18), ("读 read by", 11), ("指定 told", 11), ("落格 left", 11), ("结果 outcome", 0))

Columns = Sequence[tuple[str, int]]
"""Heading and width in cells; fixed, so that nothing jumps from one moment to the next. 0 = the rest."""


def _row(columns: Columns, cells: Iterable[str], style: str) -> Text:
    """One row; a cell too wide for its column is cut and says so."""
    fitted = (_fit(cell, wide) for cell, (_, wide) in zip(cells, columns, strict=True))
    return _line((" ".join(fitted), style))


def _fit(cell: str, wide: int) -> str:
    if not wide:
        return cell
    return set_cell_size(cell, wide) if cell_len(cell) <= wide else set_cell_size(cell, wide - 1) + "…"


def _headings(columns: Columns) -> Text:
    return _row(columns, (heading for heading, _ in columns), f"{QUIET} underline")


def _filled(rows: Iterable[Text], height: int) -> Iterable[Text | str]:
    """Exactly `height` rows: the first ones, or blanks behind the last."""
    shown = list(islice(rows, height))
    return [*shown, *[""] * (height - len(shown))]


def _where(hub: Hub, spot: Spot) -> Text:
    """A parcel on the belt."""
    decision = spot.decision
    cells = (
        f"{spot.place_mm:>7,}",
        symbol(hub.layout, decision),
        _waybill(decision.waybill) if decision else "…",
        printable(hub.couriers.name(decision.courier)) if decision and decision.courier else "",
        _told(hub, decision),
    )
    return _row(_ON_BELT, cells, WARN if decision and decision.chute == REJECT else "")


def _told(hub: Hub, decision: Decision | None) -> str:
    if decision is None:
        return "未定 undecided"
    if decision.chute == REJECT:
        return f"异常口 END: {text(decision.why, 'zh')} {text(decision.why, 'en')}"
    chute = hub.layout.chutes[decision.chute]
    return f"{chute.id} {chute.key} {chute.name_zh}"


def _gone(hub: Hub, record: ParcelRecord, wide: bool) -> Text:
    """A parcel that has left."""
    cells = (
        _waybill(record.waybill),
        _read_by(record),
        chute_key(hub.layout, record.told),
        chute_key(hub.layout, record.left),
        _ended(record, wide),
    )
    return _row(_LEFT, cells, _style(record.outcome))


def _read_by(record: ParcelRecord) -> str:
    """Who read its waybill, or what else there was; — when nothing was read."""
    readers = [read.reader for read in record.reads if read.text == record.waybill]
    readers += [read.reader for read in record.reads]
    return printable(readers[0]) if readers else "—"


def _waybill(waybill: str) -> str:
    return printable(waybill, 24) or "—"


def chute_key(layout: Layout, chute: int) -> str:
    """A chute's key; `END` for the exception end."""
    return "END" if chute == REJECT else layout.chutes[chute].key


def _style(outcome: Outcome) -> str:
    if outcome is Outcome.SORTED:
        return QUIET
    return ALARM if outcome in _SEVERE else WARN


def _ended(record: ParcelRecord, wide: bool) -> str:
    words = f"{text(record.outcome, 'zh')} {text(record.outcome, 'en')}"
    if record.outcome is Outcome.SORTED:
        return words
    why = f" ({text(record.why, 'zh')} {text(record.why, 'en')})" if wide else ""
    return f"! {words}{why}"


def _notice(told: Notice) -> Text:
    calm = told.key in _CALM_NOTICES
    words = f"{notice(told.key, told.about, 'zh')} {notice(told.key, told.about, 'en')}"
    return _line((f"{clock(told.at_us)} {'' if calm else '! '}{words}", QUIET if calm else WARN))
