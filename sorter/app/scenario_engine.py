"""Which engine computes a scenario, told to people: the one that was asked for refused with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sim.hubline.engine import Engine
from sim.hubline.scenario import Scenario
from sim.hubline.spec import METHOD_OF, METHODS, LineSpec, Reason, spec_of
from sorter.app.fitting import Source
from sorter.app.scenario_schema import ScenarioFile
from sorter.app.strict_yaml import Finding
from sorter.errors import SorterError


def engine_findings(source: Source[ScenarioFile], day: Scenario) -> Iterator[Finding]:
    """An engine that cannot compute the day or a point of its sweep; and a day that none can."""
    asked = source.model.engine
    for crews in source.model.sweep.bag_crews or (day.crews,):
        spec = spec_of(replace(day, crews=crews))
        able = spec.able()
        if not able:
            yield source.doc.at(("name",), _nobody(spec), "leave one of these out")
            return
        if asked and asked not in able:
            what = f"engine {asked} cannot say this exactly: {_said(spec.refusals(asked))}"
            yield source.doc.at(("engine",), what, f"write {' or '.join(able)}, or delete this line")
            return


def engine_for(scenario: Scenario, parcels: int, named: str | None) -> Engine:
    """The engine for a study of so many parcels: the one named on the command line, or by the scenario.

    Raises SorterError when it cannot compute this scenario, with its reasons.
    """
    spec = spec_of(scenario)
    method = METHOD_OF[named] if named else scenario.method
    if not spec.able():
        raise SorterError(f"{scenario.name}: {_nobody(spec)}\n  leave one of these out")
    if method and (reasons := spec.refusals(method)):
        what = f"此引擎不适用 / engine {named or method} cannot say this exactly: {_said(reasons)}"
        raise SorterError(f"{scenario.name}: {what}\n  use {' or '.join(spec.able())}, or let it be chosen")
    return Engine(named) if named in ("plain", "batch") else spec.engine(parcels, method)


def engined(scenario: Scenario, parcels: int, named: str | None) -> Scenario:
    """The scenario, and the pass before it, each with its engine. Raises as `engine_for`."""
    first = scenario.first
    if first is not None:
        first = replace(first, day=engined(first.day, parcels, named))
    return replace(scenario, first=first, engine=engine_for(scenario, parcels, named))


def engine_said(scenario: Scenario, engine: Engine) -> str:
    """The engine and why it is this one, for the report."""
    method = METHOD_OF[engine.name]
    because = _said(spec_of(scenario).because(engine)) or "指定 asked for"
    return f"{engine.name} ({method}): {because}"


def _nobody(spec: LineSpec) -> str:
    refused = "; ".join(f"{method}: {_said(spec.refusals(method))}" for method in METHODS)
    return f"no engine can say this exactly. {refused}"


def _said(reasons: Iterable[Reason]) -> str:
    return "; ".join(map(str, reasons))
