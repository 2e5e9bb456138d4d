"""Whether two waybill formats can be one number's: the shortest text that both match.

For the small language of `fields.waybill_regex`: capitals, digits, hyphen, [sets], {n}, {n,m}, (a|b). Each
becomes a little automaton; the search goes through the pairs of their states, shortest texts first.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from sorter.waybill import LONGEST

_REPEAT = re.compile(r"\{(?:(\d+)|(?=,))(,(\d*))?\}")


def common_text(one: str, other: str) -> str | None:
    """A shortest text that both patterns match as a whole; None when there is none."""
    left, right = _Automaton.of(one), _Automaton.of(other)
    queue = deque([(left.start, right.start, "")])
    seen = {(left.start, right.start)}
    while queue:
        a, b, text = queue.popleft()
        if a == left.end and b == right.end:
            return text
        steps = [(after, b, text) for after in left.free.get(a, ())]
        steps += [(a, after, text) for after in right.free.get(b, ())]
        for mine, then_a in left.taking.get(a, ()):
            for theirs, then_b in right.taking.get(b, ()):
                if both := mine & theirs:
                    steps.append((then_a, then_b, text + min(both)))
        for step in steps:
            if step[:2] not in seen and len(step[2]) <= LONGEST:
                seen.add(step[:2])
                # A step that takes no character belongs before all that take one.
                (queue.appendleft if step[2] == text else queue.append)(step)
    return None


@dataclass
class _Automaton:
    """states are numbers; free: steps without a character; taking: steps with one of some characters."""

    free: dict[int, list[int]] = field(default_factory=dict)
    taking: dict[int, list[tuple[frozenset[str], int]]] = field(default_factory=dict)
    states: int = 1
    start: int = 0
    end: int = 0

    @staticmethod
    def of(regex: str) -> _Automaton:
        """The automaton of a pattern."""
        built = _Automaton()
        rest, built.end = built._choice(regex, built.start)
        assert not rest, "fields.waybill_regex lets no unbalanced bracket through"
        return built

    def _choice(self, text: str, start: int) -> tuple[str, int]:
        """Sequences with | between them, up to a closing bracket; what follows, and the state behind."""
        ends = []
        while True:
            text, end = self._sequence(text, start)
            ends.append(end)
            if not text.startswith("|"):
                break
            text = text[1:]
        after = self._state()
        for end in ends:
            self.free.setdefault(end, []).append(after)
        return text, after

    def _sequence(self, text: str, at: int) -> tuple[str, int]:
        while text and text[0] not in "|)":
            if text[0] == "(":
                text, at = self._choice(text[1:], at)
                text = text[1:]
                continue
            chars, text = _set(text)
            least, most, text = _times(text)
            for number in range(most):
                then = self._state()
                self.taking.setdefault(at, []).append((chars, then))
                if number >= least:
                    self.free.setdefault(at, []).append(then)
                at = then
        return text, at

    def _state(self) -> int:
        self.states += 1
        return self.states - 1


def _set(text: str) -> tuple[frozenset[str], str]:
    """The characters that the first element takes, and what follows it."""
    if text[0] != "[":
        return frozenset(text[0]), text[1:]
    inner, after = text[1:].split("]", 1)
    chars = set(re.sub("(.)-(.)", "", inner))
    for first, last in re.findall("(.)-(.)", inner):
        chars |= {chr(code) for code in range(ord(first), ord(last) + 1)}
    return frozenset(chars), after


def _times(text: str) -> tuple[int, int, str]:
    found = _REPEAT.match(text)
    if found is None:
        return 1, 1, text
    least = int(found[1] or 0)
    most = least if found[2] is None else int(found[3] or LONGEST)
    # Longer texts are nobody's waybill: so many more states change nothing.
    return min(least, LONGEST + 1), min(most, LONGEST + 1), text[found.end() :]
