"""One pass over parcels in the order in which they are put on the belt: exact, no event heap.

The belt is rigid, so that order never changes, and what happens to a parcel depends on earlier ones only:
chutes with a crew each. What breaks this (a crew shared by chutes, slip, a sensor that lies) is refused by
sim.hubline.spec. The same source runs as plain Python over lists and compiled over arrays.
"""

from __future__ import annotations

from sim.compiled import brief_quotient, quotient
from sim.hubline.motion import nose_mm, open_at, way_nm, when_us
from sim.hubline.pace import Pace
from sim.hubline.recalls import RULES as RECALL_RULES
from sim.hubline.recalls import call_row_back
from sim.hubline.rules import (
    BAGGED,
    FULL,
    MM,
    REJECTED,
    aim,
    answered_us,
    broken_at,
    calm,
    fill,
    is_late,
    none_usable,
    ordered_us,
    pick,
    second,
    told_of,
)
from sim.hubline.rules import RULES as LINE_RULES
from sim.hubline.tables import (
    ALTERNATE,
    ARR,
    ARRIVED,
    BACK,
    CHUTE,
    CHUTE_LEFT,
    COUNT,
    DECIDED,
    END,
    EYE,
    FAILS,
    FALL,
    FREE,
    HEAD,
    ITS_FAILS,
    ITS_RULING,
    LAPS,
    LATENCY,
    LEFT,
    LENGTH,
    LONG,
    NOSE_LENGTH,
    OFFER,
    PIVOT,
    REASON,
    RELEASED,
    RIGHT,
    ROUND,
    RULED,
    RULING,
    SIZE,
    TOLD,
    TRULY,
    WAY,
    WHY,
    Line,
    N,
    Plant,
    Table,
)


def run_block(plant: Plant, pace: Pace, offered: Table, first: int, count: int, ended: Table) -> int:
    """Put the first `count` rows of `offered` on the line; returns how many rows of `ended` were written.

    pace   of this plant
    first  number of the block's first parcel in its stream; count = 0 lets what still returns run out
    ended  has room for count + the ring's size rows
    """
    line, legs, closed, chutes, spans, rulings, _, _, changes, cursor, back, missed = plant
    rows = n = 0
    while n < count or (count == 0 and cursor[SIZE] > 0):
        if cursor[WAY] >= pace.from_nm:
            rows = n = run_steady(plant, pace, offered, first, n, count, ended)
            if n == count:
                break
        row = rows * END
        if cursor[SIZE] > 0 and (count == 0 or not fits(line, legs, closed, cursor, back, offered, n)):
            way, ruling, fails = resume(line, cursor, back, ended, row)
            ended[row + REASON] = rulings[ruling * RULING + WHY]
        else:
            way, ruling, fails = begin(plant, offered, n, ended, row)
            ended[row + N] = first + n
            n += 1
        tail = way + line.release_nm + ended[row + LONG] * MM
        if line.recalls > 0:
            call_row_back(line, legs, chutes, spans, ended, row, tail)
        told, length = ended[row + TOLD], ended[row + LONG]
        chute, ended[row + REASON] = leave_by(
            line, legs, chutes, spans, told, ended[row + ALTERNATE], ended[row + REASON],
            ended[row + DECIDED], fails, tail, length,
        )  # fmt: skip
        ended[row + CHUTE_LEFT] = chute
        ended[row + LEFT] = leave(
            line, legs, chutes, spans, changes, missed, told, ended[row + ALTERNATE], chute,
            ended[row + REASON], tail, length,
        )  # fmt: skip
        if chute < 0 and returns(line, told, ended[row + LAPS]):
            remember(line, cursor, back, way, ruling, fails, ended, row)
        else:
            rows += 1
    return rows


def begin(plant: Plant, offered: Table, n: int, ended: Table, row: int) -> tuple[int, int, int]:
    """Row n of `offered` is put on the belt and decided: (way of its nose, ruling, whether wheels fail)."""
    line, offer = plant.line, n * OFFER
    way = enter(line, plant.legs, plant.closed, plant.cursor, offered, offer, ended, row)
    told, alternate, why = decide(
        line, plant.rulings, plant.options, plant.chutes, plant.spans, plant.sent, plant.missed,
        offered[offer + RULED], ended[row + DECIDED],
    )  # fmt: skip
    ended[row + TOLD], ended[row + ALTERNATE], ended[row + REASON] = told, alternate, why
    return way, offered[offer + RULED], offered[offer + FAILS]


def run_steady(plant: Plant, pace: Pace, offered: Table, first: int, n: int, count: int, ended: Table) -> int:
    """The same from row n on, on a belt that keeps its speed to the end; returns the first row not done.

    Then every way is a time, and from release to picture it is the same for equal lengths; see `Pace`.
    """
    line, legs, _, chutes, spans, rulings, options, sent, changes, cursor, _, missed = plant
    last_us, last_mm, speed = when_us(line, legs, cursor[WAY]), cursor[NOSE_LENGTH], line.speed_mm_s
    scan_us = line.scan_us
    while n < count:
        offer, row = n * OFFER, n * END
        arr_us, length = offered[offer + ARR], offered[offer + LENGTH]
        if length > pace.longest_mm:
            break
        free = last_us + brief_quotient(nose_mm(line, last_mm, length) * MM + speed - 1, speed)
        at_us = max(free, arr_us)
        nose = brief_quotient(at_us + pace.release_us + scan_us - 1, scan_us)
        cleared = brief_quotient(at_us + pace.tail_us[length] + scan_us - 1, scan_us)
        decided = nose * scan_us + pace.picture_us[cleared - nose] + offered[offer + LATENCY]
        told, alternate, why = decide(
            line, rulings, options, chutes, spans, sent, missed, offered[offer + RULED], decided
        )
        tail = way_nm(line, legs, at_us) + line.release_nm + length * MM
        chute, why = leave_by(
            line, legs, chutes, spans, told, alternate, why, decided, offered[offer + FAILS], tail, length
        )
        ended[row + LEFT] = leave(
            line, legs, chutes, spans, changes, missed, told, alternate, chute, why, tail, length
        )  # fmt: skip
        ended[row + N], ended[row + ARRIVED], ended[row + FREE] = first + n, arr_us, free
        ended[row + RELEASED], ended[row + DECIDED], ended[row + TOLD] = at_us, decided, told
        ended[row + CHUTE_LEFT], ended[row + REASON], ended[row + LONG] = chute, why, length
        ended[row + TRULY], ended[row + LAPS], ended[row + ALTERNATE] = offered[offer + RIGHT], 1, alternate
        last_us, last_mm = at_us, length
        n += 1
    cursor[WAY], cursor[NOSE_LENGTH] = way_nm(line, legs, last_us), last_mm
    return n


def free_us(line: Line, legs: Table, cursor: Table, length_mm: int) -> int:
    """When the belt before the infeed is free for a parcel of this length."""
    if cursor[NOSE_LENGTH] == 0:
        return 0
    return when_us(line, legs, cursor[WAY] + nose_mm(line, cursor[NOSE_LENGTH], length_mm) * MM)


def fits(line: Line, legs: Table, closed: Table, cursor: Table, back: Table, offered: Table, n: int) -> bool:
    """Whether a new parcel can go before the next one that returns, which is not kept waiting."""
    length = offered[n * OFFER + LENGTH]
    free = free_us(line, legs, cursor, length)
    at_us = open_at(line, closed, max(free, offered[n * OFFER + ARR]))
    head = cursor[HEAD] * BACK
    return way_nm(line, legs, at_us) + nose_mm(line, length, back[head + LONG]) * MM <= back[head + ROUND]


def enter(
    line: Line, legs: Table, closed: Table, cursor: Table, offered: Table, offer: int, ended: Table, row: int
) -> int:
    """Put a new parcel on the belt; returns the way of its nose."""
    arr_us, length = offered[offer + ARR], offered[offer + LENGTH]
    free = free_us(line, legs, cursor, length)
    at_us = open_at(line, closed, max(free, arr_us))
    way = way_nm(line, legs, at_us)
    cursor[WAY], cursor[NOSE_LENGTH] = way, length
    ended[row + ARRIVED], ended[row + FREE], ended[row + RELEASED] = arr_us, free, at_us
    ended[row + LONG], ended[row + TRULY], ended[row + LAPS] = length, offered[offer + RIGHT], 1
    ended[row + DECIDED] = answered_us(line, legs, way + line.release_nm, length, offered[offer + LATENCY])
    return way


def decide(
    line: Line, rulings: Table, options: Table, chutes: Table, spans: Table, sent: Table,
    missed: Table, ruling: int, decided: int,
) -> tuple[int, int, int]:  # fmt: skip
    """The controller's word: chute, alternate and reason."""
    why = rulings[ruling * RULING + WHY]
    if rulings[ruling * RULING + COUNT] == 0:
        return REJECTED, REJECTED, why
    told = pick(line, rulings, options, chutes, spans, sent, missed, ruling, decided)
    if told >= 0:
        sent[told] += 1
        return told, second(line, rulings, options, chutes, spans, missed, ruling, told, decided), why
    if why != line.held:
        why = none_usable(line, rulings, options, chutes, spans, missed, ruling, decided)
    return REJECTED, REJECTED, why


def leave_by(
    line: Line, legs: Table, chutes: Table, spans: Table,
    told: int, alternate: int, why: int, decided: int, fails: int, tail: int, length: int,
) -> tuple[int, int]:  # fmt: skip
    """Which outlet takes a parcel of this length (mm) on this lap, or REJECTED; and the reason.

    tail  way at which its tail is at the induct eye, nm
    """
    if told < 0:
        return REJECTED, why
    if is_late(line, legs, decided, tail - length * (MM // 2) + chutes[told * CHUTE + EYE]):
        return REJECTED, line.late
    chute = told
    if not calm(line, chutes, told, decided):
        if broken_at(chutes, spans, told, ordered_us(line, decided)):
            return REJECTED, line.disabled
        chute = aim(line, legs, chutes, spans, told, alternate, tail)
    if chute == BAGGED:
        return REJECTED, line.bagged
    if chute < 0 or fails:
        return REJECTED, line.full if chute == FULL else line.failed
    return chute, line.alternate if chute != told and why == line.routed else why


def returns(line: Line, told: int, laps: int) -> bool:
    """Whether a parcel that missed its chute goes round again: it was told one, and may."""
    return told >= 0 and line.return_nm > 0 and laps < line.laps


def leave(
    line: Line, legs: Table, chutes: Table, spans: Table, changes: Table, missed: Table,
    told: int, alternate: int, chute: int, why: int, tail: int, length: int,
) -> int:  # fmt: skip
    """The parcel comes off: at a pivot, with its centre, or at the last eye, with its tail; returns when."""
    at = chute * CHUTE
    way = tail + line.end_nm if chute < 0 else tail - length * (MM // 2) + chutes[at + PIVOT]
    left = when_us(line, legs, way)
    if line.hearings > 0:
        told_of(line, chutes, spans, missed, told, alternate, chute, why, left)
    if chute >= 0 and fill(chutes, chute, left + chutes[at + FALL] + quotient(length * MM, line.speed_mm_s)):
        changes[chute] += 1
    return left


def remember(
    line: Line, cursor: Table, back: Table, way: int, ruling: int, fails: int, ended: Table, row: int
) -> None:
    """The parcel will be at the infeed again after a round."""
    at = (cursor[HEAD] + cursor[SIZE]) % line.ring * BACK
    cursor[SIZE] += 1
    for field in range(END):
        back[at + field] = ended[row + field]
    back[at + ROUND], back[at + ITS_RULING], back[at + ITS_FAILS] = way + line.return_nm, ruling, fails


def resume(line: Line, cursor: Table, back: Table, ended: Table, row: int) -> tuple[int, int, int]:
    """The next parcel that returns is put on the belt: (way of its nose, its ruling, whether wheels fail)."""
    at = cursor[HEAD] * BACK
    cursor[HEAD] = (cursor[HEAD] + 1) % line.ring
    cursor[SIZE] -= 1
    for field in range(END):
        ended[row + field] = back[at + field]
    ended[row + LAPS] += 1
    cursor[WAY], cursor[NOSE_LENGTH] = back[at + ROUND], back[at + LONG]
    return back[at + ROUND], back[at + ITS_RULING], back[at + ITS_FAILS]


RULES = (
    *LINE_RULES, *RECALL_RULES, run_block, begin, run_steady, free_us, fits, enter, decide, leave_by,
    returns, leave, remember, resume,
)  # fmt: skip
"""What the compiled recursion must be given."""
