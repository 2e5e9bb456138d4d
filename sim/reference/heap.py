"""The reference line by a binary heap of typed events: three a parcel, and two more in a lap that misses.

Events run on belt time, so nothing happens while the belt stands. No two events at one place coincide, and
what happens at a place never depends on another place at the same moment: ties may come in any order.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.compiled import bare
from sim.reference import rules
from sim.reference.columns import (
    BARE,
    Blades,
    Line,
    Loop,
    Out,
    Stops,
    Table,
    bare_blades,
    bare_loop,
    bare_out,
    bare_stops,
    bare_table,
)
from sim.reference.outcomes import NO_READ_OUT, REJECTED, SORTED
from sim.reference.rules import (
    FIRE,
    Column,
    arm_verdict,
    belt_space,
    blade_at,
    earliest_entry,
    gap_fits,
    is_last_lap,
    stops_before,
    wall,
)
from sim.reference.steps import STEPS, fire, leave

ENTER, ARM, BLADE, END, AGAIN = 0, 1, 2, 3, 4
"""A parcel's nose at the infeed, an arming eye, a blade, the end of the line, and again at the infeed."""

KINDS = 8
"""An event is parcel x KINDS + kind."""


FREE, HEAD, TAIL, STARTED, PASSED, PENDING = range(6)
MARKS = 6
"""Rows of `World.marks`: earliest next nose, ends of the ring, stops before the last arrival and the last
event, pending events."""


class World(NamedTuple):
    """All that the events read and change.

    at, event  the heap, the earliest first: belt time and what. Each parcel on the belt has one event and the
               next new one too, never more than twice the ring of `Loop`
    decided    a row a parcel: wall clock of its decision
    """

    line: Line
    stops: Stops
    table: Table
    blades: Blades
    loop: Loop
    out: Out
    at: Column
    event: Column
    decided: Column
    marks: Column


def run_arrays(world: World) -> None:
    """`run` on int64 arrays: what is compiled."""
    line, stops, table, blades, loop, out, at, event, decided, marks = world
    run(World(line, bare_stops(stops), bare_table(table), bare_blades(blades), bare_loop(loop), bare_out(out),
              bare(at), bare(event), bare(decided), bare(marks)))  # fmt: skip


def run(world: World) -> None:
    """Fill `world.out` for every parcel; given: `blades` as at the start, misses and marks 0."""
    offer(world, 0)
    while world.marks[PENDING] > 0:
        now, event = world.at[0], world.event[0]
        pop(world)
        parcel, kind = event // KINDS, event % KINDS
        # The arming eye of diverter 0 may lie before the infeed, by less than a pitch.
        behind = now - world.line.pitch_us
        world.marks[PASSED] = stops_before(behind, world.stops.rho, world.marks[PASSED])
        if kind == ENTER:
            at_infeed(world, parcel, now)
        elif kind == ARM:
            at_eye(world, parcel, now)
        elif kind == BLADE:
            at_blade(world, parcel, now)
        elif kind == END:
            at_end(world, parcel, now)
        else:
            again_at_infeed(world, parcel, now)


def offer(world: World, parcel: int) -> None:
    """The next new parcel will try to enter as soon as it is there and the infeed is free."""
    if parcel >= world.line.parcels:
        return
    marks, stops, arrived = world.marks, world.stops, world.table.arr[parcel]
    started = stops_before(arrived, stops.start, marks[STARTED])
    marks[STARTED] = started
    marks[FREE] = max(marks[FREE], stops.resumed[started])
    push(world, earliest_entry(arrived, stops.stood[started], marks[FREE]), parcel, ENTER)


def at_infeed(world: World, parcel: int, now: int) -> None:
    """A new parcel enters, or waits for one that has come back or is about to."""
    line, marks, loop, length = world.line, world.marks, world.loop, world.table.length
    space = belt_space(length[parcel], line.us_per_mm, line.gap_us)
    slot = marks[HEAD] & (line.ring - 1)
    if now < marks[FREE]:
        push(world, marks[FREE], parcel, ENTER)
    elif marks[HEAD] < marks[TAIL] and not gap_fits(now, space, loop.nose[slot]):
        ahead = belt_space(length[loop.parcel[slot]], line.us_per_mm, line.gap_us)
        push(world, loop.nose[slot] + ahead, parcel, ENTER)
    else:
        marks[FREE] = now + space
        world.out.t_in[parcel] = clock(world, now)
        world.out.laps[parcel] = 1
        world.decided[parcel] = clock(world, now + line.camera_us) + world.table.latency[parcel]
        ride(world, parcel, now)
        offer(world, parcel + 1)


def again_at_infeed(world: World, parcel: int, now: int) -> None:
    """A parcel that missed begins its next lap."""
    line, marks = world.line, world.marks
    marks[HEAD] += 1
    marks[FREE] = now + belt_space(world.table.length[parcel], line.us_per_mm, line.gap_us)
    world.out.laps[parcel] += 1
    ride(world, parcel, now)


def ride(world: World, parcel: int, nose: int) -> None:
    """Onward to the arming eye of its diverter, or to the end."""
    line, code = world.line, world.table.code[parcel]
    if code < 0:
        push(world, nose + line.end_us, parcel, END)
    else:
        push(world, blade_at(nose, code, line.first_us, line.pitch_us) - line.pitch_us, parcel, ARM)


def at_eye(world: World, parcel: int, now: int) -> None:
    """The blade is armed, or the parcel rides past it."""
    line, code = world.line, world.table.code[parcel]
    neighbour_fired = world.blades.fired[code]
    verdict = arm_verdict(world.decided[parcel], clock(world, now), neighbour_fired, line.neighbour_cycle_us)
    if verdict == FIRE:
        push(world, now + line.pitch_us, parcel, BLADE)
    else:
        miss(world, parcel, now + line.pitch_us, verdict)


def at_blade(world: World, parcel: int, now: int) -> None:
    """The parcel leaves by its chute, or rides on."""
    code, wall_us = world.table.code[parcel], clock(world, now)
    verdict = fire(world.line, world.blades, code, wall_us)
    if verdict == FIRE:
        leave(world.out, parcel, wall_us, code, SORTED)
    else:
        miss(world, parcel, now, verdict)


def miss(world: World, parcel: int, at_blade: int, verdict: int) -> None:
    """Count a miss of the parcel whose blade is at belt time `at_blade`; onward to the end."""
    line = world.line
    world.out.misses[verdict] += 1
    to_blade = blade_at(0, world.table.code[parcel], line.first_us, line.pitch_us)
    push(world, at_blade - to_blade + line.end_us, parcel, END)


def at_end(world: World, parcel: int, now: int) -> None:
    """The parcel leaves, or comes back by the loop."""
    line, out, loop, marks = world.line, world.out, world.loop, world.marks
    if world.table.code[parcel] < 0:
        leave(out, parcel, clock(world, now), line.diverters, NO_READ_OUT)
    elif is_last_lap(out.laps[parcel], line.max_laps):
        leave(out, parcel, clock(world, now), line.diverters + 1, REJECTED)
    else:
        slot = marks[TAIL] & (line.ring - 1)
        loop.nose[slot], loop.parcel[slot] = now - line.end_us + line.loop_us, parcel
        marks[TAIL] += 1
        push(world, loop.nose[slot], parcel, AGAIN)


def clock(world: World, rho: int) -> int:
    """Wall clock at belt time `rho`, at most a pitch before the event at hand."""
    return wall(rho, world.stops.rho, world.stops.stood, world.marks[PASSED])


def push(world: World, at: int, parcel: int, kind: int) -> None:
    """Add an event to the heap."""
    times, events, row = world.at, world.event, world.marks[PENDING]
    world.marks[PENDING] = row + 1
    while row > 0 and at < times[(row - 1) >> 1]:
        above = (row - 1) >> 1
        times[row], events[row] = times[above], events[above]
        row = above
    times[row], events[row] = at, parcel * KINDS + kind


def pop(world: World) -> None:
    """Take the earliest event off the heap."""
    times, events, last = world.at, world.event, world.marks[PENDING] - 1
    world.marks[PENDING] = last
    at, event, row, below = times[last], events[last], 0, 1
    while below < last:
        if below + 1 < last and times[below + 1] < times[below]:
            below += 1
        if at <= times[below]:
            break
        times[row], events[row] = times[below], events[below]
        row, below = below, 2 * below + 1
    times[row], events[row] = at, event


RULES = (
    *BARE, *rules.RULES, *STEPS, run, offer, at_infeed, again_at_infeed, ride, at_eye, at_blade, miss, at_end,
    clock, push, pop,
)  # fmt: skip
"""What `run_arrays` calls, for the compiler."""
