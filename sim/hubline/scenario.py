"""One scenario of a hub: its lines, its traffic, what is closed and when; a model that a study runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sim.arrivals import Drawn, replayed
from sim.compiled import source_digest
from sim.faultplan import FaultPlan
from sim.hubline.build import BAG_CHANGE, Closures, Start, plant_of, right_of, rulings_of
from sim.hubline.columns import arrays
from sim.hubline.engine import Engine, Watch
from sim.hubline.figures import figures_of, series_of
from sim.hubline.infeeds import Infeeds, Merged, infeed_figures, merged_day
from sim.hubline.loop import LoopLine, Words, loop_of, loop_tally, offered_by, parcels_of
from sim.hubline.passes import Bagged, FirstPass, bagging, opened, second_arrivals
from sim.hubline.recorded import DRAWN, Recorded, Replay, replay_of, rulings_on
from sim.hubline.spec import spec_of
from sim.hubline.start import start_of
from sim.hubline.storm import storm_seed
from sim.hubline.stream import Rulings, Stream
from sim.hubline.tables import Plant, Table
from sim.hubline.tally import UNFINISHED, Tally
from sim.hubline.traffic import Traffic, of_day, of_number, stream_of
from sim.study.results import Replication
from sim.virtual import Keep, VirtualLine
from sorter.flow import Us
from sorter.hub import Hub

LINES_MOST = 64
"""Streams of one replication: line n of replication r draws from stream r * 64 + n."""


@dataclass(frozen=True)
class Scenario:
    """A day, or a part of it, on `lines` like lines that share the traffic evenly.

    until_us    arrivals end; the lines run until the last parcel is off
    infeeds     of each line, merged onto it; None = one, where who came first goes first
    recorded    comes in place of what `traffic` would draw; lines take it in turn
    first       the pass before this one, from which all parcels come
    change_us   the crew has changed a bag this long after it was called
    crews       on each line for all its chutes, 0 = one for each chute
    faults      strike every line, each by its own chance; they are the closed loop's
    method      see sim.hubline.spec, "" = the fastest that can
    engine      None = chosen by method and size
    """

    name: str
    zh: str
    en: str
    hub: Hub
    on_date: str
    traffic: Traffic
    until_us: Us
    infeeds: Infeeds | None = None
    recorded: tuple[Recorded, ...] = ()
    first: FirstPass | None = None
    lines: int = 1
    seed: int = 1
    change_us: Us = BAG_CHANGE
    crews: int = 0
    closures: Closures = field(default_factory=Closures)
    faults: FaultPlan | None = None
    stops: tuple[tuple[Us, Us], ...] = ()
    return_mm: int = 0
    laps: int = 1
    method: str = ""
    engine: Engine | None = None

    @property
    def parcels(self) -> int:
        """How many parcels come, on average where they are drawn; of a second pass, how many to the first."""
        if self.first:
            return self.first.day.parcels
        if self.recorded:
            return len(self.recorded)
        hours = ((flow.to_us - flow.from_us) / 3_600_000_000 * flow.per_hour for flow in self.traffic.flows)
        return round(sum(hours))

    @property
    def misses(self) -> bool:
        """Whether a chute may miss a parcel, so that the controller takes it out of service."""
        return self.traffic.failing > 0 or any(self.closures.broken.values())

    @property
    def is_drawn(self) -> bool:
        """Whether two of its days differ: not if everything was recorded and nothing fails by chance."""
        if self.first or self.faults:
            return True
        recorded = bool(self.recorded) and all(parcel.latency_us != DRAWN for parcel in self.recorded)
        return not recorded or self.traffic.failing > 0


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
        """One day on every line, after the pass before it."""
        if self.scenario.first:
            return self.fed(replication).run(replication)
        tallies = [self._line(replication, line) for line in range(self.scenario.lines)]
        figures = figures_of(self.scenario, tallies)
        if self.scenario.faults:
            figures["unfinished"] = float(sum(int(tally.totals[UNFINISHED]) for tally in tallies))
        if self.scenario.infeeds:
            merged = [self._merged(replication, line) for line in range(self.scenario.lines)]
            figures |= infeed_figures(self.scenario.infeeds, merged)
        return Replication(figures, series_of(self.scenario, tallies))

    def fed(self, replication: int) -> HubDay:
        """This day with what the pass before it brings, if there is one."""
        if self.scenario.first is None:
            return self
        parcels = tuple(self._second(self.scenario.first, replication))
        return HubDay(replace(self.scenario, first=None, recorded=parcels))

    def _second(self, first: FirstPass, replication: int) -> Iterator[Recorded]:
        """What the first pass has put into its chutes."""
        before, bags = self._before, list[Bagged]()
        assert before is not None
        for line in range(first.day.lines):
            before._line(replication, line, bagging(first.chutes, line, bags))
        bags.sort()
        streams = [before.stream(replication, line) for line in range(first.day.lines)]
        for one, arr_us in zip(bags, second_arrivals(first, bags), strict=True):
            stream = streams[one.line]
            if isinstance(stream, Replay):
                yield replace(first.day.recorded[one.n * first.day.lines + one.line], arr_us=arr_us)
            else:
                yield opened(first.day.hub, stream, one, arr_us)

    @cached_property
    def _before(self) -> HubDay | None:
        return HubDay(self.scenario.first.day) if self.scenario.first else None

    def _line(self, replication: int, line: int, watch: Watch | None = None) -> Tally:
        """One day on one line."""
        scenario, stream, plant = self.scenario, self.stream(replication, line), self._plant()
        if self._engine.name != "line":
            return self._engine.run(plant, stream, self._right, scenario.until_us, watch, scenario.crews)
        parcels, people = self.parcels(replication, line), self._people(replication, line)
        return loop_tally(people, plant, stream, parcels, self._right, scenario.until_us, watch)

    def _plant(self) -> Plant:
        of = self.scenario
        return plant_of(
            of.hub, self._rulings, self._start, of.change_us, of.closures, of.stops, of.return_mm, of.laps,
            of.misses,
        )  # fmt: skip

    def _people(self, replication: int, line: int) -> LoopLine:
        of, number = self.scenario, replication * LINES_MOST + line
        seed = storm_seed(of.seed, number)
        return LoopLine(of.hub, of.on_date, of.crews, of.change_us, of.closures, of.faults, seed)

    def loop(self, replication: int, line: int, keep: Keep) -> tuple[VirtualLine, Words]:
        """One line on one day (`fed`) as the closed loop, whatever computes the study; and its words."""
        parcels = self.parcels(replication, line)
        people = self._people(replication, line)
        return loop_of(people, parcels, offered_by(self.stream(replication, line), len(parcels)), keep)

    def watch(self, replication: int, line: int, watch: Watch) -> None:
        """Run one line on one day (`fed`); `watch` sees what became of its parcels, block by block."""
        self._line(replication, line, watch)

    @cached_property
    def _engine(self) -> Engine:
        scenario = self.scenario
        return scenario.engine or spec_of(scenario).engine(scenario.parcels, scenario.method)

    def parcels(self, replication: int, line: int) -> list[Drawn]:
        """What comes to a line on a day, with labels on it."""
        scenario = self.scenario
        if scenario.recorded:
            return replayed(scenario.hub, scenario.recorded[line :: scenario.lines], scenario.seed)
        traffic = self._comes(replication)
        drawn = parcels_of(scenario.hub, traffic, scenario.seed, replication * LINES_MOST + line)
        return list(self._merged(replication, line).drawn(drawn)) if scenario.infeeds else drawn

    def stream(self, replication: int, line: int) -> Stream | Replay:
        """What comes to a line on a day."""
        scenario, drawn = self.scenario, self._as_drawn(replication, line)
        if scenario.infeeds:
            return self._merged(replication, line).replay
        if not scenario.recorded:
            return drawn
        return replay_of(scenario.recorded, self._ruled[1], drawn.at, scenario.lines, line)

    def _as_drawn(self, replication: int, line: int) -> Stream:
        """What is drawn for a line on a day, before anything merges it."""
        number = replication * LINES_MOST + line
        return of_number(self._drawn_on(replication), self.scenario.seed, number)

    def _merged(self, replication: int, line: int) -> Merged:
        """What comes onto a line through its infeeds on a day; the day merged last is kept."""
        mark = (replication, line)
        if mark not in self._merges:
            if any(other != replication for other, _ in self._merges):
                self._merges.clear()
            couriers = [courier.key for courier in self.scenario.hub.couriers.couriers]
            assert self.scenario.infeeds
            self._merges[mark] = merged_day(
                self.scenario.infeeds, couriers, self._plant(), self._as_drawn(replication, line),
                self._engine.is_compiled,
            )  # fmt: skip
        return self._merges[mark]

    @cached_property
    def _merges(self) -> dict[tuple[int, int], Merged]:
        return {}

    @cached_property
    def _drawn(self) -> Stream:
        """What a line's parcels are drawn from: large tables, the same on every line and day in good time."""
        return self._tables(self._share)

    def _drawn_on(self, replication: int) -> Stream:
        """The same of one day; only where something comes late is that another one."""
        if not any(any(flow.late_us) for flow in self.scenario.traffic.flows):
            return self._drawn
        if replication not in self._late:
            self._late.clear()
            self._late[replication] = self._tables(self._comes(replication))
        return self._late[replication]

    @cached_property
    def _late(self) -> dict[int, Stream]:
        """The day that was drawn last: its lines share it."""
        return {}

    def _tables(self, traffic: Traffic) -> Stream:
        stream = stream_of(self.scenario.hub, traffic, self._rulings, self.scenario.seed, 0)
        return arrays(stream) if self._engine.is_compiled else stream

    def _comes(self, replication: int) -> Traffic:
        """What is drawn for one of the lines on a day."""
        return of_day(self._share, self.scenario.seed, replication * LINES_MOST)

    @cached_property
    def _ruled(self) -> tuple[Rulings, list[int]]:
        return rulings_on(self.scenario.hub, self.scenario.on_date, self.scenario.recorded)

    @cached_property
    def _rulings(self) -> Rulings:
        if self.scenario.recorded:
            return self._ruled[0]
        return rulings_of(self.scenario.hub, self.scenario.on_date)

    @cached_property
    def _right(self) -> Table:
        return right_of(self.scenario.hub, self._rulings)

    @cached_property
    def _start(self) -> Start:
        return start_of(self.scenario.hub)

    @cached_property
    def _share(self) -> Traffic:
        """What is drawn for one of the lines."""
        lines = self.scenario.lines
        flows = tuple(replace(flow, per_hour=flow.per_hour / lines) for flow in self.scenario.traffic.flows)
        return replace(self.scenario.traffic, flows=flows)

    def _valued(self) -> Mapping[str, object]:
        """The scenario without its names, and without the engine, which changes nothing."""
        hub = self.scenario.hub
        values = {name: getattr(self.scenario, name) for name in self.scenario.__dataclass_fields__}
        for name in ("zh", "en", "name", "method", "engine"):
            del values[name]
        values["hub"] = (sorted(hub.files.items()), hub.layout, hub.link)
        return values
