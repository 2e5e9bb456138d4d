"""What a block of registers is, and how values become its words and words values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, Literal, TypeAlias

ROW = 8
"""Words of an event or of an order."""

Kind: TypeAlias = Literal["u16", "u32", "bits", "rows"]
Rows: TypeAlias = tuple[tuple[int, ...], ...]

EMPTY: tuple[int, ...] = (0,) * ROW
"""A row in which nothing stands."""


@dataclass(frozen=True, slots=True)
class Register:
    """One line of the map: `words` words from `offset` on, counted from the block's base.

    kind  u16 | u32 | bits = chute map of 256 | rows = rows of 8 words; scale = what one count is
    """

    offset: int
    name: str
    kind: Kind
    words: int
    scale: str
    meaning: str


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Registers carried by one request; words beyond the last register are reserved and zero."""

    letter: str
    title: str
    base: int
    words: int
    writer: str
    request: str
    registers: tuple[Register, ...]

    def __getitem__(self, name: str) -> Register:
        """The register of that name; a KeyError is our own mistake."""
        return {register.name: register for register in self.registers}[name]


def registers(*lines: tuple[str, Kind, int, str, str]) -> tuple[Register, ...]:
    """Registers without holes, in order, from (name, kind, words, scale, meaning)."""
    made: list[Register] = []
    offset = 0
    for name, kind, words, scale, meaning in lines:
        made.append(Register(offset, name, kind, words, scale, meaning))
        offset += words
    return tuple(made)


def split32(value: int) -> tuple[int, int]:
    """High and low word of a u32."""
    assert 0 <= value < 1 << 32, value
    return value >> 16, value & 0xFFFF


@cache
def _runs(block: Block) -> tuple[tuple[str, int, int, int, int], ...]:
    """Kind, field, field behind it, word, word behind it: neighbouring u16 registers are one run."""
    runs = list[tuple[str, int, int, int, int]]()
    for field, register in enumerate(block.registers):
        kind: str = register.kind
        word, end = register.offset, register.offset + register.words
        if kind == "u16" and runs and runs[-1][0] == kind:
            kind, start, _, word, _ = runs.pop()
        else:
            start = field
        runs.append((kind, start, field + 1, word, end))
    return tuple(runs)


def pack_words(block: Block, values: Sequence[Any]) -> list[int]:
    """The block's words; a field that does not fit its register is our own mistake."""
    words: list[int] = []
    for kind, first, stop, word, end in _runs(block):
        if kind == "u16":
            words += _fitting(values[first:stop])
        elif kind == "u32":
            words += split32(values[first])
        elif kind == "rows":
            for row in values[first]:
                words += row if row is EMPTY else _fitting(row)
        else:
            words += _bits(values[first], end - word)
    if len(words) < block.words:
        words += [0] * (block.words - len(words))
    return words


def _fitting(words: Sequence[int]) -> Sequence[int]:
    """The same; a negative one keeps its sign, a large one its bits, when all are laid over each other."""
    assert reduce(or_, words) >> 16 == 0, words
    return words


def _bits(value: int, words: int) -> list[int]:
    """Most maps are empty most of the time."""
    return [value >> 16 * word & 0xFFFF for word in range(words)] if value else [0] * words


def _rows(words: tuple[int, ...]) -> Rows:
    """Most blocks carry none."""
    if not any(words):
        return (EMPTY,) * (len(words) // ROW)
    return tuple([words[at : at + ROW] for at in range(0, len(words), ROW)])


def unpack_words(block: Block, words: Sequence[int]) -> list[Any]:
    """The fields in a whole block of words; any words will do, meaning is judged by the reader."""
    assert len(words) == block.words, len(words)
    whole, values = tuple(words), list[Any]()
    for kind, _, _, word, end in _runs(block):
        if kind == "u16":
            values += whole[word:end]
        elif kind == "u32":
            values.append(whole[word] << 16 | whole[word + 1])
        elif kind == "rows":
            values.append(_rows(whole[word:end]))
        else:
            bits = whole[word:end]
            values.append(sum(one << 16 * place for place, one in enumerate(bits)) if any(bits) else 0)
    return values
