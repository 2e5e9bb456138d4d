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
    """A value, and where its text starts in the whole."""

    value: Any
    text: str
    at: int

    @property
    def line(self) -> int:
        """From 1."""
        return self.text.count("\n", 0, self.at) + 1

    @property
    def column(self) -> int:
        """From 1."""
        return self.at - self.text.rfind("\n", 0, self.at)

    def items(self) -> list[Placed]:
        """The items of a list."""
        return [_placed(self.text, item) for item in _items(self.text, self.at + 1, "]")]

    def pairs(self) -> list[tuple[Placed, Placed]]:
        """Keys and values of an object, a key given twice too."""
        keys = (_placed(self.text, key) for key in _items(self.text, self.at + 1, "}"))
        return [(key, _placed(self.text, _value_of(self.text, key.at))) for key in keys]


def read_json(text: str) -> Placed:
    """The whole of a JSON text. Raises json.JSONDecodeError where it is none."""
    json.loads(text)  # from here on it is known to be JSON, and nothing follows it
    return _placed(text, _skip(text, 0))


def _items(text: str, at: int, closing: str) -> Iterator[int]:
    """Where each item of a list, or each key of an object, starts."""
    at = _skip(text, at)
    while text[at] != closing:
        yield at
        last = _value_of(text, at) if closing == "}" else at
        at = _skip(text, _end(text, last))
        if text[at] == ",":
            at = _skip(text, at + 1)


def _value_of(text: str, key: int) -> int:
    """Where the value of the key at `key` starts, after its colon."""
    return _skip(text, _skip(text, _end(text, key)) + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None, "no space is a match too"
    return found.end()


def _end(text: str, at: int) -> int:
    return _DECODER.raw_decode(text, at)[1]


def _placed(text: str, at: int) -> Placed:
    return Placed(_DECODER.raw_decode(text, at)[0], text, at)
