"""A scenario file becomes what a study needs, or all of its problems at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.hubline.passes import FirstPass
from sim.hubline.recorded import Recorded
from sim.hubline.scenario import Scenario
from sim.study.stopping import Sampling
from sim.study.summary import Threshold
from sim.study.sweep import BASE, Value
from sorter.app.config import read_hub
from sorter.app.fields import nearest
from sorter.app.fitting import Source, fit
from sorter.app.parcels_recorded import recorded_parcels
from sorter.app.scenario_checks import (
    DRAWN_ONLY,
    WHOLE_PPM,
    begins_us,
    form_findings,
    hub_findings,
    known,
)
from sorter.app.scenario_day import day_of, fed, first_pass
from sorter.app.scenario_engine import engine_findings
from sorter.app.scenario_schema import ScenarioFile
from sorter.app.strict_yaml import Finding, UnreadableError, file_text, read_yaml
from sorter.errors import ConfigError, Problem
from sorter.flow import Us
from sorter.hub import Hub


@dataclass(frozen=True)
class Plan:
    """What a scenario file asks for.

    begins_us  the time of day at which the line clock is 0: when the first wave, truck or bus is due
    sweep      parameter -> values, a grid; see scenario_schema.SweepModel
    steps      parameter -> what the scenario has; a point `step` (relative) below and one above each
    others     scenarios run over the same parcels; differences are from the first of them, day by day
    """

    scenario: Scenario
    begins_us: Us
    sampling: Sampling
    thresholds: tuple[Threshold, ...] = ()
    sweep: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    others: tuple[Scenario, ...] = ()
    steps: Mapping[str, int | float] = field(default_factory=dict)
    step: float = 0.0


def load_plan(path: Path, parcels: Path | None = None) -> Plan:
    """The plan in a file. Raises ConfigError with everything wrong in it, its hub and those it compares.

    parcels  a table or a journal of what comes, in place of the file's own traffic
    """
    loader = _Loader()
    source, day = loader.read(path)
    others = list(loader.others(path, source)) if source else []
    recorded = loader.recorded(path, source, parcels, day.hub) if source and parcels and day else ()
    steps = loader.steps(path, source, day) if source and day else {}
    if loader.problems or source is None or day is None:
        raise ConfigError(loader.problems)
    model, wanted = source.model, source.model.replications
    least, most = wanted.least, wanted.most or wanted.least
    # The same seed: a difference is then of the scenarios and not of their parcels.
    days = [replace(fed(one, recorded), seed=model.seed) for one in (day, *others)]
    return Plan(
        scenario=days[0],
        begins_us=begins_us(model),
        sampling=Sampling(least, most, (wanted.precision or 0) / WHOLE_PPM, wanted.figures),
        thresholds=tuple(_thresholds(model)),
        sweep={name: values for name, values in model.sweep if values},
        others=tuple(days[1:]),
        steps=steps,
        step=model.sensitivity.step / WHOLE_PPM if model.sensitivity else 0.0,
    )


def steps_of(scenario: Scenario) -> dict[str, int | float]:
    """What the scenario has of each parameter from which a relative step leads somewhere."""
    found = {name: set(values(scenario)) for name, values in _BASE.items()}
    alone = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in alone.items() if not _leads_nowhere(value)}


def _leads_nowhere(value: int | float) -> bool:
    """From 0 no relative step leads anywhere, and from a whole 1 the step below leads to none at all."""
    return value == 0 or (isinstance(value, int) and value == 1)


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
        self._reading: list[Path] = []

    def read(self, path: Path) -> tuple[Source[ScenarioFile] | None, Scenario | None]:
        """A file in its form and its day; what is missing has left problems."""
        source, findings = _source(path)
        day = None
        if source is not None:
            findings += form_findings(source)
            folder = path.parent / source.model.hub
            if folder.is_dir():
                hub = self._hub(folder)
                findings += hub_findings(source, hub) if hub else ()
                first, told = self._first(path, source)
                findings += told
                if hub and not findings:
                    day = day_of(source.model, hub, first)
                    findings += engine_findings(source, day)
            else:
                remedy = "name the hub's folder, as seen from this file's own"
                findings.append(source.doc.at(("hub",), f"there is no folder '{source.model.hub}'", remedy))
        self.problems += [finding.problem(str(path.parent)) for finding in sorted(findings)]
        return source, day

    def _first(self, path: Path, source: Source[ScenarioFile]) -> tuple[FirstPass | None, list[Finding]]:
        """The pass that a file names, and what is wrong with its name or its chutes."""
        asked, place = source.model.first_pass, ("first_pass", "scenario")
        if asked is None:
            return None, []
        other = path.parent / asked.scenario
        if other.resolve() in (*self._reading, path.resolve()):
            return None, [source.doc.at(place, "a pass before itself", "name the pass before this one")]
        if not other.is_file():
            what, files = f"there is no file '{asked.scenario}'", sorted(path.parent.glob("*.yaml"))
            return None, [source.doc.at(place, what, nearest(other.name, [file.name for file in files]))]
        self._reading.append(path.resolve())
        its, day = self.read(other)
        self._reading.pop()
        if its is None or day is None:
            return None, [source.doc.at(place, "something is wrong with this file", "mend it first")]
        chutes = [chute.key for chute in day.hub.layout.chutes]
        named = dict(enumerate(asked.chutes))
        found = list(known(source, ("first_pass", "chutes"), named, chutes, "chute"))
        return first_pass(source.model, its.model, day), found

    def others(self, path: Path, source: Source[ScenarioFile]) -> Iterator[Scenario]:
        """The files that are compared with this one, read like it; what they compare is not read."""
        names = [source.model.name]
        for index, name in enumerate(source.model.compare):
            place, other = ("compare", index), path.parent / name
            if not other.is_file():
                files = sorted(file.name for file in path.parent.glob("*.yaml"))
                self._note(path, source.doc.at(place, f"there is no file '{name}'", nearest(name, files)))
                continue
            its, day = self.read(other)
            if its and its.model.name in names:
                what = f"it has the name '{its.model.name}' too"
                self._note(path, source.doc.at(place, what, "give each scenario its own name"))
            elif its and day:
                names.append(its.model.name)
                yield day

    def recorded(
        self, path: Path, source: Source[ScenarioFile], parcels: Path, hub: Hub
    ) -> tuple[Recorded, ...]:
        """What comes according to a table or a journal, which leaves nothing to draw at another load."""
        if source.model.infeeds:
            what = "--parcels says in which order they come: infeeds change nothing"
            self._note(path, source.doc.at(("infeeds",), what, "delete it", key=True))
        steps = source.model.sensitivity.of if source.model.sensitivity else ()
        for name in DRAWN_ONLY:
            what = f"--parcels says what comes: {name} changes nothing"
            if getattr(source.model.sweep, name):
                self._note(path, source.doc.at(("sweep", name), what, "delete it from the sweep", key=True))
            if name in steps:
                place = ("sensitivity", "of", steps.index(name))
                self._note(path, source.doc.at(place, what, "leave it out"))
        try:
            return recorded_parcels(parcels, hub)
        except ConfigError as error:
            self.problems += error.problems
            return ()

    def steps(self, path: Path, source: Source[ScenarioFile], day: Scenario) -> dict[str, int | float]:
        """What the scenario has of each parameter whose sensitivity is asked; 0 leads nowhere."""
        asked, found = source.model.sensitivity, dict[str, int | float]()
        for index, name in enumerate(asked.of if asked else ()):
            values = set(_BASE[name](day))
            found[name] = min(values)
            if len(values) > 1 or _leads_nowhere(found[name]):
                what = f"it is {found[name]:g} here, and a step below leads nowhere"
                if len(values) > 1:
                    what = "it has several values here"
                remedy = f"leave {name} out, or sweep it"
                self._note(path, source.doc.at(("sensitivity", "of", index), what, remedy))
        return found

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
        doc, findings = read_yaml(path.name, file_text(path))
    except UnreadableError as error:
        return None, [error.finding]
    source, misfits = fit(doc, ScenarioFile)
    return source, findings + misfits


def _thresholds(model: ScenarioFile) -> Iterator[Threshold]:
    """Of the scenario itself or of every point of its sweep; not of those it is compared with."""
    point = model.name if model.compare else BASE if model.sensitivity else ""
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
    "bag_crews": lambda scenario, count: replace(scenario, crews=int(count)),
    "unread_percent": _unread,
    "failing_percent": lambda scenario, percent: replace(
        scenario, traffic=replace(scenario.traffic, failing=percent / 100)
    ),
    "capacity": _holding,
}

_BASE: Mapping[str, Callable[[Scenario], list[int | float]]] = {
    "load": lambda scenario: [1.0],
    "lines": lambda scenario: [scenario.lines],
    "bag_change_s": lambda scenario: [scenario.change_us // 1_000_000],
    "unread_percent": lambda scenario: [
        flaws.get("unread", 0.0) * 100
        for flaws in (scenario.traffic.flaws, *scenario.traffic.of_courier.values())
    ],
    "failing_percent": lambda scenario: [scenario.traffic.failing * 100],
    "capacity": lambda scenario: [chute.capacity for chute in scenario.hub.layout.chutes],
}
"""The values that a scenario itself has of the parameters that can be stepped."""
