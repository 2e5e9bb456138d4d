from __future__ import annotations

import pickle
from dataclasses import (
    MISSING,
    Field,
    FrozenInstanceError,
    dataclass,
    field,
    fields,
    is_dataclass,
    make_dataclass,
    replace,
)
from inspect import signature
from typing import Any

import pytest

from sorter import flow
from sorter.frozen import made_fast
from sorter.plan import Around, Ruled
from sorter.rules import Item
from sorter.waybill import Choice

TRAVELLING = [kind for kind in vars(flow).values() if isinstance(kind, type) and is_dataclass(kind)]
VALUES: list[type[Any]] = [*TRAVELLING, Around, Ruled, Item, Choice]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_value_made_fast_is_the_value_that_a_data_class_makes(kind: type[Any]) -> None:
    names = [one.name for one in fields(kind)]
    rows = [(one.name, one.type, like(one)) for one in fields(kind)]
    slow = make_dataclass(kind.__name__, rows, frozen=True, slots=True)
    assert str(signature(kind)) == str(signature(slow))
    given = {name: object() if number % 2 else number for number, name in enumerate(names)}
    value = kind(**given)
    assert repr(value) == repr(slow(**given))
    assert kind(*given.values()) == value
    with pytest.raises(TypeError):
        kind(**given, more=1)
    with pytest.raises(FrozenInstanceError):
        setattr(value, names[0], 1)


def like(one: Field[Any]) -> Any:
    """A field with the same default."""
    return field() if one.default is MISSING else field(default=one.default)


@dataclass(frozen=True, slots=True)
class Pair:
    left: int
    right: int = 2


made_fast(Pair)


def test_it_is_copied_changed_compared_and_packed_as_before() -> None:
    pair = Pair(1)
    assert (pair, hash(pair)) == (Pair(1, 2), hash(Pair(left=1)))
    assert replace(pair, right=3) == Pair(1, 3) != pair
    assert pickle.loads(pickle.dumps(pair)) == pair


@dataclass(frozen=True, slots=True)
class Checked:
    left: int

    def __post_init__(self) -> None:
        assert self.left


def test_a_value_that_looks_at_itself_when_it_is_made_is_left_alone() -> None:
    with pytest.raises(AssertionError):
        made_fast(Checked)
