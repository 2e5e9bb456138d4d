"""What the benchmark feeds to a reference line: the kind of traffic of the reference case default-1."""

from __future__ import annotations

import numpy as np

from sim.reference.spec import NO_READ, LineSpec, Parcels
from sim.reference.stream import Traffic

LOAD = 0.84
"""Belt space that arrives, as a share of the belt that passes."""

SHORTEST_MM, LONGEST_MM = 150, 400
NO_READS = 0.02
MEDIAN_LATENCY_US, LATENCY_SPREAD = 250_000, 0.73


def line(diverters: int = 40) -> LineSpec:
    """The line of default-1, with more or fewer diverters."""
    return LineSpec(
        diverters=diverters,
        pitch_mm=1200,
        us_per_mm=400,
        gap_mm=100,
        camera_mm=2000,
        first_diverter_mm=6000,
        return_mm=12000,
        cycle_us=300_000,
        neighbour_cycle_us=150_000,
        bag_parcels=120,
        bag_out_us=15_000_000,
        max_laps=4,
    )


def arrivals(spec: LineSpec, parcels: int, seed: int = 1) -> Parcels:
    """Poisson arrivals, uniform lengths, chutes of uneven popularity, log-normal decision times."""
    rng = np.random.default_rng([seed, parcels])
    popular = rng.uniform(0.5, 1.5, spec.diverters)
    chutes = rng.choice(spec.diverters, parcels, p=popular / popular.sum())
    latency = MEDIAN_LATENCY_US * np.exp(LATENCY_SPREAD * rng.standard_normal(parcels))
    return Parcels(
        arr_us=np.cumsum(rng.exponential(mean_gap_us(spec), parcels)).astype(np.int64),
        length_mm=rng.integers(SHORTEST_MM, LONGEST_MM, parcels, endpoint=True),
        code=np.where(rng.random(parcels) < NO_READS, NO_READ, chutes).astype(np.int64),
        latency_us=latency.astype(np.int64),
        true=chutes.astype(np.int64),
    )


def counted(spec: LineSpec) -> Traffic:
    """The same kind of traffic, to be drawn by counting (sim.reference.stream)."""
    return Traffic(
        gap_us=mean_gap_us(spec),
        length_mm=(SHORTEST_MM, LONGEST_MM),
        no_reads=NO_READS,
        weights=tuple(np.random.default_rng(1).uniform(0.5, 1.5, spec.diverters).tolist()),
        latency_us=MEDIAN_LATENCY_US,
        spread=LATENCY_SPREAD,
    )


def mean_gap_us(spec: LineSpec) -> float:
    """Between arrivals, at LOAD."""
    return ((SHORTEST_MM + LONGEST_MM) / 2 + spec.gap_mm) * spec.us_per_mm / LOAD
