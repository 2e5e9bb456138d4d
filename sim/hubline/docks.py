"""Several infeeds of one line: each a queue with a limit, merged in front of the belt by a rule.

The belt's order is fixed where they merge, so that everything behind it stays as it is: a day's parcels are
put into the order in which they are let onto the line, each with the instant at which it stood at its infeed.
Plain Python over lists, compiled over arrays, the same source.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.compiled import bare
from sim.hubline.motion import open_at, way_nm
from sim.hubline.recursion import free_us
from sim.hubline.tables import ARR, COURIER, LENGTH, NEVER, NOSE_LENGTH, OFFER, WAY, Line, Table

FIRST_COME, IN_TURN, PRIORITY = MERGES = ("first-come", "in-turn", "priority")
"""Who is next of those that stand at their infeeds when the belt is free: who came first, the next infeed
after the last one, or the first in the order of the file."""

DOCK = 5
HOLDS, ASIDE, HEAD, READY, TAKEN = range(DOCK)
"""An infeed: how many wait in it at most (0 = no limit), 1 = who comes when it is full is set aside, 0 = the
unloading waits; then its state: its next parcel (a row of what is offered, -1 = none), when that one stands
there (us), how many were let into it."""

TOLD = 4
CAME, SET_ASIDE, HELD, HELD_US = range(TOLD)
"""What is told of an infeed: parcels that came to it, those set aside, those for which the unloading had to
wait, and for how long in all (us)."""


class Merge(NamedTuple):
    """Infeeds and what merging them needs.

    rule       index into MERGES; size: how many infeeds
    docks      rows of DOCK; dock_of: courier -> infeed
    after      per parcel offered: the next one of its infeed, -1 = none
    gone       per infeed, `most` places: when its last parcels went onto the belt (us)
    """

    rule: int
    size: int
    most: int
    docks: Table
    dock_of: Table
    after: Table
    gone: Table


def merge(
    line: Line, legs: Table, closed: Table, of: Merge, offered: Table, count: int,
    merged: Table, order: Table, told: Table,
) -> int:  # fmt: skip
    """Let `count` parcels of `offered` onto the line; returns how many, the others were set aside.

    merged  rows as in tables.OFFER in the order of the belt; order: which rows of `offered` they are
    told    rows of TOLD
    """
    line_up(of, offered, count)
    for dock in range(of.size):
        stand(of, offered, dock, told)
    cursor, last, rows = [0, 0], of.size - 1, 0
    while True:
        dock = chosen(line, legs, closed, of, offered, cursor, last)
        if dock < 0:
            return rows
        base = dock * DOCK
        n, ready = of.docks[base + HEAD], of.docks[base + READY]
        length = offered[n * OFFER + LENGTH]
        at_us = open_at(line, closed, max(free_us(line, legs, cursor, length), ready))
        cursor[WAY], cursor[NOSE_LENGTH], last = way_nm(line, legs, at_us), length, dock
        for field in range(OFFER):
            merged[rows * OFFER + field] = offered[n * OFFER + field]
        merged[rows * OFFER + ARR], order[rows] = ready, n
        rows += 1
        of.gone[dock * of.most + of.docks[base + TAKEN] % of.most] = at_us
        of.docks[base + TAKEN] += 1
        of.docks[base + HEAD] = of.after[n]
        stand(of, offered, dock, told)


def line_up(of: Merge, offered: Table, count: int) -> None:
    """Find each infeed's first parcel, and of each parcel the next one of its infeed."""
    for dock in range(of.size):
        of.docks[dock * DOCK + HEAD] = -1
    for n in range(count - 1, -1, -1):
        base = of.dock_of[offered[n * OFFER + COURIER]] * DOCK
        of.after[n], of.docks[base + HEAD] = of.docks[base + HEAD], n


def stand(of: Merge, offered: Table, dock: int, told: Table) -> None:
    """The infeed's next parcel comes to stand there, or is set aside and the one after it does.

    All before it are on the belt, so that it is known when there was a place for it.
    """
    base, row = dock * DOCK, dock * TOLD
    holds, before = of.docks[base + HOLDS], of.docks[base + READY]
    while of.docks[base + HEAD] >= 0:
        n = of.docks[base + HEAD]
        arr_us = ready = offered[n * OFFER + ARR]
        told[row + CAME] += 1
        if holds > 0 and of.docks[base + TAKEN] >= holds:
            place_us = of.gone[dock * of.most + (of.docks[base + TAKEN] - holds) % of.most]
            if place_us > arr_us and of.docks[base + ASIDE] > 0:
                told[row + SET_ASIDE] += 1
                of.docks[base + HEAD] = of.after[n]
                continue
            ready = max(arr_us, place_us, before)
        if ready > arr_us:
            told[row + HELD] += 1
            told[row + HELD_US] += ready - arr_us
        of.docks[base + READY] = ready
        return


def chosen(
    line: Line, legs: Table, closed: Table, of: Merge, offered: Table, cursor: Table, last: int
) -> int:
    """The infeed that is let onto the belt next, -1 = nobody comes any more.

    The belt takes somebody as soon as anybody can go; of those that stand at their infeeds by then the rule
    takes one. last: the infeed that went before.
    """
    soonest = NEVER
    for dock in range(of.size):
        n = of.docks[dock * DOCK + HEAD]
        if n >= 0:
            free = free_us(line, legs, cursor, offered[n * OFFER + LENGTH])
            soonest = min(soonest, open_at(line, closed, max(free, of.docks[dock * DOCK + READY])))
    best, best_rank = -1, NEVER
    for dock in range(of.size):
        base = dock * DOCK
        if of.docks[base + HEAD] < 0 or of.docks[base + READY] > soonest:
            continue
        rank = dock
        if of.rule == 0:
            rank = of.docks[base + READY]
        elif of.rule == 1:
            rank = (dock - last - 1) % of.size
        if rank < best_rank:
            best, best_rank = dock, rank
    return best


def merge_arrays(
    line: Line, legs: Table, closed: Table, of: Merge, offered: Table, count: int,
    merged: Table, order: Table, told: Table,
) -> int:  # fmt: skip
    """Merge over arrays, to be compiled."""
    bared = Merge(
        of.rule, of.size, of.most, bare(of.docks), bare(of.dock_of), bare(of.after), bare(of.gone)
    )  # fmt: skip
    return merge(
        line, bare(legs), bare(closed), bared, bare(offered), count, bare(merged), bare(order), bare(told)
    )


RULES = (merge, line_up, stand, chosen)
"""What compiled merging must be given besides the recursion's rules."""
