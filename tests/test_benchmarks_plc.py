"""The link under load: no event lost, no decision late, back-pressure with its reason, and its latency."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from benchmarks.plc import Outcome, latency, run
from sim.mapload import MapLoad
from tests.hubs import layout

LINE = replace(layout(4), scan_us=20_000)
RING_HIGH = 1 << 5
MINUTE_S = 60.0
RATES = (20_000, 60_000)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Three links loaded for the same minute; they mostly wait, each for its own PLC."""
    with ThreadPoolExecutor(3) as pool:
        runs: dict[str, Future[Outcome]] = {}
        for rate in RATES:
            runs[str(rate)] = pool.submit(run, LINE, rate, MINUTE_S)
        runs["90000"] = pool.submit(partial(run, LINE, 90_000, MINUTE_S, one_window=True))
        return {name: future.result() for name, future in runs.items()}


def nothing_is_lost(outcome: Outcome) -> None:
    plc = outcome.plc
    assert (outcome.lost, outcome.doubled, plc.lost) == (0, 0, 0)
    assert plc.offered == plc.inducted == plc.gone == outcome.inducted == outcome.left


@pytest.mark.parametrize("rate", RATES)
def test_a_minute_under_load_loses_no_event_and_makes_no_decision_late(
    rate: int, outcomes: dict[str, Outcome], report_line: Callable[[str], None]
) -> None:
    outcome = outcomes[str(rate)]
    report_line(f"{rate} parcels/h: {outcome.plc}, decision path p99 / raw p99 {outcome.ratio:.2f}")
    nothing_is_lost(outcome)
    assert outcome.plc.late == 0 and outcome.plc.offered > 0.8 * rate * MINUTE_S / 3600


def test_too_much_for_one_window_a_poll_holds_the_infeed_says_why_and_loses_nothing(
    outcomes: dict[str, Outcome], report_line: Callable[[str], None]
) -> None:
    outcome = outcomes["90000"]
    report_line(f"90000 parcels/h, one window a poll: {outcome.plc}")
    nothing_is_lost(outcome)
    assert outcome.plc.held_ms > 1000 and outcome.plc.ring_high_scans > 100
    assert outcome.diag & RING_HIGH, "diag bit 5 tells the reason"


@pytest.mark.full
def test_the_decision_path_is_at_most_half_as_long_again_as_the_raw_round_trip(
    report_line: Callable[[str], None],
) -> None:
    ratios = sorted(latency(LINE, 200).ratio for _ in range(3))
    report_line(f"decision path p99 / raw FC3 + FC16 p99, three times 200 exchanges: {ratios}")
    assert ratios[1] <= 1.5


def test_the_load_is_the_same_for_the_same_seed_and_has_bursts() -> None:
    offered = []
    for seed in (1, 1, 2):
        load = MapLoad(LINE, seed, 60_000)
        for at_ms in range(10, 60_000, 10):
            load._arrive(at_ms)
        offered.append(load.counts.offered)
    assert offered[0] == offered[1] != offered[2] and 700 < offered[0] < 1300


@pytest.mark.full
@pytest.mark.timeout(900)
def test_memory_stays_flat_over_ten_minutes(report_line: Callable[[str], None]) -> None:
    outcome = run(LINE, 15_000, 600.0)
    first, last = outcome.rss_mib
    report_line(f"15000 parcels/h for 10 minutes: {first} MiB after 10 s, {last} at the end, {outcome.plc}")
    nothing_is_lost(outcome)
    assert outcome.plc.late == 0 and last <= first + 4
