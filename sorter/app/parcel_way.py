"""One parcel's timeline in a scenario: when it came, waited, was read, where it was sent and how it ended."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence

from sim.arrivals import Drawn
from sim.hubline.build import WHYS
from sim.hubline.scenario import HubDay
from sim.hubline.tables import (
    ALTERNATE,
    ARRIVED,
    CHUTE_LEFT,
    DECIDED,
    END,
    FREE,
    LAPS,
    LEFT,
    REASON,
    RELEASED,
    TOLD,
    N,
    Table,
)
from sorter.app.texts import printable, text
from sorter.errors import SorterError
from sorter.flow import Us
from sorter.hub import Hub

Row = Sequence[int]


def parcel_place(name: str) -> tuple[int, int]:
    """`N` or `LINE/N` -> (line, N), both from 1 on; line 1 where none is named."""
    if not (found := re.fullmatch("(?:([1-9][0-9]?)/)?([1-9][0-9]{0,8})", name)):
        raise argparse.ArgumentTypeError(f"'{name}' is no parcel: write its number, or LINE/NUMBER")
    return int(found[1] or 1), int(found[2])


def tell_way(day: HubDay, begins_us: Us, line: int, number: int) -> Iterator[str]:
    """Lines that tell the way of parcel `number` of `line` on the first day, both counted from 1.

    begins_us  the time of day at which the line clock is 0
    Raises SorterError when there is no such line or parcel.
    """
    if line > day.scenario.lines:
        raise SorterError(f"没有线 {line} / there are {day.scenario.lines} lines\n  name one of them")
    day = day.fed(0)
    row = _row_of(day, line - 1, number - 1)
    yield _heading(day.parcels(0, line - 1)[number - 1], line, number)
    yield from (f"  {_clock(begins_us + at_us)}  {words}" for at_us, words in _steps(day.scenario.hub, row))


def _row_of(day: HubDay, line: int, n: int) -> Row:
    found: list[Row] = []
    seen = 0

    def watch(ended: Table, rows: int) -> None:
        nonlocal seen
        seen += rows
        for at in range(0, rows * END, END):
            if ended[at + N] == n:
                found.append([int(value) for value in ended[at : at + END]])

    day.watch(0, line, watch)
    if not found:
        what = f"线 {line + 1} 这天只有 {seen:,} 件 / line {line + 1} has {seen:,} parcels on this day"
        raise SorterError(f"{what}\n  choose a number up to {seen}")
    return found[0]


def _heading(one: Drawn, line: int, number: int) -> str:
    """What it truly is, and what is wrong with it: only who reads the report sees both."""
    truth, length_mm = one.truth, one.parcel.length_mm
    flaw = f"   缺陷 flaw {truth.flaw}" if truth.flaw else ""
    where = printable(truth.place) or truth.direction.value
    return (
        f"线 line {line}, 包裹 parcel {number:,}: 运单 waybill {printable(truth.waybill) or '—'}   "
        f"快递 courier {truth.courier or '—'}   去往 to {where}   {length_mm} mm{flaw}"
    )


def _steps(hub: Hub, row: Row) -> Iterator[tuple[Us, str]]:
    wait_us = row[RELEASED] - row[ARRIVED]
    yield row[ARRIVED], "到件 offered to the infeed"
    if row[FREE] > row[ARRIVED]:
        yield row[FREE], "前方皮带空出 the belt before it is free"
    yield row[RELEASED], f"上线, 等待 {wait_us / 1e6:.3f} s / put on the belt after waiting so long"
    told, alternate = _outlet(hub, row[TOLD]), _outlet(hub, row[ALTERNATE])
    spare = f", 备用 alternate {alternate}" if row[ALTERNATE] >= 0 else ""
    yield row[DECIDED], f"识别并决策: 去 {told}{spare} / read and decided"
    rounds = f", 共 {row[LAPS]} 圈 rounds" if row[LAPS] > 1 else ""
    why = WHYS[row[REASON]]
    reason = f"{text(why, 'zh')} {text(why, 'en')}"
    rode = f"在线 on the line {(row[LEFT] - row[RELEASED]) / 1e6:.3f} s"
    yield row[LEFT], f"离线 left by {_outlet(hub, row[CHUTE_LEFT])}: {reason}; {rode}{rounds}"


def _outlet(hub: Hub, chute: int) -> str:
    if chute < 0:
        return "异常口 exception end"
    one = hub.layout.chutes[chute]
    return f"{one.id} {one.key} {one.name_zh}"


def _clock(at_us: Us) -> str:
    """A time of day to the millisecond, rounded down."""
    at_s, us = divmod(at_us, 1_000_000)
    return f"{at_s // 3600:02}:{at_s // 60 % 60:02}:{at_s % 60:02}.{us // 1000:03}"
