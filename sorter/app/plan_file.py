"""plan.yaml becomes a Plan: names become numbers and codes, and the plan's meaning becomes its version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sorter.app.fields import nearest
from sorter.app.fitting import Source
from sorter.app.plan_outlets import Outlets
from sorter.app.schema import PlanFile, RuleModel
from sorter.app.strict_yaml import Finding, Path
from sorter.network import Network
from sorter.plan import Plan, Rule
from sorter.waybill import Couriers

T = TypeVar("T")

LATER_COLUMNS = ("sizes", "inspected", "waves", "operators", "stations")
"""What rules could not name at first: not part of the version of a plan whose rules do not."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything that a plan of this hub may name. chutes: key -> number."""

    chutes: Mapping[str, int]
    couriers: Couriers
    network: Network
    waves: tuple[str, ...] = ()


def plan_of(source: Source[PlanFile], words: Vocabulary) -> tuple[Plan, list[Finding]]:
    """The plan, and every name in it that means nothing or comes twice.

    With findings the plan is not to be used: their names are missing in it.
    """
    names = _Names(source, words)
    names.look_up(("for_towns",), source.model.for_towns, names.towns, "town")
    names.sizes_grow()
    rules = tuple(names.rule(index, rule) for index, rule in enumerate(source.model.rules))
    exceptions = {
        why: found[0]
        for why, key in source.model.exceptions.items()
        if (found := names.look_up(("exceptions", why.value), [key], words.chutes, "chute"))
    }
    defaults = names.defaults(source.model.defaults)
    plan = Plan("", rules, exceptions, defaults, tuple(source.model.sizes.items()))
    return versioned(source.model.name, plan), names.findings


def versioned(name: str, plan: Plan) -> Plan:
    """The plan as <name>@<8 hex digits of the SHA-256 of what it does>, however it is written."""
    meaning: dict[str, object] = {
        "rules": [_meaning(rule) for rule in plan.rules],
        "exceptions": {why.value: chute for why, chute in plan.exceptions.items()},
    }
    if plan.defaults:
        meaning["defaults"] = dict(plan.defaults)
    if plan.sizes:
        meaning["sizes"] = plan.sizes
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
    version = f"{name}@{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return Plan(version, plan.rules, plan.exceptions, plan.defaults, plan.sizes)


def _meaning(rule: Rule) -> list[object]:
    later = {column: sorted(named) for column in LATER_COLUMNS if (named := getattr(rule, column))}
    if rule.shares:
        later["shares"] = [rule.shares]
    return [
        rule.id,
        sorted(rule.couriers),
        sorted(direction.value for direction in rule.directions),
        sorted(service.value for service in rule.services),
        sorted(rule.towns),
        sorted(rule.villages),
        rule.chutes,
        rule.balance,
        *([later] if later else []),
    ]


@dataclass
class _Names:
    """Looks up what the rules name; collects what is unknown or repeated."""

    source: Source[PlanFile]
    words: Vocabulary
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        network, model = self.words.network, self.source.model
        self._couriers = {courier.key: courier.key for courier in self.words.couriers.couriers}
        towns = [(town.name, town.code) for town in network.towns]
        self.towns = _unique(towns)
        self._villages = _unique(
            (f"{name}/{village.name}", village.code)
            for name, code in towns
            for village in network.villages(code)
        )
        self._stations = _unique(
            (place.name, place.code) for place in network.places if place.level in ("station", "locker")
        )
        self._sizes = {size: size for size in model.sizes}
        self._waves = {wave: wave for wave in self.words.waves}
        self._operators = {one.operator: one.operator for one in network.particulars.values() if one.operator}
        self._outlets = Outlets(self.source, self.words.chutes, self.findings)
        self._lines: dict[str, int] = {}

    def rule(self, index: int, model: RuleModel) -> Rule:
        """One rule with its names looked up."""
        path: Path = ("rules", index)
        self._distinct((*path, "id"), model.id)
        to, chutes = self._outlets.of(path, model)
        return Rule(
            id=model.id,
            couriers=self._set((*path, "couriers"), model.couriers, self._couriers, "courier"),
            directions=frozenset(model.directions),
            services=frozenset(model.services),
            towns=self._set((*path, "towns"), model.towns, self.towns, "town"),
            villages=self._set((*path, "villages"), model.villages, self._villages, "village"),
            chutes=chutes,
            balance=model.balance,
            shares=len(to) if model.balance and len(to) < len(chutes) else 0,
            sizes=self._set((*path, "sizes"), model.sizes, self._sizes, "size class"),
            inspected=frozenset() if model.inspected is None else frozenset([model.inspected]),
            waves=self._set((*path, "waves"), model.waves, self._waves, "wave"),
            operators=self._set((*path, "operators"), model.operators, self._operators, "operator"),
            stations=self._set((*path, "stations"), model.stations, self._stations, "station"),
        )

    def defaults(self, model: Mapping[str, str]) -> dict[str, str]:
        """Courier -> code of the town that its parcels of unknown destination go to."""
        return {
            courier: found[0]
            for courier, town in model.items()
            if self.look_up(("defaults", courier), [courier], self._couriers, "courier")
            and (found := self.look_up(("defaults", courier), [town], self.towns, "town"))
        }

    def sizes_grow(self) -> None:
        """Size classes from the smallest on: one that is not larger than that before it holds nothing."""
        before = 0
        for size, longest_mm in self.source.model.sizes.items():
            if longest_mm <= before:
                what = f"size class {size} ends at {longest_mm} mm, not beyond the one before it"
                self._find(("sizes", size), what, "order the classes from small to large")
            before = longest_mm

    def look_up(self, path: Path, words: Iterable[str], known: Mapping[str, T], kind: str) -> list[T]:
        """What the words mean, in order."""
        found: list[T] = []
        for index, word in enumerate(words):
            if word not in known:
                self._find((*path, index), f"unknown {kind} '{word}'", nearest(word, known))
            elif known[word] in found:
                self._find((*path, index), f"{kind} '{word}' is named twice", "delete one of the two")
            else:
                found.append(known[word])
        return found

    def _set(self, path: Path, words: Iterable[str], known: Mapping[str, str], kind: str) -> frozenset[str]:
        return frozenset(self.look_up(path, words, known, kind))

    def _distinct(self, path: Path, rule: str) -> None:
        line = self.source.doc.marks[path][0]
        first = self._lines.setdefault(rule, line)
        if first != line:
            self._find(path, f"rule id {rule} is already used at line {first}", "give this rule its own id")

    def _find(self, path: Path, what: str, remedy: str) -> None:
        self.findings.append(self.source.doc.at(path, what, remedy))


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a name or a code means: its code; a name that two places have means neither."""
    known: dict[str, str] = {}
    shared: set[str] = set()
    for name, code in pairs:
        if name in known:
            shared.add(name)
        known.update({name: code, code: code})
    return {word: code for word, code in known.items() if word not in shared}
