"""The merge-order recursion: the reference line in one pass, without an event heap.

The belt is rigid: parcels pass every place in the order in which they entered, and what happens at a place
depends only on what passed there before. So each lap of a parcel is settled at once when it enters, in
belt order; returning parcels form a queue, for all of them add the same loop. Written for plain Python and
for the compiler at once: integers, columns, no objects.
"""

from __future__ import annotations

from typing import NamedTuple

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
    FAR,
    FIRE,
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


def run_arrays(line: Line, stops: Stops, table: Table, blades: Blades, loop: Loop, out: Out) -> None:
    """`run` on int64 arrays: what is compiled."""
    run(line, bare_stops(stops), bare_table(table), bare_blades(blades), bare_loop(loop), bare_out(out))


class Marks(NamedTuple):
    """Where a run stands.

    new         the next row that enters
    free        belt time of the earliest next nose
    started     stops before the last arrival
    passed      stops before the last entry, a pitch ahead of it
    head, tail  numbers of the next parcel to return and of the next one to be booked
    """

    new: int
    free: int
    started: int
    passed: int
    head: int
    tail: int


def run(line: Line, stops: Stops, table: Table, blades: Blades, loop: Loop, out: Out) -> None:
    """Fill `out` for every parcel of `table`; given: `blades` as at the start, misses 0."""
    run_on(line, stops, table, blades, loop, out, Marks(0, 0, 0, 0, 0, 0), line.parcels, True)


def run_on(
    line: Line, stops: Stops, table: Table, blades: Blades, loop: Loop, out: Out,
    marks: Marks, rows: int, drain: bool,
) -> Marks:  # fmt: skip
    """Go on from `marks` until all `rows` of the table have entered; drain = until none returns any more."""
    new, free, started, passed, head, tail = marks
    while True:
        returning = loop.nose[head & (line.ring - 1)] if head < tail else FAR
        new, free, tail, returning = run_clear(
            line, stops, table, blades, loop, out, new, free, started, passed, tail, returning, rows
        )
        nose, space = FAR, 0
        if new < rows:
            started = stops_before(table.arr[new], stops.start, started)
            free = max(free, stops.resumed[started])
            nose = earliest_entry(table.arr[new], stops.stood[started], free)
            space = belt_space(table.length[new], line.us_per_mm, line.gap_us)
        elif not drain or returning == FAR:
            return Marks(new, free, started, passed, head, tail)
        if gap_fits(nose, space, returning):
            parcel = new
            new += 1
            out.t_in[parcel] = wall(nose, stops.rho, stops.stood, passed)
            out.laps[parcel] = 1
            decided = wall(nose + line.camera_us, stops.rho, stops.stood, passed) + table.latency[parcel]
        else:
            slot = head & (line.ring - 1)
            head += 1
            nose, parcel, decided = returning, loop.parcel[slot], loop.decided[slot]
            space = belt_space(table.length[parcel], line.us_per_mm, line.gap_us)
            out.laps[parcel] += 1
        free = nose + space
        # The arming eye of diverter 0 may lie before the infeed, by less than a pitch.
        passed = stops_before(nose - line.pitch_us, stops.rho, passed)
        if not settle(line, stops, table, blades, out, parcel, nose, decided, passed):
            book(line, loop, nose, parcel, decided, tail)
            tail += 1


def run_clear(
    line: Line, stops: Stops, table: Table, blades: Blades, loop: Loop, out: Out,
    new: int, free: int, started: int, passed: int, tail: int, returning: int, rows: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Enter parcels from `new` on while no belt stop and no returning parcel is in sight: nearly all of them.

    Returns new, free, tail and returning after them; see `run_on`. The same, with one clock for all.
    """
    arr, length, codes, latency = table
    t_out, t_in, chute, laps, reason, _ = out
    us_per_mm, gap_us, camera_us, first_us = line.us_per_mm, line.gap_us, line.camera_us, line.first_us
    pitch_us, end_us, neighbour_cycle_us = line.pitch_us, line.end_us, line.neighbour_cycle_us
    clear_until, fired = stops.rho[passed] - max(end_us, camera_us), blades.fired
    next_stop, stood_arrival, stood = stops.start[started], stops.stood[started], stops.stood[passed]
    for parcel in range(new, rows):
        arrived = arr[parcel]
        nose = earliest_entry(arrived, stood_arrival, free)
        space = belt_space(length[parcel], us_per_mm, gap_us)
        if arrived > next_stop or nose > clear_until or not gap_fits(nose, space, returning):
            return parcel, free, tail, returning
        free = nose + space
        entered = nose + stood
        t_in[parcel], laps[parcel] = entered, 1
        code = codes[parcel]
        if code < 0:
            leave(out, parcel, entered + end_us, line.diverters, NO_READ_OUT)
            continue
        now = blade_at(entered, code, first_us, pitch_us)
        t_out[parcel], chute[parcel], reason[parcel] = now, code, SORTED
        decided = entered + camera_us + latency[parcel]
        verdict = arm_verdict(decided, now - pitch_us, fired[code], neighbour_cycle_us)
        if verdict == FIRE:
            verdict = fire(line, blades, code, now)
        if verdict != FIRE and not is_rejected(line, out, parcel, verdict, entered + end_us):
            book(line, loop, nose, parcel, decided, tail)
            tail += 1
            returning = min(returning, nose + line.loop_us)
    return max(new, rows), free, tail, returning


def settle(
    line: Line, stops: Stops, table: Table, blades: Blades, out: Out,
    parcel: int, nose: int, decided: int, passed: int,
) -> bool:  # fmt: skip
    """One lap of a parcel that entered at belt time `nose`; whether it is out."""
    code = table.code[parcel]
    end = wall(nose + line.end_us, stops.rho, stops.stood, passed)
    if code < 0:
        leave(out, parcel, end, line.diverters, NO_READ_OUT)
        return True
    blade = blade_at(nose, code, line.first_us, line.pitch_us)
    armed = wall(blade - line.pitch_us, stops.rho, stops.stood, passed)
    now = wall(blade, stops.rho, stops.stood, passed)
    verdict = arm_verdict(decided, armed, blades.fired[code], line.neighbour_cycle_us)
    if verdict == FIRE:
        verdict = fire(line, blades, code, now)
    if verdict == FIRE:
        leave(out, parcel, now, code, SORTED)
        return True
    return is_rejected(line, out, parcel, verdict, end)


def is_rejected(line: Line, out: Out, parcel: int, verdict: int, end: int) -> bool:
    """Count a miss; whether it was the last: then the parcel leaves at wall clock `end`."""
    out.misses[verdict] += 1
    last = is_last_lap(out.laps[parcel], line.max_laps)
    if last:
        leave(out, parcel, end, line.diverters + 1, REJECTED)
    return last


def book(line: Line, loop: Loop, nose: int, parcel: int, decided: int, tail: int) -> None:
    """Note at number `tail` that a parcel which entered at belt time `nose` comes back."""
    slot = tail & (line.ring - 1)
    loop.nose[slot] = nose + line.loop_us
    loop.parcel[slot] = parcel
    loop.decided[slot] = decided


RULES = (*BARE, *rules.RULES, *STEPS, run, run_on, run_clear, settle, is_rejected, book)
"""What `run_arrays` calls, for the compiler."""
