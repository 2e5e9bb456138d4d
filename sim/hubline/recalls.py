"""Parcels called back: when a person locks a chute, whoever is ordered there, first or as alternate.

What sorter.controller.Controller and plc.orders make of a lock, as integers. When chutes are locked is known
beforehand, and a recall changes only the way of the parcel itself: so it is asked as soon as one is decided.
Where no chute is ever locked (Line.recalls = 0) none of this is asked.
"""

from __future__ import annotations

from sim.compiled import quotient
from sim.hubline.motion import ceil_to, way_nm, when_us
from sim.hubline.rules import MM, REJECTED, broken_at, is_late, ordered_us, steps
from sim.hubline.tables import (
    ALTERNATE,
    CHUTE,
    DECIDED,
    EYE,
    FROM,
    LOCKED,
    LOCKEDS,
    LONG,
    NEVER,
    REASON,
    SPAN,
    TOLD,
    Line,
    Table,
)


def call_row_back(
    line: Line, legs: Table, chutes: Table, spans: Table, rows: Table, row: int, tail: int
) -> None:
    """A parcel's row (tables.END) gets the decision that holds at last: the first one, or the recall.

    tail  way at which its tail is at the induct eye, nm
    """
    told, alternate, decided = rows[row + TOLD], rows[row + ALTERNATE], rows[row + DECIDED]
    if told < 0:
        return
    at_us = recalled_us(line, legs, chutes, spans, told, alternate, decided, tail, rows[row + LONG])
    if at_us == NEVER:
        return
    rows[row + TOLD], rows[row + ALTERNATE], rows[row + DECIDED] = REJECTED, REJECTED, at_us
    if rows[row + REASON] != line.held:
        rows[row + REASON] = line.locked


def recalled_us(
    line: Line, legs: Table, chutes: Table, spans: Table,
    told: int, alternate: int, decided: int, tail: int, length: int,
) -> int:  # fmt: skip
    """The scan at which the PLC takes the order back to the exception end; NEVER if none comes in time.

    The first lock tells: where its recall is too late, the next one's is, too.
    """
    locked_us = next_lock_us(chutes, spans, told, decided)
    if alternate >= 0:
        locked_us = min(locked_us, next_lock_us(chutes, spans, alternate, decided))
    if locked_us == NEVER:
        return NEVER
    at_us, eye_nm = ordered_us(line, locked_us), chutes[told * CHUTE + EYE]
    late = is_late(line, legs, decided, tail - length * (MM // 2) + eye_nm)
    if late or broken_at(chutes, spans, told, ordered_us(line, decided)):
        # The PLC refused the order and knows of none: it takes a recall as long as the parcel is there.
        gone_us = ceil_to(when_us(line, legs, tail + line.end_nm), line.scan_us)
        return at_us if at_us < gone_us else NEVER
    decision = place(line, legs, chutes, told, tail, length, at_us) + marked(line, eye_nm)
    return at_us if steps(line, way_nm(line, legs, at_us)) < decision else NEVER


def next_lock_us(chutes: Table, spans: Table, chute: int, after_us: int) -> int:
    """When a chute is locked first after an instant, or NEVER."""
    row, lock_us = chute * CHUTE, NEVER
    first = chutes[row + LOCKED]
    for at in range(first * SPAN, (first + chutes[row + LOCKEDS]) * SPAN, SPAN):
        if after_us < spans[at + FROM] < lock_us:
            lock_us = spans[at + FROM]
    return lock_us


def place(line: Line, legs: Table, chutes: Table, told: int, tail: int, length: int, at_us: int) -> int:
    """Count at which the PLC takes the parcel's centre to have been at the induct eye, as of a scan.

    By the last eye that has seen it pass, before the one of the chute told: see sorter.tracking. An eye is
    seen covered and clear at scans.
    """
    seen_nm = 0
    for row in range(0, line.recalls * CHUTE, CHUTE):
        eye_nm = chutes[row + EYE]
        if seen_nm < eye_nm < chutes[told * CHUTE + EYE] and when_us(line, legs, tail + eye_nm) <= at_us:
            seen_nm = eye_nm
    nose_us = ceil_to(when_us(line, legs, tail - length * MM + seen_nm), line.scan_us)
    tail_us = ceil_to(when_us(line, legs, tail + seen_nm), line.scan_us)
    nose, end = steps(line, way_nm(line, legs, nose_us)), steps(line, way_nm(line, legs, tail_us))
    return (nose + end) // 2 - marked(line, seen_nm)


def marked(line: Line, eye_nm: int) -> int:
    """Counts from the induct eye to another one, rounded to the nearest, as Layout.counts."""
    return quotient(2 * eye_nm * line.counts + line.per_nm, 2 * line.per_nm)


RULES = (call_row_back, recalled_us, next_lock_us, place, marked)
"""What compiled code that asks for these must be given."""
