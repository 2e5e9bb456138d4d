"""Reference lines for tests: the committed cases, a calm line, and random small ones full of ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from sim.reference.spec import NO_READ, LineSpec, Parcels
from tests.shared import ROOT

CASES = sorted((ROOT / "tests" / "data" / "reference-line").iterdir())

GRID_US = 10
"""Random lines keep all their times on this grid: nearly everything coincides with something."""

CALM = LineSpec(
    diverters=4,
    pitch_mm=1000,
    us_per_mm=100,
    gap_mm=0,
    camera_mm=1000,
    first_diverter_mm=5000,
    return_mm=5000,
    cycle_us=0,
    neighbour_cycle_us=0,
    bag_parcels=1,
    bag_out_us=0,
    max_laps=1,
)
"""A line on which every parcel with a code is sorted in its first lap."""


def case_id(case: Path) -> str:
    """Its folder's name."""
    return case.name


def parcels_of(
    arr_us: Sequence[int] | np.ndarray,
    length_mm: Sequence[int] | np.ndarray | int = 100,
    code: Sequence[int] | np.ndarray | int = 0,
    latency_us: Sequence[int] | np.ndarray | int = 0,
) -> Parcels:
    """A table; a single number stands for a column of it."""
    columns = (np.broadcast_to(np.asarray(column), len(arr_us)) for column in (length_mm, code, latency_us))
    length, codes, latency = (np.array(column, dtype=np.int64) for column in columns)
    return Parcels(np.array(arr_us, dtype=np.int64), length, codes, latency, codes)


@st.composite
def lines(draw: st.DrawFn, *, in_order: bool = False) -> tuple[LineSpec, Parcels]:
    """A small line and its table, with ties everywhere.

    in_order  tail, camera and arming eyes come in this order, as on every real line
    """
    longest = draw(st.integers(1, 6))
    gap = draw(st.integers(0, 3))
    pitch = draw(st.integers(1, 6))
    camera = draw(st.integers(0, 8)) + (longest + gap if in_order else 0)
    stops, start = [], 0
    for wait, duration in draw(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 20)), max_size=6)):
        start += wait
        stops.append((start * GRID_US, duration * GRID_US))
        start += duration
    spec = LineSpec(
        diverters=draw(st.integers(1, 5)),
        pitch_mm=pitch,
        us_per_mm=GRID_US,
        gap_mm=gap,
        camera_mm=camera,
        first_diverter_mm=draw(st.integers(0, 12)) + (camera + pitch if in_order else 0),
        return_mm=longest + gap + draw(st.integers(0, 4)),
        cycle_us=draw(st.integers(0, 15)) * GRID_US,
        neighbour_cycle_us=draw(st.integers(0, 15)) * GRID_US,
        bag_parcels=draw(st.integers(1, 4)),
        bag_out_us=draw(st.integers(0, 40)) * GRID_US,
        max_laps=draw(st.integers(1, 4)),
        stops=tuple(stops),
    )
    return spec, draw(tables(spec, longest))


@st.composite
def tables(draw: st.DrawFn, spec: LineSpec, longest: int) -> Parcels:
    """Parcels for a line, no longer than `longest` mm."""
    row = st.tuples(
        st.integers(0, 8),
        st.integers(1, longest),
        st.integers(NO_READ, spec.diverters - 1),
        st.integers(0, 30),
    )
    rows = np.array(draw(st.lists(row, max_size=40)), dtype=np.int64).reshape(-1, 4)
    wait, length, code, latency = rows.T
    return parcels_of(np.cumsum(wait) * GRID_US, length, code, latency * GRID_US)


def with_stops(spec: LineSpec, *stops: tuple[int, int]) -> LineSpec:
    """The same line, and when it stands."""
    return replace(spec, stops=stops)
