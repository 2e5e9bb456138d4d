"""The hub's line by a heap of events, for what breaks the recursion's order: crews that chutes share, and
answers of vision that overtake each other.

At most four events a parcel: its answer, the eye before its diverter (and before its alternate's), its fall
into the bag. The rules are the recursion's own; what is asked at an instant is asked when everything before
it has happened.
Order within one instant: falls by number of chute, then eyes (a scan of the PLC), then answers in belt order.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.compiled import bare, quotient
from sim.hubline.motion import when_us
from sim.hubline.recalls import call_row_back
from sim.hubline.recursion import RULES as RECURSION_RULES
from sim.hubline.recursion import decide, enter
from sim.hubline.rules import BAGGED, FULL, MM, broken_at, eye_us, fill, is_late, ordered_us, outlet, told_of
from sim.hubline.tables import (
    ALTERNATE,
    CHANGE,
    CHUTE,
    CHUTE_LEFT,
    DECIDED,
    END,
    EYE,
    FAILS,
    FALL,
    LEFT,
    LONG,
    NEVER,
    OFF,
    OFFER,
    ON,
    PIVOT,
    REASON,
    RELEASED,
    RESET,
    RULED,
    TOLD,
    N,
    Plant,
    Table,
)

FALLS, EYES, ANSWERS = range(3)
"""Kinds of events, in their order within one instant."""

RIDE = END + 4
ITS_RULING, ITS_FAILS, ITS_TAIL, AIM = range(END, RIDE)
"""A parcel on the line: its row as in tables.END, then ruling, whether wheels fail, the way (nm) at which its
tail is at the induct eye, and the chute aimed at."""

SLOTS, RANKS = 1 << 16, 1 << 40
"""An event's order: (kind * RANKS + rank) * SLOTS + slot of the parcel."""


class World(NamedTuple):
    """What the events read and change besides the plant.

    crews      how many there are for all chutes, 0 = one for each
    size       how many events are due, in a table of one
    at, order  the heap, the earliest first
    riding     a row of RIDE for each parcel on the line
    free       for each crew when it is free, us
    """

    crews: int
    size: Table
    at: Table
    order: Table
    riding: Table
    free: Table


def world_of(plant: Plant, crews: int) -> World:
    """Nothing is due yet."""
    ring = plant.line.ring
    return World(crews, [0], [0] * ring, [0] * ring, [0] * (RIDE * ring), [0] * max(1, crews))


def run_events(world: World, plant: Plant, offered: Table, first: int, count: int, ended: Table) -> int:
    """As recursion.run_block; rows of `ended` come in the order in which parcels' fates are known."""
    rows = n = 0
    until_us = NEVER
    while n < count or (count == 0 and world.size[0] > 0):
        if n < count:
            until_us = arrive(world, plant, offered, first, n)
            n += 1
        while world.size[0] > 0 and world.at[0] < until_us:
            rows += happen(world, plant, ended, rows)
    return rows


def arrive(world: World, plant: Plant, offered: Table, first: int, n: int) -> int:
    """Row n of `offered` is put on the belt; returns when, us: whatever later ones do comes after that."""
    line, riding = plant.line, world.riding
    slot = (first + n) % line.ring
    row = slot * RIDE
    way = enter(line, plant.legs, plant.closed, plant.cursor, offered, n * OFFER, riding, row)
    riding[row + N] = first + n
    riding[row + ITS_RULING] = offered[n * OFFER + RULED]
    riding[row + ITS_FAILS] = offered[n * OFFER + FAILS]
    riding[row + ITS_TAIL] = way + line.release_nm + riding[row + LONG] * MM
    push(world, riding[row + DECIDED], ANSWERS, first + n, slot)
    return riding[row + RELEASED]


def happen(world: World, plant: Plant, ended: Table, rows: int) -> int:
    """The next event happens; 1 if a parcel's fate is known by it, its row is then written."""
    now, order = world.at[0], world.order[0]
    pop(world)
    slot, kind = order % SLOTS, quotient(order, RANKS * SLOTS)
    if kind == FALLS:
        fallen(world, plant, slot, now)
        known = True
    elif kind == EYES:
        known = at_eye(world, plant, slot, now)
    else:
        known = answered(world, plant, slot)
    if known:
        for field in range(END):
            ended[rows * END + field] = world.riding[slot * RIDE + field]
    return 1 if known else 0


def answered(world: World, plant: Plant, slot: int) -> bool:
    """The controller decides; whether that is the end of it, because it rides to the exception end."""
    line, legs, chutes, spans, riding = plant.line, plant.legs, plant.chutes, plant.spans, world.riding
    row = slot * RIDE
    ruling, decided, tail = riding[row + ITS_RULING], riding[row + DECIDED], riding[row + ITS_TAIL]
    told, alternate, why = decide(
        line, plant.rulings, plant.options, chutes, spans, plant.sent, plant.missed, ruling, decided
    )
    riding[row + TOLD], riding[row + ALTERNATE], riding[row + REASON] = told, alternate, why
    if line.recalls > 0:
        call_row_back(line, legs, chutes, spans, riding, row, tail)
        told = riding[row + TOLD]
    if told < 0:
        return rides_on(world, plant, row, riding[row + REASON])
    if is_late(line, legs, decided, tail - riding[row + LONG] * (MM // 2) + chutes[told * CHUTE + EYE]):
        return rides_on(world, plant, row, line.late)
    if broken_at(chutes, spans, told, ordered_us(line, decided)):
        return rides_on(world, plant, row, line.disabled)
    riding[row + AIM] = told
    push(world, eye_us(line, legs, chutes, told, tail), EYES, 0, slot)
    return False


def at_eye(world: World, plant: Plant, slot: int, now: int) -> bool:
    """The PLC arms the diverter, or aims at the alternate, or gives it up: then its end is known."""
    line, legs, chutes, spans, riding = plant.line, plant.legs, plant.chutes, plant.spans, world.riding
    row = slot * RIDE
    aim, alternate = riding[row + AIM], riding[row + ALTERNATE]
    found = outlet(chutes, spans, aim, now)
    if found < 0 and aim != alternate and alternate >= 0 and outlet(chutes, spans, alternate, now) >= 0:
        riding[row + AIM] = alternate
        push(world, eye_us(line, legs, chutes, alternate, riding[row + ITS_TAIL]), EYES, 0, slot)
        return False
    if found < 0 or riding[row + ITS_FAILS] > 0:
        why = line.bagged if found == BAGGED else line.failed
        return rides_on(world, plant, row, line.full if found == FULL else why)
    if aim != riding[row + TOLD] and riding[row + REASON] == line.routed:
        riding[row + REASON] = line.alternate
    riding[row + CHUTE_LEFT] = aim
    length = riding[row + LONG]
    left = when_us(line, legs, riding[row + ITS_TAIL] - length * (MM // 2) + chutes[aim * CHUTE + PIVOT])
    riding[row + LEFT] = left
    if line.hearings > 0:
        told_of(line, chutes, spans, plant.missed, riding[row + TOLD], -1, aim, riding[row + REASON], left)
    push(world, left + chutes[aim * CHUTE + FALL] + quotient(length * MM, line.speed_mm_s), FALLS, aim, slot)
    return False


def rides_on(world: World, plant: Plant, row: int, reason: int) -> bool:
    """The parcel comes off at the last eye."""
    riding = world.riding
    riding[row + CHUTE_LEFT], riding[row + REASON] = -1, reason
    left = when_us(plant.line, plant.legs, riding[row + ITS_TAIL] + plant.line.end_nm)
    riding[row + LEFT] = left
    if plant.line.hearings > 0:
        told, alternate = riding[row + TOLD], riding[row + ALTERNATE]
        told_of(plant.line, plant.chutes, plant.spans, plant.missed, told, alternate, -1, reason, left)
    return True


def fallen(world: World, plant: Plant, slot: int, now: int) -> None:
    """The parcel is in the bag; the crew that is called takes the calls in their order."""
    chutes, chute = plant.chutes, world.riding[slot * RIDE + CHUTE_LEFT]
    if not fill(chutes, chute, now):
        return
    plant.changes[chute] += 1
    if world.crews > 0:
        first = 0
        for crew in range(world.crews):
            if world.free[crew] < world.free[first]:
                first = crew
        at = chute * CHUTE
        world.free[first] = max(now, world.free[first]) + chutes[at + CHANGE]
        chutes[at + RESET] = world.free[first]
        if chutes[at + ON] == now:
            chutes[at + OFF] = world.free[first]


def push(world: World, at_us: int, kind: int, rank: int, slot: int) -> None:
    """Something will happen."""
    times, orders, place = world.at, world.order, world.size[0]
    order = (kind * RANKS + rank) * SLOTS + slot
    world.size[0] = place + 1
    while place > 0:
        above = (place - 1) >> 1
        if times[above] < at_us or (times[above] == at_us and orders[above] < order):
            break
        times[place], orders[place] = times[above], orders[above]
        place = above
    times[place], orders[place] = at_us, order


def pop(world: World) -> None:
    """The earliest event is no longer due."""
    times, orders, last = world.at, world.order, world.size[0] - 1
    world.size[0] = last
    at_us, order, place, below = times[last], orders[last], 0, 1
    while below < last:
        right = below + 1
        if right < last and earlier(times, orders, right, below):
            below = right
        if at_us < times[below] or (at_us == times[below] and order < orders[below]):
            break
        times[place], orders[place] = times[below], orders[below]
        place, below = below, 2 * below + 1
    times[place], orders[place] = at_us, order


def earlier(times: Table, orders: Table, one: int, other: int) -> bool:
    """Whether an event of the heap comes before another one."""
    return times[one] < times[other] or (times[one] == times[other] and orders[one] < orders[other])


def event_arrays(world: World, plant: Plant, offered: Table, first: int, count: int, ended: Table) -> int:
    """run_events over arrays, to be compiled."""
    crews, size, at, order, riding, free = world
    line, legs, closed, chutes, spans, rulings, options, sent, changes, cursor, back, missed = plant
    bared = Plant(
        line, bare(legs), bare(closed), bare(chutes), bare(spans), bare(rulings), bare(options),
        bare(sent), bare(changes), bare(cursor), bare(back), bare(missed),
    )  # fmt: skip
    bared_world = World(crews, bare(size), bare(at), bare(order), bare(riding), bare(free))
    return run_events(bared_world, bared, bare(offered), first, count, bare(ended))


RULES = (
    *RECURSION_RULES, run_events, arrive, happen, answered, at_eye, rides_on, fallen, push, pop, earlier,
)  # fmt: skip
"""What the compiled engine must be given besides event_arrays."""
