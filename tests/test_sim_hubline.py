"""The recursion of the hub's line against the closed loop: SimPy line, PLC program and real controller."""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from sim.arrivals import advice, draw_traffic
from sim.faults import Faults
from sim.hubline.build import WHYS, Closures, Start, plant_of, right_of, rulings_of
from sim.hubline.engine import Engine
from sim.hubline.tables import CHUTE_LEFT, DECIDED, END, LEFT, REASON, RELEASED, TOLD, N, Table
from sim.hubline.traffic import Flow, Traffic, stream_of
from sim.virtual import VirtualLine
from sorter.app.config import load_hub
from sorter.flow import REJECT, ChuteLocked, Event, Us
from sorter.hub import Hub
from tests.hubs import ON_DATE
from tests.shared import ROOT

LINZI = load_hub(ROOT / "configs" / "linzi")
FOREVER: Us = 1 << 50
NOTHING = Closures()
Row = tuple[int, ...]


class Observed(VirtualLine):
    """A closed loop that remembers when its belt started and its infeed opened."""

    def start(self) -> Start:
        line, obey, instants = self.plant.line, self.plant.line.obey, dict[str, Us]()

        def watched(belt_run: bool, infeed: bool, wheels: tuple[int, ...]) -> None:
            if belt_run:
                instants.setdefault("belt_us", self.plant.env.now_us)
            if infeed:
                instants.setdefault("open_us", self.plant.env.now_us)
            obey(belt_run, infeed, wheels)

        line.obey = watched  # type: ignore[method-assign]
        self.run()
        return Start(**instants)


def hub_with(capacity: int) -> Hub:
    chutes = tuple(replace(chute, capacity=capacity) for chute in LINZI.layout.chutes)
    return replace(LINZI, layout=replace(LINZI.layout, chutes=chutes))


def in_the_loop(
    hub: Hub,
    traffic: Traffic,
    seed: int,
    count: int,
    events: tuple[Event, ...] = (),
    faults: Faults | None = None,
) -> list[Row]:
    """What the closed loop makes of a stream: a row per parcel."""
    drawn = draw_traffic(hub, traffic, seed, 0, count)
    line = VirtualLine(
        hub, ON_DATE, [one.parcel for one in drawn], seed, faults=faults,
        latency_us=lambda camera, frame, encoder: drawn[frame - 1].latency_us,
    )  # fmt: skip
    run = line.run((*advice(one.truth for one in drawn), *events))
    released = {n: at_us for at_us, n in line.plant.line.inducted}
    left = {n: (at_us, chute) for at_us, n, chute in line.plant.line.left}
    records = sorted(run.records, key=lambda record: record.seen_us)
    return [
        (
            n, released[n], record.decided_us, left[n][0], outlet(record.told), outlet(left[n][1]),
            WHYS.index(record.why),
        )
        for n, record in enumerate(records)
    ]


def outlet(chute: int) -> int:
    return -1 if chute == REJECT else chute


def by_recursion(
    hub: Hub, traffic: Traffic, seed: int, count: int, engine: str, closures: Closures = NOTHING
) -> list[Row]:
    """What the recursion makes of the same stream."""
    rulings = rulings_of(hub, ON_DATE)
    plant = plant_of(hub, rulings, START, closures=closures)
    stream = stream_of(hub, traffic, rulings, seed, 0)
    rows: list[Row] = []

    def watch(ended: Table, many: int) -> None:
        fields = (N, RELEASED, DECIDED, LEFT, TOLD, CHUTE_LEFT, REASON)
        rows.extend(tuple(int(ended[at * END + f]) for f in fields) for at in range(many))

    Engine(engine).run(plant, stream, right_of(hub, rulings), FOREVER // 10**6, watch)
    return rows[:count]


def traffic_at(per_hour: int, count: int) -> Traffic:
    """Enough of a stream for `count` parcels, and little more."""
    return Traffic((Flow(0, int((count + 20) * 1.5 * 3.6e9 / per_hour), per_hour),))


def digest(rows: list[Row]) -> str:
    return hashlib.sha256(b"".join(struct.pack("<7q", *row) for row in rows)).hexdigest()


FIRST = draw_traffic(LINZI, traffic_at(6000, 20), 0, 0, 1)[0]
START = Observed(LINZI, ON_DATE, [FIRST.parcel], 0).start()


@pytest.mark.parametrize("per_hour", [4000, 6500, 9000])
@pytest.mark.parametrize("capacity", [120, 8, 3])
def test_every_parcel_fares_as_in_the_closed_loop(
    capacity: int, per_hour: int, report_line: Callable[[str], None]
) -> None:
    hub, traffic, reasons = hub_with(capacity), traffic_at(per_hour, 120), Counter[str]()
    for seed in range(3):
        looped = in_the_loop(hub, traffic, seed, 120)
        assert digest(by_recursion(hub, traffic, seed, 120, "plain")) == digest(looped)
        reasons.update(WHYS[row[-1]].value for row in looped)
    report_line(f"capacity {capacity}, {per_hour}/h, 3 seeds: all equal; {dict(reasons)}")


@pytest.mark.full
@pytest.mark.parametrize("capacity", [120, 30, 8, 3])
def test_thousands_of_parcels_fare_as_in_the_closed_loop(
    capacity: int, report_line: Callable[[str], None]
) -> None:
    hub = hub_with(capacity)
    for seed in range(100, 109):
        traffic = traffic_at(5000 + 500 * (seed % 9), 1500)
        assert by_recursion(hub, traffic, seed, 1500, "batch") == in_the_loop(hub, traffic, seed, 1500)
    report_line(f"capacity {capacity}: 9 seeds x 1,500 parcels equal in every instant, chute and reason")


def test_a_locked_chute_is_avoided_alike() -> None:
    traffic, locked = traffic_at(6000, 150), 0
    closures = Closures(locked={locked: [(0, FOREVER)]})
    events = (ChuteLocked(0, locked, locked=True),)
    rows = by_recursion(LINZI, traffic, 5, 150, "plain", closures)
    assert rows == in_the_loop(LINZI, traffic, 5, 150, events)
    assert not any(row[-2] == locked for row in rows)


class NoGrip(Faults):
    """Turned wheels take nothing: every divert fails."""

    def wheel_dead(self, parcel: int, diverter: int, at_us: Us) -> bool:
        return True


def test_parcels_that_wheels_do_not_take_ride_to_the_end_alike() -> None:
    traffic = replace(traffic_at(6000, 100), failing=1.0)
    rows = by_recursion(LINZI, traffic, 6, 100, "plain")
    assert rows == in_the_loop(LINZI, traffic, 6, 100, faults=NoGrip())
    assert {row[-2] for row in rows} == {-1}


def test_compiled_and_plain_agree_in_every_figure_and_parcel() -> None:
    hub, traffic = hub_with(6), replace(traffic_at(9000, 2500), failing=0.01, flaws={"misread": 0.02})
    plain, batch = (by_recursion(hub, traffic, 7, 2500, engine) for engine in ("plain", "batch"))
    assert plain == batch
    assert len(plain) == 2500


def test_the_comparison_can_fail() -> None:
    hub, traffic = hub_with(3), traffic_at(9000, 120)
    assert by_recursion(hub_with(4), traffic, 1, 120, "plain") != in_the_loop(hub, traffic, 1, 120)
