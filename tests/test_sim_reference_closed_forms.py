"""Closed forms that every such line obeys: exact ones exactly, the others within |z| < 4 on fixed seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from sim.reference.engines import simulate
from sim.reference.files import read_reference
from sim.reference.outcomes import REJECTED, SORTED, Outcomes
from sim.reference.spec import NO_READ, Int64s, LineSpec, Parcels
from tests.reference_made import CALM, CASES, parcels_of, with_stops

Z = 4.0


def run(spec: LineSpec, parcels: Parcels) -> Outcomes:
    return simulate(spec, parcels, "batch")


def z_of(values: npt.ArrayLike, expected: float) -> float:
    """How many standard errors the mean of independent values is from the expectation."""
    sample = np.asarray(values, dtype=float)
    return float((sample.mean() - expected) / (sample.std(ddof=1) / math.sqrt(len(sample))))


def poisson(rng: np.random.Generator, parcels: int, mean_us: float) -> Int64s:
    return np.cumsum(rng.exponential(mean_us, parcels)).astype(np.int64)


def test_1_a_saturated_merge_passes_one_parcel_per_length_and_gap() -> None:
    lengths = np.random.default_rng(1).integers(50, 400, 500)
    spec = replace(CALM, gap_mm=30)
    outcomes = run(spec, parcels_of(np.zeros(500), lengths))
    assert outcomes.t_in_us[-1] - outcomes.t_in_us[0] == ((lengths[:-1] + 30) * 100).sum()


def mean_waits(lengths_of: Callable[[np.random.Generator, int], Int64s], mean_us: float) -> list[float]:
    """Mean infeed wait of 60 replications, each after 2,000 parcels of warm-up; nothing returns."""
    waits = []
    for seed in range(60):
        rng = np.random.default_rng([2, seed])
        parcels = parcels_of(poisson(rng, 12_000, mean_us), lengths_of(rng, 12_000), code=NO_READ)
        outcomes = run(CALM, parcels)
        waits.append(float((outcomes.t_in_us - parcels.arr_us)[2_000:].mean()))
    return waits


def test_2_the_infeed_is_an_m_d_1_queue_where_parcels_are_equal() -> None:
    # D = 200 mm x 100 us/mm = 20,000 us, every 28,571 us: rho = 0.7.
    service, rho = 20_000, 0.7
    waits = mean_waits(lambda _, parcels: np.full(parcels, 200), service / rho)
    assert abs(z_of(waits, rho * service / (2 * (1 - rho)))) < Z


def test_3_the_infeed_is_an_m_g_1_queue_where_they_are_not() -> None:
    # Lengths 100 or 400 mm, evenly: E[S] = 25,000 us, E[S^2] = (10,000^2 + 40,000^2) / 2.
    rate = 0.7 / 25_000
    square = (10_000**2 + 40_000**2) / 2
    waits = mean_waits(lambda rng, parcels: rng.choice([100, 400], parcels), 1 / rate)
    assert abs(z_of(waits, rate * square / (2 * (1 - 0.7)))) < Z


@pytest.mark.parametrize(("pitch_us", "cycle_us"), [(20_000, 70_000), (20_000, 60_000), (20_000, 5_000)])
def test_4_a_blade_takes_every_nth_parcel_of_a_constant_stream(pitch_us: int, cycle_us: int) -> None:
    every = math.ceil(cycle_us / pitch_us)
    outcomes = run(replace(CALM, cycle_us=cycle_us), parcels_of(np.arange(600) * pitch_us))
    assert ((outcomes.reason == SORTED) == (np.arange(600) % every == 0)).all()


def test_5_a_blade_takes_1_of_1_plus_lambda_c_of_a_poisson_stream() -> None:
    # Parcels of 1 us: the belt leaves the stream as it is. Renewals: 1 + Poisson(lambda c) parcels a firing.
    missed, parcels, mean_us = 0.8, 400_000, 100_000
    spec = replace(CALM, us_per_mm=1, cycle_us=int(missed * mean_us))
    outcomes = run(spec, parcels_of(poisson(np.random.default_rng(5), parcels, mean_us), 1))
    fired = (outcomes.reason == SORTED).sum()
    spread = math.sqrt(parcels * missed / (1 + missed) ** 3)
    assert abs(fired - parcels / (1 + missed)) / spread < Z


def test_6_laps_and_rejects_are_geometric_where_a_lap_misses_by_chance() -> None:
    # A parcel is late in a lap with probability q: its decision takes as many loops as it is to miss.
    q, laps, parcels = 0.3, 3, 100_000
    misses = np.random.default_rng(6).geometric(1 - q, parcels) - 1
    spec = replace(CALM, max_laps=laps)
    outcomes = run(spec, parcels_of(np.arange(parcels) * 30_000, latency_us=misses * spec.loop_us))
    assert (outcomes.laps == np.minimum(misses + 1, laps)).all()
    assert abs(z_of(outcomes.laps, (1 - q**laps) / (1 - q))) < Z
    assert abs(z_of(outcomes.reason == REJECTED, q**laps)) < Z


def test_7_transit_is_the_way_to_the_chute_and_a_loop_for_every_further_lap() -> None:
    spec, parcels = read_reference(CASES[0])
    outcomes = run(spec, parcels)
    way = np.where(parcels.code == NO_READ, spec.end_us, spec.first_us + parcels.code * spec.pitch_us)
    assert (outcomes.t_out_us - outcomes.t_in_us == way + (outcomes.laps - 1) * spec.loop_us).all()
    assert outcomes.laps.max() > 1


def test_8_a_stop_shifts_all_that_comes_after_it_by_its_duration() -> None:
    parcels = parcels_of(
        np.zeros(200), np.random.default_rng(8).integers(50, 400, 200), [0, 1, 2, 3, -1] * 40
    )
    stops = [(1_000_000, 70_000), (1_500_000, 1), (2_000_000, 900_000)]
    free, stopped = run(CALM, parcels), run(with_stops(CALM, *stops), parcels)
    for before, after in ((free.t_in_us, stopped.t_in_us), (free.t_out_us, stopped.t_out_us)):
        shifted, stood = before.copy(), 0
        for start, duration in stops:
            shifted += np.where(before > start - stood, duration, 0)
            stood += duration
        assert (after == shifted).all() and (after != before).any()


@pytest.mark.parametrize(("bag", "out_us"), [(5, 70_000), (3, 80_000), (1, 1), (7, 0)])
def test_9_a_bag_change_costs_the_parcels_that_pass_meanwhile(bag: int, out_us: int) -> None:
    pitch_us = 20_000
    lost = max(math.ceil(out_us / pitch_us) - 1, 0)
    parcels = (bag + lost) * 50
    outcomes = run(
        replace(CALM, bag_parcels=bag, bag_out_us=out_us), parcels_of(np.arange(parcels) * pitch_us)
    )
    assert ((outcomes.reason == SORTED) == (np.arange(parcels) % (bag + lost) < bag)).all()


def test_10_parcels_on_the_belt_over_time_are_the_sum_of_their_times_on_it() -> None:
    spec, parcels = read_reference(CASES[-1])
    outcomes = run(spec, parcels)
    times = np.concatenate([outcomes.t_in_us, outcomes.t_out_us])
    steps = np.repeat([1, -1], len(parcels))
    order = np.argsort(times, kind="stable")
    on_belt = np.cumsum(steps[order])[:-1]
    assert (on_belt * np.diff(times[order])).sum() == (outcomes.t_out_us - outcomes.t_in_us).sum()
    assert on_belt.max() > 50


def last_wait(load: float, available: float, q: float) -> float:
    """Wait of the last of 100,000 parcels, as a share of the time in which they arrive.

    The belt runs for `available` of the time, and a lap misses with probability q (two laps at most).
    """
    parcels, space_us, period_us = 100_000, 20_000, 10_000_000
    rng = np.random.default_rng(11)
    arrivals = poisson(rng, parcels, space_us * (1 + q) / load)
    spec = replace(CALM, max_laps=2)
    stops = [
        (start, round((1 - available) * period_us)) for start in range(0, 2 * int(arrivals[-1]), period_us)
    ]
    late = np.where(rng.random(parcels) < q, 10**12, 0)
    outcomes = run(with_stops(spec, *stops), parcels_of(arrivals, 200, latency_us=late))
    return float((outcomes.t_in_us[-1] - arrivals[-1]) / arrivals[-1])


@pytest.mark.parametrize(("available", "q"), [(0.9, 0.0), (0.9, 0.2), (0.75, 0.1)])
def test_11_the_infeed_keeps_up_while_all_laps_need_less_than_the_belt_that_runs(
    available: float, q: float
) -> None:
    # Below, the wait is a passing one; above, it grows with the overload: load / available - 1.
    assert last_wait(0.95 * available, available, q) < 0.005
    assert last_wait(1.10 * available, available, q) == pytest.approx(0.10, abs=0.01)
