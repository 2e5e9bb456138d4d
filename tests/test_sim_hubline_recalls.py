"""Who is on the way to a chute that a person locks is called back: by every engine as in the closed loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from sim.arrivals import advice
from sim.draws import below, key, word
from sim.hubline.build import WHYS, Closures, plant_of
from sim.hubline.start import start_of
from sim.hubline.traffic import stream_of
from sorter.app.config import load_hub
from sorter.flow import ChuteLocked, Operated, PackCommand, Us, Why
from sorter.hub import Hub
from sorter.timing import travel_us
from tests.shared import ROOT
from tests.test_sim_hubline_stops import Held
from tests.worlds import Row, by_events, by_recursion, by_the_loop, rows_of, rulings_on_plan, traffic_at

LINZI = load_hub(ROOT / "configs" / "linzi")
COUNT = 250
MINUTE: Us = 60_000_000
INTERCEPTED = LINZI.plan.exception_chute(Why.INTERCEPTED)
Locks = Mapping[int, Sequence[tuple[Us, Us]]]


def moments(seed: int, until_us: Us, most_us: Us = 15_000_000) -> Locks:
    """Every chute is locked again and again, each time for 1 us: all that ride there are called back, and it
    gets the next ones as before.
    """
    locks: dict[int, list[tuple[Us, Us]]] = {}
    for chute in LINZI.layout.chutes:
        drawn, at_us = key(seed, chute.id), 0
        locks[chute.id] = []
        while at_us < until_us:
            at_us += 500_000 + below(word(drawn, len(locks[chute.id])), most_us)
            locks[chute.id].append((at_us, at_us + 1))
    return locks


def sharing(capacity: int) -> Hub:
    """Two chutes share 凤凰镇's parcels, a third takes what they cannot; bags are full soon."""
    rules = tuple(
        replace(rule, chutes=(0, 2, 26), shares=2) if rule.id == "fenghuang" else rule
        for rule in LINZI.plan.rules
    )
    chutes = tuple(replace(chute, capacity=capacity) for chute in LINZI.layout.chutes)
    layout = replace(LINZI.layout, chutes=chutes)
    return replace(LINZI, layout=layout, plan=replace(LINZI.plan, rules=rules))


def called_back(rows: Sequence[Row]) -> int:
    """How many ended at the exception end because their chute was locked."""
    return sum(row[-3:] == (-1, -1, WHYS.index(Why.CHUTE_LOCKED)) for row in rows)


@pytest.mark.parametrize(
    ("hub", "seed", "failing", "broken"),
    [
        (LINZI, 1, 0.0, {}),
        (LINZI, 2, 0.2, {3: [(MINUTE, 3 * MINUTE)], 8: [(0, 2 * MINUTE)]}),
        (sharing(4), 3, 0.0, {}),
    ],
    ids=["nothing else", "orders refused, diverts that fail", "alternates and full bags"],
)
def test_who_is_on_the_way_to_a_locked_chute_fares_as_in_the_closed_loop(
    hub: Hub, seed: int, failing: float, broken: Locks
) -> None:
    traffic = replace(traffic_at(6500, COUNT), failing=failing)
    closures = Closures(locked=moments(seed, 4 * MINUTE), broken=broken)
    loop = by_the_loop(hub, traffic, seed, COUNT, closures, plainly=False)
    assert by_recursion(hub, traffic, seed, COUNT, "plain", closures, plainly=False) == loop
    assert by_events(hub, traffic, seed, COUNT, "plain-heap", 0, closures, plainly=False) == loop
    # The chutes are open at all but a few instants: whoever ends here for a lock was ordered there before.
    assert called_back(loop) > COUNT // 5
    # Of the others some had a recall too late, or none.
    assert sum(row[-2] >= 0 for row in loop) > COUNT // 5


def uneven() -> Hub:
    """Eyes no whole number of scans apart: each tells the PLC another place of the same parcel."""
    diverters = (
        replace(diverter, eye_mm=diverter.eye_mm - n * 5 % 16)
        for n, diverter in enumerate(LINZI.layout.diverters)
    )
    return replace(LINZI, layout=replace(LINZI.layout, diverters=tuple(diverters)))


@pytest.mark.parametrize("hub", [LINZI, uneven()], ids=["even", "uneven"])
def test_a_recall_to_who_is_just_at_his_decision_position_is_judged_as_in_the_closed_loop(hub: Hub) -> None:
    traffic, layout = traffic_at(6500, COUNT), hub.layout
    locks: dict[int, list[tuple[Us, Us]]] = {chute.id: [(0, 0)] for chute in layout.chutes}
    aimed = set[int]()
    for n, _, decided, left, _, chute, _ in by_recursion(hub, traffic, 6, COUNT, "plain"):
        if chute >= 0 and locks[chute][-1][1] < decided:
            diverter = layout.diverters[layout.chutes[chute].diverter]
            there_us = left - travel_us(diverter.pivot_mm - diverter.eye_mm, layout.belt.speed_mm_s)
            # The next poll and the scan after it are about there, at most half a poll before or after.
            at_us = there_us - hub.link.poll_us // 2 - layout.scan_us
            locks[chute].append((at_us, at_us + 1))
            aimed.add(n)
    closures = Closures(locked={chute: spans[1:] for chute, spans in locks.items()})
    loop = by_the_loop(hub, traffic, 6, COUNT, closures)
    assert by_recursion(hub, traffic, 6, COUNT, "plain", closures) == loop
    assert by_events(hub, traffic, 6, COUNT, "plain-heap", 0, closures) == loop
    in_time = called_back([loop[n] for n in aimed])
    assert len(aimed) // 4 < in_time < len(aimed) * 3 // 4, (in_time, len(aimed))


@pytest.mark.parametrize("seed", [7, 8])
def test_who_was_refused_is_called_back_as_long_as_he_rides(seed: int) -> None:
    # Diverters break for moments, some between decision and order: the PLC refuses.
    traffic = traffic_at(6500, COUNT)
    broken = {c: [(at // 10_000 * 10_000, at // 10_000 * 10_000 + 100_000) for at, _ in spans]
              for c, spans in moments(seed, 4 * MINUTE, 1_000_000).items()}  # fmt: skip
    closures = Closures(locked=moments(seed + 100, 4 * MINUTE, 30_000_000), broken=broken)
    loop = by_the_loop(LINZI, traffic, seed, COUNT, closures)
    assert by_recursion(LINZI, traffic, seed, COUNT, "plain", closures) == loop
    assert by_events(LINZI, traffic, seed, COUNT, "plain-heap", 0, closures) == loop
    assert called_back(loop) > 20
    assert sum(WHYS[row[-1]] is Why.DIVERTER_FAULT and row[-3] >= 0 for row in loop) > 0


def test_what_is_held_stays_told_as_held_when_its_chute_is_locked_on_its_way() -> None:
    traffic = replace(traffic_at(6500, COUNT), flaws={"held": 0.5})
    closures = Closures(locked={INTERCEPTED: moments(4, 4 * MINUTE, 60_000_000)[INTERCEPTED]})
    loop = by_the_loop(LINZI, traffic, 4, COUNT, closures)
    assert by_recursion(LINZI, traffic, 4, COUNT, "plain", closures) == loop
    outlets = Counter(row[-2] for row in loop if WHYS[row[-1]] is Why.INTERCEPTED)
    assert outlets[-1] > 10 and outlets[INTERCEPTED] > 10
    assert called_back(loop) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_recall_is_in_time_on_a_belt_that_stops_and_starts_as_in_the_closed_loop(seed: int) -> None:
    line = Held(seed)
    locks = moments(seed, 2 * MINUTE, 5_000_000)
    pressed = [(20_000_123, 26_000_457), (35_000_000, 40_123_456), (50_000_000, 55_000_000)]
    words = (PackCommand.HOLD, PackCommand.UNHOLD)
    orders = [(at, Operated(at, word)) for span in pressed for at, word in zip(span, words, strict=True)]
    said = [
        (at_us, ChuteLocked(at_us, chute, locked))
        for chute, spans in locks.items()
        for span in spans
        for at_us, locked in zip(span, (True, False), strict=True)
    ]
    run = line.run(advice(one.truth for one in line.drawn), [*orders, *said])
    stood = list(zip(line.turns[1::2], line.turns[2::2], strict=True))
    rows = stopping(seed, len(line.drawn), locks, stood)
    records = sorted((record for record in run.records if record.pid), key=lambda record: record.seen_us)
    assert len(stood) == len(pressed)
    for row, record in zip(rows, records, strict=True):
        assert row[2] == record.decided_us
        assert (row[-3] < 0) == (record.why in NOT_TOLD), (row, record)
    assert called_back(rows) > 20


NOT_TOLD = frozenset(why for why in Why if why not in (Why.ROUTED, Why.DIVERT_FAILED, Why.LOST))
"""Why a parcel of these days is told no chute in the end."""


def stopping(seed: int, count: int, locks: Locks, stops: Sequence[tuple[Us, Us]]) -> list[Row]:
    """The recursion's rows of the stream that `Held` brings."""
    rulings = rulings_on_plan(LINZI)
    plant = plant_of(LINZI, rulings, start_of(LINZI), closures=Closures(locked=locks), stops=stops)
    stream = stream_of(LINZI, traffic_at(8500, count), rulings, seed, 0)
    return rows_of(LINZI, rulings, plant, stream, "plain")[:count]


@pytest.mark.full
@pytest.mark.parametrize("seed", range(5, 13))
def test_thousands_that_are_called_back_or_not_fare_as_in_the_closed_loop(
    seed: int, report_line: Callable[[str], None]
) -> None:
    hub = (LINZI, sharing(4), sharing(30))[seed % 3]
    traffic = replace(traffic_at(3000 + 700 * (seed - 5), 1200), failing=(0.0, 0.1)[seed % 2])
    closures = Closures(locked=moments(seed, 25 * MINUTE), broken={5: [(MINUTE, 6 * MINUTE)]})
    loop = by_the_loop(hub, traffic, seed, 1200, closures)
    assert by_recursion(hub, traffic, seed, 1200, "batch", closures) == loop
    assert by_events(hub, traffic, seed, 1200, "heap", 0, closures) == loop
    assert called_back(loop) > 100
    report_line(f"1,200 parcels, {called_back(loop)} called back: every instant, chute and reason equal")
