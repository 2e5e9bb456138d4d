"""One stream of parcels through the closed loop and the engines that say the same: a row per parcel."""

from __future__ import annotations

from collections.abc import Sequence

from sim.arrivals import advice, draw_traffic, told_latency
from sim.bags import Crews
from sim.faults import Faults
from sim.hubline.build import BAG_CHANGE, WHYS, Closures, plant_of, right_of, rulings_of
from sim.hubline.engine import Engine
from sim.hubline.loop import LoopLine, offered_by, run_loop
from sim.hubline.recorded import Recorded, Replay, replay_of, rulings_on
from sim.hubline.start import start_of
from sim.hubline.stream import Rulings, Stream
from sim.hubline.tables import CHUTE_LEFT, DECIDED, END, LEFT, REASON, RELEASED, TOLD, N, Plant, Table
from sim.hubline.traffic import Flow, Traffic, stream_of
from sim.virtual import VirtualLine
from sorter.flow import REJECT, Event, Us
from sorter.hub import Hub
from tests.hubs import ON_DATE

FOREVER: Us = 1 << 50
NOTHING = Closures()
Row = tuple[int, ...]
"""Number, instants of release, decision and leaving, chute told, chute left by, number of the reason."""


def in_the_loop(
    hub: Hub,
    traffic: Traffic,
    seed: int,
    count: int,
    events: tuple[Event, ...] = (),
    faults: Faults | None = None,
    crews: int = 0,
) -> list[Row]:
    """What the closed loop makes of a stream: a row per parcel."""
    drawn = draw_traffic(hub, traffic, seed, 0, count)
    line = VirtualLine(
        hub, ON_DATE, [one.parcel for one in drawn], seed, faults=faults,
        latency_us=told_latency(drawn),
    )  # fmt: skip
    line.plant.line.chutes.crews = Crews(crews)
    run = line.run((*advice(one.truth for one in drawn), *events))
    released = {n: at_us for at_us, n in line.plant.line.inducted}
    left = {n: (at_us, chute) for at_us, n, chute in line.plant.line.left}
    records = sorted(run.records, key=lambda record: record.seen_us)
    return [
        (
            n,
            released[n],
            record.decided_us,
            left[n][0],
            outlet(record.told),
            outlet(left[n][1]),
            WHYS.index(record.why),
        )
        for n, record in enumerate(records)
    ]


def by_the_loop(
    hub: Hub, traffic: Traffic, seed: int, count: int, closures: Closures, plainly: bool = True
) -> list[Row]:
    """The same with what a scenario closes, and with the diverts that fail, see sim.hubline.loop."""
    stream = stream_of(hub, traffic, rulings_on_plan(hub), seed, 0)
    drawn = draw_traffic(hub, traffic, seed, 0, count)
    people = LoopLine(hub, ON_DATE, 0, BAG_CHANGE, closures)
    ended, _ = run_loop(people, drawn, offered_by(stream, count), plant_for(hub, closures))
    fields = (N, RELEASED, DECIDED, LEFT, TOLD, CHUTE_LEFT, REASON)
    rows = [tuple(ended[at + field] for field in fields) for at in range(0, len(ended), END)]
    return [plain(row) if plainly else row for row in rows]


def plain(row: Row) -> Row:
    """A row with the reason as a record has it: not whether a full chute's bag or its sensor kept it off."""
    return (*row[:-1], WHYS.index(WHYS[row[-1]]))


def outlet(chute: int) -> int:
    return -1 if chute == REJECT else chute


_PLANS: dict[int, tuple[Hub, Rulings]] = {}


def rulings_on_plan(hub: Hub) -> Rulings:
    """The rulings of a hub's plan, asked once: hubs whose lines differ share them."""
    mark = id(hub.plan)
    if mark not in _PLANS:
        _PLANS[mark] = hub, rulings_of(hub, ON_DATE)  # the hub stays, so that no other plan gets its id
    return _PLANS[mark][1]


def by_recursion(
    hub: Hub, traffic: Traffic, seed: int, count: int, engine: str, closures: Closures = NOTHING,
    plainly: bool = True,
) -> list[Row]:  # fmt: skip
    """What the recursion makes of the same stream."""
    rulings = rulings_on_plan(hub)
    stream = stream_of(hub, traffic, rulings, seed, 0)
    return rows_of(hub, rulings, plant_for(hub, closures), stream, engine, plainly=plainly)[:count]


def plant_for(hub: Hub, closures: Closures = NOTHING) -> Plant:
    """The hub's line with nothing on it."""
    return plant_of(hub, rulings_on_plan(hub), start_of(hub), closures=closures)


def recorded_by_recursion(hub: Hub, parcels: Sequence[Recorded], engine: str) -> list[Row]:
    """What the recursion makes of recorded parcels; vision's time is drawn from seed 0."""
    rulings, ruled = rulings_on(hub, ON_DATE, parcels)
    at = stream_of(hub, Traffic((Flow(0, 1, 0),)), rulings, 0, 0).at
    plant = plant_of(hub, rulings, start_of(hub))
    return rows_of(hub, rulings, plant, replay_of(parcels, ruled, at, 1, 0), engine)


def rows_of(
    hub: Hub, rulings: Rulings, plant: Plant, stream: Stream | Replay, engine: str, crews: int = 0,
    plainly: bool = True,
) -> list[Row]:  # fmt: skip
    """What an engine makes of a stream; plainly: reasons as records have them."""
    rows: list[Row] = []

    def watch(ended: Table, many: int) -> None:
        fields = (N, RELEASED, DECIDED, LEFT, TOLD, CHUTE_LEFT, REASON)
        found = (tuple(int(ended[at * END + f]) for f in fields) for at in range(many))
        rows.extend(plain(row) if plainly else row for row in found)

    Engine(engine).run(plant, stream, right_of(hub, rulings), FOREVER // 10**6, watch, crews)
    return rows


def traffic_at(per_hour: int, count: int, longest_mm: int = 600) -> Traffic:
    """Enough of a stream for `count` parcels, and little more."""
    flow = Flow(0, int((count + 20) * 1.5 * 3.6e9 / per_hour), per_hour)
    return Traffic((flow,), length_mm=(100, 260, longest_mm))


def by_events(
    hub: Hub, traffic: Traffic, seed: int, count: int, engine: str, crews: int, closures: Closures = NOTHING,
    plainly: bool = True,
) -> list[Row]:  # fmt: skip
    """What the heap of events makes of a stream, in belt order."""
    rulings = rulings_on_plan(hub)
    stream = stream_of(hub, traffic, rulings, seed, 0)
    plant = plant_for(hub, closures)
    return sorted(rows_of(hub, rulings, plant, stream, engine, crews, plainly))[:count]
