"""The rules of the hub's line: pure integers, one place each. Plain Python; compiled they are inlined.

They state what sim.line, plc.program and sorter.controller do on a rigid belt; tests/test_sim_hubline.py
holds them against those, parcel by parcel. Order within one instant: belt and chutes, then the PLC's scan,
then vision's answer, then the controller's poll.
"""

from __future__ import annotations

from sim.compiled import quotient
from sim.hubline.misses import GOT, MISSED, hear, is_out
from sim.hubline.misses import RULES as MISSES_RULES
from sim.hubline.motion import RULES as MOTION_RULES
from sim.hubline.motion import ceil_to, way_nm, when_us
from sim.hubline.tables import (
    BROKEN,
    BROKENS,
    CALL,
    CAPACITY,
    CHANGE,
    CHUTE,
    COUNT,
    DIVERTER,
    EYE,
    FALL,
    FIRST,
    FROM,
    LEVEL,
    LOCKED,
    LOCKEDS,
    NEVER,
    OFF,
    OFF_BEFORE,
    ON,
    ON_BEFORE,
    RESET,
    RULING,
    SHARES,
    SHUT,
    SHUTS,
    SPAN,
    TO,
    Line,
    Table,
)

MM = 1_000_000
"""nm in a mm."""

REJECTED, FULL, OUT_OF_ORDER, BAGGED = -1, -2, -3, -4
"""No chute: the exception end; and, where it matters, why. BAGGED: full, only until its bag is changed."""


# ---------------------------------------------------------------- seen, answered, ordered


def steps(line: Line, way: int) -> int:
    """Whole encoder steps in a way."""
    return quotient(way * line.counts, line.per_nm)


def answered_us(line: Line, legs: Table, zero_nm: int, length_mm: int, latency_us: int) -> int:
    """When the controller has the codes of a parcel whose nose is at the induct eye at way zero_nm.

    The PLC sees nose and tail at its scans.
    """
    seen = ceil_to(when_us(line, legs, zero_nm), line.scan_us)
    cleared = ceil_to(when_us(line, legs, zero_nm + length_mm * MM), line.scan_us)
    return picture_us(line, legs, seen, cleared) + latency_us


def picture_us(line: Line, legs: Table, seen_us: int, cleared_us: int) -> int:
    """When the camera takes a parcel that the induct eye saw at one scan, and its tail gone at another.

    The middle of the two is taken for its centre; the picture is due at the first scan at which that has
    come to the camera.
    """
    nose, tail = steps(line, way_nm(line, legs, seen_us)), steps(line, way_nm(line, legs, cleared_us))
    count = (nose + tail) // 2 + line.camera_counts
    due = quotient(count * line.per_nm + line.counts - 1, line.counts)
    return ceil_to(when_us(line, legs, due), line.scan_us)


def ordered_us(line: Line, answered: int) -> int:
    """The scan at which the PLC has the order that an answer led to: the first one after the next poll."""
    return ceil_to(ceil_to(answered, line.poll_us) + 1, line.scan_us)


def is_late(line: Line, legs: Table, decided_us: int, eye_nm: int) -> bool:
    """Whether an order comes after the parcel's centre is at the eye before its diverter, at way eye_nm."""
    if way_nm(line, legs, decided_us + line.poll_us + line.scan_us) <= eye_nm:
        return False
    return ordered_us(line, decided_us) > when_us(line, legs, eye_nm)


def eye_us(line: Line, legs: Table, chutes: Table, chute: int, tail_nm: int) -> int:
    """The scan at which the eye before a chute's diverter has seen a parcel pass.

    tail_nm  way at which its tail is at the induct eye
    """
    return ceil_to(when_us(line, legs, tail_nm + chutes[chute * CHUTE + EYE]), line.scan_us)


# ---------------------------------------------------------------- chutes


def during(spans: Table, first: int, count: int, at_us: int) -> bool:
    """Whether an instant lies in one of these intervals; their ends do not belong to them."""
    for row in range(first * SPAN, (first + count) * SPAN, SPAN):
        if spans[row + FROM] <= at_us < spans[row + TO]:
            return True
    return False


def full_at(chutes: Table, spans: Table, chute: int, at_us: int) -> bool:
    """Whether a chute says full at an instant, which is not before the last but one change of its bag."""
    row = chute * CHUTE
    if chutes[row + ON] <= at_us < chutes[row + OFF]:
        return True
    if chutes[row + ON_BEFORE] <= at_us < chutes[row + OFF_BEFORE]:
        return True
    return shut_at(chutes, spans, chute, at_us)


def shut_at(chutes: Table, spans: Table, chute: int, at_us: int) -> bool:
    """Whether a chute says full whatever is in it."""
    row = chute * CHUTE
    return chutes[row + SHUTS] > 0 and during(spans, chutes[row + SHUT], chutes[row + SHUTS], at_us)


def locked_at(chutes: Table, spans: Table, chute: int, at_us: int) -> bool:
    """Whether a person keeps the controller from using a chute."""
    row = chute * CHUTE
    return chutes[row + LOCKEDS] > 0 and during(spans, chutes[row + LOCKED], chutes[row + LOCKEDS], at_us)


def broken_at(chutes: Table, spans: Table, chute: int, at_us: int) -> bool:
    """Whether a chute's diverter is reported as out of order."""
    row = chute * CHUTE
    return chutes[row + BROKENS] > 0 and during(spans, chutes[row + BROKEN], chutes[row + BROKENS], at_us)


def fill(chutes: Table, chute: int, at_us: int) -> bool:
    """One more parcel in a chute's bag; falls into one chute are told in order of time.

    Returns whether its crew is called now.
    """
    row = chute * CHUTE
    if chutes[row + RESET] <= at_us:
        chutes[row + LEVEL], chutes[row + RESET] = 0, NEVER
    chutes[row + LEVEL] += 1
    called = chutes[row + LEVEL] == chutes[row + CALL]
    if called:
        chutes[row + RESET] = at_us + chutes[row + CHANGE]
    if chutes[row + LEVEL] == chutes[row + CAPACITY]:
        chutes[row + ON_BEFORE], chutes[row + OFF_BEFORE] = chutes[row + ON], chutes[row + OFF]
        chutes[row + ON], chutes[row + OFF] = at_us, chutes[row + RESET]
    return called


# ---------------------------------------------------------------- the controller's pick, the PLC's aim


def calm(line: Line, chutes: Table, chute: int, at_us: int) -> bool:
    """Whether nothing has kept parcels from a chute since the scan before at_us, for as far as is told."""
    row = chute * CHUTE
    closed = chutes[row + SHUTS] + chutes[row + BROKENS] + chutes[row + LOCKEDS]
    return closed == 0 and chutes[row + OFF] <= at_us - line.scan_us


def usable(line: Line, chutes: Table, spans: Table, missed: Table, chute: int, decided_us: int) -> bool:
    """Whether the controller may choose a chute: it knows of what persons said until then, and what the scans
    until then have told.
    """
    if calm(line, chutes, chute, decided_us) and line.hearings == 0:
        return True
    known_us = quotient(decided_us, line.scan_us) * line.scan_us
    if is_out(line, missed, chute, decided_us) or broken_at(chutes, spans, chute, known_us):
        return False
    return not (locked_at(chutes, spans, chute, decided_us) or full_at(chutes, spans, chute, known_us))


def pick(
    line: Line,
    rulings: Table,
    options: Table,
    chutes: Table,
    spans: Table,
    sent: Table,
    missed: Table,
    ruling: int,
    decided_us: int,
) -> int:
    """The chute that sorter.chutes.ChuteBoard picks: the first usable one, or the one with fewest parcels of
    those that share the load.
    """
    row = ruling * RULING
    chute, first = REJECTED, rulings[row + FIRST]
    for at in range(first, first + rulings[row + COUNT]):
        option = options[at]
        if usable(line, chutes, spans, missed, option, decided_us) and (
            chute == REJECTED or (at < first + rulings[row + SHARES] and sent[option] < sent[chute])
        ):
            chute = option
    return chute


def second(
    line: Line,
    rulings: Table,
    options: Table,
    chutes: Table,
    spans: Table,
    missed: Table,
    ruling: int,
    chute: int,
    decided_us: int,
) -> int:
    """The alternate: the first usable option downstream of the chute that was picked, or REJECTED."""
    row = ruling * RULING
    if rulings[row + COUNT] < 2:
        return REJECTED
    for at in range(rulings[row + FIRST], rulings[row + FIRST] + rulings[row + COUNT]):
        option = options[at]
        below = chutes[option * CHUTE + DIVERTER] > chutes[chute * CHUTE + DIVERTER]
        if below and usable(line, chutes, spans, missed, option, decided_us):
            return option
    return REJECTED


def none_usable(
    line: Line, rulings: Table, options: Table, chutes: Table, spans: Table, missed: Table,
    ruling: int, decided_us: int,
) -> int:  # fmt: skip
    """The reason: full where one is neither locked nor out, for its bag if it is not shut; else out of
    service; or all are locked.
    """
    row = ruling * RULING
    known_us, why = quotient(decided_us, line.scan_us) * line.scan_us, line.locked
    for at in range(rulings[row + FIRST], rulings[row + FIRST] + rulings[row + COUNT]):
        if locked_at(chutes, spans, options[at], decided_us):
            continue
        if is_out(line, missed, options[at], decided_us) or broken_at(chutes, spans, options[at], known_us):
            why = line.disabled if why == line.locked else why
        elif shut_at(chutes, spans, options[at], known_us):
            why = line.full
        else:
            return line.bagged
    return why


def outlet(chutes: Table, spans: Table, chute: int, at_us: int) -> int:
    """The chute itself if the PLC can divert into it at an instant, else FULL, BAGGED or OUT_OF_ORDER."""
    if full_at(chutes, spans, chute, at_us):
        return FULL if shut_at(chutes, spans, chute, at_us) else BAGGED
    return OUT_OF_ORDER if broken_at(chutes, spans, chute, at_us) else chute


def aim(line: Line, legs: Table, chutes: Table, spans: Table, told: int, alternate: int, tail_nm: int) -> int:
    """The outlet that the PLC diverts to: told, alternate, or why it can use neither."""
    at_us = eye_us(line, legs, chutes, told, tail_nm)
    first = outlet(chutes, spans, told, at_us)
    if first >= 0 or alternate < 0 or outlet(chutes, spans, alternate, at_us) < 0:
        return first
    return outlet(chutes, spans, alternate, eye_us(line, legs, chutes, alternate, tail_nm))


def told_of(
    line: Line, chutes: Table, spans: Table, missed: Table, told: int, alternate: int, chute: int, why: int,
    left_us: int,
) -> None:  # fmt: skip
    """What the PLC will tell of a parcel: the chute that got it, or the one that should have, see
    sorter.outcomes.missed_by; nothing is laid to a chute that the PLC calls broken anyhow.

    left_us  when it met the pivot with its centre, or had the last eye behind it
    """
    if chute >= 0:
        hear(line, missed, chute, ceil_to(left_us + chutes[chute * CHUTE + FALL], line.scan_us), GOT)
    elif told >= 0 and alternate < 0 and why == line.failed:
        heard_us = ceil_to(left_us, line.scan_us)
        if not broken_at(chutes, spans, told, heard_us):
            hear(line, missed, told, heard_us, MISSED)


RULES = (
    *MOTION_RULES, *MISSES_RULES, steps, answered_us, picture_us, ordered_us, is_late, eye_us, during,
    full_at, shut_at, locked_at, broken_at, fill, calm, usable, pick, second, none_usable, outlet, aim,
    told_of,
)  # fmt: skip
"""What a compiled engine of the hub's line must be given."""
