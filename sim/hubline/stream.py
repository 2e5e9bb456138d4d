"""Drawing parcels by counting: plain Python over lists, compiled over arrays, the same source."""

from __future__ import annotations

from typing import NamedTuple

from sim.draws import RULES as DRAW_RULES
from sim.draws import below, exponential, word
from sim.hubline.tables import ARR, COURIER, FAILS, LATENCY, LENGTH, OFFER, RIGHT, RULED, Table

FLAWS = ("", "no-label", "torn", "tiny", "several-waybills", "not-advised", "held", "unread", "misread")
"""What can be wrong with a parcel. unread: a good label of which the reader makes nothing; misread: the
reader returns another parcel's number."""

NO_READS = ("no-label", "torn", "tiny", "unread")
"""Those of which no waybill is read."""

NOT_ADVISED, HELD, MISREAD = (FLAWS.index(flaw) for flaw in ("not-advised", "held", "misread"))


class Rulings(NamedTuple):
    """The compiled sort plan.

    rows, options  what the plan says, see tables.RULING
    ruling_of      kind of parcel -> ruling; a kind is ((courier * services + service) * groups + group)
                   * flaws + flaw
    group_of       village -> group of villages that every rule treats alike
    """

    rows: Table
    options: Table
    ruling_of: Table
    group_of: Table
    groups: int


class At(NamedTuple):
    """Scalars of a stream: rows of its tables, where lists begin among the slots, vision's time, keys.

    plain_services, flawless  slots below mean service 0, flaw 0, whatever the courier

    fail_below  a 63-bit word below this: the wheels fail
    arrivals .. shapes  keys of the streams of random numbers, by purpose
    """

    pieces: int
    firsts: int
    villages: int
    lengths: int
    flaws: int
    groups: int
    plain_services: int
    flawless: int
    vision_least_us: int
    vision_span_us: int
    fail_below: int
    arrivals: int
    looks: int
    luck: int
    failing: int
    others: int
    numbers: int
    shapes: int


class Stream(NamedTuple):
    """What parcels are drawn from.

    pieces   of constant rate, rows of PIECE: end (us), first slot of its couriers; the negative of it where
             each slot holds courier * services + service, for flows differ in what they bring
    gaps_us  mean gap in each piece, 0 = nothing comes; logs: see sim.draws.exponential
    dealt    slots that an even 16-bit number picks from (services, villages, then couriers for each mix,
             flaws for each courier), and 2^12 lengths
    first    villages of the first parcels
    """

    at: At
    pieces: Table
    gaps_us: list[float]
    logs: list[float]
    dealt: Table
    first: Table
    ruling_of: Table
    group_of: Table


PIECE = 2
UNTIL, COURIERS = range(PIECE)


def next_arrival(
    at: At, pieces: Table, gaps_us: list[float], logs: list[float], clock: list[float], n: int
) -> int:
    """Instant of parcel n, us, rounded down; -1 when nothing comes any more.

    clock = [now us, piece], moved on.
    """
    left = exponential(word(at.arrivals, n), logs)
    now, piece = clock[0], int(clock[1])
    while piece < at.pieces:
        gap, until = gaps_us[piece], float(pieces[piece * PIECE + UNTIL])
        if gap > 0.0:
            due = now + left * gap
            if due < until:
                clock[0], clock[1] = due, float(piece)
                return int(due)
            left -= (until - now) / gap
        now = until
        piece += 1
    clock[0], clock[1] = now, float(piece)
    return -1


def look(dealt: Table, at: At, couriers_at: int, bits: int) -> tuple[int, int, int, int]:
    """(courier, service, village, length_mm) from random bits: indices into the hub's lists."""
    village, length_mm = dealt[at.villages + (bits >> 32 & 0xFFFF)], dealt[at.lengths + (bits >> 48 & 0xFFF)]
    if couriers_at < 0:
        both = dealt[(bits & 0xFFFF) - couriers_at]
        return both // 5, both % 5, village, length_mm
    service = bits >> 16 & 0xFFFF
    service = 0 if service < at.plain_services else dealt[service]
    return dealt[couriers_at + (bits & 0xFFFF)], service, village, length_mm


def flaw_of(dealt: Table, at: At, courier: int, bits: int) -> int:
    """What is wrong with a courier's parcel; most slots say nothing, which saves the look-up."""
    slot = bits & 0xFFFF
    return 0 if slot < at.flawless else dealt[at.flaws + courier * 65536 + slot]


def kind_of(group_of: Table, groups: int, courier: int, service: int, village: int) -> int:
    """Row of Rulings.ruling_of at which a parcel's flaws begin."""
    return ((courier * 5 + service) * groups + group_of[village]) * 9


def draw_block(stream: Stream, clock: list[float], first: int, count: int, offered: Table) -> int:
    """Draw parcels first, first + 1, ... into rows 0, 1, ...; returns how many came, count at most."""
    at, pieces, gaps_us, logs, dealt, early, ruling_of, group_of = stream
    now, piece, until, gap = clock[0], int(clock[1]), -1.0, 0.0
    for n in range(first, first + count):
        now += exponential(word(at.arrivals, n), logs) * gap
        if now >= until:
            arr_us = next_arrival(at, pieces, gaps_us, logs, clock, n)
            if arr_us < 0:
                return n - first
            now, piece = clock[0], int(clock[1])
            until, gap = float(pieces[piece * PIECE + UNTIL]), gaps_us[piece]
        clock[0] = now
        row, bits, couriers_at = (n - first) * OFFER, word(at.luck, n), pieces[piece * PIECE + COURIERS]
        courier, service, village, length_mm = look(dealt, at, couriers_at, word(at.looks, n))
        if n < at.firsts:
            village = early[n]
        kind = kind_of(group_of, at.groups, courier, service, village)
        flaw = flaw_of(dealt, at, courier, bits)
        right = ruled = ruling_of[kind]
        if flaw != 0:
            right = ruling_of[kind + (flaw if flaw in (NOT_ADVISED, HELD) else 0)]
            ruled = ruling_of[kind + flaw]
        if flaw == MISREAD:
            _, service, village, _ = look(dealt, at, couriers_at, word(at.others, n))
            ruled = ruling_of[kind_of(group_of, at.groups, courier, service, village)]
        offered[row + ARR], offered[row + LENGTH] = int(now), length_mm
        offered[row + LATENCY] = at.vision_least_us + below(bits, at.vision_span_us)
        offered[row + RIGHT], offered[row + RULED] = right, ruled
        offered[row + COURIER] = courier
        offered[row + FAILS] = 1 if at.fail_below > 0 and word(at.failing, n) < at.fail_below else 0
    return count


RULES = (*DRAW_RULES, draw_block, next_arrival, look, flaw_of, kind_of)
"""What compiled drawing must be given."""
