"""The naive way: find every village's name anywhere in an address, take the longest (Aho-Corasick)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class AhoCorasick:
    """Words found in one pass over a text; of words that are equal the last one stands."""

    def __init__(self, words: Iterable[tuple[str, str]]) -> None:
        """words: (word, what it means)."""
        self._next: list[dict[str, int]] = [{}]
        self._found: list[tuple[int, str] | None] = [None]
        for word, meaning in words:
            self._add(word, meaning)
        self._fail = [0] * len(self._next)
        self._link()

    def longest(self, text: str) -> str:
        """What the longest word in the text means, the first of several; "" for none."""
        state, best = 0, (0, "")
        for character in text:
            while state and character not in self._next[state]:
                state = self._fail[state]
            state = self._next[state].get(character, 0)
            found = self._found[state]
            if found and found[0] > best[0]:
                best = found
        return best[1]

    def _add(self, word: str, meaning: str) -> None:
        state = 0
        for character in word:
            state = self._next[state].setdefault(character, len(self._next))
            if state == len(self._next):
                self._next.append({})
                self._found.append(None)
        self._found[state] = (len(word), meaning)

    def _link(self) -> None:
        """Breadth first: where to go on when a word ends, and the longest word that ends there."""
        queue = deque(self._next[0].values())
        while queue:
            state = queue.popleft()
            self._found[state] = self._found[state] or self._found[self._fail[state]]
            for character, child in self._next[state].items():
                fail = self._fail[state]
                while fail and character not in self._next[fail]:
                    fail = self._fail[fail]
                self._fail[child] = self._next[fail].get(character, 0)
                queue.append(child)
