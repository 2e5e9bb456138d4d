"""What is wrong with a scenario file that has the right form: names, sums, times, what contradicts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from sim.hubline.figures import CATALOGUE
from sim.hubline.infeeds import OF_INFEED
from sim.hubline.start import start_of
from sim.hubline.traffic import ORDINARY_FLAWS, ORDINARY_SERVICES, SERVICES
from sorter.app.fields import nearest
from sorter.app.fitting import Source
from sorter.app.scenario_schema import ScenarioFile, SharesModel
from sorter.app.strict_yaml import Finding, Path
from sorter.flow import Us
from sorter.hub import Hub

MOST_POINTS = 1_000
"""Points of one sweep."""

WHOLE_PPM = 1_000_000

SAY_WHAT_COMES = ("waves", "trucks", "buses", "infeeds", "shares", "flaws", "flaws_of", "places", "length_mm")
DRAWN_ONLY = ("load", "unread_percent")
"""Keys, and parameters of a sweep, that are about parcels that are drawn."""


def begins_us(model: ScenarioFile) -> Us:
    """The time of day at which the line clock starts: when the first wave, truck or bus is due."""
    trips = [trip.at for trip in (*model.trucks, *model.buses)]
    again = [model.first_pass.begins] if model.first_pass else []
    return min([wave.begins for wave in model.waves] + trips + again, default=0)


def service_shares(shares: SharesModel) -> tuple[float, float, float, float]:
    """Upstream, return, cold, emergency; what is not given is as on an ordinary day."""
    given = (shares.upstream, shares.returned, shares.cold, shares.emergency)
    ordinary = [ORDINARY_SERVICES[service] for service in SERVICES[1:]]
    told = [usual if ppm is None else ppm / WHOLE_PPM for ppm, usual in zip(given, ordinary, strict=True)]
    return told[0], told[1], told[2], told[3]


def flaw_shares(flaws: Mapping[str, int]) -> dict[str, float]:
    """Every flaw's share; what is not given is as on an ordinary day."""
    return {**ORDINARY_FLAWS, **{name: ppm / WHOLE_PPM for name, ppm in flaws.items()}}


def form_findings(source: Source[ScenarioFile]) -> Iterator[Finding]:
    """What can be said without the hub."""
    yield from _traffic(source)
    yield from _shares(source)
    yield from _spans(source)
    yield from _study(source)


def hub_findings(source: Source[ScenarioFile], hub: Hub) -> Iterator[Finding]:
    """Names that the hub does not know, and what its line cannot do."""
    yield from _names(source, hub)
    yield from _infeeds(source, hub)
    yield from _figures(source, hub)
    yield from _line(source, hub)
    yield from _stops(source, hub)


def place_codes(hub: Hub) -> dict[str, str]:
    """What a file may call a place -> its code: towns by name or code, villages by code."""
    names = {town.name: town.code for town in hub.network.towns}
    return names | {place.code: place.code for place in hub.network.places if place.level != "district"}


def place_weights(model: ScenarioFile, hub: Hub) -> dict[str, float]:
    """By code: a town has as much weight as villages, unless the file says otherwise; {} = all are usual."""
    if not model.places:
        return {}
    codes = place_codes(hub)
    usual = {town.code: float(len(hub.network.villages(town.code))) for town in hub.network.towns}
    return usual | {codes[name]: weight for name, weight in model.places.items() if name in codes}


# ---------------------------------------------------------------- without the hub


def _traffic(source: Source[ScenarioFile]) -> Iterator[Finding]:
    model, doc = source.model, source.doc
    if model.first_pass:
        yield from _second_pass(source)
    elif not (model.waves or model.trucks or model.buses):
        yield doc.at(("name",), "nothing comes", "add waves:, trucks:, buses: or first_pass:", key=True)
    for index, wave in enumerate(model.waves):
        path: Path = ("waves", index)
        if wave.parcels is None and wave.per_hour is None:
            yield doc.at(path, "neither parcels nor per_hour", "add one of them to this wave")
        if wave.parcels is not None and wave.per_hour is not None:
            yield doc.at((*path, "per_hour"), "both parcels and per_hour", "delete one of them", key=True)
        if wave.mix and not sum(wave.mix.values()):
            yield doc.at((*path, "mix"), "every weight is 0", "give a courier a weight, or delete the mix")


def _second_pass(source: Source[ScenarioFile]) -> Iterator[Finding]:
    """The first pass says what comes: nothing else may."""
    model, doc = source.model, source.doc
    for key in SAY_WHAT_COMES:
        if key in model.model_fields_set:
            yield doc.at((key,), f"first_pass says what comes: {key} changes nothing", "delete it", key=True)
    assert model.first_pass
    if model.first_pass.ends <= model.first_pass.begins:
        yield doc.at(("first_pass", "to"), "it ends before it begins", "write a later time")


def _shares(source: Source[ScenarioFile]) -> Iterator[Finding]:
    model, doc = source.model, source.doc
    remedy = "lessen one of them; those that are not given are as on an ordinary day"
    if sum(service_shares(model.shares)) > 1:
        yield doc.at(("shares",), "the shares are more than 100% in all", remedy, key=True)
    if sum(flaw_shares(model.flaws).values()) > 1:
        yield doc.at(("flaws",), "the flaws are more than 100% in all", remedy, key=True)
    for name in ("waves", "trucks", "buses"):
        for index, flow in enumerate(getattr(model, name)):
            own = flow.shares and model.shares.model_copy(update=flow.shares.model_dump(exclude_none=True))
            if own and sum(service_shares(own)) > 1:
                what = "the shares are more than 100% in all"
                yield doc.at((name, index, "shares"), what, remedy, key=True)
    for courier, flaws in model.flaws_of.items():
        if sum(flaw_shares({**model.flaws, **flaws}).values()) > 1:
            path: Path = ("flaws_of", courier)
            yield doc.at(path, f"the flaws of {courier} are more than 100% in all", remedy, key=True)


def _spans(source: Source[ScenarioFile]) -> Iterator[Finding]:
    """Intervals that end before they begin or lie before the line clock; ranges the wrong way round."""
    model, doc, zero_us = source.model, source.doc, begins_us(source.model)
    for name in ("waves", "closures", "stops"):
        for index, span in enumerate(getattr(model, name)):
            if span.ends <= span.begins:
                remedy = "write a later time; after midnight hours go on: '24:30'"
                yield doc.at((name, index, "to"), "it ends before it begins", remedy)
            if span.begins < zero_us:
                what = "before the line clock starts, with the first wave, truck or bus"
                yield doc.at((name, index, "from"), what, "write a later time")
    for name in ("trucks", "buses"):
        for index, trip in enumerate(getattr(model, name)):
            if trip.late_min[0] > trip.late_min[1]:
                what = "the least lateness is above the greatest"
                yield doc.at((name, index, "late_min"), what, "write [least, greatest], in minutes")
    if model.vision_ms and model.vision_ms[0] > model.vision_ms[1]:
        yield doc.at(("vision_ms",), "the least time is above the greatest", "write [least, greatest]")
    if model.length_mm and list(model.length_mm) != sorted(model.length_mm):
        remedy = "write [least, most frequent, greatest]"
        yield doc.at(("length_mm",), "these lengths do not ascend", remedy)


def _study(source: Source[ScenarioFile]) -> Iterator[Finding]:
    model, doc, wanted = source.model, source.doc, source.model.replications
    path: Path = ("replications",)
    most = wanted.least if wanted.most is None else wanted.most
    if most < wanted.least:
        yield doc.at((*path, "most"), "fewer at most than at least", "write a greater number, or delete it")
    elif most > wanted.least and not (wanted.precision and wanted.figures):
        yield doc.at((*path, "most"), "nothing says when to stop", "add precision: 1% and of: [a figure]")
    elif most == wanted.least and (wanted.precision or wanted.figures):
        what = "a precision with a fixed number of replications"
        yield doc.at(path, what, "add most:, or delete precision and of", key=True)
    for name, limit in model.thresholds.items():
        if limit.least is None and limit.most is None:
            yield doc.at(("thresholds", name), "no limit", "write {least: ...}, {most: ...} or both")
        elif limit.least is not None and limit.most is not None and limit.least > limit.most:
            yield doc.at(("thresholds", name), "nothing is above least and below most", "swap the two")
    points = math.prod(len(values) for _, values in model.sweep if values)
    if points > MOST_POINTS:
        yield doc.at(("sweep",), f"{points} points, at most {MOST_POINTS}", "sweep fewer values", key=True)
    if points > 1 and model.compare:
        yield doc.at(("compare",), "both a sweep and a comparison", "delete one of them", key=True)
    if model.sensitivity and (model.compare or any(values for _, values in model.sweep)):
        what = "sensitivities beside a sweep or a comparison"
        yield doc.at(("sensitivity",), what, "leave only one of them", key=True)


# ---------------------------------------------------------------- with the hub


def _names(source: Source[ScenarioFile], hub: Hub) -> Iterator[Finding]:
    model = source.model
    couriers = [courier.key for courier in hub.couriers.couriers]
    for index, wave in enumerate(model.waves):
        yield from known(source, ("waves", index, "mix"), wave.mix, couriers, "courier", key=True)
    yield from known(source, ("flaws_of",), model.flaws_of, couriers, "courier", key=True)
    yield from known(source, ("places",), model.places, place_codes(hub), "place", key=True)
    for name in ("trucks", "buses"):
        for index, trip in enumerate(getattr(model, name)):
            if trip.courier is not None:
                yield from known(source, (name, index), {"courier": trip.courier}, couriers, "courier")
    chutes = [chute.key for chute in hub.layout.chutes]
    for index, closure in enumerate(model.closures):
        yield from known(source, ("closures", index), {"chute": closure.chute}, chutes, "chute")


def _infeeds(source: Source[ScenarioFile], hub: Hub) -> Iterator[Finding]:
    """Every courier of the hub comes to exactly one infeed; what has no limit is never full."""
    model, doc = source.model, source.doc
    if "merge" in model.model_fields_set and not model.infeeds:
        yield doc.at(("merge",), "there is nothing to merge", "add infeeds:, or delete it", key=True)
    couriers, taken = [courier.key for courier in hub.couriers.couriers], dict[str, str]()
    for index, infeed in enumerate(model.infeeds):
        path: Path = ("infeeds", index)
        if infeed.key in (other.key for other in model.infeeds[:index]):
            what = f"there is an infeed {infeed.key} before"
            yield doc.at((*path, "key"), what, "give it a name of its own")
        if infeed.holds is None and "when_full" in infeed.model_fields_set:
            yield doc.at((*path, "when_full"), "without holds: it is never full", "add holds:, or delete it")
        yield from known(source, (*path, "couriers"), dict(enumerate(infeed.couriers)), couriers, "courier")
        for place, courier in enumerate(infeed.couriers):
            if taken.setdefault(courier, infeed.key) != infeed.key or courier in infeed.couriers[:place]:
                what = f"{courier} comes to {taken[courier]} already"
                yield doc.at((*path, "couriers", place), what, "name each courier once")
    if model.infeeds and (missing := [courier for courier in couriers if courier not in taken]):
        what = f"no infeed takes {', '.join(missing)}"
        yield doc.at(("infeeds",), what, "name every courier of the hub in one of them", key=True)


def _figures(source: Source[ScenarioFile], hub: Hub) -> Iterator[Finding]:
    of_chutes = [f"{kind}:{chute.key}" for kind in ("chute", "dwell") for chute in hub.layout.chutes]
    of_infeeds = [f"{kind}:{infeed.key}" for kind in OF_INFEED for infeed in source.model.infeeds]
    figures = [*(figure.key for figure in CATALOGUE), *of_chutes, *of_infeeds]
    yield from known(source, ("thresholds",), source.model.thresholds, figures, "figure", key=True)
    asked = dict(enumerate(source.model.replications.figures))
    yield from known(source, ("replications", "of"), asked, figures, "figure")


def known(
    source: Source[ScenarioFile],
    path: Path,
    words: Mapping[str, object] | Mapping[int, str],
    known: Iterable[str],
    kind: str,
    *,
    key: bool = False,
) -> Iterator[Finding]:
    """Words that are not known: the keys (key) or the texts of a mapping at `path`."""
    names = list(known)
    for place, text in words.items():
        word = place if key else text
        if word not in names:
            what, remedy = f"unknown {kind} '{word}'", nearest(str(word), names)
            yield source.doc.at((*path, place), what, remedy, key=key)


def _line(source: Source[ScenarioFile], hub: Hub) -> Iterator[Finding]:
    model, doc, infeed = source.model, source.doc, hub.layout.infeed
    weights = place_weights(model, hub)
    if weights and not any(weights.values()):
        yield doc.at(("places",), "every place has the weight 0", "give one of them a weight", key=True)
    shortest_mm, longest_mm = infeed.shortest_mm, infeed.longest_mm
    if model.length_mm and not (shortest_mm <= model.length_mm[0] and model.length_mm[2] <= longest_mm):
        remedy = f"write lengths from {shortest_mm} to {longest_mm}, or change line.yaml"
        yield doc.at(("length_mm",), "the infeed does not take these lengths", remedy)
    loop, least = model.recirculation, longest_mm + infeed.min_gap_mm
    if loop.laps > 1 and loop.return_mm < least:
        remedy = f"write return_mm: {least} at least, the longest parcel and its gap"
        yield doc.at(("recirculation",), "no way back for more than one round", remedy, key=True)


def _stops(source: Source[ScenarioFile], hub: Hub) -> Iterator[Finding]:
    """A belt stands still before it starts again, and is at speed before it brakes."""
    if not source.model.stops:
        return
    doc, zero_us, belt = source.doc, begins_us(source.model), hub.layout.belt
    ramp_us = -(-belt.speed_mm_s * 1_000_000 // belt.ramp_mm_s2)
    ready_us = zero_us + start_of(hub).belt_us + ramp_us
    stops = sorted(enumerate(source.model.stops), key=lambda item: item[1].begins)
    for index, stop in stops:
        if 0 < stop.ends - stop.begins < ramp_us:
            what = f"the belt needs {ramp_us / 1e6:.1f} s to stand"
            yield doc.at(("stops", index, "to"), what, "write a later time")
        if zero_us <= stop.begins < ready_us:
            yield doc.at(("stops", index, "from"), "the belt is only starting", "write a later time")
    for (_, before), (index, stop) in pairwise(stops):
        if stop.begins < before.ends + ramp_us:
            what = "the belt is not yet at speed after the stop before"
            yield doc.at(("stops", index, "from"), what, "write a later time, or one longer stop")
