"""What a scenario file means: the day that its model of numbers and names stands for."""

from __future__ import annotations

from dataclasses import replace

from sim.hubline.build import BAG_CHANGE, Closures
from sim.hubline.figures import HOUR_US
from sim.hubline.infeeds import Infeed, Infeeds
from sim.hubline.passes import FirstPass
from sim.hubline.recorded import Recorded
from sim.hubline.scenario import Scenario
from sim.hubline.traffic import SERVICES, Flow, Traffic, usual_lengths
from sorter.app.scenario_checks import WHOLE_PPM, begins_us, flaw_shares, place_weights, service_shares
from sorter.app.scenario_schema import ScenarioFile, SharesModel, TripModel, WaveModel
from sorter.flow import Direction, Service, Us
from sorter.hub import Hub

MINUTE_US = 60_000_000


def day_of(model: ScenarioFile, hub: Hub, first: FirstPass | None = None) -> Scenario:
    """The day; its names are known and its numbers make sense. first: the pass that it comes after."""
    zero_us = begins_us(model)
    flows = (
        *(_wave(wave, model, zero_us) for wave in model.waves),
        *(_trip(trip, model, zero_us) for trip in (*model.trucks, *model.buses)),
    )
    return Scenario(
        name=model.name,
        zh=model.zh,
        en=model.en,
        hub=hub,
        on_date=model.date,
        traffic=_traffic(model, hub, flows),
        until_us=max([flow.to_us + flow.late_us[1] for flow in flows] + ([first.to_us] if first else [])),
        infeeds=_infeeds(model),
        first=first,
        lines=model.lines,
        seed=model.seed,
        change_us=BAG_CHANGE if model.bag_change_s is None else model.bag_change_s * 1_000_000,
        crews=model.bag_crews,
        method=model.engine,
        closures=_closures(model, hub),
        stops=tuple(sorted((stop.begins - zero_us, stop.ends - zero_us) for stop in model.stops)),
        return_mm=model.recirculation.return_mm,
        laps=model.recirculation.laps,
    )


def _infeeds(model: ScenarioFile) -> Infeeds | None:
    """The infeeds of each line, None where there is nothing to merge."""
    if not model.infeeds:
        return None
    found = (Infeed(one.key, one.couriers, one.holds or 0, one.when_full == "aside") for one in model.infeeds)
    return Infeeds(model.merge, tuple(found))


def first_pass(model: ScenarioFile, its: ScenarioFile, day: Scenario) -> FirstPass | None:
    """The pass before this one, which `its` file says; None when it names a chute that is not there."""
    asked, ids = model.first_pass, {chute.key: chute.id for chute in day.hub.layout.chutes}
    if asked is None or not ids.keys() >= set(asked.chutes):
        return None
    zero_us = begins_us(model)
    chutes = tuple(ids[key] for key in asked.chutes)
    ahead_us = zero_us - begins_us(its)
    return FirstPass(day, chutes, asked.begins - zero_us, asked.ends - zero_us, ahead_us)


def fed(scenario: Scenario, recorded: tuple[Recorded, ...]) -> Scenario:
    """The scenario with these parcels in place of those that it would draw."""
    if not recorded:
        return scenario
    return replace(scenario, recorded=recorded, first=None, until_us=recorded[-1].arr_us + 1)


def _wave(wave: WaveModel, model: ScenarioFile, zero_us: Us) -> Flow:
    per_hour = wave.per_hour or (wave.parcels or 0) * HOUR_US / (wave.ends - wave.begins)
    services = _services(wave.shares, model)
    return Flow(wave.begins - zero_us, wave.ends - zero_us, float(per_hour), wave.mix, services)


def _trip(trip: TripModel, model: ScenarioFile, zero_us: Us) -> Flow:
    """A lateness that is not drawn is part of the timetable."""
    least, most = (minutes * MINUTE_US for minutes in trip.late_min)
    from_us, late_us = trip.at - zero_us, (least, most)
    if least == most:
        from_us, late_us = from_us + least, (0, 0)
    to_us = from_us + trip.parcels * HOUR_US // trip.per_hour
    mix = {trip.courier: 1.0} if trip.courier else {}
    return Flow(from_us, to_us, float(trip.per_hour), mix, _services(trip.shares, model), late_us)


Services = dict[tuple[Direction, Service], float]


def _services(own: SharesModel | None, model: ScenarioFile) -> Services:
    """A flow's own shares; those that it does not give are the scenario's. None of its own: empty."""
    if own is None:
        return {}
    given = own.model_dump(exclude_none=True)
    return _weights(model.shares.model_copy(update=given))


def _weights(model: SharesModel) -> Services:
    shares = service_shares(model)
    return {SERVICES[0]: 1 - sum(shares)} | dict(zip(SERVICES[1:], shares, strict=True))


def _traffic(model: ScenarioFile, hub: Hub, flows: tuple[Flow, ...]) -> Traffic:
    traffic = Traffic(
        flows=flows,
        places=place_weights(model, hub),
        services=_weights(model.shares),
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
