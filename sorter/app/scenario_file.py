"""A scenario file becomes what a study needs, or all of its problems at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.hubline.build import BAG_CHANGE, Closures
from sim.hubline.figures import HOUR_US
from sim.hubline.scenario import Scenario
from sim.hubline.traffic import SERVICES, Flow, Traffic, usual_lengths
from sim.study.stopping import Sampling
from sim.study.summary import Threshold
from sim.study.sweep import Value
from sorter.app.config import _text as text_of
from sorter.app.config import read_hub
from sorter.app.fields import nearest
from sorter.app.fitting import Source, fit
from sorter.app.scenario_checks import (
    WHOLE_PPM,
    begins_us,
    flaw_shares,
    form_findings,
    hub_findings,
    place_weights,
    service_shares,
)
from sorter.app.scenario_schema import ScenarioFile, TripModel, WaveModel
from sorter.app.strict_yaml import Finding, UnreadableError, read_yaml
from sorter.errors import ConfigError, Problem
from sorter.flow import Direction, Service, Us
from sorter.hub import Hub

MINUTE_US = 60_000_000


@dataclass(frozen=True)
class Plan:
    """What a scenario file asks for.

    begins_us  the time of day at which the line clock is 0: when the first wave, truck or bus is due
    sweep      parameter -> values, a grid; see scenario_schema.SweepModel
    others     scenarios run over the same parcels; differences are from the first of them, day by day
    """

    scenario: Scenario
    begins_us: Us
    sampling: Sampling
    thresholds: tuple[Threshold, ...] = ()
    sweep: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    others: tuple[Scenario, ...] = ()


def load_plan(path: Path) -> Plan:
    """The plan in a file. Raises ConfigError with everything wrong in it, its hub and those it compares."""
    loader = _Loader()
    source, hub = loader.read(path)
    others = list(loader.others(path, source)) if source else []
    if loader.problems or source is None or hub is None:
        raise ConfigError(loader.problems)
    model, wanted = source.model, source.model.replications
    least, most = wanted.least, wanted.most or wanted.least
    return Plan(
        scenario=_scenario(model, hub),
        begins_us=begins_us(model),
        sampling=Sampling(least, most, (wanted.precision or 0) / WHOLE_PPM, wanted.figures),
        thresholds=tuple(_thresholds(model)),
        sweep={name: values for name, values in model.sweep if values},
        # The same seed: a difference is then of the scenarios and not of their parcels.
        others=tuple(replace(_scenario(other.model, its_hub), seed=model.seed) for other, its_hub in others),
    )


def varied(scenario: Scenario, values: Mapping[str, Value]) -> Scenario:
    """The scenario with these parameters of a sweep."""
    for name, value in values.items():
        scenario = _VARIED[name](scenario, float(value))
    return scenario


class _Loader:
    """Reads scenario files and the hubs they name, each hub once, and notes what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._hubs: dict[Path, Hub | None] = {}

    def read(self, path: Path) -> tuple[Source[ScenarioFile] | None, Hub | None]:
        """A file in its form and its hub; what is missing has left problems."""
        source, findings = _source(path)
        hub = None
        if source is not None:
            findings += form_findings(source)
            folder = path.parent / source.model.hub
            if folder.is_dir():
                hub = self._hub(folder)
                findings += hub_findings(source, hub) if hub else ()
            else:
                remedy = "name the hub's folder, as seen from this file's own"
                findings.append(source.doc.at(("hub",), f"there is no folder '{source.model.hub}'", remedy))
        self.problems += [finding.problem(str(path.parent)) for finding in sorted(findings)]
        return source, hub

    def others(self, path: Path, source: Source[ScenarioFile]) -> Iterator[tuple[Source[ScenarioFile], Hub]]:
        """The files that are compared with this one, read like it; what they compare is not read."""
        names = [source.model.name]
        for index, name in enumerate(source.model.compare):
            place, other = ("compare", index), path.parent / name
            if not other.is_file():
                files = sorted(file.name for file in path.parent.glob("*.yaml"))
                self._note(path, source.doc.at(place, f"there is no file '{name}'", nearest(name, files)))
                continue
            its, hub = self.read(other)
            if its and its.model.name in names:
                what = f"it has the name '{its.model.name}' too"
                self._note(path, source.doc.at(place, what, "give each scenario its own name"))
            elif its and hub:
                names.append(its.model.name)
                yield its, hub

    def _note(self, path: Path, finding: Finding) -> None:
        self.problems.append(finding.problem(str(path.parent)))

    def _hub(self, folder: Path) -> Hub | None:
        mark = folder.resolve()
        if mark not in self._hubs:
            reading = read_hub(folder)
            self.problems += reading.problems
            self._hubs[mark] = reading.hub
        return self._hubs[mark]


def _source(path: Path) -> tuple[Source[ScenarioFile] | None, list[Finding]]:
    try:
        doc, findings = read_yaml(path.name, text_of(path))
    except UnreadableError as error:
        return None, [error.finding]
    source, misfits = fit(doc, ScenarioFile)
    return source, findings + misfits


# ---------------------------------------------------------------- what it means


def _scenario(model: ScenarioFile, hub: Hub) -> Scenario:
    zero_us = begins_us(model)
    flows = (
        *(_wave(wave, zero_us) for wave in model.waves),
        *(_trip(trip, zero_us) for trip in (*model.trucks, *model.buses)),
    )
    return Scenario(
        name=model.name,
        zh=model.zh,
        en=model.en,
        hub=hub,
        on_date=model.date,
        traffic=_traffic(model, hub, flows),
        until_us=max(flow.to_us for flow in flows),
        lines=model.lines,
        seed=model.seed,
        change_us=BAG_CHANGE if model.bag_change_s is None else model.bag_change_s * 1_000_000,
        closures=_closures(model, hub),
        stops=tuple(sorted((stop.begins - zero_us, stop.ends - zero_us) for stop in model.stops)),
        return_mm=model.recirculation.return_mm,
        laps=model.recirculation.laps,
    )


def _wave(wave: WaveModel, zero_us: Us) -> Flow:
    per_hour = wave.per_hour or (wave.parcels or 0) * HOUR_US / (wave.ends - wave.begins)
    return Flow(wave.begins - zero_us, wave.ends - zero_us, float(per_hour), wave.mix)


def _trip(trip: TripModel, zero_us: Us) -> Flow:
    from_us = trip.at - zero_us + trip.late_min * MINUTE_US
    mix = {trip.courier: 1.0} if trip.courier else {}
    return Flow(from_us, from_us + trip.parcels * HOUR_US // trip.per_hour, float(trip.per_hour), mix)


def _traffic(model: ScenarioFile, hub: Hub, flows: tuple[Flow, ...]) -> Traffic:
    shares = service_shares(model.shares)
    services: dict[tuple[Direction, Service], float] = {SERVICES[0]: 1 - sum(shares)}
    services |= zip(SERVICES[1:], shares, strict=True)
    traffic = Traffic(
        flows=flows,
        places=place_weights(model, hub),
        services=services,
        flaws=flaw_shares(model.flaws),
        of_courier={
            courier: flaw_shares({**model.flaws, **flaws}) for courier, flaws in model.flaws_of.items()
        },
        length_mm=model.length_mm or usual_lengths(hub.layout.infeed),
        failing=model.failing / WHOLE_PPM,
    )
    if model.vision_ms:
        traffic = replace(traffic, vision_us=(model.vision_ms[0] * 1000, model.vision_ms[1] * 1000))
    return traffic


def _closures(model: ScenarioFile, hub: Hub) -> Closures:
    ids, zero_us = {chute.key: chute.id for chute in hub.layout.chutes}, begins_us(model)
    spans: dict[str, dict[int, list[tuple[Us, Us]]]] = {"locked": {}, "broken": {}, "full": {}}
    for closure in model.closures:
        span = (closure.begins - zero_us, closure.ends - zero_us)
        spans[closure.state].setdefault(ids[closure.chute], []).append(span)
    return Closures(spans["locked"], spans["broken"], spans["full"])


def _thresholds(model: ScenarioFile) -> Iterator[Threshold]:
    """Of the scenario itself or of every point of its sweep, not of those it is compared with."""
    point = model.name if model.compare else ""
    for figure, limit in model.thresholds.items():
        if limit.least is not None:
            yield Threshold(figure, "least", limit.least, point)
        if limit.most is not None:
            yield Threshold(figure, "most", limit.most, point)


# ---------------------------------------------------------------- parameters of a sweep


def _loaded(scenario: Scenario, factor: float) -> Scenario:
    flows = tuple(replace(flow, per_hour=flow.per_hour * factor) for flow in scenario.traffic.flows)
    return replace(scenario, traffic=replace(scenario.traffic, flows=flows))


def _unread(scenario: Scenario, percent: float) -> Scenario:
    traffic, share = scenario.traffic, {"unread": percent / 100}
    of_courier = {courier: {**flaws, **share} for courier, flaws in traffic.of_courier.items()}
    return replace(
        scenario, traffic=replace(traffic, flaws={**traffic.flaws, **share}, of_courier=of_courier)
    )


def _holding(scenario: Scenario, capacity: float) -> Scenario:
    layout = scenario.hub.layout
    chutes = tuple(replace(chute, capacity=int(capacity)) for chute in layout.chutes)
    return replace(scenario, hub=replace(scenario.hub, layout=replace(layout, chutes=chutes)))


_VARIED: Mapping[str, Callable[[Scenario, float], Scenario]] = {
    "load": _loaded,
    "lines": lambda scenario, count: replace(scenario, lines=int(count)),
    "bag_change_s": lambda scenario, seconds: replace(scenario, change_us=int(seconds) * 1_000_000),
    "unread_percent": _unread,
    "failing_percent": lambda scenario, percent: replace(
        scenario, traffic=replace(scenario.traffic, failing=percent / 100)
    ),
    "capacity": _holding,
}
