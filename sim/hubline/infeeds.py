"""The infeeds of a line as a scenario says them, and a day's parcels merged by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from sim.arrivals import Drawn
from sim.compiled import compiled
from sim.hubline import docks
from sim.hubline.columns import RULES, arrays
from sim.hubline.docks import CAME, DOCK, HELD, HELD_US, MERGES, SET_ASIDE, TOLD, Merge
from sim.hubline.recorded import Replay
from sim.hubline.recursion import RULES as RECURSION_RULES
from sim.hubline.stream import Stream, draw_block
from sim.hubline.tables import ARR, OFFER, Plant, Table

BLOCK = 4096

ASIDE, HELD_SHARE, HELD_S = OF_INFEED = ("aside", "held", "held_s")
"""What the key of a figure of one infeed begins with."""


@dataclass(frozen=True)
class Infeed:
    """One of a line's infeeds.

    couriers  whose parcels come to it
    holds     so many wait in it at most, 0 = no limit
    aside     when it is full, who comes is set aside and not sorted on this line; else the unloading waits
    """

    key: str
    couriers: tuple[str, ...]
    holds: int = 0
    aside: bool = False


@dataclass(frozen=True)
class Infeeds:
    """All of a line's infeeds, each courier in exactly one of them; rule: one of docks.MERGES."""

    rule: str
    all: tuple[Infeed, ...]


@dataclass(frozen=True)
class Merged:
    """A line's day after the merge.

    replay  rows as in tables.OFFER in belt order; order: the numbers that these parcels were drawn with
    told    of each infeed (rows of docks.TOLD)
    """

    replay: Replay
    order: Sequence[int]
    told: Sequence[int]

    def drawn(self, drawn: Sequence[Drawn]) -> Iterator[Drawn]:
        """The same parcels with their labels, numbered and offered as the line gets them."""
        for n, was in enumerate(self.order):
            one, arr_us = drawn[was], int(self.replay.rows[n * OFFER + ARR])
            parcel = replace(one.parcel, n=n, arr_us=arr_us)
            yield replace(one, parcel=parcel, truth=replace(one.truth, n=n))


def merged_day(infeeds: Infeeds, couriers: Sequence[str], plant: Plant, stream: Stream, fast: bool) -> Merged:
    """Draw a line's day and merge it; fast = by compiled code. couriers: the hub's, in its order."""
    return merge_rows(infeeds, couriers, plant, *_drawn(stream, fast), fast)


def merge_rows(
    infeeds: Infeeds, couriers: Sequence[str], plant: Plant, offered: Any, count: int, fast: bool
) -> Merged:
    """The same of `count` parcels that are drawn (rows of tables.OFFER)."""
    of = _merge_of(infeeds, couriers, count)
    tables: list[Any] = [[0] * (OFFER * count), [0] * count, [0] * (TOLD * of.size)]
    if fast:
        plant, of = arrays(plant), arrays(of)
        tables = [np.array(table, np.int64) for table in tables]
    run = _machine() if fast else docks.merge
    rows = run(plant.line, plant.legs, plant.closed, of, offered, count, *tables)
    merged, order, told = tables
    # Lists in either case: whoever runs them makes arrays of them if it wants.
    return Merged(Replay(_listed(merged[: rows * OFFER])), _listed(order[:rows]), _listed(told))


def infeed_figures(infeeds: Infeeds, days: Sequence[Merged]) -> Mapping[str, float]:
    """Of each infeed over all lines, of all that came to it: the share set aside, the share for which the
    unloading waited, and how long on average.
    """
    figures = {}
    for n, infeed in enumerate(infeeds.all):
        came, aside, held, held_us = (
            sum(day.told[n * TOLD + field] for day in days) for field in (CAME, SET_ASIDE, HELD, HELD_US)
        )
        if came:
            figures[f"{ASIDE}:{infeed.key}"] = 100.0 * aside / came
            figures[f"{HELD_SHARE}:{infeed.key}"] = 100.0 * held / came
            figures[f"{HELD_S}:{infeed.key}"] = held_us / came / 1e6
    return figures


def _merge_of(infeeds: Infeeds, couriers: Sequence[str], count: int) -> Merge:
    of = {courier: n for n, infeed in enumerate(infeeds.all) for courier in infeed.couriers}
    most = max(1, *(infeed.holds for infeed in infeeds.all))
    rows = [value for infeed in infeeds.all for value in (infeed.holds, int(infeed.aside), -1, 0, 0)]
    assert len(rows) == DOCK * len(infeeds.all)
    dock_of = [of[courier] for courier in couriers]
    places = most * len(infeeds.all)
    return Merge(MERGES.index(infeeds.rule), len(infeeds.all), most, rows, dock_of, [0] * count, [0] * places)


def _drawn(stream: Stream, fast: bool) -> tuple[Any, int]:
    """Everything that comes, and how many."""
    draw: Callable[..., int] = draw_block
    clock: Any = [0.0, 0.0]
    if fast:
        from sim.hubline.engine import drawing

        draw, stream, clock = drawing(), arrays(stream), np.zeros(2)
    blocks, first = [], 0
    while True:
        block: Any = np.zeros(OFFER * BLOCK, np.int64) if fast else [0] * (OFFER * BLOCK)
        drawn = draw(stream, clock, first, BLOCK, block)
        blocks.append(block[: drawn * OFFER])
        first += drawn
        if drawn < BLOCK:
            break
    return (np.concatenate(blocks) if fast else [value for block in blocks for value in block]), first


def _listed(table: Any) -> Table:
    return [int(value) for value in table]


@cache
def _machine() -> Callable[..., int]:
    return compiled(docks.merge_arrays, (*RULES, *RECURSION_RULES, *docks.RULES))
