"""The heap of events against the closed loop: crews that chutes share, answers that overtake each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from sim.bags import Crews
from sim.hubline.build import WHYS, Closures
from sim.hubline.traffic import Traffic
from sorter.app.config import load_hub
from sorter.flow import ChuteLocked
from sorter.hub import Hub
from tests.shared import ROOT
from tests.worlds import FOREVER, by_events, by_recursion, in_the_loop, traffic_at

LINZI = load_hub(ROOT / "configs" / "linzi")
PROMPT, OVERTAKING = (60_000, 180_000), (60_000, 1_400_000)


def hub_with(capacity: int) -> Hub:
    chutes = tuple(replace(chute, capacity=capacity) for chute in LINZI.layout.chutes)
    return replace(LINZI, layout=replace(LINZI.layout, chutes=chutes))


def traffic(per_hour: int, count: int, vision_us: tuple[int, int]) -> Traffic:
    return replace(traffic_at(per_hour, count), vision_us=vision_us)


@pytest.mark.parametrize("crews", [1, 3])
@pytest.mark.parametrize("vision_us", [PROMPT, OVERTAKING])
def test_every_parcel_fares_as_in_the_closed_loop_whoever_changes_the_bags(
    crews: int, vision_us: tuple[int, int], report_line: Callable[[str], None]
) -> None:
    reasons = Counter[str]()
    for capacity, seed in ((8, 1), (3, 2)):
        hub, stream = hub_with(capacity), traffic(8500, 80, vision_us)
        looped = in_the_loop(hub, stream, seed, 80, crews=crews)
        assert by_events(hub, stream, seed, 80, "plain-heap", crews) == looped
        reasons.update(WHYS[row[-1]].value for row in looped)
    report_line(f"{crews} crews, vision {vision_us} us, 2 seeds: all equal; {dict(reasons)}")


@pytest.mark.full
@pytest.mark.parametrize("crews", [0, 1, 3])
def test_thousands_of_parcels_fare_as_in_the_closed_loop(
    crews: int, report_line: Callable[[str], None]
) -> None:
    for seed in range(200, 206):
        hub, stream = hub_with(4 + 6 * (seed % 3)), traffic(5500 + 700 * (seed % 5), 1500, OVERTAKING)
        looped = in_the_loop(hub, stream, seed, 1500, crews=crews)
        assert by_events(hub, stream, seed, 1500, "heap", crews) == looped
    report_line(f"{crews} crews: 6 seeds x 1,500 parcels equal in every instant, chute and reason")


def test_with_a_crew_for_each_chute_events_and_recursion_agree() -> None:
    hub, stream = hub_with(3), replace(traffic(9000, 400, PROMPT), failing=0.05)
    locked = {2: [(20_000_000, 60_000_000)]}
    shut = Closures(locked, {4: [(30_000_000, 90_000_000)]}, {6: [(0, 50_000_000)]})
    rows = by_events(hub, stream, 4, 400, "plain-heap", 0, shut)
    assert rows == by_recursion(hub, stream, 4, 400, "plain", shut)
    assert len({row[-1] for row in rows}) >= 5


@pytest.mark.full
def test_compiled_and_plain_events_agree() -> None:
    hub, stream = hub_with(5), traffic(8500, 1500, OVERTAKING)
    assert by_events(hub, stream, 5, 1500, "heap", 2) == by_events(hub, stream, 5, 1500, "plain-heap", 2)


def test_a_crew_for_all_chutes_leaves_them_full_for_longer() -> None:
    hub, stream = hub_with(4), traffic(8500, 250, PROMPT)
    full = [Counter(row[-1] for row in by_events(hub, stream, 6, 250, "plain-heap", n)) for n in (1, 3, 28)]
    number = [why.value for why in WHYS].index("chute-full")
    assert full[0][number] > full[1][number] > full[2][number]
    assert by_events(hub, stream, 6, 250, "plain-heap", 28) == by_events(hub, stream, 6, 250, "plain-heap", 0)


def test_a_lock_is_obeyed_alike_by_events_and_in_the_loop() -> None:
    hub, stream = hub_with(6), traffic(7000, 100, PROMPT)
    rows = by_events(hub, stream, 7, 100, "plain-heap", 1, Closures(locked={0: [(0, FOREVER)]}))
    assert rows == in_the_loop(hub, stream, 7, 100, (ChuteLocked(0, 0, locked=True),), crews=1)


def test_crews_take_calls_in_order_and_one_that_is_late_keeps_the_next_call_waiting() -> None:
    one, own = Crews(1, 10), Crews(0, 10)
    assert [one.changed_us(at, late) for at, late in ((0, 0), (3, 5), (40, 0))] == [10, 25, 50]
    assert [own.changed_us(at, late) for at, late in ((0, 0), (3, 5), (40, 0))] == [10, 18, 50]
    two = Crews(2, 10)
    assert [two.changed_us(at, 0) for at in (0, 1, 2)] == [10, 11, 20]
