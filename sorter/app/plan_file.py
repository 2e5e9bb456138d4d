"""plan.yaml becomes a Plan: names become numbers and codes, and the plan's meaning becomes its version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sorter.app.fields import nearest
from sorter.app.fitting import Source
from sorter.app.schema import PlanFile, RuleModel
from sorter.app.strict_yaml import Finding, Path
from sorter.flow import Why
from sorter.network import Network
from sorter.plan import Plan, Rule
from sorter.waybill import Couriers

T = TypeVar("T")


def plan_of(
    source: Source[PlanFile], chutes: Mapping[str, int], couriers: Couriers, network: Network
) -> tuple[Plan, list[Finding]]:
    """The plan, and every name in it that means nothing or comes twice.

    chutes  key -> number. With findings the plan is not to be used: their names are missing in it.
    """
    names = _Names(source, chutes, couriers, network)
    rules = tuple(names.rule(index, rule) for index, rule in enumerate(source.model.rules))
    exceptions = {
        why: found[0]
        for why, key in source.model.exceptions.items()
        if (found := names.look_up(("exceptions", why.value), [key], chutes, "chute"))
    }
    defaults = names.defaults(source.model.defaults)
    version = plan_version(source.model.name, rules, exceptions, defaults)
    return Plan(version, rules, exceptions, defaults), names.findings


def plan_version(
    name: str, rules: Iterable[Rule], exceptions: Mapping[Why, int], defaults: Mapping[str, str]
) -> str:
    """<name>@<8 hex digits of the SHA-256 of what the plan does>; spelling and comments do not count."""
    meaning: dict[str, object] = {
        "rules": [
            [
                rule.id,
                sorted(rule.couriers),
                sorted(direction.value for direction in rule.directions),
                sorted(service.value for service in rule.services),
                sorted(rule.towns),
                sorted(rule.villages),
                rule.chutes,
                rule.balance,
            ]
            for rule in rules
        ],
        "exceptions": {why.value: chute for why, chute in exceptions.items()},
    }
    if defaults:
        meaning["defaults"] = dict(defaults)
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
    return f"{name}@{hashlib.sha256(text.encode()).hexdigest()[:8]}"


@dataclass
class _Names:
    """Looks up what the rules name; collects what is unknown or repeated."""

    source: Source[PlanFile]
    chutes: Mapping[str, int]
    couriers: Couriers
    network: Network
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._couriers = {courier.key: courier.key for courier in self.couriers.couriers}
        towns = [(town.name, town.code) for town in self.network.towns]
        self._towns = _unique(towns)
        self._villages = _unique(
            (f"{name}/{village.name}", village.code)
            for name, code in towns
            for village in self.network.villages(code)
        )
        self._lines: dict[str, int] = {}

    def rule(self, index: int, model: RuleModel) -> Rule:
        """One rule with its names looked up."""
        path: Path = ("rules", index)
        self._distinct((*path, "id"), model.id)
        return Rule(
            id=model.id,
            couriers=frozenset(self.look_up((*path, "couriers"), model.couriers, self._couriers, "courier")),
            directions=frozenset(model.directions),
            services=frozenset(model.services),
            towns=frozenset(self.look_up((*path, "towns"), model.towns, self._towns, "town")),
            villages=frozenset(self.look_up((*path, "villages"), model.villages, self._villages, "village")),
            chutes=tuple(self.look_up((*path, "to"), model.to, self.chutes, "chute")),
            balance=model.balance,
        )

    def defaults(self, model: Mapping[str, str]) -> dict[str, str]:
        """Courier -> code of the town that its parcels of unknown destination go to."""
        return {
            courier: found[0]
            for courier, town in model.items()
            if self.look_up(("defaults", courier), [courier], self._couriers, "courier")
            and (found := self.look_up(("defaults", courier), [town], self._towns, "town"))
        }

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
