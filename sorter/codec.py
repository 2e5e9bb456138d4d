"""The journal's values as plain lists, and back: `[kind, field, ...]`, one for each value of `sorter.flow`.

kind is the class name, fields stand in the order of the dataclass, enums by value, a nested dataclass as
its fields without a kind. Older journals stay readable: fields are only ever added at the end, with a
default, and a missing trailing field takes it. Everything is driven by the type hints, read once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from sorter.flow import Effect, Event


@dataclass(frozen=True, slots=True)
class Started:
    """First value of a journal, and again whenever the configuration changes: all that replay needs.

    format   version of what the journal's values mean, 1
    epoch    PLC boots counted before this start
    on_date  ISO date of which the dated rules were taken
    files    (name, text) of every configuration file
    """

    format: int
    epoch: int
    on_date: str
    hub: str
    plan_version: str
    files: tuple[tuple[str, str], ...]


Value: TypeAlias = Event | Effect | Started
"""What a journal holds."""


T = TypeVar("T")


class CodecError(ValueError):
    """Data that is no value of this program: says which field of which kind, and what is wrong with it."""


Packer: TypeAlias = Callable[[Any], Any]
Parser: TypeAlias = Callable[[object], Any]

_PLAIN = (int, str, bool)


def _packer(hint: Any) -> Packer | None:
    """How a value of this type becomes plain; None when it already is (JSON writes a tuple as a list)."""
    if hint in _PLAIN:
        return None
    if get_origin(hint) is tuple:
        return _tuple_packer(get_args(hint))
    if get_origin(hint) is frozenset:
        return _set_packer(get_args(hint)[0])
    if issubclass(hint, Enum):
        return attrgetter("_value_")  # the same as `value`, which asks Python for it
    return _row_packer(hint)


def _tuple_packer(hints: tuple[Any, ...]) -> Packer | None:
    if hints[-1] is not Ellipsis:
        assert all(_packer(hint) is None for hint in hints), "fixed tuples hold plain values"
        return None
    pack = _packer(hints[0])
    return None if pack is None else lambda items: [pack(item) for item in items]


def _set_packer(hint: Any) -> Packer:
    """A set is written in order, so that equal sets are equal texts."""
    pack = _packer(hint)
    return lambda items: sorted(map(pack, items)) if pack else sorted(items)


def _row_packer(kind: type) -> Packer:
    hints, names = get_type_hints(kind), [field.name for field in fields(kind)]
    if len(names) == 1:
        get, only = attrgetter(names[0]), _packer(hints[names[0]])
        return lambda value: (only(get(value)) if only else get(value),)
    row_of = attrgetter(*names)
    packers = [(index, pack) for index, name in enumerate(names) if (pack := _packer(hints[name]))]
    if not packers:
        return row_of

    def pack_row(value: Any) -> list[Any]:
        row = list(row_of(value))
        for index, pack in packers:
            row[index] = pack(row[index])
        return row

    return pack_row


def _parser(hint: Any, where: str) -> Parser | None:
    """How plain data becomes a value of this type, None when it already is; `where` names it."""
    if hint in _PLAIN:
        return None
    if get_origin(hint) is tuple:
        return _tuple_parser(get_args(hint), where)
    if get_origin(hint) is frozenset:
        return _set_parser(get_args(hint)[0], where)
    if issubclass(hint, Enum):
        return _enum_parser(hint, where)
    return _row_parser(hint, where)


def _enum_parser(kind: type[Enum], where: str) -> Parser:
    members = {(type(member.value), member.value): member for member in kind}

    def parse(data: object) -> Enum:
        member = members.get((type(data), data)) if isinstance(data, int | str) else None
        if member is None:
            raise CodecError(f"{where}: {data!r:.80} is no {kind.__name__}")
        return member

    return parse


def _tuple_parser(hints: tuple[Any, ...], where: str) -> Parser:
    if hints[-1] is not Ellipsis:
        parse_items = _items_parser(hints, [f"{where}[{index}]" for index in range(len(hints))])
        return lambda data: tuple(parse_items(_sequence(data, where, len(hints), len(hints))))
    item = _item_parser(hints[0], where)
    return lambda data: tuple([item(part) for part in _sequence(data, where)])


def _set_parser(hint: Any, where: str) -> Parser:
    item = _item_parser(hint, where)
    return lambda data: frozenset([item(part) for part in _sequence(data, where)])


def _item_parser(hint: Any, where: str) -> Parser:
    """One entry of a list, also when it is a plain value."""
    if parse := _parser(hint, where):
        return parse

    def plain(data: object) -> object:
        if type(data) is not hint:
            raise CodecError(f"{where}: {data!r:.80} is not of type {hint.__name__}")
        return data

    return plain


def _row_parser(kind: type, where: str) -> Parser:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    required = sum(field.default is MISSING for field in fields(kind))
    parse_items = _items_parser([hints[name] for name in names], [f"{where}.{name}" for name in names])
    return lambda data: kind(*parse_items(_sequence(data, where, required, len(names))))


def _items_parser(hints: Sequence[Any], places: Sequence[str]) -> Callable[[Sequence[Any]], list[Any]]:
    """Items of these types, trailing ones may be missing. One comparison checks all types: it is fast."""
    types = tuple(get_origin(hint) or hint for hint in hints)
    parsers = [
        (at, parse)
        for at, (hint, place) in enumerate(zip(hints, places, strict=True))
        if (parse := _parser(hint, place))
    ]

    def parse_items(data: Sequence[Any]) -> list[Any]:
        items = list(data)
        for at, parse in parsers:
            if at < len(items):
                items[at] = parse(items[at])
        found = tuple(map(type, items))
        if found != types[: len(items)]:
            at = next(at for at, kind in enumerate(found) if kind is not types[at])
            raise CodecError(f"{places[at]}: {items[at]!r:.80} is not of type {types[at].__name__}")
        return items

    return parse_items


def _sequence(data: object, where: str, least: int = 0, most: int | None = None) -> Sequence[Any]:
    if not isinstance(data, list | tuple):
        raise CodecError(f"{where}: {data!r:.80} is not a list")
    if not least <= len(data) <= (len(data) if most is None else most):
        raise CodecError(f"{where}: {len(data)} items instead of {least} to {most}")
    return data


KINDS: dict[str, type] = {kind.__name__: kind for kind in (Started, *get_args(Event), *get_args(Effect))}
"""Every kind of value by the name it has in the journal."""


def rows_of(kind: type[T]) -> tuple[Callable[[T], Sequence[Any]], Callable[[object], T]]:
    """How another dataclass of such fields becomes plain data, and back with the same checks."""
    return _row_packer(kind), _row_parser(kind, kind.__name__)


_PACKERS = {kind: (name, _row_packer(kind)) for name, kind in KINDS.items()}
_PARSERS = {name: _row_parser(kind, name) for name, kind in KINDS.items()}


def encode(value: Value) -> list[Any]:
    """The value as `[kind, field, ...]` of int, str, bool and (nested) sequences of them."""
    name, pack = _PACKERS[type(value)]
    return [name, *pack(value)]


def decode(data: object) -> Value:
    """The value that `encode` gave, also after a trip through JSON.

    Raises CodecError for an unknown kind, a missing or extra field and a value of the wrong type.
    """
    kind, *row = _sequence(data, "value") or [None]
    parse = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parse is None:
        raise CodecError(f"{kind!r:.80} is no kind of value that this version knows")
    value: Value = parse(row)
    return value
