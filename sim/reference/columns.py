"""The reference line as its engines keep it: integers and columns, lists for plain Python, int64 arrays else.

In compiled code a column is the address of an array's items (`sim.compiled.bare`), hence the lengths beside
them.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from sim.compiled import bare
from sim.reference.rules import FAR, NEVER, Column, belt_space, resumed_after
from sim.reference.spec import LineSpec


class Line(NamedTuple):
    """The parameters, distances as belt time; `parcels` in all, `ring` (2^k) rows in `Loop`."""

    parcels: int
    ring: int
    diverters: int
    us_per_mm: int
    gap_us: int
    camera_us: int
    first_us: int
    pitch_us: int
    end_us: int
    loop_us: int
    cycle_us: int
    neighbour_cycle_us: int
    bag_parcels: int
    bag_out_us: int
    max_laps: int


class Stops(NamedTuple):
    """Every belt stop and a last one that never comes.

    start    wall clock
    rho      the same moment in belt time
    stood    how long the belt had stood before it
    resumed  before which belt time nothing enters that arrives after the stop before it started
    """

    start: Column
    rho: Column
    stood: Column
    resumed: Column


class Table(NamedTuple):
    """The columns of `Parcels` that an engine reads."""

    arr: Column
    length: Column
    code: Column
    latency: Column


class Blades(NamedTuple):
    """Diverters and bags. fired: wall clock, diverter d at d + 1, so that its neighbour is at d.

    ready, level  of chute d at d: when its bag is back, and what the bag holds
    """

    fired: Column
    ready: Column
    level: Column


class Loop(NamedTuple):
    """The parcels that will return, first in first out, in a ring: belt time at the infeed, row, decision."""

    nose: Column
    parcel: Column
    decided: Column


class Out(NamedTuple):
    """The columns of `Outcomes`."""

    t_out: Column
    t_in: Column
    chute: Column
    laps: Column
    reason: Column
    misses: Column


def line_of(spec: LineSpec, parcels: int, shortest_mm: int) -> Line:
    """The parameters for so many parcels, none of them shorter than `shortest_mm`."""
    return Line(
        parcels=parcels,
        ring=ring_size(spec, parcels, shortest_mm),
        diverters=spec.diverters,
        us_per_mm=spec.us_per_mm,
        gap_us=spec.gap_us,
        camera_us=spec.camera_us,
        first_us=spec.first_us,
        pitch_us=spec.pitch_us,
        end_us=spec.end_us,
        loop_us=spec.loop_us,
        cycle_us=spec.cycle_us,
        neighbour_cycle_us=spec.neighbour_cycle_us,
        bag_parcels=spec.bag_parcels,
        bag_out_us=spec.bag_out_us,
        max_laps=spec.max_laps,
    )


def ring_size(spec: LineSpec, parcels: int, shortest_mm: int) -> int:
    """A power of 2 above the number of parcels that can be on the belt at once, or above that of all."""
    space = max(belt_space(shortest_mm, spec.us_per_mm, spec.gap_us), 1)
    return 1 << min(spec.loop_us // space + 1, parcels).bit_length()


def stops_of(spec: LineSpec) -> tuple[list[int], ...]:
    """The columns of `Stops`."""
    start = [start for start, _ in spec.stops]
    stood = [0, *accumulate(duration for _, duration in spec.stops)]
    rho = [at - before for at, before in zip(start, stood, strict=False)]
    return [*start, FAR], [*rho, FAR], stood, [0, *map(resumed_after, rho)]


def blades_of(spec: LineSpec) -> tuple[list[int], ...]:
    """The columns of `Blades` before anything happened."""
    return [NEVER] * (spec.diverters + 1), [NEVER] * spec.diverters, [0] * spec.diverters


def bare_stops(stops: Stops) -> Stops:
    """The same as addresses, in compiled code."""
    return Stops(bare(stops.start), bare(stops.rho), bare(stops.stood), bare(stops.resumed))


def bare_table(table: Table) -> Table:
    """The same as addresses, in compiled code."""
    return Table(bare(table.arr), bare(table.length), bare(table.code), bare(table.latency))


def bare_blades(blades: Blades) -> Blades:
    """The same as addresses, in compiled code."""
    return Blades(bare(blades.fired), bare(blades.ready), bare(blades.level))


def bare_loop(loop: Loop) -> Loop:
    """The same as addresses, in compiled code."""
    return Loop(bare(loop.nose), bare(loop.parcel), bare(loop.decided))


def bare_out(out: Out) -> Out:
    """The same as addresses, in compiled code."""
    t_out, t_in, chute, laps, reason, misses = out
    return Out(bare(t_out), bare(t_in), bare(chute), bare(laps), bare(reason), bare(misses))


BARE = (bare, bare_stops, bare_table, bare_blades, bare_loop, bare_out)
"""All of them, for the compiler."""
