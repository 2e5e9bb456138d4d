"""What to know of a plan that works: mixed bags, a cold chain without its chute, too few bag changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorter.app.plan_checks import unserved
from sorter.app.plan_kinds import Kinds
from sorter.app.strict_yaml import Document, Finding, read_yaml
from sorter.app.tables import Columns, read_table
from sorter.errors import ConfigError, Problem
from sorter.flow import Direction, Service
from sorter.hub import Hub
from sorter.network import Network
from sorter.plan import Item, Plan, Rule

VOLUMES: Columns = {"place": ("编码", "村编码"), "per_hour": ("每小时件数",)}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Villages of the network, and those whose parcels have a rule for every courier and service."""

    villages: int
    covered: int


def coverage(hub: Hub) -> Coverage:
    """How much of what the plan is for - the network, or its for_towns - it takes downstream parcels to."""
    only = set(_plan_text("plan.yaml", hub)[1])
    towns = {town.code for town in hub.network.towns if not only or {town.code, town.name} & only}
    villages = [place for town in towns for place in hub.network.villages(town)]
    kinds = Kinds.of([hub.plan], hub.couriers)
    without = unserved(hub.plan, kinds, hub.network)
    covered = sum(not without[village.code] for village in villages)
    return Coverage(len(villages), covered)


def plan_doubts(
    hub: Hub, path: Path, volumes: Mapping[str, int] | None = None, bags_an_hour: int = 20
) -> list[Problem]:
    """Everything that `sorter check` does not ask of a plan, in the order of its file.

    path     the plan's file, for what is told; its text is the hub's
    volumes  expected parcels an hour by place, None = not known
    """
    doc, only = _plan_text(path.name, hub)
    found = [*mixed_bags(hub.plan, doc), *warm_cold_chain(hub.plan, hub.network, doc)]
    found += others_villages(hub, doc)
    if not only:
        found += (*mixed_towns(hub.plan, hub.network, doc), *wrong_labels(hub, doc))
    if volumes is not None:
        found += overloaded(hub, loads(hub, volumes), bags_an_hour, doc)
    return [finding.problem(str(path.parent)) for finding in sorted(found)]


def _plan_text(name: str, hub: Hub) -> tuple[Document, list[str]]:
    """The plan's file, and the only towns that it is for."""
    doc, _ = read_yaml(name, hub.files["plan.yaml"])
    towns = doc.value.get("for_towns", []) if isinstance(doc.value, dict) else []
    return doc, [str(town) for town in towns]


def mixed_bags(plan: Plan, doc: Document) -> Iterator[Finding]:
    """Chutes that several rules use: their bags hold more than one destination."""
    first: dict[int, Rule] = {}
    for index, rule in enumerate(plan.rules):
        for number, chute in enumerate(rule.chutes):
            other = first.setdefault(chute, rule)
            if other is not rule:
                what = f"rule {other.id} uses this chute too: two destinations in one bag"
                remedy = "give each its own chute, or join the two rules if one bag is meant"
                yield doc.at(("rules", index, "to", number), what, remedy, doubt=True)


def mixed_towns(plan: Plan, network: Network, doc: Document) -> Iterator[Finding]:
    """Rules that put several towns into the same bags."""
    for index, rule in enumerate(plan.rules):
        if len(rule.towns) > 1:
            named = ", ".join(town.name for town in network.towns if town.code in rule.towns)
            what = f"rule {rule.id} puts {len(rule.towns)} towns into one bag: {named}"
            remedy = "give each town its own chute, or write for_towns if a second pass sorts them"
            yield doc.at(("rules", index, "towns"), what, remedy, doubt=True)


def wrong_labels(hub: Hub, doc: Document) -> Iterator[Finding]:
    """Chutes that are named after a town and get another one's parcels."""
    names = {town.code: town.name for town in hub.network.towns}
    stems = {code: name.removesuffix("街道").removesuffix("镇") for code, name in names.items()}
    for index, rule in enumerate(hub.plan.rules):
        sent = rule.towns | {hub.network.town_of(village) for village in rule.villages}
        for number, chute in enumerate(rule.chutes if sent else ()):
            said = [code for code, stem in stems.items() if stem in hub.layout.chutes[chute].name_zh]
            if said and not set(said) & sent:
                goes = ", ".join(names[code] for code in sorted(sent) if code in names)
                what = f"the chute's name says {names[said[0]]}, but {goes} goes there"
                remedy = "correct the name in line.yaml, or the chute here"
                yield doc.at(("rules", index, "to", number), what, remedy, doubt=True)


def others_villages(hub: Hub, doc: Document) -> Iterator[Finding]:
    """Villages of another operator whose parcels the plan treats as our own."""
    ruled = frozenset().union(*(rule.operators for rule in hub.plan.rules))
    for code, about in hub.network.particulars.items():
        if about.operator and about.operator not in ruled:
            place, day = hub.network.find(code), about.operator_from or "-"
            name = place.name if place else code
            what = f"{name} is served by {about.operator} from {day}, and no rule names that operator"
            remedy = f"write a rule with operators: [{about.operator}] before the town's"
            yield doc.at(("rules",), what, remedy, key=True, doubt=True)


def warm_cold_chain(plan: Plan, network: Network, doc: Document) -> Iterator[Finding]:
    """Rules that send cold parcels to chutes where others go too; the first one is told."""
    warm = {chute for rule in plan.rules if rule.services != {Service.COLD} for chute in rule.chutes}
    for town in ("", *(town.code for town in network.towns)):
        rule = plan.ruling(Item("", Direction.DOWN, Service.COLD, town, ""))
        if rule and set(rule.chutes) & warm:
            index = plan.rules.index(rule)
            what = f"rule {rule.id} mixes cold parcels with others: they have no chute of their own"
            remedy = "put a rule with services: [cold] and a chute of its own before it"
            yield doc.at(("rules", index, "to"), what, remedy, doubt=True)
            return


def read_volumes(path: Path, network: Network) -> Mapping[str, int]:
    """Expected parcels an hour by code of a town or village. Raises ConfigError with every mistake."""
    found: dict[str, int] = {}
    problems: list[Problem] = []
    for row in read_table(path, VOLUMES, tuple(VOLUMES)):
        place, number = row.get("place"), row.get("per_hour")
        if row.misfit:
            problems.append(row.misfit)
        elif network.town_of(place) == "":
            what = f"place '{place:.40}' is no town or village of network.yaml"
            problems.append(row.problem("place", what, "use a code of network.yaml"))
        elif place in found:
            problems.append(row.problem("place", f"place {place} comes twice", "keep one of the two rows"))
        elif not (number.isascii() and number.isdigit() and len(number) <= 9):
            what = f"'{number:.40}' is not a number of parcels"
            problems.append(row.problem("per_hour", what, "write a whole number"))
        else:
            found[place] = int(number)
    if problems:
        raise ConfigError(problems)
    return found


def loads(hub: Hub, volumes: Mapping[str, int]) -> Mapping[int, float]:
    """Expected downstream parcels an hour by chute; the couriers have equal shares of a place.

    A balanced rule's chutes share; otherwise the first one gets all.
    """
    found: dict[int, float] = defaultdict(float)
    couriers = hub.couriers.couriers
    for place, volume in volumes.items():
        town, village = hub.network.town_of(place), hub.network.village_of(place)
        for courier in couriers:
            rule = hub.plan.ruling(Item(courier.key, Direction.DOWN, Service.STANDARD, town, village))
            chutes = rule.sharing if rule else ()
            for chute in chutes:
                found[chute] += volume / len(couriers) / len(chutes)
    return found


def overloaded(hub: Hub, found: Mapping[int, float], bags_an_hour: int, doc: Document) -> Iterator[Finding]:
    """Chutes that fill more bags an hour than can be changed there; told where the plan names them first."""
    for index, rule in enumerate(hub.plan.rules):
        for number, chute in enumerate(rule.chutes):
            bags = found.get(chute, 0) / hub.layout.chutes[chute].capacity
            if bags > bags_an_hour and _first_use(hub.plan.rules, chute) == (index, number):
                load = f"{found[chute]:.0f} parcels an hour fill {bags:.1f} bags"
                what = f"{load}: more than {bags_an_hour} changes"
                remedy = "share them with a second chute (balance: true), or allow more bag changes"
                yield doc.at(("rules", index, "to", number), what, remedy, doubt=True)


def _first_use(rules: Sequence[Rule], chute: int) -> tuple[int, int]:
    return next((n, rule.chutes.index(chute)) for n, rule in enumerate(rules) if chute in rule.chutes)
