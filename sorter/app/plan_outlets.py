"""The chutes that a rule of plan.yaml names: one by one, by group, for the overflow, and their fallbacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sorter.app.fields import nearest
from sorter.app.fitting import Source
from sorter.app.schema import PlanFile, RuleModel
from sorter.app.strict_yaml import Finding, Path


class Outlets:
    """Looks up chutes and groups of one plan. chutes: key -> number; findings: where mistakes are noted."""

    def __init__(self, source: Source[PlanFile], chutes: Mapping[str, int], findings: list[Finding]) -> None:
        self._doc = source.doc
        self._chutes = chutes
        self._findings = findings
        self._groups: dict[str, tuple[int, ...]] = {}
        self._fallbacks: dict[int, int] = {}
        for name in source.model.groups:
            self._group(name, source.model, ())
        self._take_fallbacks(source.model.fallbacks)

    def of(self, path: Path, rule: RuleModel) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The rule's own chutes; and these, its overflow and the fallbacks of all, each once."""
        to = self._distinct((*path, "to"), rule.to, ())
        overflow = self._distinct((*path, "overflow"), rule.overflow, to)
        behind = (after for chute in (*to, *overflow) for after in self._after(chute))
        return to, tuple(dict.fromkeys((*to, *overflow, *behind)))

    def _distinct(self, path: Path, words: Iterable[str], before: tuple[int, ...]) -> tuple[int, ...]:
        found = list(before)
        for index, word in enumerate(words):
            for chute in self._meant((*path, index), word):
                if chute in found:
                    self._find((*path, index), f"chute '{word}' is named twice", "delete one of the two")
                else:
                    found.append(chute)
        return tuple(found[len(before) :])

    def _meant(self, path: Path, word: str) -> tuple[int, ...]:
        if word in self._groups:
            return self._groups[word]
        if word in self._chutes:
            return (self._chutes[word],)
        self._find(path, f"unknown chute '{word}'", nearest(word, [*self._chutes, *self._groups]))
        return ()

    def _group(self, name: str, model: PlanFile, above: tuple[str, ...]) -> tuple[int, ...]:
        """A group's chutes; groups in it are looked up first, one that holds itself is a mistake."""
        path: Path = ("groups", name)
        if name in self._chutes and not above:
            self._find(path, f"group '{name}' has the name of a chute", "give it its own name", key=True)
        if name in self._groups:
            return self._groups[name]
        if name in above:
            chain = " -> ".join((*above[above.index(name) :], name))
            self._find(path, f"group '{name}' holds itself: {chain}", "take it out of one of them", key=True)
            return ()
        members: list[int] = []
        for index, word in enumerate(model.groups[name]):
            if word in model.groups and word not in self._chutes:
                members += self._group(word, model, (*above, name))
            else:
                members += self._meant((*path, index), word)
        self._groups[name] = tuple(dict.fromkeys(members))
        return self._groups[name]

    def _take_fallbacks(self, model: Mapping[str, str]) -> None:
        for chute, to in model.items():
            if chute not in self._chutes:
                path: Path = ("fallbacks", chute)
                self._find(path, f"unknown chute '{chute}'", nearest(chute, self._chutes), key=True)
            elif to not in self._chutes:
                self._find(("fallbacks", chute), f"unknown chute '{to}'", nearest(to, self._chutes))
            else:
                self._fallbacks[self._chutes[chute]] = self._chutes[to]
        self._cycles(model)

    def _cycles(self, model: Mapping[str, str]) -> None:
        told: set[int] = set()
        keys = {number: key for key, number in self._chutes.items()}
        for start in self._fallbacks:
            chain = [start, *self._after(start)]
            if self._fallbacks.get(chain[-1]) == start and not told & set(chain):
                told |= set(chain)
                words = " -> ".join(keys[chute] for chute in (*chain, start))
                what = f"the fallbacks go in a circle: {words}"
                self._find(("fallbacks", keys[start]), what, "let one of them fall back to nothing", key=True)

    def _after(self, chute: int) -> Iterator[int]:
        """The chutes that take over one after the other; ends before one comes again."""
        seen = {chute}
        while (after := self._fallbacks.get(chute)) is not None and after not in seen:
            seen.add(after)
            chute = after
            yield after

    def _find(self, path: Path, what: str, remedy: str, *, key: bool = False) -> None:
        self._findings.append(self._doc.at(path, what, remedy, key=key))
