"""One scenario of a hub: its lines, its traffic, what is closed and when; a model that a study runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sim.compiled import source_digest
from sim.hubline.build import BAG_CHANGE, Closures, Start, plant_of, right_of, rulings_of
from sim.hubline.engine import Engine, choose_engine
from sim.hubline.figures import figures_of, series_of
from sim.hubline.start import start_of
from sim.hubline.stream import Rulings
from sim.hubline.tables import Table
from sim.hubline.tally import Tally
from sim.hubline.traffic import Traffic, stream_of
from sim.study.results import Replication
from sorter.flow import Us
from sorter.hub import Hub

LINES_MOST = 64
"""Streams of one replication: line n of replication r draws from stream r * 64 + n."""


@dataclass(frozen=True)
class Scenario:
    """A day, or a part of it, on `lines` like lines that share the traffic evenly.

    until_us    arrivals end; the lines run until the last parcel is off
    change_us   the crew has changed a bag this long after it was called
    engine      None = chosen by size
    """

    name: str
    zh: str
    en: str
    hub: Hub
    on_date: str
    traffic: Traffic
    until_us: Us
    lines: int = 1
    seed: int = 1
    change_us: Us = BAG_CHANGE
    closures: Closures = field(default_factory=Closures)
    stops: tuple[tuple[Us, Us], ...] = ()
    return_mm: int = 0
    laps: int = 1
    engine: Engine | None = None

    @property
    def parcels(self) -> int:
        """How many parcels come on average."""
        hours = ((flow.to_us - flow.from_us) / 3_600_000_000 * flow.per_hour for flow in self.traffic.flows)
        return round(sum(hours))


@dataclass(frozen=True)
class HubDay:
    """A scenario as a model: replication r of it is one day."""

    scenario: Scenario

    @cached_property
    def key(self) -> str:
        """Hex digest of the scenario's values and of the simulation's code."""
        parts = (repr(self._valued()), source_digest())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def run(self, replication: int) -> Replication:
        """One day on every line."""
        scenario, rulings = self.scenario, self._rulings
        engine = scenario.engine or choose_engine(scenario.parcels)
        share = self._traffic_of_a_line()
        tallies: list[Tally] = []
        for line in range(scenario.lines):
            plant = plant_of(
                scenario.hub, rulings, self._start, scenario.change_us, scenario.closures, scenario.stops,
                scenario.return_mm, scenario.laps,
            )  # fmt: skip
            stream = stream_of(
                scenario.hub, share, rulings, scenario.seed, replication * LINES_MOST + line
            )
            tallies.append(engine.run(plant, stream, self._right, scenario.until_us))
        return Replication(figures_of(scenario, tallies), series_of(scenario, tallies))

    @cached_property
    def _rulings(self) -> Rulings:
        return rulings_of(self.scenario.hub, self.scenario.on_date)

    @cached_property
    def _right(self) -> Table:
        return right_of(self.scenario.hub, self._rulings)

    @cached_property
    def _start(self) -> Start:
        return start_of(self.scenario.hub)

    def _traffic_of_a_line(self) -> Traffic:
        lines = self.scenario.lines
        flows = tuple(replace(flow, per_hour=flow.per_hour / lines) for flow in self.scenario.traffic.flows)
        return replace(self.scenario.traffic, flows=flows)

    def _valued(self) -> Mapping[str, object]:
        """The scenario without its names, and without the engine, which changes nothing."""
        hub = self.scenario.hub
        values = {name: getattr(self.scenario, name) for name in self.scenario.__dataclass_fields__}
        for name in ("zh", "en", "name", "engine"):
            del values[name]
        values["hub"] = (sorted(hub.files.items()), hub.layout, hub.link)
        return values
