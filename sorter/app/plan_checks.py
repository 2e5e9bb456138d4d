"""What a plan does to the hub it is for: places without a rule, rules that never apply, idle chutes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sorter.app.fitting import Source
from sorter.app.plan_file import Vocabulary
from sorter.app.plan_kinds import NOWHERE, Kinds, alike
from sorter.app.schema import LineFile, PlanFile
from sorter.app.strict_yaml import Document, Finding
from sorter.flow import Direction, Service
from sorter.network import Network
from sorter.plan import Item, Plan


def plan_findings(
    source: Source[PlanFile], line: Source[LineFile], towns: Document, plan: Plan, words: Vocabulary
) -> Iterator[Finding]:
    """Everything about a plan whose names are all known. towns: network.yaml, for its places."""
    kinds = Kinds.of([plan], words.couriers)
    only = set(source.model.for_towns)
    yield from _uncovered(plan, kinds, words.network, towns, only)
    yield from _never_applies(source.doc, plan, kinds, words.network)
    yield from _order(source, line.model)
    if not only:
        yield from _upstream(source.doc, plan, kinds)


def _uncovered(
    plan: Plan, kinds: Kinds, network: Network, doc: Document, only: set[str]
) -> Iterator[Finding]:
    """Villages whose downstream parcels no rule takes; a town as a whole when all its villages are.

    only  names or codes of the towns that the plan is for; empty = all
    """
    without = unserved(plan, kinds, network)
    for town in network.towns:
        if only and not {town.name, town.code} & only:
            continue
        villages = network.villages(town.code)
        missing = {village: without[village.code] for village in villages}
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


def unserved(plan: Plan, kinds: Kinds, network: Network) -> dict[str, tuple[str, ...]]:
    """For each place the couriers with a kind of parcel down to it that no rule takes."""
    found: dict[str, tuple[str, ...]] = {}
    for spot, codes in alike(network, [plan]).items():
        items = kinds.items(spot, (Direction.DOWN,))
        missing = {item.courier for item in items if plan.ruling(item) is None}
        keys = tuple(courier for courier in kinds.couriers if courier in missing)
        found |= dict.fromkeys(codes, keys)
    return found


def _never_applies(doc: Document, plan: Plan, kinds: Kinds, network: Network) -> Iterator[Finding]:
    """Rules that win for no parcel at all."""
    winners = {item: rule.id for item in _all(plan, kinds, network) if (rule := plan.ruling(item))}
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


def _all(plan: Plan, kinds: Kinds, network: Network) -> Iterator[Item]:
    """One item of every kind that the plan's rules can tell apart."""
    for spot in (NOWHERE, *alike(network, [plan])):
        yield from kinds.items(spot, Direction)


def _upstream(doc: Document, plan: Plan, kinds: Kinds) -> Iterator[Finding]:
    for direction in (Direction.UP, Direction.RETURN):
        items = kinds.items(NOWHERE, (direction,), (Service.STANDARD,))
        missing = dict.fromkeys(item.courier for item in items if plan.ruling(item) is None)
        if missing:
            what = f"no rule takes '{direction.value}' parcels from anywhere: {', '.join(missing)}"
            yield doc.at(("rules",), what, "add a rule for them", key=True, doubt=True)


def _order(source: Source[PlanFile], line: LineFile) -> Iterator[Finding]:
    """Chutes that can never be the alternate, because they lie beside or before the preferred one."""
    diverter = {chute.key: chute.diverter for chute in line.chutes}
    for index, rule in enumerate(source.model.rules):
        if rule.balance and len(rule.to) == 1 and rule.to[0] in diverter:
            what = "balance with a single chute does nothing"
            yield source.doc.at(("rules", index, "balance"), what, "name a second chute", doubt=True)
        for number, (upper, lower) in enumerate(pairwise(rule.to), start=1):
            if {upper, lower} <= diverter.keys() and diverter[lower] <= diverter[upper]:
                what = f"chute {lower} does not lie downstream of {upper}: it cannot be its alternate"
                remedy = "name the chutes in the order of the belt, at different diverters"
                yield source.doc.at(("rules", index, "to", number), what, remedy, doubt=True)


def idle_findings(plan: PlanFile, line: Source[LineFile]) -> Iterator[Finding]:
    """Chutes that nothing is sent to though they are not spare, and spare ones that are used."""
    if plan.for_towns:
        return
    used = {key for rule in plan.rules for key in (*rule.to, *rule.overflow)} | set(plan.exceptions.values())
    used |= {key for group in plan.groups.values() for key in group} | set(plan.fallbacks.values())
    for index, chute in enumerate(line.model.chutes):
        if chute.spare and chute.key in used:
            what, remedy = f"spare chute {chute.key} is used by the plan", "delete spare: true"
        elif not chute.spare and chute.key not in used:
            what, remedy = f"the plan sends nothing to chute {chute.key}", "use it, or write spare: true"
        else:
            continue
        yield line.doc.at(("chutes", index, "key"), what, remedy, doubt=True)
