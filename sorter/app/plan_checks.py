"""What a plan does to the hub it is for: places without a rule, rules that never apply, idle chutes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sorter.app.fitting import Source
from sorter.app.schema import LineFile, PlanFile
from sorter.app.strict_yaml import Document, Finding
from sorter.flow import Direction, Service
from sorter.network import Network, Place
from sorter.plan import Item, Plan
from sorter.waybill import Couriers


def plan_findings(
    source: Source[PlanFile], line: Source[LineFile], towns: Document, plan: Plan, couriers: Couriers,
    network: Network,
) -> Iterator[Finding]:  # fmt: skip
    """Everything about a plan whose names are all known. towns: network.yaml, for its places."""
    yield from _uncovered(plan, couriers, network, towns)
    yield from _never_applies(source.doc, plan, couriers, network)
    yield from _upstream(source.doc, plan, couriers)
    yield from _order(source, line.model)
    yield from _idle(source.model, line)


def _uncovered(plan: Plan, couriers: Couriers, network: Network, doc: Document) -> Iterator[Finding]:
    """Villages whose downstream parcels no rule takes; a town as a whole when all its villages are."""
    for town in network.towns:
        villages = network.villages(town.code)
        missing = {village: _unserved(village, plan, couriers) for village in villages}
        if len(villages) > 1 and all(missing.values()):
            named = ", ".join(dict.fromkeys(key for keys in missing.values() for key in keys))
            what = f"no rule takes parcels down to {town.name} ({len(villages)} villages): {named}"
            yield doc.at(("towns", town.code), what, f"add {town.name} to a rule in plan.yaml", key=True)
            continue
        for village, keys in missing.items():
            if keys:
                what = f"no rule takes parcels down to {village.name}: {', '.join(keys)}"
                path = ("towns", town.code, "villages", village.code)
                yield doc.at(path, what, f"add {town.name}/{village.name} to a rule in plan.yaml", key=True)


def _unserved(village: Place, plan: Plan, couriers: Couriers) -> list[str]:
    """The couriers with a service for which a village has no rule."""
    return [
        courier.key
        for courier in couriers.couriers
        if any(
            plan.ruling(Item(courier.key, Direction.DOWN, service, village.town, village.code)) is None
            for service in Service
        )
    ]


def _never_applies(doc: Document, plan: Plan, couriers: Couriers, network: Network) -> Iterator[Finding]:
    """Rules that win for no parcel at all."""
    winners = {item: rule.id for item in _kinds(plan, couriers, network) if (rule := plan.ruling(item))}
    won = set(winners.values())
    for index, rule in enumerate(plan.rules):
        if rule.id in won:
            continue
        takers = {winners[item] for item in winners if rule.matches(item)}
        named = ", ".join(other.id for other in plan.rules if other.id in takers)
        what = f"rule {rule.id} never applies: " + (
            f"everything it matches is taken by {named}" if takers else "its villages are not in its towns"
        )
        remedy = "move it before them, or delete it" if takers else "correct towns or villages"
        yield doc.at(("rules", index, "id"), what, remedy)


def _kinds(plan: Plan, couriers: Couriers, network: Network) -> Iterator[Item]:
    """One item of every kind that the plan's rules can tell apart."""
    towns = frozenset().union(*(rule.towns for rule in plan.rules))
    villages = frozenset().union(*(rule.villages for rule in plan.rules))
    places = dict.fromkeys(
        (place.town if place.town in towns else "", place.code if place.code in villages else "")
        for place in network.places
    )
    for town, village in places:
        for courier in couriers.couriers:
            for direction in Direction:
                for service in Service:
                    yield Item(courier.key, direction, service, town, village)


def _upstream(doc: Document, plan: Plan, couriers: Couriers) -> Iterator[Finding]:
    for direction in (Direction.UP, Direction.RETURN):
        missing = [
            courier.key
            for courier in couriers.couriers
            if plan.ruling(Item(courier.key, direction, Service.STANDARD, "", "")) is None
        ]
        if missing:
            what = f"no rule takes '{direction.value}' parcels from anywhere: {', '.join(missing)}"
            yield doc.at(("rules",), what, "add a rule for them", key=True, doubt=True)


def _order(source: Source[PlanFile], line: LineFile) -> Iterator[Finding]:
    """Chutes that can never be the alternate, because they lie beside or before the preferred one."""
    diverter = {chute.key: chute.diverter for chute in line.chutes}
    for index, rule in enumerate(source.model.rules):
        if rule.balance and len(rule.to) == 1:
            what = "balance with a single chute does nothing"
            yield source.doc.at(("rules", index, "balance"), what, "name a second chute", doubt=True)
        for number, (upper, lower) in enumerate(pairwise(rule.to), start=1):
            if diverter[lower] <= diverter[upper]:
                what = f"chute {lower} does not lie downstream of {upper}: it cannot be its alternate"
                remedy = "name the chutes in the order of the belt, at different diverters"
                yield source.doc.at(("rules", index, "to", number), what, remedy, doubt=True)


def _idle(plan: PlanFile, line: Source[LineFile]) -> Iterator[Finding]:
    """Chutes that nothing is sent to though they are not spare, and spare ones that are used."""
    used = {key for rule in plan.rules for key in rule.to} | set(plan.exceptions.values())
    for index, chute in enumerate(line.model.chutes):
        if chute.spare and chute.key in used:
            what, remedy = f"spare chute {chute.key} is used by the plan", "delete spare: true"
        elif not chute.spare and chute.key not in used:
            what, remedy = f"the plan sends nothing to chute {chute.key}", "use it, or write spare: true"
        else:
            continue
        yield line.doc.at(("chutes", index, "key"), what, remedy, doubt=True)
