"""JSON whose values know where they stand: for messages that name line and column."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Placed:
    """A value and where it starts: line and column from 1."""

    value: Any
    line: int
    column: int


class Reader:
    """One JSON text. Raises json.JSONDecodeError where it is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        json.loads(text)  # from here on the text is known to be JSON

    def pairs(self) -> list[tuple[Placed, Placed]]:
        """Keys and values of the object that the text is, duplicates too; nothing when it is no object."""
        opening = self._skip(0)
        if self.text[opening] != "{":
            return []
        found = []
        for key in self._items(opening + 1, "}"):
            colon = self._skip(self._end(key))
            found.append((self._placed(key), self._placed(self._skip(colon + 1))))
        return found

    def items(self, of: Placed) -> list[Placed]:
        """The items of a list."""
        lines = self.text.split("\n")
        start = sum(len(line) + 1 for line in lines[: of.line - 1]) + of.column - 1
        return [self._placed(item) for item in self._items(start + 1, "]")]

    def _items(self, at: int, closing: str) -> Iterator[int]:
        """Where each item of a list, or each key of an object, starts."""
        at = self._skip(at)
        while self.text[at] != closing:
            yield at
            at = self._skip(self._end(at))
            if self.text[at] == ":":
                at = self._skip(self._end(self._skip(at + 1)))
            if self.text[at] == ",":
                at = self._skip(at + 1)

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        assert found is not None, "no space is a match too"
        return found.end()

    def _end(self, at: int) -> int:
        return _DECODER.raw_decode(self.text, at)[1]

    def _placed(self, at: int) -> Placed:
        value, _ = _DECODER.raw_decode(self.text, at)
        before = self.text[:at]
        return Placed(value, before.count("\n") + 1, at - before.rfind("\n"))
